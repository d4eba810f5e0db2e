#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "model/encoder.h"
#include "nn/vector_kernels.h"

static void layer_norm(const bb_encoder *e, const bb_norm *n, float *x, int64_t rows) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int64_t D = e->config.hidden_dim, block = 16;
#pragma omp parallel for schedule(static)
    for (int64_t r = 0; r < rows; r += block)
        kernels->layer_norm(x + r * D, rows - r < block ? rows - r : block, D, n->gain, n->bias);
}

/* All heads of all windows: query [query_rows, D] against key_value [rows, 2D] -> mixed [query_rows, D]. */
static void attend(bb_encoder *e, const int64_t *query_first) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int64_t D = e->config.hidden_dim, H = e->config.heads, dim = D / H;
    const bb_chunk *c = &e->chunk;
#pragma omp parallel for schedule(dynamic)
    for (int64_t task = 0; task < c->windows * H; ++task) {
        const int64_t w = task / H, column = task % H * dim;
        const float *keys = e->key_value + c->first[w] * 2 * D + column;
        const bb_attention a = {
            .query = e->query + query_first[w] * D + column,
            .query_stride = D,
            .query_rows = query_first[w + 1] - query_first[w],
            .key = keys,
            .value = keys + D,
            .key_value_stride = 2 * D,
            .frames = c->first[w + 1] - c->first[w],
            .dim = dim,
            .scale = 1.0f / sqrtf((float)dim),
            .out = e->mixed + query_first[w] * D + column,
            .out_stride = D,
        };
        kernels->attention(&a,
                           e->attention_scratch + (size_t)omp_get_thread_num() * e->attention_scratch_size);
    }
}

/* One layer: keys and values from all rows of hidden; queries, and all that follows, for the rows of x alone
 * (hidden itself, or the kept rows of it). x in place: LN(x + attention), then LN(x + feed-forward). */
static bb_status forward_layer(bb_encoder *e, const bb_encoder_layer *layer, float *x, const int64_t *x_first,
                               bb_error *err) {
    const int64_t all = e->chunk.first[e->chunk.windows], rows = x_first[e->chunk.windows];
    BB_TRY(bb_linear_run(layer->key_value, e->hidden, all, e->key_value, err));
    BB_TRY(bb_linear_run(layer->query, x, rows, e->query, err));
    attend(e, x_first);
    BB_TRY(bb_linear_run(layer->out, e->mixed, rows, x, err));
    layer_norm(e, &layer->norm1, x, rows);
    BB_TRY(bb_linear_run(layer->up, x, rows, e->feed_forward, err));
    BB_TRY(bb_linear_run(layer->down, e->feed_forward, rows, x, err));
    layer_norm(e, &layer->norm2, x, rows);
    return BB_OK;
}

/* The kept rows of hidden, one after the other, to selected. */
static void select_rows(bb_encoder *e) {
    const bb_chunk *c = &e->chunk;
    const size_t D = (size_t)e->config.hidden_dim;
    for (int64_t w = 0; w < c->windows; ++w)
        memcpy(e->selected + (size_t)c->kept[w] * D, e->hidden + (size_t)(c->first[w] + c->keep_first[w]) * D,
               (size_t)(c->kept[w + 1] - c->kept[w]) * D * sizeof(float));
}

bb_status bb_encoder_forward(bb_encoder *e, float **out, bb_error *err) {
    const bb_chunk *c = &e->chunk;
    const int64_t rows = c->first[c->windows], D = e->config.hidden_dim;
    for (int64_t w = 0; w < c->windows; ++w)
        memcpy(e->hidden + c->first[w] * D, e->positions,
               (size_t)((c->first[w + 1] - c->first[w]) * D) * sizeof(float));
    BB_TRY(bb_linear_run(e->in, e->input, rows, e->hidden, err));
    layer_norm(e, &e->in_norm, e->hidden, rows);
    const bool everything = c->kept[c->windows] == rows;
    for (int i = 0; i < e->config.layers; ++i) {
        const bool narrow = !everything && i + 1 == e->config.layers;
        if (narrow) select_rows(e);
        BB_TRY(forward_layer(e, &e->layers[i], narrow ? e->selected : e->hidden, narrow ? c->kept : c->first,
                             err));
    }
    *out = everything ? e->hidden : e->selected;
    return BB_OK;
}

bb_status bb_encoder_forward_head(bb_encoder *e, const float *rows, int64_t count, float **out,
                                  bb_error *err) {
    BB_TRY(bb_linear_run(e->head, rows, count, e->query, err));
    layer_norm(e, &e->head_norm, e->query, count);
    /* The input has been used up, and predictions have its shape. */
    *out = e->input;
    return bb_linear_run(e->head_out, e->query, count, e->input, err);
}
