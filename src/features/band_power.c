/* A stretch of the window is cut into parts of at most 8 s. Of each part x of n samples, its mean taken off
 * and weighted by a periodic Hann window w, with zeros behind it up to M samples, at least a second:
 *
 * P[k] = 2 |sum over t of w[t] x[t] exp(-2 pi i k t / M)|^2 / (M sum of w^2)
 *
 * is, by Parseval, what bin k, at k rate / M Hz, adds to the mean square of the part; a band's is the sum
 * over the bins in [low, high), averaged over the parts (Welch, IEEE Trans. Audio Electroacoust. 15, 1967,
 * without overlap). As there are far fewer bins up to 150 Hz than samples, they are summed directly: blocks
 * of BLOCK samples by one table, then the blocks' sums turned to their places, as src/spectrogram/stft.c
 * does. */
#include "features/band_power.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "spectrogram/dft_kernels.h"

enum { BLOCK = 128 };
static const double longest_part_s = 8;
static const double least_power = 1e-12; /* uV^2; a silent channel's */

static const bb_band bands[BB_BANDS] = {{"delta", 1, 4},  {"theta", 4, 8},   {"alpha", 8, 13},
                                        {"beta", 13, 30}, {"gamma", 30, 70}, {"high gamma", 70, 150}};

const bb_band *bb_bands(void) { return bands; }

struct bb_band_power {
    int64_t samples, segments, length;      /* of the window; of a stretch */
    int64_t parts, part;                    /* of a stretch; samples of one, n */
    int64_t padded;                         /* M */
    int64_t first[BB_BANDS], end[BB_BANDS]; /* bins of the bands, counted from the first that is computed */
    int64_t lowest, bins;                   /* that one; how many, rounded up to BB_DFT_BINS */
    int64_t blocks;                         /* of a part, rounded up to BB_DFT_BLOCKS */
    double *window, scale;                  /* [part] w; 2 / (M sum of w^2) */
    double *cosines, *sines;                /* [BLOCK, bins] */
    double *turn_re, *turn_im;              /* [blocks, bins] */
};

static int64_t round_up(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }

/* The first bin at `hz` or above; the product may be a rounding off. */
static int64_t bin_at(const bb_band_power *p, double hz, double rate_hz) {
    return (int64_t)ceil(hz * (double)p->padded / rate_hz - 1e-9);
}

static bb_status place_bands(bb_band_power *p, double rate_hz, bb_error *err) {
    const int64_t nyquist = (p->padded + 1) / 2;
    p->lowest = bin_at(p, bands[0].low_hz, rate_hz);
    for (int b = 0; b < BB_BANDS; ++b) {
        const int64_t end = bin_at(p, bands[b].high_hz, rate_hz);
        p->first[b] = bin_at(p, bands[b].low_hz, rate_hz) - p->lowest;
        p->end[b] = (end < nyquist ? end : nyquist) - p->lowest;
        if (p->end[b] <= p->first[b])
            return bb_fail(err, BB_ERR_UNSUPPORTED,
                           "bandpower: expected a rate that holds %s, %g to %g Hz, found %g Hz",
                           bands[b].name, bands[b].low_hz, bands[b].high_hz, rate_hz);
    }
    p->bins = round_up(p->end[BB_BANDS - 1], BB_DFT_BINS);
    return BB_OK;
}

/* exp(-2 pi i k n / M) for n = 0, step, 2 step .. in rows, k in columns. */
static void fill_turns(const bb_band_power *p, int64_t rows, int64_t step, double *re, double *im) {
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t k = 0; k < p->bins; ++k) {
            const double angle =
                2 * M_PI / (double)p->padded * (double)((k + p->lowest) * (i * step % p->padded) % p->padded);
            re[i * p->bins + k] = cos(angle);
            im[i * p->bins + k] = -sin(angle);
        }
}

static bb_status fill_tables(bb_band_power *p, bb_error *err) {
    const size_t table = (size_t)(BLOCK * p->bins), turns = (size_t)(p->blocks * p->bins);
    p->window = bb_calloc((size_t)p->part, sizeof *p->window);
    p->cosines = bb_calloc(table, sizeof *p->cosines);
    p->sines = bb_calloc(table, sizeof *p->sines);
    p->turn_re = bb_calloc(turns, sizeof *p->turn_re);
    p->turn_im = bb_calloc(turns, sizeof *p->turn_im);
    if (!p->window || !p->cosines || !p->sines || !p->turn_re || !p->turn_im)
        return bb_fail(err, BB_ERR_MEMORY, "bandpower: no memory for %lld bins", (long long)p->bins);
    double squares = 0;
    for (int64_t t = 0; t < p->part; ++t) {
        p->window[t] = 0.5 - 0.5 * cos(2 * M_PI * (double)t / (double)p->part);
        squares += p->window[t] * p->window[t];
    }
    p->scale = squares > 0 ? 2 / ((double)p->padded * squares) : 0;
    fill_turns(p, BLOCK, 1, p->cosines, p->sines);
    fill_turns(p, p->blocks, BLOCK, p->turn_re, p->turn_im);
    return BB_OK;
}

bb_status bb_band_power_create(int64_t samples, int segments, double rate_hz, bb_band_power **out,
                               bb_error *err) {
    *out = NULL;
    if (segments < 1 || segments > samples)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "bandpower: a window has %lld samples: expected 1 to as many segments, found %d",
                       (long long)samples, segments);
    bb_band_power *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "bandpower: no memory");
    p->samples = samples;
    p->segments = segments;
    p->length = samples / segments;
    p->parts = (int64_t)ceil((double)p->length / (longest_part_s * rate_hz));
    p->part = p->length / p->parts;
    p->padded = p->part > llround(rate_hz) ? p->part : llround(rate_hz);
    p->blocks = round_up((p->part + BLOCK - 1) / BLOCK, BB_DFT_BLOCKS);
    bb_status status = place_bands(p, rate_hz, err);
    if (status == BB_OK) status = fill_tables(p, err);
    if (status == BB_OK)
        *out = p;
    else
        bb_band_power_destroy(p);
    return status;
}

void bb_band_power_destroy(bb_band_power *p) {
    if (!p) return;
    bb_free(p->window);
    bb_free(p->cosines);
    bb_free(p->sines);
    bb_free(p->turn_re);
    bb_free(p->turn_im);
    bb_free(p);
}

/* Scratch: a tile of samples, all blocks' sums, the part's transform. */
typedef struct work {
    double *tile;              /* [BLOCK, BB_DFT_BLOCKS] */
    double *part_re, *part_im; /* [blocks, bins] */
    double *re, *im;           /* [bins] */
} work;

size_t bb_band_power_scratch(const bb_band_power *p) {
    const size_t doubles = BLOCK * BB_DFT_BLOCKS + (size_t)(2 * (p->blocks + 1) * p->bins);
    return doubles * sizeof(double);
}

static work lay_out(const bb_band_power *p, double *base) {
    work w = {.tile = base, .part_re = base + BLOCK * BB_DFT_BLOCKS};
    w.part_im = w.part_re + p->blocks * p->bins;
    w.re = w.part_im + p->blocks * p->bins;
    w.im = w.re + p->bins;
    return w;
}

/* The blocks from `block` on, as the columns of the tile. */
static void fill_tile(const bb_band_power *p, const double *x, double mean, int64_t block, double *tile) {
    for (int64_t i = 0; i < BB_DFT_BLOCKS; ++i)
        for (int64_t m = 0; m < BLOCK; ++m) {
            const int64_t t = (block + i) * BLOCK + m;
            tile[m * BB_DFT_BLOCKS + i] = t < p->part ? p->window[t] * (x[t] - mean) : 0;
        }
}

/* Adds the bands' powers of one part. */
static void add_part(const bb_band_power *p, const double *x, const work *w, double power[BB_BANDS]) {
    const bb_dft_kernels *const kernels = bb_dft_kernels_get();
    double mean = 0;
    for (int64_t t = 0; t < p->part; ++t) mean += x[t];
    mean /= (double)p->part;
    for (int64_t block = 0; block < p->blocks; block += BB_DFT_BLOCKS) {
        fill_tile(p, x, mean, block, w->tile);
        kernels->product(w->tile, p->cosines, BLOCK, p->bins, w->part_re + block * p->bins);
        kernels->product(w->tile, p->sines, BLOCK, p->bins, w->part_im + block * p->bins);
    }
    kernels->rotate(p->turn_re, p->turn_im, w->part_re, w->part_im, p->blocks, p->bins, w->re, w->im);
    for (int b = 0; b < BB_BANDS; ++b)
        for (int64_t k = p->first[b]; k < p->end[b]; ++k)
            power[b] += p->scale * (w->re[k] * w->re[k] + w->im[k] * w->im[k]);
}

void bb_band_power_compute(const bb_band_power *p, const double *window, void *scratch, float *out) {
    const work w = lay_out(p, scratch);
    for (int64_t s = 0; s < p->segments; ++s) {
        const double *x = window + s * p->samples / p->segments;
        double power[BB_BANDS] = {0};
        for (int64_t i = 0; i < p->parts; ++i) add_part(p, x + i * p->length / p->parts, &w, power);
        for (int b = 0; b < BB_BANDS; ++b)
            out[s * BB_BANDS + b] = (float)log(fmax(power[b] / (double)p->parts, least_power));
    }
}
