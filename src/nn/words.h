/* Rows of numbers as products read them: in words of 32 bits, each of which holds one float32, two bf16 or
 * four bytes. A product then is the same loop in every format: a word of x with a word of each column. */
#ifndef BB_NN_WORDS_H
#define BB_NN_WORDS_H

#include <stdint.h>

typedef enum bb_format {
    BB_FORMAT_F32,
    BB_FORMAT_BF16,
    BB_FORMAT_INT8, /* activations: 0 .. 255 with a scale and an offset a row; weights: -127 .. 127 */
    BB_FORMATS,     /* of words */
    /* Rows of float32 in pairs, each pair as seven sums of its halves (strassen.h): a row of words is a pair.
     */
    BB_FORMAT_PAIRS = BB_FORMATS
} bb_format;

/* `words` [rows, stride]; the numbers of the last word that a row does not need are zero. */
typedef struct bb_words {
    bb_format format;
    uint32_t *words;
    int64_t stride;        /* words from row to row */
    float *scale, *offset; /* [rows]; of BB_FORMAT_INT8: number = scale * byte + offset */
} bb_words;

enum { BB_LINE_WORDS = 16 }; /* of a cache line */

static inline int64_t bb_numbers_a_word(bb_format format) { return (int64_t)1 << format; }

/* Words that hold `numbers`. */
static inline int64_t bb_word_count(bb_format format, int64_t numbers) {
    return (numbers + bb_numbers_a_word(format) - 1) >> format;
}

/* Words from row to row: whole cache lines, an odd number of them, since the rows of a tile are read side by
 * side, and rows a power of two apart would fall into the same few sets of the first-level cache. */
static inline int64_t bb_word_stride(bb_format format, int64_t numbers) {
    return ((bb_word_count(format, numbers) + BB_LINE_WORDS - 1) / BB_LINE_WORDS | 1) * BB_LINE_WORDS;
}

/* From row `row`, number `column` on; `column` begins a word. */
static inline bb_words bb_words_from(const bb_words *x, int64_t row, int64_t column) {
    return (bb_words){.format = x->format,
                      .words = x->words + row * x->stride + (column >> x->format),
                      .stride = x->stride,
                      .scale = x->scale ? x->scale + row : (float *)0,
                      .offset = x->offset ? x->offset + row : (float *)0};
}

#endif
