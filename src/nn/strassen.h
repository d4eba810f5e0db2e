/* Strassen's product of float32 matrices (Strassen 1969; Huang et al. 2016 for sums that never leave the
 * cache): cut rows, depth and columns in halves, and seven products of halves do what eight would, an eighth
 * fewer multiplications.
 *
 * Rows 2i and 2i + 1 are a pair, and a and b its two rows, a1 and a2 their halves of the depth; v and w are
 * columns j and j + out/2, v1, v2, w1 and w2 their halves. The seven products and what comes of them:
 *
 *   m0 = (a1 + b2)(v1 + w2)   m1 = (b1 + b2) v1   m2 = a1 (w1 - w2)   m3 = b2 (v2 - v1)
 *   m4 = (a1 + a2) w2   m5 = (b1 - a1)(v1 + w1)   m6 = (a2 - b2)(v2 + w2)
 *   a v = m0 + m3 - m4 + m6   a w = m2 + m4   b v = m1 + m3   b w = m0 - m1 + m2 + m5
 *
 * The rows of a pair share rounding errors, and those are some two times what a plain product's are: a pair
 * must belong to one window. */
#ifndef BB_NN_STRASSEN_H
#define BB_NN_STRASSEN_H

#include "nn/product_kernels.h"

enum { BB_STRASSEN_PRODUCTS = 7 };

/* The right factors of a pair of columns, v and w [2 half], their depth [begin, end) of each half -> to[7,
 * end - begin], a number `stride` words behind the other. */
void bb_strassen_columns(const float *v, const float *w, int64_t half, int64_t begin, int64_t end,
                         uint32_t *to, int64_t stride);

/* A tile of `pairs` pairs by a panel of column pairs, the depth [begin, end) of each half: sums[0 .. 3] are a
 * v, a w, b v and b w, [pairs, columns] each, in `room` [7, BB_TILE_ROWS * BB_TILE_COLUMNS]. x: the pairs'
 * words, `half` a part; panel: [7, end - begin, columns]. */
void bb_strassen_tile(const bb_product_kernels *kernels, const uint32_t *x, int64_t x_stride, int64_t half,
                      int64_t begin, int64_t end, int pairs, const uint32_t *panel, const uint32_t *ahead,
                      uint32_t *room, uint32_t *sums[BB_STRASSEN_PRODUCTS]);

#endif
