/* The bodies of the row kernels, included once per instruction set with BB_VECTOR_BYTES, the bytes of one
 * vector register, and BB_KERNELS, the table to define. */
#include "eval/row_kernels.h"

#define LANES (BB_VECTOR_BYTES / 8)
#define INLINE static inline __attribute__((always_inline))

typedef double vd __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef double vd_unaligned __attribute__((vector_size(BB_VECTOR_BYTES), aligned(8), may_alias));
typedef float vf_unaligned __attribute__((vector_size(BB_VECTOR_BYTES / 2), aligned(4), may_alias));

INLINE vd load(const double *p) { return *(const vd_unaligned *)p; }
INLINE void store(double *p, vd v) { *(vd_unaligned *)p = v; }
INLINE vd widen(const float *p) { return __builtin_convertvector(*(const vf_unaligned *)p, vd); }
INLINE vd splat(double x) { return x - (vd){0}; }

INLINE double sum_lanes(vd v) {
    double sum = 0;
    for (int i = 0; i < LANES; ++i) sum += v[i];
    return sum;
}

static double dot(const float *x, const double *w, int64_t n) {
    enum { UNROLL = 4 };
    vd sums[UNROLL] = {{0}};
    int64_t i = 0;
    for (; i + UNROLL * LANES <= n; i += UNROLL * LANES)
#pragma GCC unroll 4
        for (int k = 0; k < UNROLL; ++k) sums[k] += widen(x + i + k * LANES) * load(w + i + k * LANES);
    double sum = sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < n; ++i) sum += (double)x[i] * w[i];
    return sum;
}

static void add(double a, const float *x, int64_t n, double *g) {
    const vd factor = splat(a);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) store(g + i, load(g + i) + factor * widen(x + i));
    for (; i < n; ++i) g[i] += a * (double)x[i];
}

/* Two of the four rows of `a` at a time: eight sums fit the registers. */
INLINE void gram_pair(const double *a, const double *b, int64_t stride, int64_t n, double out[8]) {
    vd sums[2][4] = {{{0}}};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const vd a0 = load(a + i), a1 = load(a + stride + i);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
            const vd v = load(b + j * stride + i);
            sums[0][j] += a0 * v;
            sums[1][j] += a1 * v;
        }
    }
    for (int k = 0; k < 2; ++k)
        for (int j = 0; j < 4; ++j) {
            double sum = sum_lanes(sums[k][j]);
            for (int64_t t = i; t < n; ++t) sum += a[k * stride + t] * b[j * stride + t];
            out[4 * k + j] = sum;
        }
}

static void gram(const double *a, const double *b, int64_t stride, int64_t n, double out[16]) {
    gram_pair(a, b, stride, n, out);
    gram_pair(a + 2 * stride, b, stride, n, out + 8);
}

const bb_row_kernels BB_KERNELS = {.dot = dot, .add = add, .gram = gram};
