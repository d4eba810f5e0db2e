/* Our own vector kernels: everything of the encoder that is not a product with a weight matrix. One body
 * (vector_kernels.inc.h) is compiled for each instruction set; bb_vector_kernels_get picks at run time. */
#ifndef BB_NN_VECTOR_KERNELS_H
#define BB_NN_VECTOR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/cpu.h"

typedef struct bb_vector_kernels {
    /* x[rows, dim] in place: gain * (x - mean) / sqrt(var + 1e-5) + bias, each row by itself, population
     * variance. (Ba et al. 2016) */
    void (*layer_norm)(float *x, int64_t rows, int64_t dim, const float *gain, const float *bias);
    /* out[dim] = mean of x[rows, dim] over its rows. */
    void (*mean_rows)(const float *x, int64_t rows, int64_t dim, float *out);
} bb_vector_kernels;

extern const bb_vector_kernels bb_vector_kernels_portable, bb_vector_kernels_avx2, bb_vector_kernels_avx512;

const bb_vector_kernels *bb_vector_kernels_get(void);

#endif
