/* The body of the wavelet kernels, included once per instruction set with BB_VECTOR_BYTES, BB_WAVELETS (the
 * function to define) and BB_TILE (vectors of frames per register tile: two accumulators each, one sample,
 * two taps must fit the registers). */
#include "base/vector.inc.h"
#include "spectrogram/wavelet_kernels.h"

_Static_assert(BB_TILE *LANES <= BB_WAVELET_MARGIN, "a tile reads beyond the margin");

/* Hops that are summed up before they join the total: long wavelets would lose digits in one sum of thousands
 * of floats. */
enum { HOPS_AT_A_TIME = 16 };

/* log2 of a normal x > 0; some -1e6 for less, which makes any weighted mean 0. x = 2^e m with m in
 * [sqrt 1/2, sqrt 2), ln m = 2 artanh((m - 1) / (m + 1)) by its series (truncation under 4e-10). */
INLINE vf log2_vector(vf x) {
    const vi bits = (vi)x, one = (vi)splat(1.0f);
    vf m = (vf)((bits & 0x7fffff) | one);
    vf e = __builtin_convertvector((bits >> 23) - 127, vf);
    const vi large = m > splat(1.41421356f);
    m = select_vector(large, m * splat(0.5f), m);
    e = select_vector(large, e + splat(1.0f), e);
    const vf s = (m - splat(1.0f)) / (m + splat(1.0f)), square = s * s;
    vf p = splat(2.88539008f / 9);
    p = p * square + splat(2.88539008f / 7);
    p = p * square + splat(2.88539008f / 5);
    p = p * square + splat(2.88539008f / 3);
    p = p * square + splat(2.88539008f);
    return select_vector(x < splat(1.17549435e-38f), splat(-1e6f), p * s + e);
}

/* 2^x for x < 128, 0 below -126: x = n + r, |r| <= 1/2. */
INLINE vf exp2_vector(vf x) {
    const vf bounded = max_vector(x, splat(-126.0f)), n = round_vector(bounded);
    const vf power = scale_by_power(exp_near_zero((bounded - n) * splat(0.693147181f)), n);
    return select_vector(x < splat(-126.0f), (vf){0}, power);
}

static inline int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* The taps that meet the samples q hops after their frame, a = q: x at column frame + a. */
INLINE void add_hop(const int vectors, const bb_phases *x, const bb_wavelet *w, int64_t frame, int64_t a,
                    vf *re, vf *im) {
    const int64_t begin = larger(0, a * x->hop - w->first),
                  end = smaller(w->length, (a + 1) * x->hop - w->first);
    const float *samples = x->at + (w->first + begin - a * x->hop) * x->stride + frame + a;
    for (const float *tap = w->taps + 2 * begin, *last = w->taps + 2 * end; tap < last; tap += 2) {
        const vf real = splat(tap[0]), imaginary = splat(tap[1]);
#pragma GCC unroll 13
        for (int j = 0; j < vectors; ++j) {
            vf sample = load(samples + j * LANES);
            BB_KEEP_IN_REGISTER(
                sample); /* or it is loaded for each product anew, and loads are what is scarce */
            re[j] += sample * real;
            im[j] += sample * imaginary;
        }
        samples += x->stride;
    }
}

/* sums[t] += weight / 2 * log2 |z|^2 for the tile's frames. Hops in which all its frames see zeros are passed
 * over: of wavelets longer than the window that is most. */
INLINE void add_wavelet(const int vectors, const bb_phases *x, const bb_wavelet *w, int64_t frame,
                        float *sums) {
    vf total_re[BB_TILE], total_im[BB_TILE];
    for (int j = 0; j < vectors; ++j) total_re[j] = total_im[j] = (vf){0};
    const int64_t first = larger(floor_divide(w->first, x->hop), 1 - frame - vectors * LANES),
                  last = smaller(floor_divide(w->first + w->length - 1, x->hop), x->columns - 1 - frame);
    for (int64_t begin = first; begin <= last; begin += HOPS_AT_A_TIME) {
        vf re[BB_TILE], im[BB_TILE];
#pragma GCC unroll 13
        for (int j = 0; j < vectors; ++j) re[j] = im[j] = (vf){0};
        for (int64_t a = begin; a <= smaller(last, begin + HOPS_AT_A_TIME - 1); ++a)
            add_hop(vectors, x, w, frame, a, re, im);
#pragma GCC unroll 13
        for (int j = 0; j < vectors; ++j) {
            total_re[j] += re[j];
            total_im[j] += im[j];
        }
    }
    for (int j = 0; j < vectors; ++j) {
        const vf power = total_re[j] * total_re[j] + total_im[j] * total_im[j];
        store(sums + j * LANES, load(sums + j * LANES) + splat(0.5f * w->weight) * log2_vector(power));
    }
}

INLINE void mean_of_tile(const int vectors, const bb_phases *x, const bb_wavelet *wavelets, size_t count,
                         int64_t frame, float *out) {
    for (int j = 0; j < vectors; ++j) store(out + j * LANES, (vf){0});
    for (size_t i = 0; i < count; ++i) add_wavelet(vectors, x, &wavelets[i], frame, out);
    for (int j = 0; j < vectors; ++j) store(out + j * LANES, exp2_vector(load(out + j * LANES)));
}

/* Each number of vectors is compiled for its own. */
static void mean_of_vectors(int64_t vectors, const bb_phases *x, const bb_wavelet *wavelets, size_t count,
                            int64_t frame, float *out) {
#define TILE(n)                                                                                              \
    if (n <= BB_TILE && vectors == n) mean_of_tile(n, x, wavelets, count, frame, out)
    TILE(1);
    TILE(2);
    TILE(3);
    TILE(4);
    TILE(5);
    TILE(6);
    TILE(7);
    TILE(8);
    TILE(9);
    TILE(10);
    TILE(11);
    TILE(12);
    TILE(13);
#undef TILE
}

/* Tiles of about the same size, so that none is too small to keep the multipliers busy. */
void BB_WAVELETS(const bb_phases *x, const bb_wavelet *wavelets, size_t count, int64_t first_frame,
                 int64_t frames, float *out) {
    int64_t left = (frames + LANES - 1) / LANES;
    for (int64_t tiles = (left + BB_TILE - 1) / BB_TILE; tiles > 0; --tiles) {
        const int64_t vectors = (left + tiles - 1) / tiles;
        mean_of_vectors(vectors, x, wavelets, count, first_frame, out);
        left -= vectors;
        first_frame += vectors * LANES;
        out += vectors * LANES;
    }
}
