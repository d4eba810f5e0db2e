#include "recording/mat5.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Deflate makes at most this of one byte. (zlib's technical notes, "Maximum Compression Factor") */
enum { HEADER = 128, MAX_DEFLATE = 1032 };

/* Where a top-level element lies. */
typedef struct source {
    int64_t offset, count;
    bool packed;
} source;

typedef struct mat5_state {
    bool big_endian;
    source *sources;
    size_t source_count, source_capacity;
    bb_variables variables;
    bb_flat_array array;
    int64_t place; /* of the samples in the file, unless they are in memory */
} mat5_state;

static bool mat5_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size, (void)path;
    return count >= HEADER && (memcmp(head + 124, "\0\1IM", 4) == 0 || memcmp(head + 124, "\1\0MI", 4) == 0);
}

static bb_status open_source(const bb_recording *r, const mat5_state *state, const source *from,
                             bb_mat5_stream *out, bb_error *err) {
    return bb_mat5_stream_open(out, &r->file, from->offset, from->count, from->packed, state->big_endian,
                               err);
}

/* The variables in the last source. */
static bb_status walk_source(bb_recording *r, mat5_state *state, bb_mat5_walk *walk, bb_error *err) {
    bb_mat5_stream stream;
    bb_mat5_tag tag;
    walk->source = state->source_count - 1;
    const source *from = &state->sources[walk->source];
    bb_status status = open_source(r, state, from, &stream, err);
    if (status == BB_OK)
        status = bb_mat5_read_tag(&stream, from->packed ? INT64_MAX : from->count, &tag, err);
    if (status == BB_OK && tag.type == MI_MATRIX && !tag.small)
        status = bb_mat5_walk_array(walk, &stream, tag.count, err);
    else if (status == BB_OK)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: expected an array, found an element of type %u",
                         r->info.path, (long long)from->offset, tag.type);
    bb_mat5_stream_close(&stream);
    return status;
}

/* The element whose tag is at *at; leaves *at behind it. */
static bb_status next_source(bb_recording *r, mat5_state *state, int64_t *at, bb_error *err) {
    unsigned char bytes[8];
    const bb_mat5_stream order = {.big_endian = state->big_endian};
    BB_TRY(bb_input_read(&r->file, *at, bytes, sizeof bytes, err));
    const uint32_t type = bb_mat5_u32(&order, bytes), count = bb_mat5_u32(&order, bytes + 4);
    if (type != MI_MATRIX && type != MI_COMPRESSED)
        return bb_fail(err, BB_ERR_FORMAT, "%s: byte %lld: expected an array, found an element of type %u",
                       r->info.path, (long long)*at, type);
    if (count > r->file.size - *at - 8)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: byte %lld: expected an array of %u bytes, found %lld: the file is cut off",
                       r->info.path, (long long)*at, count, (long long)(r->file.size - *at - 8));
    if (state->source_count == BB_MAX_VARIABLES ||
        bb_grow((void **)&state->sources, &state->source_capacity, state->source_count + 1, sizeof(source)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for more than %zu variables", r->info.path,
                       state->source_count);
    state->sources[state->source_count++] =
        type == MI_COMPRESSED ? (source){*at + 8, count, true} : (source){*at, (int64_t)count + 8, false};
    *at += 8 + (int64_t)count;
    return BB_OK;
}

static bb_status list_variables(bb_recording *r, mat5_state *state, bb_error *err) {
    bb_mat5_walk walk = {.recording = r, .variables = &state->variables};
    for (int64_t at = HEADER; r->file.size - at >= 8;) {
        bb_error why = {0};
        BB_TRY(next_source(r, state, &at, err));
        const bb_status status = walk_source(r, state, &walk, &why);
        if (status == BB_ERR_MEMORY || status == BB_ERR_IO) return bb_fail(err, status, "%s", why.message);
        if (status != BB_OK) bb_variables_leave_out(&state->variables, &why);
    }
    bb_variables_sort(&state->variables);
    return BB_OK;
}

/* Packed samples are unpacked once, at the type they are stored in. */
static bb_status load(const bb_recording *r, mat5_state *state, const bb_variable *data, bb_error *err) {
    const source *from = &state->sources[data->source];
    const int64_t width = (int64_t)data->element.width, most = INT32_MAX;
    bb_mat5_stream stream;
    if (data->count > most / width)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: %s: packed samples of more than 2 GB are not read: save it with -v7.3",
                       r->info.path, data->path);
    if (data->count * width / MAX_DEFLATE > from->count)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected %lld bytes, which can't be packed into %lld",
                       r->info.path, data->path, (long long)(data->count * width), (long long)from->count);
    if (!(state->array.memory = bb_calloc((size_t)data->count, data->element.width)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for %lld bytes", r->info.path, data->path,
                       (long long)(data->count * width));
    bb_status status = open_source(r, state, from, &stream, err);
    if (status == BB_OK) {
        bb_mat5_stream_skip(&stream, data->offset);
        status = bb_mat5_stream_read(&stream, state->array.memory, (size_t)(data->count * width), err);
    }
    if (status == BB_OK) status = bb_mat5_stream_finish(&stream, err);
    bb_mat5_stream_close(&stream);
    return status;
}

static bb_status fetch(void *context, int64_t offset, void *out, size_t count, bb_error *err) {
    const bb_recording *r = context;
    const mat5_state *state = r->state;
    return bb_input_read(&r->file, state->place + offset, out, count, err);
}

static bb_status mat5_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    unsigned char order[2];
    const bb_variable *data;
    mat5_state *state = r->state = bb_calloc(1, sizeof *state);
    if (!state) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    r->info.format = "MAT";
    BB_TRY(bb_input_read(&r->file, 126, order, sizeof order, err));
    state->big_endian = order[0] == 'M';
    BB_TRY(list_variables(r, state, err));
    BB_TRY(bb_variables_choose(r, options, &state->variables, &data, &state->array, err));
    const source *from = &state->sources[data->source];
    state->array.fetch = fetch;
    state->array.context = r;
    state->place = from->offset + data->offset;
    if (from->packed) BB_TRY(load(r, state, data, err));
    bb_variables_free(&state->variables);
    return BB_OK;
}

static void mat5_close(bb_recording *r) {
    mat5_state *state = r->state;
    if (!state) return;
    bb_variables_free(&state->variables);
    bb_flat_array_free(&state->array);
    bb_free(state->sources);
    bb_free(state);
}

static bb_status mat5_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                           int64_t samples, double *out, bb_error *err) {
    mat5_state *state = r->state;
    return bb_flat_array_read(&state->array, channels, channel_count, first, samples, out, err);
}

const bb_reader bb_mat5_reader = {"MAT 5 and 7", mat5_probe, mat5_open, mat5_read, mat5_close};
