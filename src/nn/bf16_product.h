/* Products of operands rounded to bf16 with float32 sums and float32 results, through oneDNN. A processor
 * with units for them takes operands of 2 bytes; elsewhere the same values stay float32 and float32 products
 * are made of them, which differ in the order of sums alone. */
#ifndef BB_NN_BF16_PRODUCT_H
#define BB_NN_BF16_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

typedef enum bb_arithmetic {
    BB_FLOAT32,       /* nothing is rounded: product.h */
    BB_BF16_PORTABLE, /* operands hold float32 that bf16 can hold */
    BB_BF16_UNITS     /* operands hold bf16 */
} bb_arithmetic;

/* Whether oneDNN has products of bf16 on this processor, be it by float32's instructions. */
bool bb_bf16_offered(void);

/* The one of the two ways to bf16 that is good on this processor: BB_BF16_UNITS where oneDNN has such
 * products and instructions made for them. */
bb_arithmetic bb_bf16_arithmetic(void);

/* Bytes of one number of an operand. */
size_t bb_operand_size(bb_arithmetic arithmetic);

/* x[count] -> operand[count], on `threads` threads. */
void bb_operand_round(bb_arithmetic arithmetic, const float *x, int64_t count, int threads, void *operand);

/* A matrix of rounded numbers, or its transpose: as bb_operand (product.h), `stride` in numbers. */
typedef struct bb_bf16_operand {
    const void *data;
    int64_t stride;
    bool transposed;
} bb_bf16_operand;

/* The products of a network: oneDNN's plans for the shapes that came last. */
typedef struct bb_bf16_products bb_bf16_products;

/* Either way to bf16; BB_BF16_UNITS also where they are not good, and where they are not offered its products
 * fail with BB_ERR_UNSUPPORTED. */
bb_status bb_bf16_products_create(bb_arithmetic arithmetic, bb_bf16_products **products, bb_error *err);
void bb_bf16_products_destroy(bb_bf16_products *products);

/* c[rows, columns] = a[rows, depth] b[depth, columns], or with `add` c += a b. A shape keeps the number of
 * OpenMP threads of its first product. One caller at a time. */
bb_status bb_bf16_product(bb_bf16_products *products, bb_bf16_operand a, bb_bf16_operand b, int64_t rows,
                          int64_t columns, int64_t depth, bool add, float *c, int64_t c_stride,
                          bb_error *err);

#endif
