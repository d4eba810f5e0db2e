/* y[rows, out] = epilogue(x[rows, in] W^T + b): products with weight matrices through oneDNN, the weights
 * packed once into the layout its kernels like. */
#ifndef BB_NN_LINEAR_H
#define BB_NN_LINEAR_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"
#include "nn/product_kernels.h"

typedef struct bb_linear bb_linear;

/* `weight` [out, in] and `bias` [out] are copied (PyTorch's layout). `usual_rows` is what the packing is
 * chosen for; any number of rows works. */
bb_status bb_linear_create(const float *weight, const float *bias, int64_t in, int64_t out,
                           bb_epilogue epilogue, int64_t usual_rows, bb_linear **linear, bb_error *err);
void bb_linear_destroy(bb_linear *linear);

/* Rows of x follow each other; y likewise. Uses OpenMP's current number of threads. One caller at a time. */
bb_status bb_linear_run(bb_linear *linear, const float *x, int64_t rows, float *y, bb_error *err);

/* "2.6.3". */
const char *bb_linear_backend_version(void);

#endif
