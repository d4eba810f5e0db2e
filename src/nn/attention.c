#include "nn/attention.h"

#include <string.h>

/* One head's operands as the kernels want them. */
typedef struct head {
    int64_t key_words, value_words; /* of depth: d and T in words */
    int64_t frames, dim;            /* rounded up to panels */
    uint32_t *keys;                 /* panels of frames: [frames / N][key_words, N] */
    uint32_t *values;               /* panels of numbers: [dim / N][value_words, N] */
    uint32_t *scores;               /* [tile rows, frames]: float32 */
    uint32_t *weights;              /* [tile rows, frames]: words of the softmax, not yet divided */
    uint32_t *mixed;                /* [tile rows, dim] */
} head;

static int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

/* Sized for float32, whose words are the most. */
static head lay_out(const bb_product_kernels *k, bb_format format, int64_t frames, int64_t dim,
                    uint32_t *scratch) {
    head h = {.key_words = bb_word_count(format, dim),
              .value_words = bb_word_count(format, frames),
              .frames = round_up(frames, k->columns),
              .dim = round_up(dim, k->columns),
              .keys = scratch};
    h.values = h.keys + dim * h.frames;
    h.scores = h.values + h.dim * frames;
    h.weights = h.scores + k->rows * h.frames;
    h.mixed = h.weights + k->rows * h.frames;
    return h;
}

size_t bb_attention_scratch(const bb_product_kernels *k, int64_t frames, int64_t dim) {
    const int64_t T = round_up(frames, k->columns), d = round_up(dim, k->columns);
    return (size_t)(dim * T + d * frames + 2 * k->rows * T + k->rows * d);
}

/* The same columns of the next head, which the same thread takes next, on their way from memory meanwhile. */
static void fetch_next(const bb_words *x, int64_t row, int64_t words) {
    const uint32_t *next = x->words + row * x->stride + words;
    for (int64_t w = 0; w < words; w += BB_LINE_WORDS) __builtin_prefetch(next + w);
}

/* A frame is a column of the scores' right side. */
static void pack_keys(const bb_product_kernels *k, const bb_attention *a, const head *h) {
    const int64_t N = k->columns;
    uint32_t *to = h->keys;
    for (int64_t first = 0; first < h->frames; first += N) {
        const int64_t count = a->frames - first < N ? a->frames - first : N;
        const uint32_t *key = a->key.words + first * a->key.stride;
        for (int64_t t = 0; t < count; ++t) fetch_next(&a->key, first + t, h->key_words);
        for (int64_t w = 0; w < h->key_words; ++w, to += N) {
            for (int64_t t = 0; t < count; ++t) to[t] = key[t * a->key.stride + w];
            for (int64_t t = count; t < N; ++t) to[t] = 0;
        }
    }
}

/* Of bf16 a word holds two frames of one number. */
static void pack_frames(const bb_attention *a, int64_t word, int64_t first, int64_t count, uint32_t *to) {
    if (a->value.format == BB_FORMAT_F32) {
        memcpy(to, a->value.words + word * a->value.stride + first, (size_t)count * sizeof *to);
        return;
    }
    const uint16_t *even = (const uint16_t *)(a->value.words + 2 * word * a->value.stride) + first;
    const uint16_t *odd = even + 2 * a->value.stride;
    if (2 * word + 1 < a->frames)
        for (int64_t d = 0; d < count; ++d) to[d] = even[d] | (uint32_t)odd[d] << 16;
    else
        for (int64_t d = 0; d < count; ++d) to[d] = even[d];
}

static void pack_values(const bb_product_kernels *k, const bb_attention *a, const head *h) {
    const int64_t N = k->columns;
    for (int64_t t = 0; t < a->frames; ++t) fetch_next(&a->value, t, h->key_words);
    for (int64_t first = 0; first < a->dim; first += N) {
        const int64_t count = a->dim - first < N ? a->dim - first : N;
        uint32_t *panel = h->values + first * h->value_words;
        for (int64_t w = 0; w < h->value_words; ++w) {
            pack_frames(a, w, first, count, panel + w * N);
            for (int64_t d = count; d < N; ++d) panel[w * N + d] = 0;
        }
    }
}

/* A tile's rows of out from row `first` on. */
static void attend_rows(const bb_product_kernels *k, const bb_attention *a, const head *h, int64_t first,
                        int rows) {
    const bb_format format = a->query.format;
    const int64_t N = k->columns, weights_stride = h->frames >> format;
    float share[BB_TILE_ROWS];
    for (int64_t t = 0; t < h->frames; t += N)
        k->multiply[format](a->query.words + first * a->query.stride, a->query.stride, rows,
                            h->keys + t * h->key_words, h->key_words, h->keys, h->scores + t, h->frames);
    for (int i = 0; i < rows; ++i)
        share[i] = 1.0f / k->exponentiate((float *)(h->scores + i * h->frames), a->frames, h->frames,
                                          a->scale, format, h->weights + i * weights_stride);
    for (int64_t d = 0; d < a->dim; d += N) {
        const bb_finish f = {.columns = a->dim - d < N ? a->dim - d : N,
                             .row_factor = share,
                             .y = bb_words_from(&a->out, first, d)};
        k->multiply[format](h->weights, weights_stride, rows, h->values + d * h->value_words, h->value_words,
                            h->values, h->mixed, N);
        k->finish(&f, format, rows, h->mixed, N);
    }
}

void bb_attend(const bb_product_kernels *k, const bb_attention *a, uint32_t *scratch) {
    const head h = lay_out(k, a->query.format, a->frames, a->dim, scratch);
    const int64_t tiles = (a->rows + k->rows - 1) / k->rows;
    pack_keys(k, a, &h);
    pack_values(k, a, &h);
    for (int64_t m = 0; m < tiles; ++m) {
        const int64_t first = a->rows * m / tiles, next = a->rows * (m + 1) / tiles;
        attend_rows(k, a, &h, first, (int)(next - first));
    }
}
