/* The body of the cascade's kernel, included once per instruction set with three things defined:
 * BB_VECTOR_BYTES, the bytes of one vector register; BB_TOGETHER, how many sections go over the samples
 * together, so that their coefficients and states fit the registers; BB_KERNEL, the function to define. */
#include "signal/cascade_kernels.h"

#define VECTORS (BB_LANES * 8 / BB_VECTOR_BYTES)
#define INLINE static inline __attribute__((always_inline))

typedef double vd __attribute__((vector_size(BB_VECTOR_BYTES), may_alias));

INLINE vd splat(double x) { return x - (vd){0}; }

/* `n` sections, a constant once inlined. */
INLINE void sweep(const int n, const bb_biquad *s, double *state, double *x, int64_t samples) {
    vd z1[BB_TOGETHER][VECTORS], z2[BB_TOGETHER][VECTORS], *const lanes = (vd *)x, *const kept = (vd *)state;
#pragma GCC unroll 4
    for (int k = 0; k < n; ++k)
#pragma GCC unroll 4
        for (int i = 0; i < VECTORS; ++i) {
            z1[k][i] = kept[2 * k * VECTORS + i];
            z2[k][i] = kept[(2 * k + 1) * VECTORS + i];
        }
    for (int64_t t = 0; t < samples; ++t)
#pragma GCC unroll 4
        for (int i = 0; i < VECTORS; ++i) {
            vd v = lanes[t * VECTORS + i];
#pragma GCC unroll 4
            for (int k = 0; k < n; ++k) {
                const vd y = splat(s[k].b0) * v + z1[k][i];
                z1[k][i] = splat(s[k].b1) * v - splat(s[k].a1) * y + z2[k][i];
                z2[k][i] = splat(s[k].b2) * v - splat(s[k].a2) * y;
                v = y;
            }
            lanes[t * VECTORS + i] = v;
        }
#pragma GCC unroll 4
    for (int k = 0; k < n; ++k)
#pragma GCC unroll 4
        for (int i = 0; i < VECTORS; ++i) {
            kept[2 * k * VECTORS + i] = z1[k][i];
            kept[(2 * k + 1) * VECTORS + i] = z2[k][i];
        }
}

void BB_KERNEL(const bb_biquad *sections, size_t count, double *state, double *x, int64_t samples) {
    size_t k = 0;
    for (; k + BB_TOGETHER <= count; k += BB_TOGETHER)
        sweep(BB_TOGETHER, sections + k, state + 2 * BB_LANES * k, x, samples);
    for (; k < count; ++k) sweep(1, sections + k, state + 2 * BB_LANES * k, x, samples);
}
