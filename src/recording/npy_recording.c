/* Recordings as bare arrays: .npy of [samples] or [channels, samples], read in stretches. */
#include "base/error.h"
#include "base/memory.h"
#include "io/npy.h"
#include "recording/flat_array.h"
#include "recording/layout_guess.h"

enum { HEADER_BYTES = 12 + (1 << 16) };

typedef struct npy_state {
    bb_npy_header header;
    bb_flat_array array;
} npy_state;

static bool npy_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size, (void)path;
    return bb_npy_probe(head, count);
}

static bb_status read_header(bb_recording *r, npy_state *state, bb_error *err) {
    const size_t count = r->file.size < HEADER_BYTES ? (size_t)r->file.size : HEADER_BYTES;
    unsigned char *head = bb_calloc(HEADER_BYTES, 1);
    if (!head) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_status status = bb_input_read(&r->file, 0, head, count, err);
    /* The parser looks at no more than HEADER_BYTES; the size is for its check that the elements fit. */
    if (status == BB_OK) status = bb_npy_parse(head, (size_t)r->file.size, r->info.path, &state->header, err);
    bb_free(head);
    return status;
}

static bb_status add_channels(bb_recording *r, const bb_npy_header *h, double rate_hz, double scale,
                              bb_error *err) {
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
    double low, high;
    bb_element_limits(h->element, &low, &high);
    for (int64_t i = 0; i < channels; ++i) {
        bb_channel channel = {
            .unit = "uV", .rate_hz = rate_hz, .samples = samples, .low = low * scale, .high = high * scale};
        BB_TRY(bb_guess_add_channel(r, &channel, err));
    }
    return BB_OK;
}

static bb_status fetch(void *context, int64_t offset, void *out, size_t count, bb_error *err) {
    const bb_recording *r = context;
    const npy_state *state = r->state;
    return bb_input_read(&r->file, (int64_t)state->header.data_offset + offset, out, count, err);
}

static bb_status npy_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    double rate_hz, scale;
    npy_state *state = r->state = bb_calloc(1, sizeof *state);
    if (!state) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    BB_TRY(bb_recording_stated_rate(options, &rate_hz, err));
    BB_TRY(bb_guess_stated_unit(options, &scale, err));
    BB_TRY(read_header(r, state, err));
    r->info.format = "npy";
    r->info.preprocessed = true;
    r->rate_assumed = options->rate_hz == 0;
    r->unit_assumed = !options->unit;
    BB_TRY(add_channels(r, &state->header, rate_hz, scale, err));
    const bb_npy_header *h = &state->header;
    state->array = (bb_flat_array){.element = h->element, .scale = scale, .fetch = fetch, .context = r};
    bb_flat_array_shape(&state->array, h->dims == 2 ? h->shape[0] : 1, h->shape[h->dims - 1],
                        h->fortran_order, true);
    return BB_OK;
}

static void npy_close(bb_recording *r) {
    npy_state *state = r->state;
    if (state) bb_flat_array_free(&state->array);
    bb_free(state);
}

static bb_status npy_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                          int64_t samples, double *out, bb_error *err) {
    npy_state *state = r->state;
    return bb_flat_array_read(&state->array, channels, channel_count, first, samples, out, err);
}

const bb_reader bb_npy_reader = {"npy", npy_probe, npy_open, npy_read, npy_close};
