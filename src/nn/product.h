/* Products of matrices that change between calls (weights under training, activations, gradients), through
 * oneDNN. Those of weights that stay are in packed.h. */
#ifndef BB_NN_PRODUCT_H
#define BB_NN_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/status.h"

/* A matrix, or its transpose, row by row: element (i, j) of what is multiplied is data[i * stride + j], with
 * `transposed` data[j * stride + i]. */
typedef struct bb_operand {
    const float *data;
    int64_t stride;
    bool transposed;
} bb_operand;

/* c[rows, columns] = a[rows, depth] b[depth, columns], or with `add` c += a b. Uses OpenMP's current number
 * of threads; inside a parallel region one. */
bb_status bb_product(bb_operand a, bb_operand b, int64_t rows, int64_t columns, int64_t depth, bool add,
                     float *c, int64_t c_stride, bb_error *err);

#endif
