#include <math.h>
#include <string.h>

#include "model/encoder.h"
#include "nn/attention.h"
#include "nn/vector_kernels.h"

void bb_share_wait(bb_share s) {
    if (s.count > 1) bb_barrier_wait(s.barrier, (unsigned)s.count);
}

static float *row_of(const bb_words *x, int64_t row) { return (float *)(x->words + row * x->stride); }

/* ---------------------------------------------------------------- steps, each shared by the team */

static void multiply(const bb_packed *p, const bb_words *x, int64_t rows, const bb_words *y, bb_share s) {
    const int64_t tiles = bb_packed_tiles(p, rows);
    bb_packed_run(p, x, rows, bb_share_begin(s, tiles), bb_share_end(s, tiles), y);
}

/* What products multiply comes in rows, or in pairs of them. */
static int64_t unit_rows(const bb_encoder *e) { return e->formats.product == BB_FORMAT_PAIRS ? 2 : 1; }

static void encode_pair(const bb_encoder *e, const float *a, const float *b, int64_t half, uint32_t *words) {
    e->kernels->pair(a, a + half, b, b + half, half, words, half);
}

/* A row of float32 or bf16, or a pair, in the format that products multiply. */
static void encode_unit(const bb_encoder *e, const bb_words *x, int64_t unit, int64_t dim,
                        const bb_words *to) {
    uint32_t *words = to->words + unit * to->stride;
    const uint32_t *numbers = x->words + unit_rows(e) * unit * x->stride;
    if (to->format == BB_FORMAT_PAIRS)
        encode_pair(e, (const float *)numbers, (const float *)numbers + x->stride, dim / 2, words);
    else if (to->format == BB_FORMAT_BF16)
        e->kernels->to_bf16((const float *)numbers, dim, words);
    else
        e->kernels->to_bytes(x->format, numbers, dim, words, to->scale + unit, to->offset + unit);
}

/* Rows as the next product multiplies them: themselves, or what is made of them in `to`, when the team is
 * done with it. */
static const bb_words *encode_rows(const bb_encoder *e, const bb_words *x, int64_t rows, int64_t dim,
                                   const bb_words *to, bb_share s) {
    if (x->format == e->formats.product) return x;
    const int64_t units = rows / unit_rows(e);
    for (int64_t u = bb_share_begin(s, units); u < bb_share_end(s, units); ++u) encode_unit(e, x, u, dim, to);
    bb_share_wait(s);
    return to;
}

/* LayerNorm of rows of x in place, and what is multiplied next of them while they are in the cache. */
static void normalize(const bb_encoder *e, const bb_norm *n, const bb_space *space, const bb_words *x,
                      int64_t rows, bb_share s) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int64_t D = e->config.hidden_dim, unit = unit_rows(e), units = rows / unit;
    for (int64_t u = bb_share_begin(s, units); u < bb_share_end(s, units); ++u) {
        kernels->layer_norm(row_of(x, u * unit), unit, D, n->gain, n->bias);
        if (space->operand.words) encode_unit(e, x, u, D, &space->operand);
    }
    bb_share_wait(s);
}

/* Queries of one head are cut up further where there are more threads than heads. */
static int64_t query_parts(int64_t heads, bb_share s) {
    return s.count == 1 ? 1 : (2 * s.count - 1) / heads + 1;
}

/* Zeros where a window's rows end with one of padding, which its pair's sums take in. */
static void clear_padding(const bb_words *x, int64_t first, int64_t rows, int64_t column, int64_t count) {
    if (rows % 2) memset(bb_words_from(x, first + rows, column).words, 0, (size_t)(count * 4) >> x->format);
}

/* All heads of all windows: queries, those of all rows or of the kept, against keys and values -> mixed. */
static void attend(const bb_encoder *e, const bb_space *space, bool narrow, bb_share s) {
    const int64_t D = e->config.hidden_dim, H = e->config.heads, dim = D / H;
    const bb_chunk *c = &space->chunk;
    const int64_t *firsts = narrow ? c->kept_first : c->first, *counts = narrow ? c->kept : c->frames;
    const int64_t parts = query_parts(c->windows * H, s), tasks = c->windows * H * parts;
    for (int64_t task = bb_share_begin(s, tasks); task < bb_share_end(s, tasks); ++task) {
        const int64_t w = task / (H * parts), column = task / parts % H * dim, part = task % parts;
        const int64_t begin = firsts[w] + counts[w] * part / parts,
                      end = firsts[w] + counts[w] * (part + 1) / parts;
        const bb_attention a = {.query = bb_words_from(&space->query, begin, column),
                                .rows = end - begin,
                                .key = bb_words_from(&space->key_value, c->first[w], column),
                                .value = bb_words_from(&space->key_value, c->first[w], D + column),
                                .frames = c->frames[w],
                                .dim = dim,
                                .scale = 1.0f / sqrtf((float)dim),
                                .out = bb_words_from(&space->mixed, begin, column)};
        if (a.rows > 0) bb_attend(e->kernels, &a, s.scratch);
        if (part == 0) clear_padding(&space->mixed, firsts[w], counts[w], column, dim);
    }
    bb_share_wait(s);
}

/* The kept rows of hidden, one after the other, to selected; and what products multiply of them. */
static void select_rows(const bb_encoder *e, const bb_space *space, bb_share s) {
    const bb_chunk *c = &space->chunk;
    const int64_t D = e->config.hidden_dim, unit = unit_rows(e);
    for (int64_t w = bb_share_begin(s, c->windows); w < bb_share_end(s, c->windows); ++w) {
        for (int64_t r = 0; r < c->kept[w]; ++r)
            memcpy(row_of(&space->selected, c->kept_first[w] + r),
                   row_of(&space->hidden, c->first[w] + c->keep_first[w] + r), (size_t)D * sizeof(float));
        clear_padding(&space->selected, c->kept_first[w], c->kept[w], 0, D);
        for (int64_t u = c->kept_first[w] / unit; space->operand.words && u < c->kept_first[w + 1] / unit;
             ++u)
            encode_unit(e, &space->selected, u, D, &space->operand);
    }
    bb_share_wait(s);
}

/* ---------------------------------------------------------------- layers */

/* One layer: keys and values from all rows of hidden; queries, and all that follows, for the rows of x alone
 * (hidden itself, or with `narrow` the kept rows of it). x in place: LN(x + attention), then
 * LN(x + feed-forward). */
static void forward_layer(const bb_encoder *e, const bb_space *space, const bb_encoder_layer *layer,
                          bool narrow, bb_share s) {
    const bb_chunk *c = &space->chunk;
    const int64_t D = e->config.hidden_dim, FF = e->config.feed_forward_dim;
    const int64_t rows = (narrow ? c->kept_first : c->first)[c->windows];
    const bb_words *x = narrow ? &space->selected : &space->hidden;
    const bool plain = !space->operand.words; /* products multiply x itself */
    multiply(layer->key_value, plain ? &space->hidden : &space->operand, c->first[c->windows],
             &space->key_value, s);
    if (narrow) {
        bb_share_wait(s);
        select_rows(e, space, s);
    }
    const bb_words *operand = plain ? x : &space->operand;
    multiply(layer->query, operand, rows, &space->query, s);
    bb_share_wait(s);
    attend(e, space, narrow, s);
    multiply(layer->out, encode_rows(e, &space->mixed, rows, D, &space->mixed_operand, s), rows, x, s);
    bb_share_wait(s);
    normalize(e, &layer->norm1, space, x, rows, s);
    multiply(layer->up, operand, rows, &space->wide, s);
    bb_share_wait(s);
    multiply(layer->down, encode_rows(e, &space->wide, rows, FF, &space->wide_operand, s), rows, x, s);
    bb_share_wait(s);
    normalize(e, &layer->norm2, space, x, rows, s);
}

void bb_encoder_forward(const bb_encoder *e, bb_space *space, bb_share s, const float **out) {
    const bb_chunk *c = &space->chunk;
    const int64_t rows = c->first[c->windows], D = e->config.hidden_dim;
    for (int64_t w = 0; w < c->windows; ++w) {
        const int64_t begin = bb_share_begin(s, c->frames[w]), end = bb_share_end(s, c->frames[w]);
        memcpy(row_of(&space->hidden, c->first[w] + begin), e->positions + begin * D,
               (size_t)((end - begin) * D) * sizeof(float));
        if (s.index == 0) clear_padding(&space->hidden, c->first[w], c->frames[w], 0, D);
    }
    bb_share_wait(s);
    multiply(e->in, &space->input, rows, &space->hidden, s);
    bb_share_wait(s);
    normalize(e, &e->in_norm, space, &space->hidden, rows, s);
    for (int i = 0; i < e->config.layers; ++i)
        forward_layer(e, space, &e->layers[i], c->narrow && i + 1 == e->config.layers, s);
    *out = row_of(c->narrow ? &space->selected : &space->hidden, 0);
}

void bb_encoder_forward_head(const bb_encoder *e, bb_space *space, bb_share s, const float **out,
                             int64_t *stride) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int64_t rows = space->chunk.first[space->chunk.windows], D = e->config.hidden_dim;
    multiply(e->head, &space->hidden, rows, &space->selected, s);
    bb_share_wait(s);
    const int64_t begin = bb_share_begin(s, rows), end = bb_share_end(s, rows);
    kernels->layer_norm(row_of(&space->selected, begin), end - begin, D, e->head_norm.gain,
                        e->head_norm.bias);
    bb_share_wait(s);
    /* The input has been used up, and predictions have its shape. */
    multiply(e->head_out, &space->selected, rows, &space->input, s);
    bb_share_wait(s);
    *out = row_of(&space->input, 0);
    *stride = space->input.stride;
}
