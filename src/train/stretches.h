/* What of a model's numbers an optimiser looks after, in stretches of its tensors: all of them, or the share
 * of one rank of several. */
#ifndef BB_TRAIN_STRETCHES_H
#define BB_TRAIN_STRETCHES_H

#include "train/buckets.h"

typedef struct bb_stretch {
    size_t tensor;
    int64_t at;    /* in blocks of the whole table: weights, gradients */
    int64_t own;   /* in blocks of this share: moments; the same where it is all */
    int64_t count; /* short enough that what a step needs of it stays in a processor's cache */
} bb_stretch;

typedef struct bb_stretches {
    bb_stretch *list; /* in order of `own` */
    size_t count, tensors;
    int64_t size;                 /* floats of a block of this share */
    const struct bb_ranks *ranks; /* that have the rest; NULL: nobody */
    double *sums;                 /* [count, 2], scratch: of each stretch */
    double *norms;                /* [tensors, 2], scratch */
} bb_stretches;

bb_status bb_stretches_of_all(const bb_parameters *parameters, bb_stretches *out, bb_error *err);
/* This rank's share of each bucket. */
bb_status bb_stretches_of_share(const bb_parameters *parameters, const bb_buckets *buckets,
                                const struct bb_ranks *ranks, bb_stretches *out, bb_error *err);
void bb_stretches_free(bb_stretches *stretches);

#endif
