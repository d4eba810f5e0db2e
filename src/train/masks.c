#include "train/masks.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"

/* Static intervals: 1 to this many frames, bins. */
enum { MOST_FRAMES = 5, MOST_BINS = 2 };

bb_mask_recipe bb_mask_recipe_for(bb_mask_kind kind) {
    const double p = kind == BB_MASK_STATIC ? 0.05 : 0.10;
    return (bb_mask_recipe){.kind = kind, .time_p = p, .frequency_p = p};
}

const char *bb_mask_name_for(bb_spectrogram_method method) {
    return method == BB_SPECTROGRAM_STFT ? "static" : "adaptive";
}

bb_status bb_mask_recipe_named(const char *name, double share, bb_mask_recipe *out, bb_error *err) {
    const bool is_static = strcmp(name, "static") == 0;
    if (!is_static && strcmp(name, "adaptive") != 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "mask: expected static or adaptive, found '%s'", name);
    *out = bb_mask_recipe_for(is_static ? BB_MASK_STATIC : BB_MASK_ADAPTIVE);
    if (share > 0) out->time_p = out->frequency_p = share;
    return BB_OK;
}

static double uniform(bb_dice *dice) { return bb_random_uniform(dice->seed, dice->stream, dice->next++); }

/* A whole number from 0 to count - 1. */
static int64_t below(bb_dice *dice, int64_t count) { return (int64_t)(uniform(dice) * (double)count); }

/* ---------------------------------------------------------------- where */

/* Starts leave room for the longest; one begins beyond the end of the one before, with at least one place
 * between. */
static int64_t static_intervals(double p, int64_t length, int64_t most, bb_dice *dice, bb_interval *out) {
    int64_t count = 0;
    for (int64_t first = 0; first < length - most; ++first) {
        if (uniform(dice) >= p) continue;
        if (count == 0 || out[count - 1].end < first) {
            out[count] = (bb_interval){first, first + 1 + below(dice, most)};
            ++count;
        }
    }
    return count;
}

/* The adaptive masks' idea of a bin's frequency, whatever the spectrogram's own. */
static double frequency(int64_t bin, int64_t bins) {
    return bins > 1 ? 0.01 + (250 - 0.01) * (double)bin / (double)(bins - 1) : 0.01;
}

int64_t bb_mask_half_width(int64_t bin, int64_t bins, int64_t least) {
    return (int64_t)fmax((double)least, 200 / (25 + frequency(bin, bins)));
}

static int64_t adaptive_width(int64_t bin, int64_t bins) {
    const int64_t width = (int64_t)(4.9 * frequency(bin, bins) / 250);
    return width > 1 ? width : 1;
}

static int64_t adaptive_centres(double p, int64_t frames, bb_dice *dice, bb_interval *out) {
    const int64_t most = bb_mask_half_width(0, 1, 1);
    int64_t count = 0;
    for (int64_t at = most; at < frames - most; ++at) {
        if (uniform(dice) >= p) continue;
        if (count == 0 || at - out[count - 1].first > 2 * most + 1) out[count++] = (bb_interval){at, at + 1};
    }
    return count;
}

static int64_t adaptive_bins(double p, int64_t bins, bb_dice *dice, bb_interval *out) {
    const int64_t most = adaptive_width(bins - 1, bins);
    int64_t count = 0;
    for (int64_t first = 0; first < bins - most; ++first)
        if (uniform(dice) < p) out[count++] = (bb_interval){first, first + adaptive_width(first, bins)};
    return count;
}

int64_t bb_mask_time_intervals(const bb_mask_recipe *r, int64_t frames, bb_dice *dice, bb_interval *out) {
    return r->kind == BB_MASK_STATIC ? static_intervals(r->time_p, frames, MOST_FRAMES, dice, out)
                                     : adaptive_centres(r->time_p, frames, dice, out);
}

int64_t bb_mask_frequency_intervals(const bb_mask_recipe *r, int64_t bins, bb_dice *dice, bb_interval *out) {
    return r->kind == BB_MASK_STATIC ? static_intervals(r->frequency_p, bins, MOST_BINS, dice, out)
                                     : adaptive_bins(r->frequency_p, bins, dice, out);
}

bb_status bb_mask_check(const bb_mask_recipe *r, int64_t frames, int64_t bins, bb_error *err) {
    const bool is_static = r->kind == BB_MASK_STATIC;
    const int64_t most_frames = is_static ? MOST_FRAMES : 2 * bb_mask_half_width(0, 1, 1),
                  most_bins = is_static ? MOST_BINS : adaptive_width(bins - 1, bins);
    if (frames > most_frames || bins > most_bins) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "mask: expected spectrograms of more than %lld frames or %lld bins, found %lld of %lld",
                   (long long)most_frames, (long long)most_bins, (long long)frames, (long long)bins);
}

/* ---------------------------------------------------------------- what */

/* What is done to an interval. */
typedef enum fate { LEFT, REPLACED, ZEROED } fate;

static fate throw_fate(bb_dice *dice) {
    const double dice_value = uniform(dice);
    return dice_value < 0.1 ? LEFT : dice_value < 0.2 ? REPLACED : ZEROED;
}

typedef struct canvas {
    const float *source;
    int64_t frames, bins;
    float *masked;
    uint8_t *mask;
    bool marks; /* what is masked counts for the loss */
} canvas;

/* One cell: its value from `shift` cells further on in the source, if it is replaced. */
static void mask_cell(const canvas *c, int64_t t, int64_t f, fate what, int64_t shift) {
    const int64_t at = t * c->bins + f;
    if (c->marks) c->mask[at] = 1;
    if (what == ZEROED) c->masked[at] = 0;
    if (what == REPLACED) c->masked[at] = c->source[at + shift];
}

static void mask_frames(const canvas *c, bb_interval i, fate what, int64_t from) {
    for (int64_t t = i.first; t < i.end; ++t)
        for (int64_t f = 0; f < c->bins; ++f) mask_cell(c, t, f, what, (from - i.first) * c->bins);
}

static void mask_bins(const canvas *c, bb_interval i, fate what, int64_t from) {
    for (int64_t t = 0; t < c->frames; ++t)
        for (int64_t f = i.first; f < i.end; ++f) mask_cell(c, t, f, what, from - i.first);
}

static void mask_around(const canvas *c, int64_t centre, int64_t least, fate what, int64_t from) {
    for (int64_t f = 0; f < c->bins; ++f) {
        const int64_t half = bb_mask_half_width(f, c->bins, least);
        for (int64_t t = centre - half; t < centre + half; ++t)
            mask_cell(c, t, f, what, (from - centre) * c->bins);
    }
}

static void mask_time(const bb_mask_recipe *r, bb_dice *dice, const canvas *c, bb_interval *intervals) {
    const int64_t most = bb_mask_half_width(0, 1, 1),
                  least = r->kind == BB_MASK_ADAPTIVE ? 1 + below(dice, 2) : 0;
    const int64_t count = bb_mask_time_intervals(r, c->frames, dice, intervals);
    for (int64_t i = 0; i < count; ++i) {
        const fate what = throw_fate(dice);
        if (r->kind == BB_MASK_STATIC)
            mask_frames(c, intervals[i], what, below(dice, c->frames - MOST_FRAMES));
        else
            mask_around(c, intervals[i].first, least, what, most + below(dice, c->frames - 2 * most));
    }
    /* The published code marks as columns what it has as rows, and not the columns that it masks. */
    for (int64_t i = 0; r->published && r->kind == BB_MASK_STATIC && i < count; ++i)
        for (int64_t t = 0; t < c->frames; ++t)
            for (int64_t f = intervals[i].first; f < intervals[i].end && f < c->bins; ++f)
                c->mask[t * c->bins + f] = 1;
}

static void mask_frequency(const bb_mask_recipe *r, bb_dice *dice, const canvas *c, bb_interval *intervals) {
    const int64_t count = bb_mask_frequency_intervals(r, c->bins, dice, intervals);
    const int64_t most = r->kind == BB_MASK_STATIC ? MOST_BINS : adaptive_width(c->bins - 1, c->bins);
    for (int64_t i = 0; i < count; ++i) {
        const fate what = throw_fate(dice);
        mask_bins(c, intervals[i], what, below(dice, c->bins - most));
    }
}

void bb_mask_draw(const bb_mask_recipe *r, bb_dice *dice, const float *spectrogram, int64_t frames,
                  int64_t bins, bb_interval *intervals, float *masked, uint8_t *mask) {
    canvas c = {spectrogram, frames, bins, masked, mask, true};
    memcpy(masked, spectrogram, (size_t)(frames * bins) * sizeof *masked);
    memset(mask, 0, (size_t)(frames * bins));
    mask_time(r, dice, &c, intervals);
    c.marks = !(r->published && r->kind == BB_MASK_STATIC);
    mask_frequency(r, dice, &c, intervals);
}

void bb_mask_draw_many(const bb_mask_recipe *r, uint64_t seed, int64_t first, const float *spectrograms,
                       int64_t count, int64_t frames, int64_t bins, int threads, bb_interval *intervals,
                       float *masked, uint8_t *masks) {
    const int64_t cells = frames * bins, longest = frames > bins ? frames : bins;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < count; ++i) {
        bb_dice dice = {.seed = seed, .stream = (uint64_t)(first + i)};
        bb_mask_draw(r, &dice, spectrograms + i * cells, frames, bins,
                     intervals + omp_get_thread_num() * longest, masked + i * cells, masks + i * cells);
    }
}
