/* Attention of one head of one window, the softmax in the cache: scores and mixing are tiles
 * (product_kernels.h), between which a few rows of scores become words.
 *
 * T frames, d numbers a head. */
#ifndef BB_NN_ATTENTION_H
#define BB_NN_ATTENTION_H

#include <stddef.h>

#include "nn/product_kernels.h"

/* All of one format, float32 or bf16 (then d is even); out has it too. */
typedef struct bb_attention {
    bb_words query; /* [rows, d] */
    int64_t rows;
    bb_words key, value; /* [frames, d] */
    int64_t frames, dim;
    float scale;  /* 1 / sqrt(d) */
    bb_words out; /* [rows, d] */
} bb_attention;

/* Words of scratch that one call needs. */
size_t bb_attention_scratch(const bb_product_kernels *kernels, int64_t frames, int64_t dim);

/* out = softmax(scale * query key^T) value. (Vaswani et al. 2017, eq. 1) */
void bb_attend(const bb_product_kernels *kernels, const bb_attention *a, uint32_t *scratch);

#endif
