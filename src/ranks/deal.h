/* Pieces of work that go to ranks whole. */
#ifndef BB_RANKS_DEAL_H
#define BB_RANKS_DEAL_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

/* owner[i] becomes the rank of piece i, whose length is work[i] (0 or more): the longest first, each to the
 * rank that has least so far. The same on every rank, and not collective. */
bb_status bb_ranks_deal(const int64_t *work, size_t count, int ranks, int *owner, bb_error *err);

#endif
