/* What fitting linear decoders does with rows of features, compiled for each instruction set: float32 data,
 * sums in double, so that no cancellation hides in a feature's mean. */
#ifndef BB_EVAL_ROW_KERNELS_H
#define BB_EVAL_ROW_KERNELS_H

#include <stdint.h>

#include "brainbert/cpu.h"

typedef struct bb_row_kernels {
    /* Sum of x[i] w[i]. */
    double (*dot)(const float *x, const double *w, int64_t n);
    /* g[i] += a x[i]. */
    void (*add)(double a, const float *x, int64_t n, double *g);
    /* out[4 i + j] = sum over n of a[i * stride ..] b[j * stride ..], i and j < 4. */
    void (*gram)(const double *a, const double *b, int64_t stride, int64_t n, double out[16]);
} bb_row_kernels;

extern const bb_row_kernels bb_row_kernels_portable, bb_row_kernels_avx2, bb_row_kernels_avx512;

const bb_row_kernels *bb_row_kernels_get(void);

#endif
