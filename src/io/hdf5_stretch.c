/* Stretches of datasets: channels over time, lists of numbers, single texts. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/hdf5.h"

enum { BUFFER_BYTES = 1 << 18, SMALL_BYTES = 1 << 12 };

/* What one call of bb_hdf5_array_read has to do. */
typedef struct task {
    bb_hdf5_array *array;
    const bb_input *file;
    const char *name;
    bool samples_first;
    const size_t *channels;
    size_t channel_count;
    int64_t first, samples;
    double *out;
} task;

typedef struct place {
    size_t channel, index; /* of the recording; in the call's list */
} place;

static int compare_places(const void *a, const void *b) {
    const place *x = a, *y = b;
    return x->channel != y->channel ? (x->channel < y->channel ? -1 : 1)
                                    : (x->index > y->index) - (x->index < y->index);
}

/* Samples [first, first + n) of the chunks that hold them, channels in order, so that each chunk is needed
 * once. */
static bb_status read_across(const task *t, const place *order, int64_t first, int64_t n, bb_error *err) {
    bb_hdf5_array *a = t->array;
    const int64_t wide = t->samples_first ? a->chunk_columns : a->chunk_rows;
    const int64_t tall = t->samples_first ? a->chunk_rows : a->chunk_columns;
    const int64_t start = first / tall * tall;
    const size_t line = (size_t)a->chunk_columns * a->width,
                 step = t->samples_first ? (size_t)a->chunk_columns : 1;
    const unsigned char *bytes = NULL;
    int64_t beside = -1;
    for (size_t i = 0; i < t->channel_count; ++i) {
        const int64_t channel = (int64_t)order[i].channel, from = channel / wide * wide;
        if (from != beside)
            BB_TRY(bb_hdf5_array_chunk(a, t->file, t->name, t->samples_first ? start : from,
                                       t->samples_first ? from : start, &bytes, err));
        beside = from;
        const int64_t row = t->samples_first ? first - start : channel - from,
                      column = t->samples_first ? channel - from : first - start;
        bb_elements_to_f64(a->element, bytes + (size_t)row * line + (size_t)column * a->width, (int64_t)step,
                           n, 1, t->out + (int64_t)order[i].index * t->samples + (first - t->first));
    }
    return BB_OK;
}

static bb_status read_chunks(const task *t, bb_error *err) {
    const int64_t tall = t->samples_first ? t->array->chunk_rows : t->array->chunk_columns;
    place *order = bb_calloc(t->channel_count, sizeof *order);
    if (!order) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", t->file->path);
    for (size_t i = 0; i < t->channel_count; ++i) order[i] = (place){t->channels[i], i};
    qsort(order, t->channel_count, sizeof *order, compare_places);
    bb_status status = BB_OK;
    for (int64_t done = 0; done < t->samples && status == BB_OK;) {
        const int64_t at = t->first + done, left = tall - at % tall;
        const int64_t n = t->samples - done < left ? t->samples - done : left;
        status = read_across(t, order, at, n, err);
        done += n;
    }
    bb_free(order);
    return status;
}

/* `count` neighbouring elements from `element` on, of an array in one piece. */
static bb_status read_run(const bb_hdf5_array *a, const bb_input *file, unsigned char *buffer,
                          int64_t element, int64_t count, double *out, bb_error *err) {
    const int64_t width = (int64_t)a->width, most = BUFFER_BYTES / width;
    while (count > 0) {
        const int64_t n = count < most ? count : most;
        BB_TRY(bb_input_read(file, a->place + element * width, buffer, (size_t)(n * width), err));
        bb_elements_to_f64(a->element, buffer, 1, n, 1, out);
        element += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* Rows are samples, in one piece: as many whole rows as fit are read at once. */
static bb_status read_rows(const task *t, unsigned char *buffer, bb_error *err) {
    const bb_hdf5_array *a = t->array;
    const int64_t row = a->columns * (int64_t)a->width, most = BUFFER_BYTES / row;
    for (int64_t done = 0; done < t->samples;) {
        const int64_t left = t->samples - done, n = left < most ? left : most ? most : 1;
        const int64_t at = t->first + done;
        if (most > 0) BB_TRY(bb_input_read(t->file, a->place + at * row, buffer, (size_t)(n * row), err));
        for (size_t c = 0; c < t->channel_count; ++c) {
            double *out = t->out + (int64_t)c * t->samples + done;
            const int64_t channel = (int64_t)t->channels[c];
            if (most == 0)
                BB_TRY(read_run(a, t->file, buffer, at * a->columns + channel, 1, out, err));
            else
                bb_elements_to_f64(a->element, buffer + channel * (int64_t)a->width, a->columns, n, 1, out);
        }
        done += n;
    }
    return BB_OK;
}

static bb_status read_piece(const task *t, bb_error *err) {
    unsigned char small[SMALL_BYTES];
    const bb_hdf5_array *a = t->array;
    const bool fits = !t->samples_first && t->samples <= SMALL_BYTES / (int64_t)a->width;
    unsigned char *buffer = fits ? small : bb_calloc(BUFFER_BYTES, 1);
    if (!buffer) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", t->file->path);
    bb_status status = t->samples_first ? read_rows(t, buffer, err) : BB_OK;
    for (size_t c = 0; c < t->channel_count && status == BB_OK && !t->samples_first; ++c)
        status = read_run(a, t->file, buffer, (int64_t)t->channels[c] * a->columns + t->first, t->samples,
                          t->out + (int64_t)c * t->samples, err);
    if (!fits) bb_free(buffer);
    return status;
}

bb_status bb_hdf5_array_read(bb_hdf5_array *array, const bb_input *file, const char *name, bool samples_first,
                             const size_t *channels, size_t channel_count, int64_t first, int64_t samples,
                             double *out, bb_error *err) {
    const task t = {array, file, name, samples_first, channels, channel_count, first, samples, out};
    return array->place < 0 ? read_chunks(&t, err) : read_piece(&t, err);
}

bb_status bb_hdf5_array_list(bb_hdf5_array *array, const bb_input *file, const char *name, int64_t first,
                             int64_t count, double *out, bb_error *err) {
    while (count > 0) {
        const size_t row = (size_t)(first / array->columns);
        const int64_t column = first % array->columns, left = array->columns - column,
                      n = count < left ? count : left;
        BB_TRY(bb_hdf5_array_read(array, file, name, false, &row, 1, column, n, out, err));
        first += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* The first `count` bytes of element `index`. */
static bb_status read_element(bb_hdf5_array *a, const bb_input *file, const char *name, int64_t index,
                              unsigned char *out, size_t count, bb_error *err) {
    if (a->place >= 0) return bb_input_read(file, a->place + index * (int64_t)a->width, out, count, err);
    const int64_t row = index / a->columns, column = index % a->columns,
                  top = row / a->chunk_rows * a->chunk_rows,
                  left = column / a->chunk_columns * a->chunk_columns;
    const unsigned char *bytes;
    BB_TRY(bb_hdf5_array_chunk(a, file, name, top, left, &bytes, err));
    memcpy(out, bytes + (size_t)((row - top) * a->chunk_columns + column - left) * a->width, count);
    return BB_OK;
}

bb_status bb_hdf5_array_text(bb_hdf5_array *a, const bb_input *file, const char *name, int64_t index,
                             char *out, size_t room, bb_error *err) {
    unsigned char id[16];
    out[0] = '\0';
    if (a->kind == BB_HDF5_TEXT) {
        const size_t n = a->width < room - 1 ? a->width : room - 1;
        BB_TRY(read_element(a, file, name, index, (unsigned char *)out, n, err));
        out[n] = '\0';
        return BB_OK;
    }
    BB_TRY(read_element(a, file, name, index, id, sizeof id, err));
    return bb_hdf5_heap_text(&a->heap, file, a->base, id, out, room)
               ? BB_OK
               : bb_fail(err, BB_ERR_FORMAT, "%s: %s: text %lld is not where the file says", file->path, name,
                         (long long)index);
}

bb_status bb_hdf5_array_reference(bb_hdf5_array *a, const bb_input *file, const char *name, int64_t index,
                                  uint64_t *address, bb_error *err) {
    unsigned char bytes[8];
    BB_TRY(read_element(a, file, name, index, bytes, sizeof bytes, err));
    *address = bb_hdf5_word(bytes, 8);
    return BB_OK;
}
