/* The STFT as a matrix product. The Hann window is symmetric, so samples n and S - n of a frame meet the same
 * weight and the same cosine, and sines of opposite sign: adding and subtracting them first ("folding")
 * halves the work. With sums over n = 1 .. S/2 (the middle sample of an even S counts once):
 *
 * Re X[k] = sum (x[n] + x[S-n]) w[n] cos(2 pi k n / S),
 *
 * Im X[k] = -sum (x[n] - x[S-n]) w[n] sin(2 pi k n / S).
 *
 * w[0] = 0 for the periodic window. The window and the scale 1 / sum(w) are part of the tables. For the
 * published recipe: 206 frames x 40 bins x 399 multiply-adds = 6.6 MFLOP a window, in double. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/spectrogram.h"
#include "spectrogram/dft_kernels.h"

struct bb_spectrogram_plan {
    bb_spectrogram_recipe recipe;
    int64_t bins;            /* rounded up to BB_DFT_BINS */
    int64_t depth;           /* rows of the tables: S / 2 */
    double *cosines, *sines; /* [depth, bins] */
};

bb_spectrogram_recipe bb_spectrogram_recipe_default(void) {
    return (bb_spectrogram_recipe){.method = BB_SPECTROGRAM_STFT,
                                   .rate_hz = 2048,
                                   .segment = 400,
                                   .hop = 50,
                                   .bins = 40,
                                   .trim = 10,
                                   .normalization = BB_NORMALIZE_WINDOW};
}

bb_spectrogram_recipe bb_spectrogram_recipe_demo(void) {
    bb_spectrogram_recipe recipe = bb_spectrogram_recipe_default();
    recipe.trim = 5;
    recipe.normalization = BB_NORMALIZE_WINDOW_TRIM_FIRST;
    return recipe;
}

static bb_status check_recipe(const bb_spectrogram_recipe *r, bb_error *err) {
    if (r->method != BB_SPECTROGRAM_STFT)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "spectrogram: unknown method %d", (int)r->method);
    if (!(r->rate_hz > 0) || r->segment < 2 || r->segment > 1 << 16 || r->hop < 1 || r->hop > r->segment ||
        r->trim < 0)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "spectrogram: expected a segment of 2 to 65536 samples, a hop of at most that and a trim "
            "of 0 or more, found %d, %d, %d at %g Hz",
            r->segment, r->hop, r->trim, r->rate_hz);
    if (r->bins < 1 || r->bins > r->segment / 2 + 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: expected 1 to %d bins for segments of %d samples, found %d",
                       r->segment / 2 + 1, r->segment, r->bins);
    return BB_OK;
}

static void fill_tables(bb_spectrogram_plan *p) {
    const int S = p->recipe.segment;
    const double turn = 2 * M_PI / S, scale = 2.0 / S; /* the periodic Hann window sums to S / 2 */
    for (int64_t n = 1; n <= p->depth; ++n) {
        const double weight = scale * (0.5 - 0.5 * cos(turn * (double)n));
        for (int64_t k = 0; k < p->recipe.bins; ++k) {
            const double angle = turn * (double)(k * n % S);
            p->cosines[(n - 1) * p->bins + k] = weight * cos(angle);
            p->sines[(n - 1) * p->bins + k] = weight * sin(angle);
        }
    }
}

bb_status bb_spectrogram_plan_create(const bb_spectrogram_recipe *recipe, bb_spectrogram_plan **out,
                                     bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, err));
    bb_spectrogram_plan *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    p->recipe = *recipe;
    p->bins = (recipe->bins + BB_DFT_BINS - 1) / BB_DFT_BINS * BB_DFT_BINS;
    p->depth = recipe->segment / 2;
    p->cosines = bb_calloc((size_t)(p->depth * p->bins), sizeof *p->cosines);
    p->sines = bb_calloc((size_t)(p->depth * p->bins), sizeof *p->sines);
    if (!p->cosines || !p->sines) {
        bb_spectrogram_plan_destroy(p);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    }
    fill_tables(p);
    *out = p;
    return BB_OK;
}

void bb_spectrogram_plan_destroy(bb_spectrogram_plan *p) {
    if (!p) return;
    bb_free(p->cosines);
    bb_free(p->sines);
    bb_free(p);
}

const bb_spectrogram_recipe *bb_spectrogram_plan_recipe(const bb_spectrogram_plan *p) { return &p->recipe; }

/* Frames before trimming: S/2 zeros at both ends, then zeros up to a whole number of hops. */
static int64_t untrimmed_frames(const bb_spectrogram_recipe *r, int64_t samples) {
    const int64_t padded = samples + 2 * (r->segment / 2);
    return padded < r->segment ? 0 : (padded - r->segment + r->hop - 1) / r->hop + 1;
}

int64_t bb_spectrogram_frames(const bb_spectrogram_plan *p, int64_t samples) {
    return samples < 1 ? 0 : untrimmed_frames(&p->recipe, samples) - 2 * (int64_t)p->recipe.trim;
}

double bb_spectrogram_frame_time(const bb_spectrogram_plan *p, int64_t frame) {
    return (double)((frame + p->recipe.trim) * p->recipe.hop) / p->recipe.rate_hz;
}

double bb_spectrogram_bin_frequency(const bb_spectrogram_plan *p, int bin) {
    return bin * p->recipe.rate_hz / p->recipe.segment;
}

/* Scratch: folded sums and differences, two products, and the magnitudes of all frames. */
typedef struct work {
    double *sums, *differences; /* [depth, BB_DFT_FRAMES] */
    double *real, *imaginary;   /* [BB_DFT_FRAMES, bins] */
    double *magnitudes;         /* [untrimmed frames, F] */
} work;

static size_t lay_out(const bb_spectrogram_plan *p, int64_t samples, double *base, work *w) {
    const int64_t folded = p->depth * BB_DFT_FRAMES, product = BB_DFT_FRAMES * p->bins;
    *w = (work){base, base + folded, base + 2 * folded, base + 2 * folded + product,
                base + 2 * (folded + product)};
    return (size_t)(2 * (folded + product) + untrimmed_frames(&p->recipe, samples) * p->recipe.bins) *
           sizeof(double);
}

size_t bb_spectrogram_scratch(const bb_spectrogram_plan *p, int64_t samples) {
    static double nowhere[1];
    work w;
    return lay_out(p, samples, nowhere, &w);
}

/* Sample `at` of the window, zero outside it. */
static inline double sample(const double *window, int64_t samples, int64_t at) {
    return at >= 0 && at < samples ? window[at] : 0;
}

/* Column `i` of the folded operands, for the frame whose first sample is `start`. */
static void fold(const bb_spectrogram_plan *p, const double *window, int64_t samples, int64_t start, int i,
                 work *w) {
    const int64_t S = p->recipe.segment;
    const bool inside = start >= 0 && start + S <= samples;
    for (int64_t n = 1; n <= p->depth; ++n) {
        const double a = inside ? window[start + n] : sample(window, samples, start + n);
        const double b = inside ? window[start + S - n] : sample(window, samples, start + S - n);
        const bool middle = 2 * n == S;
        w->sums[(n - 1) * BB_DFT_FRAMES + i] = middle ? a : a + b;
        w->differences[(n - 1) * BB_DFT_FRAMES + i] = middle ? 0 : a - b;
    }
}

static void compute_magnitudes(const bb_spectrogram_plan *p, const double *window, int64_t samples,
                               int64_t frames, work *w) {
    bb_dft_kernel *const product = bb_dft_kernel_get();
    const int64_t F = p->recipe.bins;
    for (int64_t first = 0; first < frames; first += BB_DFT_FRAMES) {
        const int64_t count = frames - first < BB_DFT_FRAMES ? frames - first : BB_DFT_FRAMES;
        for (int i = 0; i < BB_DFT_FRAMES; ++i) /* frames past the end are all zeros and not read */
            fold(p, window, samples, (first + i) * p->recipe.hop - p->recipe.segment / 2, i, w);
        product(w->sums, p->cosines, p->depth, p->bins, w->real);
        product(w->differences, p->sines, p->depth, p->bins, w->imaginary);
        for (int64_t i = 0; i < count; ++i)
            for (int64_t k = 0; k < F; ++k) {
                const double re = w->real[i * p->bins + k], im = w->imaginary[i * p->bins + k];
                w->magnitudes[(first + i) * F + k] = sqrt(re * re + im * im);
            }
    }
}

/* Mean and population sd of one bin over frames [first, end); sd 0 -> 1. */
static void bin_statistics(const double *x, int64_t F, int64_t first, int64_t end, double *mean, double *sd) {
    double sum = 0, squares = 0;
    for (int64_t t = first; t < end; ++t) sum += x[t * F];
    *mean = sum / (double)(end - first);
    for (int64_t t = first; t < end; ++t) squares += (x[t * F] - *mean) * (x[t * F] - *mean);
    *sd = sqrt(squares / (double)(end - first));
    if (*sd == 0) *sd = 1;
}

bb_status bb_spectrogram_compute(const bb_spectrogram_plan *p, const double *window, int64_t samples,
                                 void *scratch, float *out, bb_error *err) {
    const bb_spectrogram_recipe *r = &p->recipe;
    const int64_t frames = bb_spectrogram_frames(p, samples), all = untrimmed_frames(r, samples), F = r->bins;
    if (frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: a window of %lld samples leaves no frame after trimming %d at each end: "
                       "expected at least %lld samples",
                       (long long)samples, r->trim, (long long)(2LL * r->trim * r->hop - r->hop + 1));
    work w;
    lay_out(p, samples, scratch, &w);
    compute_magnitudes(p, window, samples, all, &w);
    const bool trim_first = r->normalization == BB_NORMALIZE_WINDOW_TRIM_FIRST;
    for (int64_t k = 0; k < F; ++k) {
        double mean = 0, sd = 1;
        if (r->normalization != BB_NORMALIZE_NONE)
            bin_statistics(w.magnitudes + k, F, trim_first ? r->trim : 0, trim_first ? all - r->trim : all,
                           &mean, &sd);
        for (int64_t t = 0; t < frames; ++t) {
            const double z = (w.magnitudes[(t + r->trim) * F + k] - mean) / sd;
            out[t * F + k] = isnan(z) ? 0 : (float)z;
        }
    }
    return BB_OK;
}
