/* The STFT, each sample meeting each bin once. A frame of S samples is cut into blocks of g, the greatest
 * number that divides both S and the hop, so that neighbouring frames share blocks:
 *
 * U[k] = sum over blocks b of exp(-2 pi i k b g / S) V_b[k],   V_b[k] = sum over m < g of x[b g + m] exp(-2
 * pi i k m / S)
 *
 * is the frame's transform without a window; the periodic Hann window, 1/2 - cos(2 pi n / S) / 2, is a
 * convolution over bins: X[k] = U[k] / 2 - (U[k - 1] + U[k + 1]) / 4, where U[-1] is the conjugate of U[1].
 *
 * For the published recipe (S = 400, hop 50, g = 50) that is 214 blocks x 50 samples x 41 bins x 2 and 206
 * frames x 8 blocks x 41 bins x 4 multiply-adds, 2.3 MFLOP a window, in double (windowed products would be
 * 13, folded at the window's middle 6.6). */
#include "spectrogram/stft.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "spectrogram/dft_kernels.h"

struct bb_stft {
    bb_spectrogram_recipe recipe;
    int64_t bins;              /* one more than wanted, rounded up to BB_DFT_BINS */
    int64_t length;            /* g, samples of a block */
    int64_t blocks, step;      /* of a frame; from frame to frame */
    double *cosines, *sines;   /* [length, bins]: of exp(-2 pi i k m / S) */
    double *turn_re, *turn_im; /* [blocks, bins]: exp(-2 pi i k b g / S) */
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

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* exp(-2 pi i k n / S) for n = 0, step, 2 step .. in rows, k in columns. */
static void fill_turns(const bb_stft *p, int64_t rows, int64_t step, double *re, double *im) {
    const int64_t S = p->recipe.segment;
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t k = 0; k < p->bins; ++k) {
            const double angle = 2 * M_PI / (double)S * (double)(k * i * step % S);
            re[i * p->bins + k] = cos(angle);
            im[i * p->bins + k] = -sin(angle);
        }
}

bb_status bb_stft_create(const bb_spectrogram_recipe *recipe, bb_stft **out, bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, err));
    bb_stft *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    p->recipe = *recipe;
    p->bins = (recipe->bins + 1 + BB_DFT_BINS - 1) / BB_DFT_BINS * BB_DFT_BINS;
    p->length = common_divisor(recipe->segment, recipe->hop);
    p->blocks = recipe->segment / p->length;
    p->step = recipe->hop / p->length;
    p->cosines = bb_calloc((size_t)(p->length * p->bins), sizeof *p->cosines);
    p->sines = bb_calloc((size_t)(p->length * p->bins), sizeof *p->sines);
    p->turn_re = bb_calloc((size_t)(p->blocks * p->bins), sizeof *p->turn_re);
    p->turn_im = bb_calloc((size_t)(p->blocks * p->bins), sizeof *p->turn_im);
    if (!p->cosines || !p->sines || !p->turn_re || !p->turn_im) {
        bb_stft_destroy(p);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    }
    fill_turns(p, p->length, 1, p->cosines, p->sines);
    fill_turns(p, p->blocks, p->length, p->turn_re, p->turn_im);
    *out = p;
    return BB_OK;
}

void bb_stft_destroy(bb_stft *p) {
    if (!p) return;
    bb_free(p->cosines);
    bb_free(p->sines);
    bb_free(p->turn_re);
    bb_free(p->turn_im);
    bb_free(p);
}

int64_t bb_stft_frames(const bb_spectrogram_recipe *r, int64_t samples) {
    const int64_t padded = samples + 2 * (r->segment / 2);
    return padded < r->segment ? 0 : (padded - r->segment + r->hop - 1) / r->hop + 1;
}

/* Blocks that `frames` frames have together, rounded up to whole tiles. */
static int64_t block_count(const bb_stft *p, int64_t frames) {
    const int64_t blocks = (frames - 1) * p->step + p->blocks;
    return (blocks + BB_DFT_BLOCKS - 1) / BB_DFT_BLOCKS * BB_DFT_BLOCKS;
}

double bb_stft_flop(const bb_stft *p, int64_t frames) {
    const double products = 2.0 * (double)(((frames - 1) * p->step + p->blocks) * p->length),
                 rotations = 4.0 * (double)(frames * p->blocks);
    return 2 * (products + rotations) * (p->recipe.bins + 1);
}

/* Scratch: a tile of samples, all blocks' transforms, one frame's. */
typedef struct work {
    double *tile;              /* [length, BB_DFT_BLOCKS] */
    double *part_re, *part_im; /* [blocks of all frames, bins] */
    double *re, *im;           /* [bins] */
} work;

size_t bb_stft_scratch(const bb_stft *p, int64_t frames) {
    const int64_t parts = frames > 0 ? block_count(p, frames) : 0;
    return (size_t)(p->length * BB_DFT_BLOCKS + 2 * (parts + 1) * p->bins) * sizeof(double);
}

static work lay_out(const bb_stft *p, int64_t frames, double *base) {
    const int64_t parts = block_count(p, frames) * p->bins;
    work w = {.tile = base, .part_re = base + p->length * BB_DFT_BLOCKS};
    w.part_im = w.part_re + parts;
    w.re = w.part_im + parts;
    w.im = w.re + p->bins;
    return w;
}

/* Column `i` of the tile: the block that begins at sample `start`; zeros outside the window. */
static void fill_column(const bb_stft *p, const double *window, int64_t samples, int64_t start, int i,
                        const work *w) {
    for (int64_t m = 0; m < p->length; ++m) {
        const int64_t at = start + m;
        w->tile[m * BB_DFT_BLOCKS + i] = at >= 0 && at < samples ? window[at] : 0;
    }
}

static void transform_blocks(const bb_stft *p, const double *window, int64_t samples, int64_t start,
                             int64_t blocks, const work *w) {
    const bb_dft_kernels *const kernels = bb_dft_kernels_get();
    for (int64_t block = 0; block < blocks; block += BB_DFT_BLOCKS) {
        for (int i = 0; i < BB_DFT_BLOCKS; ++i)
            fill_column(p, window, samples, start + (block + i) * p->length, i, w);
        kernels->product(w->tile, p->cosines, p->length, p->bins, w->part_re + block * p->bins);
        kernels->product(w->tile, p->sines, p->length, p->bins, w->part_im + block * p->bins);
    }
}

/* The window, and the scale 1 / its sum, S / 2. */
static void window_bins(const bb_stft *p, const double *re, const double *im, double *magnitudes) {
    const double scale = 2.0 / p->recipe.segment;
    for (int64_t k = 0; k < p->recipe.bins; ++k) {
        const double below_re = k ? re[k - 1] : re[1], below_im = k ? im[k - 1] : -im[1];
        const double x = re[k] / 2 - (below_re + re[k + 1]) / 4, y = im[k] / 2 - (below_im + im[k + 1]) / 4;
        magnitudes[k] = scale * sqrt(x * x + y * y);
    }
}

void bb_stft_magnitudes(const bb_stft *p, const double *window, int64_t samples, int64_t first,
                        int64_t frames, void *scratch, double *magnitudes) {
    const bb_dft_kernels *const kernels = bb_dft_kernels_get();
    const work w = lay_out(p, frames, scratch);
    const int64_t start = first * p->recipe.hop - p->recipe.segment / 2;
    transform_blocks(p, window, samples, start, block_count(p, frames), &w);
    for (int64_t t = 0; t < frames; ++t) {
        const int64_t part = t * p->step * p->bins;
        kernels->rotate(p->turn_re, p->turn_im, w.part_re + part, w.part_im + part, p->blocks, p->bins, w.re,
                        w.im);
        window_bins(p, w.re, w.im, magnitudes + t * p->recipe.bins);
    }
}
