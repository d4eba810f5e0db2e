/* Recordings as bare arrays: .npy of [samples] or [channels, samples], read in stretches. */
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/npy.h"
#include "io/recording.h"

enum { HEADER_BYTES = 12 + (1 << 16), BUFFER_BYTES = 1 << 18 };

typedef struct npy_state {
    bb_npy_header header;
    unsigned char *buffer;
} npy_state;

static bool npy_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size, (void)path;
    return bb_npy_probe(head, count);
}

static bb_status read_header(bb_recording *r, npy_state *state, bb_error *err) {
    const size_t count = r->size < HEADER_BYTES ? (size_t)r->size : HEADER_BYTES;
    unsigned char *head = bb_calloc(HEADER_BYTES, 1);
    if (!head) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_status status = bb_recording_pread(r, 0, head, count, err);
    /* The parser looks at no more than HEADER_BYTES; the size is for its check that the elements fit. */
    if (status == BB_OK) status = bb_npy_parse(head, (size_t)r->size, r->info.path, &state->header, err);
    bb_free(head);
    return status;
}

static bb_status add_channels(bb_recording *r, const bb_npy_header *h, double rate_hz, bb_error *err) {
    const int64_t channels = h->dims == 2 ? h->shape[0] : 1, samples = h->dims ? h->shape[h->dims - 1] : 0;
    if (h->dims < 1 || h->dims > 2)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected an array of [samples] or [channels, samples], found %zu dimensions",
                       r->info.path, h->dims);
    if (channels < 1 || samples < 1)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected samples, found an array of %lld by %lld",
                       r->info.path, (long long)channels, (long long)samples);
    if (channels > BB_MAX_CHANNELS)
        return bb_fail(
            err, BB_ERR_FORMAT,
            "%s: expected [channels, samples] with at most %d channels, found [%lld, %lld]: transposed?",
            r->info.path, BB_MAX_CHANNELS, (long long)channels, (long long)samples);
    if (channels > samples && channels > 1000)
        bb_recording_warn(
            r, "%lld channels of %lld samples: the array is probably [samples, channels]; transpose it",
            (long long)channels, (long long)samples);
    for (int64_t i = 0; i < channels; ++i) {
        char name[32];
        snprintf(name, sizeof name, "ch%lld", (long long)i + 1);
        BB_TRY(bb_recording_add_channel(
            r,
            &(bb_channel){
                .name = name, .unit = "uV", .type = BB_CHANNEL_IEEG, .rate_hz = rate_hz, .samples = samples},
            err));
    }
    return BB_OK;
}

static bb_status npy_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    double rate_hz;
    npy_state *state = r->state = bb_calloc(1, sizeof *state);
    if (!state || !(state->buffer = bb_calloc(BUFFER_BYTES, 1)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    BB_TRY(bb_recording_stated_rate(options, &rate_hz, err));
    BB_TRY(read_header(r, state, err));
    r->info.format = "npy";
    r->info.preprocessed = true;
    return add_channels(r, &state->header, rate_hz, err);
}

static void npy_close(bb_recording *r) {
    npy_state *state = r->state;
    if (state) bb_free(state->buffer);
    bb_free(state);
}

/* `count` neighbouring elements from `element` on, in pieces that fit the buffer. */
static bb_status read_row(bb_recording *r, npy_state *state, int64_t element, int64_t count, double *out,
                          bb_error *err) {
    const int64_t width = (int64_t)bb_dtype_size(state->header.dtype), most = BUFFER_BYTES / width;
    while (count > 0) {
        const int64_t n = count < most ? count : most;
        BB_TRY(bb_recording_pread(r, (int64_t)state->header.data_offset + element * width, state->buffer,
                                  (size_t)(n * width), err));
        bb_npy_to_f64(&state->header, state->buffer, 1, n, out);
        element += n;
        out += n;
        count -= n;
    }
    return BB_OK;
}

/* Fortran order: all channels of one sample lie together, as many samples as fit are read at once. */
static bb_status read_frames(bb_recording *r, npy_state *state, const size_t *channels, size_t channel_count,
                             int64_t first, int64_t samples, double *out, bb_error *err) {
    const bb_npy_header *h = &state->header;
    const int64_t rows = h->shape[0], width = (int64_t)bb_dtype_size(h->dtype),
                  most = BUFFER_BYTES / (rows * width);
    for (int64_t done = 0; done < samples;) {
        if (most == 0) {
            for (size_t c = 0; c < channel_count; ++c)
                BB_TRY(read_row(r, state, (first + done) * rows + (int64_t)channels[c], 1,
                                out + (int64_t)c * samples + done, err));
            ++done;
            continue;
        }
        const int64_t n = samples - done < most ? samples - done : most;
        BB_TRY(bb_recording_pread(r, (int64_t)h->data_offset + (first + done) * rows * width, state->buffer,
                                  (size_t)(n * rows * width), err));
        for (size_t c = 0; c < channel_count; ++c)
            bb_npy_to_f64(h, state->buffer + (int64_t)channels[c] * width, rows, n,
                          out + (int64_t)c * samples + done);
        done += n;
    }
    return BB_OK;
}

static bb_status npy_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                          int64_t samples, double *out, bb_error *err) {
    npy_state *state = r->state;
    if (state->header.fortran_order && state->header.dims == 2)
        return read_frames(r, state, channels, channel_count, first, samples, out, err);
    for (size_t c = 0; c < channel_count; ++c)
        BB_TRY(read_row(r, state, (int64_t)channels[c] * r->channels[0].samples + first, samples,
                        out + (int64_t)c * samples, err));
    return BB_OK;
}

const bb_reader bb_npy_reader = {"npy", npy_probe, npy_open, npy_read, npy_close};
