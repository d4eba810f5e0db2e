/* What training computes beside its products, each forward pass beside its backward pass, over rows of `dim`
 * floats that follow each other. One body (train_kernels.inc.h) is compiled for each instruction set. */
#ifndef BB_NN_TRAIN_KERNELS_H
#define BB_NN_TRAIN_KERNELS_H

#include <stdint.h>

#include "brainbert/cpu.h"

typedef struct bb_train_kernels {
    /* x[rows, dim] -> normal = (x - mean) / sd, in place of x, 1 / sd of each row, y = gain * normal + bias;
     * sd = sqrt(population variance + 1e-5). (Ba et al. 2016) */
    void (*norm_forward)(float *x, int64_t rows, int64_t dim, const float *gain, const float *bias,
                         float *inverse_sd, float *y);
    /* dy[rows, dim] -> dx in its place; gain_gradient[dim] += sum over rows of dy * normal, bias_gradient +=
     * sum of dy. */
    void (*norm_backward)(float *dy, int64_t rows, int64_t dim, const float *gain, const float *normal,
                          const float *inverse_sd, float *gain_gradient, float *bias_gradient);
    /* y = x/2 (1 + erf(x / sqrt 2)); count need not be a multiple of anything. */
    void (*gelu_forward)(const float *x, int64_t count, float *y);
    /* dy -> dx in its place. */
    void (*gelu_backward)(const float *x, int64_t count, float *dy);
    /* x[rows, dim] + bias[dim] in place. */
    void (*add_bias)(float *x, int64_t rows, int64_t dim, const float *bias);
    /* y += x. */
    void (*add)(const float *x, int64_t count, float *y);
    /* x[i] -> 0 where a random 32-bit number that key and i alone decide is below `threshold`, else x[i] *
     * scale. */
    void (*dropout)(uint64_t key, uint32_t threshold, float scale, int64_t count, float *x);
    /* Each row of x[rows, dim] -> softmax(scale * row), in place. */
    void (*softmax_forward)(float *x, int64_t rows, int64_t dim, float scale);
    /* p = softmax(scale * x), dp -> dx in place of dp: scale * p * (dp - sum over the row of p * dp). */
    void (*softmax_backward)(const float *p, int64_t rows, int64_t dim, float scale, float *dp);
    /* y = x rounded to bf16, the upper half of a float32: to the nearest, ties to even; what lies beyond the
     * largest becomes infinite, NaN stays NaN. */
    void (*to_bf16)(const float *x, int64_t count, uint16_t *y);
    /* The same values as float32. */
    void (*round_to_bf16)(const float *x, int64_t count, float *y);
} bb_train_kernels;

extern const bb_train_kernels bb_train_kernels_portable, bb_train_kernels_avx2, bb_train_kernels_avx512;

const bb_train_kernels *bb_train_kernels_get(void);

#endif
