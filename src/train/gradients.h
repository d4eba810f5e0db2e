/* A model's gradients summed over ranks while the backward pass is still at work on earlier layers, and the
 * weights that come of them: every rank has an optimiser of its own for all of them, or with `sharded` for a
 * share, so that moments and the optimiser's work are a rank's part of the whole. By one rank alone it is all
 * done at once. */
#ifndef BB_TRAIN_GRADIENTS_H
#define BB_TRAIN_GRADIENTS_H

#include "ranks/exchange.h"
#include "train/network.h"
#include "train/stretches.h"

typedef struct bb_gradients {
    const bb_ranks *ranks; /* NULL: alone */
    bb_network *network;
    bool sharded;
    bb_buckets buckets;
    bb_stretches stretches; /* what this rank's optimiser looks after */
    bb_exchange *exchange;
    size_t posted; /* buckets under way */
} bb_gradients;

/* `network` and `ranks` stay the caller's. It wants freeing also after a failure. */
bb_status bb_gradients_create(bb_network *network, const bb_ranks *ranks, bool sharded, bb_gradients *out,
                              bb_error *err);
void bb_gradients_free(bb_gradients *gradients);

/* Before the backward pass of a batch's last part: what it is through with goes on its way. */
void bb_gradients_release(bb_gradients *gradients);

/* After it: until all sums are there. Times are zeros for a rank alone. */
bb_exchange_times bb_gradients_await(bb_gradients *gradients);

/* After the optimiser: every rank's changed weights to all. */
void bb_gradients_spread_weights(const bb_gradients *gradients);

/* A block of the stretches, freshly allocated; NULL when memory is short. bb_free. */
float *bb_gradients_block(const bb_gradients *gradients);

/* A block of stretches -> one of the whole table, on rank 0 (the same block, where it is whole already). */
void bb_gradients_collect(const bb_gradients *gradients, const float *own, float *whole);
/* And back: this rank's stretches of it. */
void bb_gradients_take(const bb_gradients *gradients, const float *whole, float *own);

#endif
