/* The inner loops of the encoder's products, of its attention and of the formats between them. One body
 * (product_kernels.inc.h) is compiled for each instruction set.
 *
 * The right side of a product lies in panels: for `columns` of its columns, word by word of their depth, the
 * columns' words side by side ([words, columns]). A tile is `rows` rows by one panel, summed in registers. */
#ifndef BB_NN_PRODUCT_KERNELS_H
#define BB_NN_PRODUCT_KERNELS_H

#include <stdbool.h>

#include "brainbert/cpu.h"
#include "nn/words.h"

/* The largest tile of any instruction set: what a buffer for one has to hold. */
enum { BB_TILE_ROWS = 14, BB_TILE_COLUMNS = 32 };

/* What happens to a product's sums on their way to y. */
typedef enum bb_epilogue {
    BB_EPILOGUE_NONE,
    BB_EPILOGUE_GELU, /* exact: x/2 (1 + erf(x / sqrt 2)) */
    BB_EPILOGUE_ADD   /* y += x W^T + b: the residual is in y already */
} bb_epilogue;

/* sums [rows, columns] -> y. */
typedef struct bb_finish {
    bb_epilogue epilogue;
    int64_t columns; /* of the panel that there are */
    /* Added to each row; NULL: the sums are only multiplied, by row_factor. */
    const float *bias;
    const float *row_factor; /* [rows] */
    /* BB_FORMAT_INT8: [columns], weight = column_scale * byte; column_sum: its sum over the depth. */
    const float *column_scale, *column_sum;
    const float *row_scale, *row_offset;
    bb_words y; /* its first row and number; float32 or bf16 */
} bb_finish;

typedef struct bb_product_kernels {
    int rows, columns; /* of a tile, at most */
    /* Whether a format has instructions made for it, so that its products are faster than float32's. */
    bool units[BB_FORMATS];
    /* sums[rows, panel] = x[rows, words] panel; whole numbers (int32) of BB_FORMAT_INT8, else float32. As
     * many cache lines from `ahead` on are on their way into the second-level cache meanwhile: what will be x
     * next.
     */
    void (*multiply[BB_FORMATS])(const uint32_t *x, int64_t x_stride, int rows, const uint32_t *panel,
                                 int64_t words, const uint32_t *ahead, uint32_t *sums, int64_t sums_stride);
    void (*finish)(const bb_finish *f, bb_format of, int rows, const uint32_t *sums, int64_t sums_stride);
    /* x[count] -> words, rounded to the nearest, ties to even. */
    void (*to_bf16)(const float *x, int64_t count, uint32_t *words);
    /* x[count] of float32 or bf16 -> words of bytes; its least number is byte 0, its largest 255. */
    void (*to_bytes)(bb_format from, const uint32_t *x, int64_t count, uint32_t *words, float *scale,
                     float *offset);
    /* One row of scores[frames] -> words of exp(scale * (score - largest)); returns their sum. `scores` is
     * overwritten up to `padded`, a multiple of `columns`; words behind `frames` are zero, as many as
     * `padded` numbers take. */
    float (*exponentiate)(float *scores, int64_t frames, int64_t padded, float scale, bb_format to,
                          uint32_t *words);
    /* strassen.h: `count` numbers of a pair's rows, a1 and a2, b1 and b2 -> the seven sums of them, each
     * `part` words behind the other. */
    void (*pair)(const float *a1, const float *a2, const float *b1, const float *b2, int64_t count,
                 uint32_t *words, int64_t part);
    /* strassen.h: seven products' sums [rows, columns] -> a v, a w, b v and b w, in the place of the first
     * four. */
    void (*recombine)(uint32_t *const sums[7], int rows);
} bb_product_kernels;

extern const bb_product_kernels bb_product_kernels_portable, bb_product_kernels_avx2,
    bb_product_kernels_avx512, bb_product_kernels_avx512_vnni, bb_product_kernels_avx512_bf16;

const bb_product_kernels *bb_product_kernels_get(void);

#endif
