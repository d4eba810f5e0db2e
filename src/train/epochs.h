/* In which order training comes by its windows: an endless sequence of epochs, each a shuffle of its own that
 * the seed and the epoch's number decide. */
#ifndef BB_TRAIN_EPOCHS_H
#define BB_TRAIN_EPOCHS_H

#include <stdint.h>

#include "brainbert/status.h"

typedef struct bb_epochs {
    const int64_t *items; /* [count], the caller's */
    int64_t count;
    int64_t *order, epoch; /* the items of an epoch, shuffled; -1: none yet */
    uint64_t seed;
} bb_epochs;

/* `count` of 1 or more. */
bb_status bb_epochs_create(const int64_t *items, int64_t count, uint64_t seed, bb_epochs *out, bb_error *err);
void bb_epochs_free(bb_epochs *epochs);

/* The items of places first .. first + count - 1 in the sequence. */
void bb_epochs_draw(bb_epochs *epochs, int64_t first, int64_t count, int64_t *items);

#endif
