/* Superlets (Moca et al., Nat. Commun. 2021) and Morlets as a bank of complex filters.
 *
 * A filter's taps depend on neither the window nor its length, and only every hop-th sample of the result is
 * wanted. Samples are therefore laid out by phase (wavelet_kernels.h), and each filter becomes a product of
 * its taps with rows of them, straight from the definition: no transform, no approximation, in float32 on
 * samples scaled to 1. docs/spectrograms.md counts the work. */
#include "spectrogram/wavelets.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "spectrogram/wavelet_kernels.h"

/* All taps of a recipe together: 512 MiB of tables. */
static const double most_taps = 64 << 20;

/* Frames are rounded up to the widest vector. */
enum { FRAMES_STEP = 16 };

typedef struct bb_bank {
    size_t count; /* filters of one frequency */
    const bb_wavelet *wavelets;
    float degree; /* the sum of their weights: how the mean grows with the signal */
} bb_bank;

struct bb_wavelets {
    bb_spectrogram_recipe recipe;
    bb_bank *banks; /* [F] */
    bb_wavelet *wavelets;
    float *taps;
};

/* What a filter is before its taps are computed. */
typedef struct shape {
    double hz, cycles;
    float weight;
} shape;

/* ---------------------------------------------------------------- which filters */

double bb_wavelets_frequency(const bb_spectrogram_recipe *r, int bin) {
    if (r->bins == 1) return r->low_hz;
    return bin == r->bins - 1 ? r->high_hz : bin * ((r->high_hz - r->low_hz) / (r->bins - 1)) + r->low_hz;
}

static double order_of(const bb_spectrogram_recipe *r, int bin) {
    const double range = r->order_max - r->order_min, hz = bb_wavelets_frequency(r, bin) - r->low_hz;
    return r->bins == 1 ? r->order_min : r->order_min + range * hz / (r->high_hz - r->low_hz);
}

/* The fractional adaptive superlet of one frequency: the geometric mean over the whole orders from the lowest
 * to its own (as far as some frequency begins with them) and, with a fraction of the weight, the next. The
 * exponent counts from order_min, whole or not; the lowest frequency and those of the highest order have no
 * next one. All this as the published code combines them. */
static int adaptive_shapes(const bb_spectrogram_recipe *r, int bin, shape *out) {
    const double order = order_of(r, bin), own = floor(order), exponent = 1 / (order - r->order_min + 1);
    int count = 0;
    double last = 0, next = 0;
    for (int k = 0; k < r->bins && next == 0; ++k) {
        const double whole = floor(order_of(r, k));
        if (whole == last) continue;
        if (whole <= own)
            out[count++] = (shape){.cycles = r->cycles * whole, .weight = (float)exponent};
        else
            next = whole;
        last = whole;
    }
    const double fraction = fmod(order, own);
    if (next > 0 && bin > 0 && fraction > 0)
        out[count++] = (shape){.cycles = r->cycles * next, .weight = (float)(fraction * exponent)};
    return count;
}

/* Every frequency with the same whole orders. */
static int plain_shapes(const bb_spectrogram_recipe *r, shape *out) {
    const int count = (int)r->order_max - (int)r->order_min + 1;
    for (int i = 0; i < count; ++i)
        out[i] = (shape){.cycles = r->cycles * ((int)r->order_min + i), .weight = 1.0f / (float)count};
    return count;
}

static int shapes_of(const bb_spectrogram_recipe *r, int bin, shape *out) {
    int count = 1;
    if (r->method == BB_SPECTROGRAM_MORLET)
        out[0] = (shape){.cycles = r->cycles, .weight = 1};
    else
        count = r->adaptive ? adaptive_shapes(r, bin, out) : plain_shapes(r, out);
    for (int i = 0; i < count; ++i) out[i].hz = bb_wavelets_frequency(r, bin);
    return count;
}

/* ---------------------------------------------------------------- their taps */

/* A superlet's Morlet is sampled where NumPy's arange((1 - M) / 2, (M + 1) / 2) is, M = 10 s c rate: 5 s c to
 * each side, s = 1 / (2 pi f), up to a fraction of a sample. */
static double superlet_span(double rate, const shape *w) {
    return 10 * (1.0 / (2 * M_PI * w->hz)) * w->cycles / (1.0 / rate);
}

/* MNE's reaches 5 standard deviations, c / (2 pi f) each, and has a sample at 0. */
static double morlet_side(double rate, const shape *w) {
    return ceil(5.0 * (w->cycles / (2.0 * M_PI * w->hz)) / (1.0 / rate));
}

static double length_of(const bb_spectrogram_recipe *r, const shape *w) {
    if (r->method == BB_SPECTROGRAM_MORLET) return 2 * morlet_side(r->rate_hz, w) - 1;
    const double span = superlet_span(r->rate_hz, w);
    return ceil((span + 1) / 2.0 - (-span + 1) / 2.0);
}

/* sqrt(dt) / 4 pi x 5 / (s c (2 pi)^1.5) exp(i t / s) exp(-(5 t / (2 pi c s))^2 / 2) */
static void superlet_tap(double rate, const shape *w, int64_t index, double out[2]) {
    const double dt = 1.0 / rate, s = 1.0 / (2 * M_PI * w->hz);
    const double t = ((1 - superlet_span(rate, w)) / 2.0 + (double)index) * dt / s;
    const double envelope = 5.0 * t / (2 * M_PI * w->cycles);
    const double size =
        sqrt(dt) / (4 * M_PI) * 5.0 / (s * w->cycles * pow(2 * M_PI, 1.5)) * exp(-0.5 * envelope * envelope);
    out[0] = size * cos(t);
    out[1] = size * sin(t);
}

/* exp(2 pi i f t) exp(-t^2 / (2 sd^2)); its norm becomes sqrt 2 (Tallon-Baudry et al., 1997). */
static void morlet_tap(double rate, const shape *w, int64_t index, double out[2]) {
    const double t = ((double)index - (morlet_side(rate, w) - 1)) / rate, turn = 2 * M_PI * w->hz * t;
    const double sds = turn / w->cycles, size = exp(-0.5 * sds * sds);
    out[0] = size * cos(turn);
    out[1] = size * sin(turn);
}

/* A convolution's taps in the order in which the samples come, the middle one over the frame's own sample. */
static void fill_taps(const bb_spectrogram_recipe *r, const shape *w, int64_t length, float *taps) {
    const bool morlet = r->method == BB_SPECTROGRAM_MORLET;
    double squares = 0, tap[2];
    for (int64_t m = 0; morlet && m < length; ++m) {
        morlet_tap(r->rate_hz, w, m, tap);
        squares += tap[0] * tap[0] + tap[1] * tap[1];
    }
    const double scale = morlet ? sqrt(2 / squares) : 1;
    for (int64_t m = 0; m < length; ++m) {
        (morlet ? morlet_tap : superlet_tap)(r->rate_hz, w, length - 1 - m, tap);
        taps[2 * m] = (float)(tap[0] * scale);
        taps[2 * m + 1] = (float)(tap[1] * scale);
    }
}

static void fill_bank(bb_wavelets *p, int bin, const shape *shapes, int count, bb_wavelet **next,
                      float **taps) {
    bb_bank *bank = &p->banks[bin];
    *bank = (bb_bank){.count = (size_t)count, .wavelets = *next};
    for (int i = 0; i < count; ++i) {
        const int64_t length = (int64_t)length_of(&p->recipe, &shapes[i]);
        fill_taps(&p->recipe, &shapes[i], length, *taps);
        *(*next)++ = (bb_wavelet){.first = (length - 1) / 2 - (length - 1),
                                  .length = length,
                                  .taps = *taps,
                                  .weight = shapes[i].weight};
        bank->degree += shapes[i].weight;
        *taps += 2 * length;
    }
}

/* ---------------------------------------------------------------- the plan */

static bb_status check_recipe(const bb_spectrogram_recipe *r, bb_error *err) {
    if (!(r->low_hz > 0) || !(r->high_hz >= r->low_hz) || r->high_hz > r->rate_hz / 2 || r->bins > 1 << 12 ||
        (r->bins > 1 && r->high_hz == r->low_hz))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: expected up to 4096 frequencies from above 0 to at most %g Hz, found %d "
                       "from %g to %g Hz",
                       r->rate_hz / 2, r->bins, r->low_hz, r->high_hz);
    if (!(r->cycles > 0) || r->cycles > 1e4)
        return bb_fail(err, BB_ERR_ARGUMENT, "spectrogram: expected more than 0 cycles, found %g", r->cycles);
    if (r->method == BB_SPECTROGRAM_MORLET) return BB_OK;
    const bool whole = floor(r->order_min) == r->order_min && floor(r->order_max) == r->order_max;
    if (!(r->order_min >= 1) || !(r->order_max >= r->order_min) || r->order_max > 1000 ||
        (!r->adaptive && !whole))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram: expected %sorders from 1 to at most 1000, found %g to %g",
                       r->adaptive ? "" : "whole ", r->order_min, r->order_max);
    return BB_OK;
}

/* Counts what is to be allocated. */
static bb_status measure(const bb_spectrogram_recipe *r, shape *shapes, size_t *wavelets, size_t *taps,
                         bb_error *err) {
    double total = 0;
    *wavelets = 0;
    for (int bin = 0; bin < r->bins; ++bin) {
        const int count = shapes_of(r, bin, shapes);
        *wavelets += (size_t)count;
        for (int i = 0; i < count; ++i) total += length_of(r, &shapes[i]);
    }
    if (!(total <= most_taps))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "spectrogram: wavelets from %g Hz on have %.3g samples together: expected at most %.3g; "
            "a higher lowest frequency or fewer cycles make them shorter",
            r->low_hz, total, most_taps);
    *taps = (size_t)total;
    return BB_OK;
}

static bb_status fill(bb_wavelets *p, bb_error *err) {
    const int most = p->recipe.method == BB_SPECTROGRAM_MORLET ? 1 : (int)p->recipe.order_max + 2;
    size_t wavelets = 0, taps = 0;
    shape *shapes = bb_calloc((size_t)most, sizeof *shapes);
    if (!shapes) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    bb_status status = measure(&p->recipe, shapes, &wavelets, &taps, err);
    if (status == BB_OK) {
        p->banks = bb_calloc((size_t)p->recipe.bins, sizeof *p->banks);
        p->wavelets = bb_calloc(wavelets, sizeof *p->wavelets);
        p->taps = bb_calloc(2 * taps, sizeof *p->taps);
        if (!p->banks || !p->wavelets || !p->taps)
            status = bb_fail(err, BB_ERR_MEMORY, "no memory for the %zu taps of a spectrogram plan", taps);
    }
    bb_wavelet *next = p->wavelets;
    float *tap = p->taps;
    for (int bin = 0; status == BB_OK && bin < p->recipe.bins; ++bin)
        fill_bank(p, bin, shapes, shapes_of(&p->recipe, bin, shapes), &next, &tap);
    bb_free(shapes);
    return status;
}

bb_status bb_wavelets_create(const bb_spectrogram_recipe *recipe, bb_wavelets **out, bb_error *err) {
    *out = NULL;
    BB_TRY(check_recipe(recipe, err));
    bb_wavelets *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a spectrogram plan");
    p->recipe = *recipe;
    const bb_status status = fill(p, err);
    if (status == BB_OK)
        *out = p;
    else
        bb_wavelets_destroy(p);
    return status;
}

void bb_wavelets_destroy(bb_wavelets *p) {
    if (!p) return;
    bb_free(p->banks);
    bb_free(p->wavelets);
    bb_free(p->taps);
    bb_free(p);
}

/* ---------------------------------------------------------------- computing */

int64_t bb_wavelets_frames(const bb_spectrogram_recipe *r, int64_t samples) {
    return (samples + r->hop - 1) / r->hop;
}

/* Floats from phase to phase: an odd number of cache lines, so that neighbouring phases meet all sets of the
 * cache. */
static int64_t stride_of(const bb_spectrogram_recipe *r, int64_t samples) {
    const int64_t columns = bb_wavelets_frames(r, samples) + 2 * BB_WAVELET_MARGIN;
    return ((columns + FRAMES_STEP - 1) / FRAMES_STEP | 1) * FRAMES_STEP;
}

size_t bb_wavelets_scratch(const bb_wavelets *p, int64_t samples, int64_t frames) {
    return (size_t)(p->recipe.hop * stride_of(&p->recipe, samples) + frames + FRAMES_STEP) * sizeof(float);
}

/* The largest magnitude; NaN where a sample is not finite. */
static double largest_of(const double *window, int64_t samples) {
    double largest = 0;
    bool finite = true;
    for (int64_t i = 0; i < samples; ++i) {
        largest = fmax(largest, fabs(window[i]));
        finite &= isfinite(window[i]);
    }
    return finite ? largest : NAN;
}

static bb_phases lay_out(const bb_wavelets *p, const double *window, int64_t samples, double scale,
                         float *at) {
    const int64_t hop = p->recipe.hop, stride = stride_of(&p->recipe, samples);
    memset(at, 0, (size_t)(hop * stride) * sizeof *at);
    at += BB_WAVELET_MARGIN;
    for (int64_t i = 0; i < samples; ++i) at[i % hop * stride + i / hop] = (float)(window[i] * scale);
    return (bb_phases){
        .hop = hop, .stride = stride, .columns = bb_wavelets_frames(&p->recipe, samples), .at = at};
}

void bb_wavelets_magnitudes(const bb_wavelets *p, const double *window, int64_t samples, int64_t first,
                            int64_t frames, void *scratch, double *magnitudes) {
    bb_wavelet_kernel *const mean_of = bb_wavelet_kernel_get();
    const int64_t F = p->recipe.bins;
    const double largest = largest_of(window, samples);
    if (!(largest > 0)) {
        for (int64_t i = 0; i < frames * F; ++i) magnitudes[i] = largest;
        return;
    }
    float *row = scratch;
    const bb_phases x = lay_out(p, window, samples, 1 / largest,
                                row + (frames + FRAMES_STEP - 1) / FRAMES_STEP * FRAMES_STEP);
    for (int64_t bin = 0; bin < F; ++bin) {
        const double scale = pow(largest, p->banks[bin].degree);
        mean_of(&x, p->banks[bin].wavelets, p->banks[bin].count, first, frames, row);
        for (int64_t t = 0; t < frames; ++t) magnitudes[t * F + bin] = row[t] * scale;
    }
}

double bb_wavelets_flop(const bb_wavelets *p, int64_t samples, int64_t first, int64_t frames) {
    double taps = 0;
    for (int bin = 0; bin < p->recipe.bins; ++bin)
        for (size_t i = 0; i < p->banks[bin].count; ++i) {
            const bb_wavelet *w = &p->banks[bin].wavelets[i];
            for (int64_t t = first; t < first + frames; ++t) {
                const int64_t begin = t * p->recipe.hop + w->first, end = begin + w->length;
                taps += (double)((end < samples ? end : samples) - (begin > 0 ? begin : 0));
            }
        }
    return 4 * taps;
}
