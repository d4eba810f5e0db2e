/* Numbers for the tests of kernels: random ones, guards behind outputs, and bf16 by its definition. */
#ifndef BB_TESTS_NN_NUMBERS_H
#define BB_TESTS_NN_NUMBERS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "nn/product_kernels.h"
#include "support.h"

enum { GUARD = 64 }; /* numbers behind every output that must stay as they were */
static const float guard_value = 12345;

static inline float *random_floats(int64_t count, uint64_t stream, double scale) {
    float *x = malloc((size_t)(count + GUARD) * sizeof *x);
    for (int64_t i = 0; i < count + GUARD; ++i)
        x[i] = i < count ? (float)(scale * bb_random_normal(1, stream, (uint64_t)i)) : guard_value;
    return x;
}

static inline void assert_guarded(const float *x, int64_t count) {
    for (int64_t i = count; i < count + GUARD; ++i) assert_true(x[i] == guard_value);
}

/* The bf16 nearest to x, ties to even: the neighbours are x with its lower half cut off and one place on. */
static inline uint16_t nearest_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t below = bits >> 16, rest = bits & 0xffff;
    return (uint16_t)(below + (rest > 0x8000 || (rest == 0x8000 && below % 2)));
}

static inline float float_from_bf16(uint16_t half) {
    const uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The number at (row, column) as a product sees it. */
static inline double number_at(const bb_words *x, int64_t row, int64_t column) {
    const uint32_t *words = x->words + row * x->stride;
    if (x->format == BB_FORMAT_F32) return (double)((const float *)words)[column];
    if (x->format == BB_FORMAT_BF16) return (double)float_from_bf16(((const uint16_t *)words)[column]);
    return (double)x->scale[row] * ((const uint8_t *)words)[column] + (double)x->offset[row];
}

/* Rows in a format, whatever lies between them being NaN or the like. */
static inline bb_words make_words(bb_format format, int64_t rows, int64_t columns, const float *x) {
    bb_words w = {.format = format, .stride = bb_word_stride(format, columns) + 16};
    w.words = aligned_alloc(64, (size_t)(rows * w.stride) * sizeof *w.words);
    memset(w.words, 0xff, (size_t)(rows * w.stride) * sizeof *w.words);
    w.scale = calloc((size_t)rows, sizeof *w.scale);
    w.offset = calloc((size_t)rows, sizeof *w.offset);
    const bb_product_kernels *k = bb_product_kernels_get();
    for (int64_t r = 0; r < rows && x; ++r) {
        const float *row = x + r * columns;
        uint32_t *words = w.words + r * w.stride;
        if (format == BB_FORMAT_F32)
            memcpy(words, row, (size_t)columns * sizeof *row);
        else if (format == BB_FORMAT_BF16)
            k->to_bf16(row, columns, words);
        else
            k->to_bytes(BB_FORMAT_F32, (const uint32_t *)row, columns, words, w.scale + r, w.offset + r);
    }
    return w;
}

static inline void free_words(bb_words *w) {
    free(w->words);
    free(w->scale);
    free(w->offset);
}

/* Runs `check` at every level of this processor. */
static inline void at_every_level(void (*check)(void)) {
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        check();
    }
    bb_cpu_limit(bb_cpu_best());
}

#endif
