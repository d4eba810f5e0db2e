/* Dropout from a counter-based generator: which numbers fall away depends on the seed, the step, the window's
 * place in the batch, the site in the network and the number's place alone, so neither on threads nor on how
 * a batch is split, and the backward pass draws the same again. */
#ifndef BB_TRAIN_DROPOUT_H
#define BB_TRAIN_DROPOUT_H

#include <stdint.h>

typedef struct bb_dropout {
    float rate; /* 0: none */
    uint64_t seed, step;
    int64_t first; /* of a rank's share of a batch: the place in the batch at which it begins */
} bb_dropout;

/* x[count] of one window at one site: each is dropped with probability `rate`, or divided by
 * 1 - rate. */
void bb_dropout_apply(const bb_dropout *dropout, int64_t window, int site, int64_t count, float *x);

#endif
