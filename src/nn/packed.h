/* y[rows, out] = epilogue(x[rows, in] W^T + b) with weights that stay: packed once, for the instruction set
 * in use when that is done. A product is a list of tiles that know nothing of each other; threads take
 * stretches of it. What a row of y gets does not depend on the other rows, nor on who computes it. */
#ifndef BB_NN_PACKED_H
#define BB_NN_PACKED_H

#include "brainbert/status.h"
#include "nn/product_kernels.h"

typedef struct bb_packed bb_packed;

/* `weight` [out, in] and `bias` [out] are copied (PyTorch's layout). Of BB_FORMAT_INT8 each column (an
 * output) has a scale, its largest weight / 127; BB_ERR_UNSUPPORTED for more inputs than its sums can hold,
 * 65,536. Uses OpenMP's current number of threads. */
bb_status bb_packed_create(const float *weight, const float *bias, int64_t in, int64_t out, bb_format format,
                           bb_epilogue epilogue, bb_packed **packed, bb_error *err);
void bb_packed_destroy(bb_packed *packed);

/* Tiles of a product with `rows` rows. */
int64_t bb_packed_tiles(const bb_packed *packed, int64_t rows);

/* The tiles [first, end) of y. x has the packed format; y is float32 or bf16, and with BB_EPILOGUE_ADD
 * float32. BB_FORMAT_PAIRS: `rows` is even, and y float32 or, without an addition, pairs for the next
 * product. */
void bb_packed_run(const bb_packed *packed, const bb_words *x, int64_t rows, int64_t first, int64_t end,
                   const bb_words *y);

#endif
