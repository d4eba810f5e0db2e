#include "train/gradients.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

bb_status bb_gradients_create(bb_network *network, const bb_ranks *ranks, bool sharded, bb_gradients *g,
                              bb_error *err) {
    const bb_parameters *p = &network->parameters;
    const int count = bb_ranks_count(ranks);
    *g = (bb_gradients){.network = network};
    if (count == 1) return bb_stretches_of_all(p, &g->stretches, err);
    g->ranks = ranks;
    g->sharded = sharded;
    BB_TRY(bb_buckets_create(p, count, &g->buckets, err));
    BB_TRY(sharded ? bb_stretches_of_share(p, &g->buckets, ranks, &g->stretches, err)
                   : bb_stretches_of_all(p, &g->stretches, err));
    return bb_exchange_create(ranks, &g->exchange, err);
}

void bb_gradients_free(bb_gradients *g) {
    bb_exchange_destroy(g->exchange);
    bb_buckets_free(&g->buckets);
    bb_stretches_free(&g->stretches);
    *g = (bb_gradients){0};
}

/* ---------------------------------------------------------------- sums */

static void on_finished(void *context, int64_t at) {
    bb_gradients *g = context;
    for (; g->posted < g->buckets.count && g->buckets.list[g->posted].from >= at; ++g->posted) {
        const bb_bucket *b = &g->buckets.list[g->posted];
        bb_exchange_post(g->exchange, g->network->gradients + b->from, b->to - b->from);
    }
}

void bb_gradients_release(bb_gradients *g) {
    if (!g->ranks) return;
    g->posted = 0;
    g->network->finished = on_finished;
    g->network->finished_context = g;
}

bb_exchange_times bb_gradients_await(bb_gradients *g) {
    g->network->finished = NULL;
    return g->ranks ? bb_exchange_finish(g->exchange) : (bb_exchange_times){0};
}

/* ---------------------------------------------------------------- shares */

void bb_gradients_spread_weights(const bb_gradients *g) {
    for (size_t i = 0; g->sharded && i < g->buckets.count; ++i)
        bb_ranks_spread_floats(g->ranks, g->buckets.list[i].starts,
                               g->network->weights + g->buckets.list[i].from);
}

float *bb_gradients_block(const bb_gradients *g) {
    return bb_calloc((size_t)g->stretches.size, sizeof(float));
}

void bb_gradients_collect(const bb_gradients *g, const float *own, float *whole) {
    const int me = bb_ranks_me(g->ranks);
    for (size_t i = 0; g->sharded && i < g->buckets.count; ++i) {
        const bb_bucket *b = &g->buckets.list[i];
        bb_ranks_collect_floats(g->ranks, b->starts, own, whole ? whole + b->from : NULL);
        own += b->starts[me + 1] - b->starts[me];
    }
}

void bb_gradients_take(const bb_gradients *g, const float *whole, float *own) {
    for (size_t i = 0; i < g->stretches.count; ++i) {
        const bb_stretch *s = &g->stretches.list[i];
        memcpy(own + s->own, whole + s->at, (size_t)s->count * sizeof *own);
    }
}
