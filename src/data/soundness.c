#include "data/soundness.h"

#include <math.h>

#include "base/memory.h"
#include "signal/chain.h"
#include "signal/unsound.h"

typedef struct sources {
    size_t count, inputs[3];
} sources;

struct bb_soundness {
    double rate_hz; /* of the inputs */
    size_t seam_count;
    const double *seams_s; /* the recording's */
    size_t input_count, output_count;
    bb_unsound *unsound;
    sources *sources;             /* [outputs] */
    unsigned char *inputs, *bits; /* [inputs], [outputs]: of the window judged last */
    bb_unsound_seconds *seconds;  /* [inputs] */
};

static bb_unsound *create_detector(const bb_recording_info *r, const size_t *inputs, size_t count) {
    bb_unsound_range *ranges = bb_calloc(count, sizeof *ranges);
    if (!ranges) return NULL;
    for (size_t i = 0; i < count; ++i)
        ranges[i] = (bb_unsound_range){r->channels[inputs[i]].low, r->channels[inputs[i]].high};
    bb_unsound *unsound = bb_unsound_create(r->rate_hz, ranges, count);
    bb_free(ranges);
    return unsound;
}

bb_soundness *bb_soundness_create(const bb_recording *recording, const bb_chain *chain, const size_t *inputs,
                                  size_t input_count, const size_t *outputs, size_t output_count) {
    const bb_recording_info *r = bb_recording_get_info(recording);
    bb_soundness *s = bb_calloc(1, sizeof *s);
    if (!s) return NULL;
    s->rate_hz = r->rate_hz;
    s->seam_count = r->seam_count, s->seams_s = r->seams_s;
    s->input_count = input_count, s->output_count = output_count;
    s->unsound = create_detector(r, inputs, input_count);
    s->sources = bb_calloc(output_count, sizeof *s->sources);
    s->inputs = bb_calloc(input_count, sizeof *s->inputs);
    s->bits = bb_calloc(output_count, sizeof *s->bits);
    s->seconds = bb_calloc(input_count, sizeof *s->seconds);
    if (!s->unsound || !s->sources || !s->inputs || !s->bits || !s->seconds) {
        bb_soundness_destroy(s);
        return NULL;
    }
    for (size_t i = 0; i < input_count; ++i) s->seconds[i].channel = r->channels[inputs[i]].name;
    for (size_t i = 0; i < output_count; ++i)
        s->sources[i].count = bb_chain_output_inputs(chain, outputs[i], s->sources[i].inputs);
    return s;
}

void bb_soundness_destroy(bb_soundness *s) {
    if (!s) return;
    bb_unsound_destroy(s->unsound);
    bb_free(s->sources);
    bb_free(s->inputs);
    bb_free(s->bits);
    bb_free(s->seconds);
    bb_free(s);
}

bb_status bb_soundness_push(bb_soundness *s, const double *block, int64_t samples, int threads,
                            bb_error *err) {
    return bb_unsound_push(s->unsound, block, samples, threads, err);
}

/* The first sample at `time_s` or later; the division that made the time may be a rounding off. */
static int64_t sample_at(const bb_soundness *s, double time_s) {
    return (int64_t)ceil(time_s * s->rate_hz - 1e-6);
}

void bb_soundness_forget(bb_soundness *s, double start_s) {
    bb_unsound_forget(s->unsound, sample_at(s, start_s));
}

/* Whether samples from both sides of a seam lie in [first, end). */
static bool has_seam(const bb_soundness *s, int64_t first, int64_t end) {
    size_t low = 0, high = s->seam_count;
    while (low < high) { /* to the first seam behind sample `first` */
        const size_t middle = low + (high - low) / 2;
        if (llround(s->seams_s[middle] * s->rate_hz) <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->seam_count && llround(s->seams_s[low] * s->rate_hz) < end;
}

void bb_soundness_judge(bb_soundness *s, double start_s, double end_s) {
    const int64_t first = sample_at(s, start_s), end = sample_at(s, end_s);
    for (size_t i = 0; i < s->input_count; ++i) s->inputs[i] = bb_unsound_bits(s->unsound, i, first, end);
    const unsigned char seam = has_seam(s, first, end) ? BB_UNSOUND_SEAM : 0;
    for (size_t o = 0; o < s->output_count; ++o) {
        s->bits[o] = seam;
        for (size_t i = 0; i < s->sources[o].count; ++i) s->bits[o] |= s->inputs[s->sources[o].inputs[i]];
    }
}

const unsigned char *bb_soundness_window(const bb_soundness *s) { return s->bits; }

const bb_unsound_seconds *bb_soundness_seconds(bb_soundness *s) {
    for (size_t i = 0; i < s->input_count; ++i) {
        s->seconds[i].missing_s = (double)bb_unsound_samples(s->unsound, i, BB_MISSING) / s->rate_hz;
        s->seconds[i].flat_s = (double)bb_unsound_samples(s->unsound, i, BB_FLAT) / s->rate_hz;
        s->seconds[i].clipped_s = (double)bb_unsound_samples(s->unsound, i, BB_CLIPPED) / s->rate_hz;
    }
    return s->seconds;
}
