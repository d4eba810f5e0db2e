/* The body of the product kernels, included once per instruction set with these defined: BB_VECTOR_BYTES, the
 * bytes of one vector register; BB_TILE_ROWS_HERE and BB_TILE_VECTORS, whose product is the accumulators that
 * fit the registers; BB_KERNELS, the table to define; and where there are instructions for them
 * BB_DOT_BF16(sum, x, w), BB_TO_BF16(v) and BB_DOT_INT8(sum, x, w), or BB_PAIRS(x, w), the sums of two
 * products of 16 bits.
 */
#include <math.h>
#include <string.h>

#include "base/vector.inc.h"
#include "nn/bf16.inc.h"
#include "nn/gelu.inc.h"
#include "nn/product_kernels.h"

enum { PANEL = BB_TILE_VECTORS * LANES };

/* ---------------------------------------------------------------- a word with a word */

/* Two bf16 are the halves of a word: the upper one is a float32 with the rest cut off. */
#ifdef BB_DOT_BF16
enum { BF16_UNITS = 1 };
#else
enum { BF16_UNITS = 0 };
INLINE vf dot_bf16(vf sum, vi x, vi w) {
    const vi upper = {0};
    const vi mask = upper - 65536;
    sum += (vf)(x << 16) * (vf)(w << 16);
    return sum + (vf)(x & mask) * (vf)(w & mask);
}
#define BB_DOT_BF16(sum, x, w) dot_bf16(sum, x, w)
#endif

#ifdef BB_DOT_INT8
enum { INT8_UNITS = 1 };
#else
enum { INT8_UNITS = 0 };
#ifdef BB_PAIRS
typedef int16_t vs __attribute__((vector_size(BB_VECTOR_BYTES)));
INLINE vi dot_int8(vi sum, vi x, vi w) {
    const vi low = (vi){0} + 0x00ff00ff;
    const vi even = BB_PAIRS(x & low, (vs)((vs)w << 8) >> 8);
    return sum + even + BB_PAIRS((x >> 8) & low, (vs)w >> 8);
}
#else
INLINE vi dot_int8(vi sum, vi x, vi w) {
    sum += (x & 255) * (w << 24 >> 24);
    sum += (x >> 8 & 255) * (w << 16 >> 24);
    sum += (x >> 16 & 255) * (w << 8 >> 24);
    return sum + (x >> 24 & 255) * (w >> 24);
}
#endif
#define BB_DOT_INT8(sum, x, w) dot_int8(sum, x, w)
#endif

typedef int32_t vi_unaligned __attribute__((vector_size(BB_VECTOR_BYTES), aligned(4), may_alias));

INLINE vi load_words(const uint32_t *p) { return *(const vi_unaligned *)p; }
INLINE void store_words(uint32_t *p, vi v) { *(vi_unaligned *)p = v; }
INLINE vi splat_word(uint32_t x) { return (vi){0} + (int32_t)x; }

INLINE vi dot(const bb_format format, vi sum, vi x, vi w) {
    switch (format) {
    case BB_FORMAT_F32:
        return (vi)((vf)sum + (vf)x * (vf)w);
    case BB_FORMAT_BF16:
        return (vi)BB_DOT_BF16((vf)sum, x, w);
    default:
        return BB_DOT_INT8(sum, x, w);
    }
}

/* ---------------------------------------------------------------- a tile */

/* Enough words ahead for a panel to come from the second-level cache in time. */
enum { AHEAD = 8 };

INLINE void tile(const bb_format format, const int rows, const uint32_t *x, int64_t x_stride,
                 const uint32_t *panel, int64_t words, const uint32_t *ahead, uint32_t *sums,
                 int64_t sums_stride) {
    vi sum[BB_TILE_ROWS_HERE][BB_TILE_VECTORS];
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < BB_TILE_VECTORS; ++j) sum[i][j] = (vi){0};
    for (int64_t k = 0; k < words; ++k, panel += PANEL) {
        vi w[BB_TILE_VECTORS];
#pragma GCC unroll 8
        for (int j = 0; j < BB_TILE_VECTORS; ++j) {
            w[j] = load_words(panel + j * LANES);
            __builtin_prefetch(panel + AHEAD * PANEL + j * LANES);
        }
        __builtin_prefetch(ahead + k * BB_LINE_WORDS, 0, 2);
#pragma GCC unroll 16
        for (int i = 0; i < rows; ++i) {
            const vi word = splat_word(x[i * x_stride + k]);
#pragma GCC unroll 8
            for (int j = 0; j < BB_TILE_VECTORS; ++j) sum[i][j] = dot(format, sum[i][j], word, w[j]);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < BB_TILE_VECTORS; ++j) store_words(sums + i * sums_stride + j * LANES, sum[i][j]);
}

/* One loop for each number of rows, so that all sums stay in registers. */
#define MULTIPLY(name, format)                                                                               \
    static void name(const uint32_t *x, int64_t x_stride, int rows, const uint32_t *panel, int64_t words,    \
                     const uint32_t *ahead, uint32_t *sums, int64_t sums_stride) {                           \
        switch (rows) { TILE_CASES(format) }                                                                 \
    }
#define TILE_CASE(format, n)                                                                                 \
    case n:                                                                                                  \
        tile(format, n, x, x_stride, panel, words, ahead, sums, sums_stride);                                \
        break;
#if BB_TILE_ROWS_HERE == 14
#define TILE_CASES(f)                                                                                        \
    TILE_CASE(f, 1)                                                                                          \
    TILE_CASE(f, 2)                                                                                          \
    TILE_CASE(f, 3)                                                                                          \
    TILE_CASE(f, 4)                                                                                          \
    TILE_CASE(f, 5)                                                                                          \
    TILE_CASE(f, 6)                                                                                          \
    TILE_CASE(f, 7)                                                                                          \
    TILE_CASE(f, 8)                                                                                          \
    TILE_CASE(f, 9) TILE_CASE(f, 10) TILE_CASE(f, 11) TILE_CASE(f, 12) TILE_CASE(f, 13) TILE_CASE(f, 14)
#elif BB_TILE_ROWS_HERE == 6
#define TILE_CASES(f)                                                                                        \
    TILE_CASE(f, 1) TILE_CASE(f, 2) TILE_CASE(f, 3) TILE_CASE(f, 4) TILE_CASE(f, 5) TILE_CASE(f, 6)
#elif BB_TILE_ROWS_HERE == 4
#define TILE_CASES(f) TILE_CASE(f, 1) TILE_CASE(f, 2) TILE_CASE(f, 3) TILE_CASE(f, 4)
#endif

MULTIPLY(multiply_f32, BB_FORMAT_F32)
MULTIPLY(multiply_bf16, BB_FORMAT_BF16)
MULTIPLY(multiply_int8, BB_FORMAT_INT8)

/* ---------------------------------------------------------------- sums to y */

typedef enum sums_kind { SUMS_BIASED, SUMS_OF_BYTES, SUMS_SHARED } sums_kind;

#ifdef BB_TO_BF16
INLINE vh rounded(vf v) { return BB_TO_BF16(v); }
#else
INLINE vh rounded(vf v) { return bf16_of(v); }
#endif

INLINE vf load_some(const float *p, int64_t count) {
    if (count >= LANES) return load(p);
    vf v = {0};
    for (int64_t i = 0; i < count; ++i) v[i] = p[i];
    return v;
}

INLINE void store_some(const bb_format to, uint32_t *row, int64_t column, int64_t count, vf v) {
    if (to == BB_FORMAT_F32) {
        float *y = (float *)row + column;
        if (count >= LANES) {
            store(y, v);
            return;
        }
        for (int64_t i = 0; i < count; ++i) y[i] = v[i];
    } else {
        const vh halves = rounded(v);
        memcpy((uint16_t *)row + column, &halves,
               count >= LANES ? sizeof halves : (size_t)count * sizeof(uint16_t));
    }
}

/* A register's columns of all rows: `count` of them, from `column` on. */
INLINE void finish_columns(const bb_finish *f, const sums_kind kind, const bb_epilogue epilogue,
                           const bb_format to, int rows, const uint32_t *sums, int64_t sums_stride,
                           int64_t column, const int64_t count) {
    const vf none = {0};
    const vf bias = kind == SUMS_SHARED ? none : load(f->bias + column);
    const vf scale = kind == SUMS_OF_BYTES ? load(f->column_scale + column) : none;
    const vf total = kind == SUMS_OF_BYTES ? load(f->column_sum + column) : none;
    for (int i = 0; i < rows; ++i) {
        const vi sum = load_words(sums + i * sums_stride + column);
        uint32_t *row = f->y.words + i * f->y.stride;
        vf v;
        if (kind == SUMS_SHARED)
            v = (vf)sum * splat(f->row_factor[i]);
        else if (kind == SUMS_OF_BYTES)
            v = __builtin_convertvector(sum, vf) * (scale * splat(f->row_scale[i])) +
                (splat(f->row_offset[i]) * total + bias);
        else
            v = (vf)sum + bias;
        if (epilogue == BB_EPILOGUE_GELU) v = to == BB_FORMAT_F32 ? gelu(v) : gelu_for_bf16(v);
        if (epilogue == BB_EPILOGUE_ADD) v += load_some((const float *)row + column, count);
        store_some(to, row, column, count, v);
    }
}

INLINE void finish_tile(const bb_finish *f, const sums_kind kind, const bb_epilogue epilogue,
                        const bb_format to, int rows, const uint32_t *sums, int64_t sums_stride) {
    int64_t column = 0;
    for (; column + LANES <= f->columns; column += LANES)
        finish_columns(f, kind, epilogue, to, rows, sums, sums_stride, column, LANES);
    if (column < f->columns)
        finish_columns(f, kind, epilogue, to, rows, sums, sums_stride, column, f->columns - column);
}

INLINE void finish_kind(const bb_finish *f, const sums_kind kind, int rows, const uint32_t *sums,
                        int64_t sums_stride) {
    const bool halves = f->y.format == BB_FORMAT_BF16;
    switch (f->epilogue) {
    case BB_EPILOGUE_NONE:
        if (halves)
            finish_tile(f, kind, BB_EPILOGUE_NONE, BB_FORMAT_BF16, rows, sums, sums_stride);
        else
            finish_tile(f, kind, BB_EPILOGUE_NONE, BB_FORMAT_F32, rows, sums, sums_stride);
        break;
    case BB_EPILOGUE_GELU:
        if (halves)
            finish_tile(f, kind, BB_EPILOGUE_GELU, BB_FORMAT_BF16, rows, sums, sums_stride);
        else
            finish_tile(f, kind, BB_EPILOGUE_GELU, BB_FORMAT_F32, rows, sums, sums_stride);
        break;
    case BB_EPILOGUE_ADD: /* the residual is float32 */
        finish_tile(f, kind, BB_EPILOGUE_ADD, BB_FORMAT_F32, rows, sums, sums_stride);
        break;
    }
}

static void finish(const bb_finish *f, bb_format of, int rows, const uint32_t *sums, int64_t sums_stride) {
    if (!f->bias)
        finish_kind(f, SUMS_SHARED, rows, sums, sums_stride);
    else if (of == BB_FORMAT_INT8)
        finish_kind(f, SUMS_OF_BYTES, rows, sums, sums_stride);
    else
        finish_kind(f, SUMS_BIASED, rows, sums, sums_stride);
}

/* ---------------------------------------------------------------- formats */

static void to_bf16(const float *x, int64_t count, uint32_t *words) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) store_some(BB_FORMAT_BF16, words, i, LANES, load(x + i));
    if (i < count) store_some(BB_FORMAT_BF16, words, i, count - i, load_some(x + i, count - i));
    if (count % 2) ((uint16_t *)words)[count] = 0;
}

/* A register of numbers, the rest of it `fill`. */
INLINE vf numbers_at(const bb_format from, const uint32_t *x, int64_t at, int64_t count, float fill) {
    vf v;
    if (from == BB_FORMAT_F32) {
        if (count >= LANES) return load((const float *)x + at);
        v = splat(fill);
        for (int64_t i = 0; i < count; ++i) v[i] = ((const float *)x)[at + i];
        return v;
    }
    vh halves;
    if (count >= LANES) {
        memcpy(&halves, (const uint16_t *)x + at, sizeof halves);
        return float_of(halves);
    }
    memset(&halves, 0, sizeof halves);
    for (int64_t i = 0; i < count; ++i) halves[i] = ((const uint16_t *)x)[at + i];
    v = float_of(halves);
    for (int64_t i = count; i < LANES; ++i) v[i] = fill;
    return v;
}

typedef uint8_t vb __attribute__((vector_size(LANES)));

INLINE void bytes_of(const bb_format from, const uint32_t *x, int64_t count, uint32_t *words, float *scale,
                     float *offset) {
    vf low = splat(INFINITY), high = splat(-INFINITY);
    for (int64_t i = 0; i < count; i += LANES) {
        low = -max_vector(-numbers_at(from, x, i, count - i, INFINITY), -low);
        high = max_vector(numbers_at(from, x, i, count - i, -INFINITY), high);
    }
    const float least = -largest_lane(-low), most = largest_lane(high);
    *scale = (most - least) / 255.0f;
    *offset = least;
    const vf inverse = splat(most > least ? 255.0f / (most - least) : 0.0f);
    uint8_t *bytes = (uint8_t *)words;
    for (int64_t i = 0; i < count; i += LANES) {
        const vf place = (numbers_at(from, x, i, count - i, least) - splat(least)) * inverse + splat(0.5f);
        const vb v = __builtin_convertvector(__builtin_convertvector(place, vi), vb);
        memcpy(bytes + i, &v, count - i >= LANES ? sizeof v : (size_t)(count - i));
    }
    for (int64_t i = count; i % 4; ++i) bytes[i] = 0;
}

static void to_bytes(bb_format from, const uint32_t *x, int64_t count, uint32_t *words, float *scale,
                     float *offset) {
    if (from == BB_FORMAT_F32)
        bytes_of(BB_FORMAT_F32, x, count, words, scale, offset);
    else
        bytes_of(BB_FORMAT_BF16, x, count, words, scale, offset);
}

/* The padding is swept along as -infinity; what the exponential makes of it, some 1e-38, is gone in a sum
 * that is at least 1, and then set to zero. */
INLINE float exponentiate_to(float *scores, int64_t frames, int64_t padded, float scale, const bb_format to,
                             uint32_t *words) {
    for (int64_t t = frames; t < padded; ++t) scores[t] = -INFINITY;
    vf top = splat(-INFINITY), sum = {0};
    for (int64_t t = 0; t < padded; t += LANES) top = max_vector(load(scores + t), top);
    const vf largest = splat(largest_lane(top)), factor = splat(scale);
    for (int64_t t = 0; t < padded; t += LANES) {
        const vf x = (load(scores + t) - largest) * factor;
        const vf e = to == BB_FORMAT_F32 ? exp_vector(x) : exp_for_bf16(x);
        store_some(to, words, t, LANES, e);
        sum += e;
    }
    for (int64_t t = frames; t < padded; ++t)
        if (to == BB_FORMAT_F32)
            words[t] = 0;
        else
            ((uint16_t *)words)[t] = 0;
    return sum_lanes(sum);
}

static float exponentiate(float *scores, int64_t frames, int64_t padded, float scale, bb_format to,
                          uint32_t *words) {
    return to == BB_FORMAT_F32 ? exponentiate_to(scores, frames, padded, scale, BB_FORMAT_F32, words)
                               : exponentiate_to(scores, frames, padded, scale, BB_FORMAT_BF16, words);
}

/* ---------------------------------------------------------------- Strassen's sums */

INLINE void pair_lanes(const float *a1, const float *a2, const float *b1, const float *b2, int64_t at,
                       int64_t count, uint32_t *words, int64_t part) {
    const vf a = load_some(a1 + at, count), c = load_some(a2 + at, count), b = load_some(b1 + at, count),
             d = load_some(b2 + at, count);
    const vf all[7] = {a + d, b + d, a, d, a + c, b - a, c - d};
#pragma GCC unroll 8
    for (int f = 0; f < 7; ++f) store_some(BB_FORMAT_F32, words + f * part, at, count, all[f]);
}

static void pair(const float *a1, const float *a2, const float *b1, const float *b2, int64_t count,
                 uint32_t *words, int64_t part) {
    int64_t at = 0;
    for (; at + LANES <= count; at += LANES) pair_lanes(a1, a2, b1, b2, at, LANES, words, part);
    if (at < count) pair_lanes(a1, a2, b1, b2, at, count - at, words, part);
}

static void recombine(uint32_t *const sums[7], int rows) {
    for (int64_t at = 0; at < (int64_t)rows * PANEL; at += LANES) {
        vf m[7];
#pragma GCC unroll 8
        for (int f = 0; f < 7; ++f) m[f] = load((const float *)sums[f] + at);
        store((float *)sums[0] + at, (m[0] + m[3]) + (m[6] - m[4]));
        store((float *)sums[1] + at, m[2] + m[4]);
        store((float *)sums[2] + at, m[1] + m[3]);
        store((float *)sums[3] + at, (m[0] - m[1]) + (m[2] + m[5]));
    }
}

const bb_product_kernels BB_KERNELS = {
    .rows = BB_TILE_ROWS_HERE,
    .columns = PANEL,
    .units = {true, BF16_UNITS, INT8_UNITS},
    .multiply = {multiply_f32, multiply_bf16, multiply_int8},
    .finish = finish,
    .to_bf16 = to_bf16,
    .to_bytes = to_bytes,
    .exponentiate = exponentiate,
    .pair = pair,
    .recombine = recombine,
};
