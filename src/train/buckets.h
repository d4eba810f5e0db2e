/* The block of gradients, cut for its way between ranks: stretches in the order in which the backward pass is
 * through with them, from the block's end to its beginning. */
#ifndef BB_TRAIN_BUCKETS_H
#define BB_TRAIN_BUCKETS_H

#include "train/parameters.h"

typedef struct bb_bucket {
    int64_t from, to; /* floats of the block */
    int64_t *starts;  /* [ranks + 1]: rank r's share of it is [from + starts[r] .. from + starts[r + 1]) */
} bb_bucket;

typedef struct bb_buckets {
    bb_bucket *list;
    size_t count;
    int ranks;
    int64_t *starts; /* the buckets' */
} bb_buckets;

/* Some layers each, so many that a bucket is worth its way: 4 MiB or more, but for the last. */
bb_status bb_buckets_create(const bb_parameters *parameters, int ranks, bb_buckets *out, bb_error *err);
void bb_buckets_free(bb_buckets *buckets);

#endif
