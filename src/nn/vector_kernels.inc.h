/* The body of the vector kernels, included once per instruction set with three things defined:
 * BB_VECTOR_BYTES, the bytes of one vector register; BB_PANEL_ROWS and BB_PANEL_VECTORS, the register tile,
 * whose rows times vectors must fit the registers as accumulators; BB_KERNELS, the table to define.
 */
#include <math.h>
#include <string.h>

#include "base/vector.inc.h"
#include "nn/vector_kernels.h"

/* c[BB_PANEL_ROWS, vectors * LANES] = a[BB_PANEL_ROWS, depth] b[depth, vectors * LANES], accumulated in
 * registers. */
INLINE void panel(const int vectors, const float *a, int64_t lda, const float *b, int64_t ldb, int64_t depth,
                  float *c, int64_t ldc) {
    vf sum[BB_PANEL_ROWS][BB_PANEL_VECTORS];
#pragma GCC unroll 8
    for (int i = 0; i < BB_PANEL_ROWS; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j) sum[i][j] = (vf){0};
    for (int64_t k = 0; k < depth; ++k) {
        vf row[BB_PANEL_VECTORS];
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j) row[j] = load(b + k * ldb + j * LANES);
#pragma GCC unroll 8
        for (int i = 0; i < BB_PANEL_ROWS; ++i) {
            const vf x = splat(a[i * lda + k]);
#pragma GCC unroll 8
            for (int j = 0; j < vectors; ++j) sum[i][j] += x * row[j];
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < BB_PANEL_ROWS; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < vectors; ++j) store(c + i * ldc + j * LANES, sum[i][j]);
}

/* The same over any width that is a multiple of LANES. */
static void panel_row(const float *a, int64_t lda, const float *b, int64_t ldb, int64_t depth, int64_t width,
                      float *c, int64_t ldc) {
    int64_t j = 0;
    for (; j + BB_PANEL_VECTORS * LANES <= width; j += BB_PANEL_VECTORS * LANES)
        panel(BB_PANEL_VECTORS, a, lda, b + j, ldb, depth, c + j, ldc);
    for (; j < width; j += LANES) panel(1, a, lda, b + j, ldb, depth, c + j, ldc);
}

/* The padded sizes and places of one head's operands. */
typedef struct head {
    int64_t frames, dim;   /* rounded up to LANES */
    float *query;          /* [BB_PANEL_ROWS, dim], scaled */
    float *key_transposed; /* [dim, frames] */
    float *value;          /* [frames, dim] */
    float *weights;        /* [BB_PANEL_ROWS, frames] */
    float *mixed;          /* [BB_PANEL_ROWS, dim] */
} head;

static head lay_out(int64_t frames, int64_t dim, float *scratch) {
    head h = {.frames = round_up(frames, LANES), .dim = round_up(dim, LANES), .query = scratch};
    h.key_transposed = h.query + BB_PANEL_ROWS * h.dim;
    h.value = h.key_transposed + h.dim * h.frames;
    h.weights = h.value + h.frames * h.dim;
    h.mixed = h.weights + BB_PANEL_ROWS * h.frames;
    return h;
}

static size_t attention_scratch(int64_t frames, int64_t dim) {
    const int64_t T = round_up(frames, LANES), D = round_up(dim, LANES);
    return (size_t)(2 * BB_PANEL_ROWS * D + 2 * D * T + BB_PANEL_ROWS * T);
}

static void pack_keys_and_values(const bb_attention *a, const head *h) {
    for (int64_t d = 0; d < a->dim; ++d)
        for (int64_t t = a->frames; t < h->frames; ++t) h->key_transposed[d * h->frames + t] = 0;
    for (int64_t t = 0; t < a->frames; ++t) {
        /* Keys are read along their rows: down a column, at a stride of 2 D floats, they would all fall into
         * the same few sets of the cache. */
        const float *key = a->key + t * a->key_value_stride;
        for (int64_t d = 0; d < a->dim; ++d) h->key_transposed[d * h->frames + t] = key[d];
        memcpy(h->value + t * h->dim, a->value + t * a->key_value_stride, (size_t)a->dim * sizeof(float));
        for (int64_t d = a->dim; d < h->dim; ++d) h->value[t * h->dim + d] = 0;
    }
}

static void pack_queries(const bb_attention *a, const head *h, int64_t first, int64_t rows) {
    for (int64_t i = 0; i < BB_PANEL_ROWS; ++i)
        for (int64_t d = 0; d < a->dim; ++d)
            h->query[i * h->dim + d] = i < rows ? a->scale * a->query[(first + i) * a->query_stride + d] : 0;
}

/* exp(row - max) in place over `frames` entries; returns their sum. The padding up to `padded` is swept along
 * as -infinity: it adds some 1e-38 to a sum that is at least 1, and the product that follows does not read
 * it. */
static float exponentiate(float *row, int64_t frames, int64_t padded) {
    for (int64_t t = frames; t < padded; ++t) row[t] = -INFINITY;
    vf top = splat(-INFINITY);
    for (int64_t t = 0; t < padded; t += LANES) top = max_vector(load(row + t), top);
    float max = top[0];
    for (int i = 1; i < LANES; ++i) max = top[i] > max ? top[i] : max;
    vf sum = {0};
    for (int64_t t = 0; t < padded; t += LANES) {
        const vf x = exp_vector(load(row + t) - splat(max));
        store(row + t, x);
        sum += x;
    }
    return sum_lanes(sum);
}

static void attention(const bb_attention *a, float *scratch) {
    const head h = lay_out(a->frames, a->dim, scratch);
    pack_keys_and_values(a, &h);
    for (int64_t first = 0; first < a->query_rows; first += BB_PANEL_ROWS) {
        const int64_t left = a->query_rows - first, rows = left < BB_PANEL_ROWS ? left : BB_PANEL_ROWS;
        float total[BB_PANEL_ROWS];
        pack_queries(a, &h, first, rows);
        panel_row(h.query, h.dim, h.key_transposed, h.frames, a->dim, h.frames, h.weights, h.frames);
        for (int64_t i = 0; i < BB_PANEL_ROWS; ++i)
            total[i] = exponentiate(h.weights + i * h.frames, a->frames, h.frames);
        panel_row(h.weights, h.frames, h.value, h.dim, a->frames, h.dim, h.mixed, h.dim);
        for (int64_t i = 0; i < rows; ++i) {
            const float share = 1.0f / total[i];
            float *out = a->out + (first + i) * a->out_stride;
            for (int64_t d = 0; d < a->dim; ++d) out[d] = h.mixed[i * h.dim + d] * share;
        }
    }
}

static void layer_norm(float *x, int64_t rows, int64_t dim, const float *gain, const float *bias) {
    const int64_t whole = dim / LANES * LANES;
    for (int64_t r = 0; r < rows; ++r, x += dim) {
        vf sums = {0}, squares = {0};
        for (int64_t d = 0; d < whole; d += LANES) sums += load(x + d);
        float mean = sum_lanes(sums);
        for (int64_t d = whole; d < dim; ++d) mean += x[d];
        mean /= (float)dim;
        for (int64_t d = 0; d < whole; d += LANES) {
            const vf c = load(x + d) - splat(mean);
            squares += c * c;
        }
        float variance = sum_lanes(squares);
        for (int64_t d = whole; d < dim; ++d) variance += (x[d] - mean) * (x[d] - mean);
        const float scale = 1.0f / sqrtf(variance / (float)dim + 1e-5f);
        for (int64_t d = 0; d < whole; d += LANES)
            store(x + d, (load(x + d) - splat(mean)) * splat(scale) * load(gain + d) + load(bias + d));
        for (int64_t d = whole; d < dim; ++d) x[d] = (x[d] - mean) * scale * gain[d] + bias[d];
    }
}

static void mean_rows(const float *x, int64_t rows, int64_t dim, float *out) {
    const float scale = 1.0f / (float)rows;
    int64_t d = 0;
    for (; d + LANES <= dim; d += LANES) {
        vf sum = {0};
        for (int64_t r = 0; r < rows; ++r) sum += load(x + r * dim + d);
        store(out + d, sum * splat(scale));
    }
    for (; d < dim; ++d) {
        float sum = 0;
        for (int64_t r = 0; r < rows; ++r) sum += x[r * dim + d];
        out[d] = sum * scale;
    }
}

const bb_vector_kernels BB_KERNELS = {
    .attention_scratch = attention_scratch,
    .attention = attention,
    .layer_norm = layer_norm,
    .mean_rows = mean_rows,
};
