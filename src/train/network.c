#include "train/network.h"

#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/positions.h"
#include "train/rounded.h"
#include "train/row_blocks.h"

/* ---------------------------------------------------------------- memory */

typedef struct wish {
    float **target;
    int64_t count;
} wish;

enum { LAYER_WISHES = 11, OTHER_WISHES = 14 };

static void layer_wishes(const bb_model_config *c, bb_layer_state *s, int64_t B, int64_t T,
                         wish out[LAYER_WISHES]) {
    const int64_t R = B * T, D = c->hidden_dim, E = c->feed_forward_dim;
    const wish wishes[LAYER_WISHES] = {
        {&s->qkv, 3 * R * D}, {&s->weights, B * c->heads * T * T},
        {&s->mixed, R * D},   {&s->normal1, R * D},
        {&s->inverse_sd1, R}, {&s->mid, R * D},
        {&s->up, R * E},      {&s->active, R * E},
        {&s->normal2, R * D}, {&s->inverse_sd2, R},
        {&s->out, R * D},
    };
    memcpy(out, wishes, sizeof wishes);
}

static void other_wishes(const bb_model_config *c, bb_network *n, int64_t B, int64_t T, int threads,
                         wish out[OTHER_WISHES]) {
    const int64_t R = B * T, D = c->hidden_dim, E = c->feed_forward_dim, F = c->input_dim;
    const wish wishes[OTHER_WISHES] = {
        {&n->in_normal, R * D},
        {&n->in_inverse_sd, R},
        {&n->in_out, R * D},
        {&n->head_up, R * D},
        {&n->head_normal, R * D},
        {&n->head_inverse_sd, R},
        {&n->head_out, R * D},
        {&n->prediction, R * F},
        {&n->d_hidden, R * D},
        {&n->d_branch, R * D},
        {&n->d_wide, R * (E > D ? E : D)},
        {&n->d_qkv, 3 * R * D},
        {&n->d_weights, threads * 2 * T * T},
        {&n->partial, bb_row_blocks(R) * 2 * D},
    };
    memcpy(out, wishes, sizeof wishes);
}

static bb_status grant(const wish *wishes, int count, bb_error *err) {
    for (int i = 0; i < count; ++i) {
        *wishes[i].target = bb_calloc((size_t)wishes[i].count, sizeof(float));
        if (!*wishes[i].target)
            return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld numbers of training",
                           (long long)wishes[i].count);
    }
    return BB_OK;
}

static double total(const wish *wishes, int count) {
    double sum = 0;
    for (int i = 0; i < count; ++i) sum += (double)wishes[i].count;
    return sum * sizeof(float);
}

double bb_network_bytes(const bb_model_config *c, int64_t windows, int64_t frames, int threads,
                        bb_arithmetic arithmetic) {
    bb_network n;
    bb_layer_state s;
    wish layer[LAYER_WISHES], other[OTHER_WISHES];
    layer_wishes(c, &s, windows, frames, layer);
    other_wishes(c, &n, windows, frames, threads, other);
    double weights = 0;
    for (size_t i = 0; i < bb_layout_count(c); ++i) {
        const bb_tensor_spec spec = bb_layout_at(c, i);
        weights += (double)bb_spec_count(&spec) * sizeof(float);
    }
    return 2 * weights + c->layers * total(layer, LAYER_WISHES) + total(other, OTHER_WISHES) +
           bb_rounded_bytes(c, windows * frames, arithmetic);
}

int64_t bb_network_part(const bb_model_config *c, int64_t batch, int64_t frames, int threads,
                        bb_arithmetic arithmetic, double memory) {
    enum { ENOUGH = 32 }; /* rows for the products to run at full rate */
    int64_t part = batch < ENOUGH ? batch : ENOUGH;
    while (part > 1 && bb_network_bytes(c, part, frames, threads, arithmetic) > memory) --part;
    return part;
}

static bb_status allocate(bb_network *n, const bb_model_config *c, bb_arithmetic arithmetic, bb_error *err) {
    wish layer[LAYER_WISHES], other[OTHER_WISHES];
    BB_TRY(bb_parameters_create(c, &n->parameters, err));
    n->weights = bb_parameters_block(&n->parameters);
    n->gradients = bb_parameters_block(&n->parameters);
    n->positions = bb_calloc((size_t)(n->frames * c->hidden_dim), sizeof *n->positions);
    n->layers = bb_calloc((size_t)c->layers, sizeof *n->layers);
    if (!n->weights || !n->gradients || !n->positions || !n->layers)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a network");
    bb_fill_positions(n->frames, c->hidden_dim, n->positions);
    for (int i = 0; i < c->layers; ++i) {
        layer_wishes(c, &n->layers[i], n->capacity, n->frames, layer);
        BB_TRY(grant(layer, LAYER_WISHES, err));
    }
    other_wishes(c, n, n->capacity, n->frames, n->threads, other);
    BB_TRY(grant(other, OTHER_WISHES, err));
    if (arithmetic == BB_FLOAT32) return BB_OK;
    return bb_rounded_create(&n->parameters, n->capacity * n->frames, arithmetic, &n->rounded, err);
}

bb_status bb_network_create(const bb_model_config *config, int64_t windows, int64_t frames, int threads,
                            bb_arithmetic arithmetic, bb_network **out, bb_error *err) {
    *out = NULL;
    bb_network *n = bb_calloc(1, sizeof *n);
    if (!n) return bb_fail(err, BB_ERR_MEMORY, "no memory for a network");
    n->threads = threads > 0 ? threads : omp_get_num_procs();
    n->capacity = windows;
    n->frames = frames;
    const bb_status status = allocate(n, config, arithmetic, err);
    if (status == BB_OK)
        *out = n;
    else
        bb_network_destroy(n);
    return status;
}

void bb_network_destroy(bb_network *n) {
    if (!n) return;
    wish wishes[OTHER_WISHES];
    for (int i = 0; n->layers && i < n->parameters.config.layers; ++i) {
        layer_wishes(&n->parameters.config, &n->layers[i], 0, 0, wishes);
        for (int k = 0; k < LAYER_WISHES; ++k) bb_free(*wishes[k].target);
    }
    other_wishes(&n->parameters.config, n, 0, 0, 0, wishes);
    for (int k = 0; k < OTHER_WISHES; ++k) bb_free(*wishes[k].target);
    bb_rounded_destroy(n->rounded);
    bb_free(n->layers);
    bb_free(n->positions);
    bb_free(n->weights);
    bb_free(n->gradients);
    bb_parameters_free(&n->parameters);
    bb_free(n);
}

void bb_network_clear_gradients(bb_network *n) {
    memset(n->gradients, 0, (size_t)n->parameters.at[n->parameters.count] * sizeof *n->gradients);
}
