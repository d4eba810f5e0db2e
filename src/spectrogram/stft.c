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
#include "spectrogram/stft.h"

#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"
#include "spectrogram/dft_kernels.h"

struct bb_stft {
    bb_spectrogram_recipe recipe;
    int64_t bins;            /* rounded up to BB_DFT_BINS */
    int64_t depth;           /* rows of the tables: S / 2 */
    double *cosines, *sines; /* [depth, bins] */
};

static bb_status check_recipe(const bb_spectrogram_recipe *r, bb_error *err) {
    if (r->segment < 2 || r->segment > 1 << 16 || r->hop > r->segment)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "spectrogram: expected a segment of 2 to 65536 samples and a hop of at most that, found %d "
            "and %d",
            r->segment, r->hop);
    if (r->bins > r->segment / 2 + 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: expected 1 to %d bins for segments of %d samples, found %d",
                       r->segment / 2 + 1, r->segment, r->bins);
    return BB_OK;
}

static void fill_tables(bb_stft *p) {
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

bb_status bb_stft_create(const bb_spectrogram_recipe *recipe, bb_stft **out, bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, err));
    bb_stft *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    p->recipe = *recipe;
    p->bins = (recipe->bins + BB_DFT_BINS - 1) / BB_DFT_BINS * BB_DFT_BINS;
    p->depth = recipe->segment / 2;
    p->cosines = bb_calloc((size_t)(p->depth * p->bins), sizeof *p->cosines);
    p->sines = bb_calloc((size_t)(p->depth * p->bins), sizeof *p->sines);
    if (!p->cosines || !p->sines) {
        bb_stft_destroy(p);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    }
    fill_tables(p);
    *out = p;
    return BB_OK;
}

void bb_stft_destroy(bb_stft *p) {
    if (!p) return;
    bb_free(p->cosines);
    bb_free(p->sines);
    bb_free(p);
}

int64_t bb_stft_frames(const bb_spectrogram_recipe *r, int64_t samples) {
    const int64_t padded = samples + 2 * (r->segment / 2);
    return padded < r->segment ? 0 : (padded - r->segment + r->hop - 1) / r->hop + 1;
}

/* Scratch: folded sums and differences, and two products. */
typedef struct work {
    double *sums, *differences; /* [depth, BB_DFT_FRAMES] */
    double *real, *imaginary;   /* [BB_DFT_FRAMES, bins] */
} work;

size_t bb_stft_scratch(const bb_stft *p) {
    return (size_t)(2 * (p->depth * BB_DFT_FRAMES + BB_DFT_FRAMES * p->bins)) * sizeof(double);
}

static work lay_out(const bb_stft *p, double *base) {
    const int64_t folded = p->depth * BB_DFT_FRAMES, product = BB_DFT_FRAMES * p->bins;
    return (work){base, base + folded, base + 2 * folded, base + 2 * folded + product};
}

/* Sample `at` of the window, zero outside it. */
static inline double sample(const double *window, int64_t samples, int64_t at) {
    return at >= 0 && at < samples ? window[at] : 0;
}

/* Column `i` of the folded operands, for the frame whose first sample is `start`. */
static void fold(const bb_stft *p, const double *window, int64_t samples, int64_t start, int i,
                 const work *w) {
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

void bb_stft_magnitudes(const bb_stft *p, const double *window, int64_t samples, int64_t first,
                        int64_t frames, void *scratch, double *magnitudes) {
    bb_dft_kernel *const product = bb_dft_kernel_get();
    const work w = lay_out(p, scratch);
    const int64_t F = p->recipe.bins;
    for (int64_t done = 0; done < frames; done += BB_DFT_FRAMES) {
        const int64_t count = frames - done < BB_DFT_FRAMES ? frames - done : BB_DFT_FRAMES;
        for (int i = 0; i < BB_DFT_FRAMES; ++i) /* frames past the end are all zeros and not read */
            fold(p, window, samples, (first + done + i) * p->recipe.hop - p->recipe.segment / 2, i, &w);
        product(w.sums, p->cosines, p->depth, p->bins, w.real);
        product(w.differences, p->sines, p->depth, p->bins, w.imaginary);
        for (int64_t i = 0; i < count; ++i)
            for (int64_t k = 0; k < F; ++k) {
                const double re = w.real[i * p->bins + k], im = w.imaginary[i * p->bins + k];
                magnitudes[(done + i) * F + k] = sqrt(re * re + im * im);
            }
    }
}
