#include "recording/brainvision.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* All channels of one sample fit whatever their number, and a block stays in a processor's second cache. */
enum { BUFFER_BYTES = BB_MAX_CHANNELS * 4 };

static bool brainvision_probe(const unsigned char *head, size_t count, int64_t size, const char *path) {
    (void)size;
    if (bb_brainvision_is_text(head, count, "Header File")) return true;
    if (bb_brainvision_is_text(head, count, "Marker File")) return true;
    if (!bb_brainvision_is_data_name(path)) return false;
    char *header = bb_brainvision_find_header(path);
    bb_free(header);
    return header != NULL;
}

static bb_status brainvision_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    (void)options;
    bb_brainvision *bv = r->state = bb_calloc(1, sizeof *bv);
    if (!bv) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bv->data.fd = -1;
    bv->buffer = bb_calloc(BUFFER_BYTES, 1);
    if (!bv->buffer) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    r->info.format = "BrainVision";
    BB_TRY(bb_brainvision_set_header(r, bv, err));
    BB_TRY(bb_brainvision_read_header(r, bv, err));
    return bb_brainvision_read_markers(r, bv, err);
}

static void brainvision_close(bb_recording *r) {
    bb_brainvision *bv = r->state;
    if (!bv) return;
    bb_input_close(&bv->data);
    bb_free(bv->header_path);
    bb_free(bv->data_path);
    bb_free(bv->marker_path);
    bb_free(bv->gains);
    bb_free(bv->buffer);
    bb_free(bv);
}

static inline uint16_t load_16(const unsigned char *at, bool big) {
    return (uint16_t)(big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

static inline uint32_t load_32(const unsigned char *at, bool big) {
    return (uint32_t)load_16(at + (big ? 0 : 2), big) << 16 | load_16(at + (big ? 2 : 0), big);
}

/* One loop for each kind of sample; `kind` and `big` are constants where this is called. */
static inline void decode_as(bb_brainvision_sample kind, bool big, const unsigned char *at, size_t step,
                             int64_t count, double gain, double *out) {
    for (int64_t i = 0; i < count; ++i, at += step) {
        if (kind == BB_BRAINVISION_INT_16) {
            out[i] = gain * (int16_t)load_16(at, big);
        } else if (kind == BB_BRAINVISION_UINT_16) {
            out[i] = gain * load_16(at, big);
        } else if (kind == BB_BRAINVISION_INT_32) {
            out[i] = gain * (int32_t)load_32(at, big);
        } else {
            const uint32_t bits = load_32(at, big);
            float value;
            memcpy(&value, &bits, sizeof value);
            out[i] = gain * (double)value;
        }
    }
}

#define DECODE(kind)                                                                                         \
    case kind:                                                                                               \
        if (bv->big_endian)                                                                                  \
            decode_as(kind, true, at, step, count, gain, out);                                               \
        else                                                                                                 \
            decode_as(kind, false, at, step, count, gain, out);                                              \
        break

/* `count` samples of a channel, `step` bytes apart. */
static void decode(const bb_brainvision *bv, const unsigned char *at, size_t step, int64_t count, double gain,
                   double *out) {
    switch (bv->sample) {
        DECODE(BB_BRAINVISION_INT_16);
        DECODE(BB_BRAINVISION_UINT_16);
        DECODE(BB_BRAINVISION_INT_32);
        DECODE(BB_BRAINVISION_FLOAT_32);
    }
}

static bb_status read_multiplexed(bb_brainvision *bv, const size_t *channels, size_t channel_count,
                                  int64_t first, int64_t samples, double *out, bb_error *err) {
    const size_t frame = bv->width * bv->channel_count;
    const int64_t most = (int64_t)(BUFFER_BYTES / frame);
    for (int64_t done = 0; done < samples;) {
        const int64_t n = samples - done < most ? samples - done : most;
        BB_TRY(bb_input_read(&bv->data, (first + done) * (int64_t)frame, bv->buffer, (size_t)n * frame, err));
        for (size_t c = 0; c < channel_count; ++c)
            decode(bv, bv->buffer + channels[c] * bv->width, frame, n, bv->gains[channels[c]],
                   out + (int64_t)c * samples + done);
        done += n;
    }
    return BB_OK;
}

static bb_status read_vectorized(bb_brainvision *bv, size_t channel, int64_t first, int64_t samples,
                                 double *out, bb_error *err) {
    const int64_t width = (int64_t)bv->width, most = BUFFER_BYTES / width;
    const int64_t start = ((int64_t)channel * bv->samples + first) * width;
    for (int64_t done = 0; done < samples;) {
        const int64_t n = samples - done < most ? samples - done : most;
        BB_TRY(bb_input_read(&bv->data, start + done * width, bv->buffer, (size_t)(n * width), err));
        decode(bv, bv->buffer, bv->width, n, bv->gains[channel], out + done);
        done += n;
    }
    return BB_OK;
}

static bb_status brainvision_read(bb_recording *r, const size_t *channels, size_t channel_count,
                                  int64_t first, int64_t samples, double *out, bb_error *err) {
    bb_brainvision *bv = r->state;
    if (!bv->vectorized) return read_multiplexed(bv, channels, channel_count, first, samples, out, err);
    for (size_t c = 0; c < channel_count; ++c)
        BB_TRY(read_vectorized(bv, channels[c], first, samples, out + (int64_t)c * samples, err));
    return BB_OK;
}

const bb_reader bb_brainvision_reader = {"BrainVision", brainvision_probe, brainvision_open, brainvision_read,
                                         brainvision_close};
