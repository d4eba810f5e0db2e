/* What ranks tell each other. Every call is collective but for those that say otherwise; with NULL, or one
 * rank, each does what it says for this one alone. Who waits does so asleep, so that ranks which share
 * processors do not take them from each other. */
#ifndef BB_RANKS_COLLECTIVE_H
#define BB_RANKS_COLLECTIVE_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/ranks.h"

/* Until every rank is here. */
void bb_ranks_barrier(const bb_ranks *ranks);

/* values[count] become their sums over ranks, the same bytes on each. */
void bb_ranks_sum(const bb_ranks *ranks, double *values, size_t count);
void bb_ranks_sum_counts(const bb_ranks *ranks, int64_t *values, size_t count);

/* values[count] become the largest of any rank's. */
void bb_ranks_most(const bb_ranks *ranks, double *values, size_t count);

/* Whether any rank says so. */
bool bb_ranks_any(const bb_ranks *ranks, bool own);

/* Whether all ranks hold the same number. */
bool bb_ranks_same(const bb_ranks *ranks, uint64_t number);

/* words[count] become their bitwise AND over ranks: what one of them wrote over words of all ones. */
void bb_ranks_merge(const bb_ranks *ranks, uint64_t *words, size_t count);

/* Rank `from`'s bytes to all. */
void bb_ranks_broadcast(const bb_ranks *ranks, int from, void *data, size_t bytes);

/* Every rank's bytes, one behind the other, to rank 0, where *all (bb_free) is set and starts[0 .. count] say
 * whose begin where; elsewhere it becomes NULL. `starts` has room for count + 1. */
bb_status bb_ranks_gather(const bb_ranks *ranks, const void *own, size_t bytes, char **all, size_t *starts,
                          bb_error *err);

/* Stretches of a block: rank r's is block[starts[r] .. starts[r + 1]). To all, or to rank 0 alone. */
void bb_ranks_spread_floats(const bb_ranks *ranks, const int64_t *starts, float *block);
void bb_ranks_collect_floats(const bb_ranks *ranks, const int64_t *starts, const float *own, float *block);

/* block[count] becomes its sum over ranks, the same bytes on each. May be called from a thread of its own,
 * while no other one of this process is in any of these calls. */
void bb_ranks_sum_floats(const bb_ranks *ranks, float *block, int64_t count);

/* [*first, *end): this rank's part of 0 .. count, as equal as they can be, in the order of ranks. */
static inline void bb_ranks_part(int64_t count, int ranks, int me, int64_t *first, int64_t *end) {
    const int64_t each = count / ranks, more = count % ranks;
    *first = me * each + (me < more ? me : more);
    *end = *first + each + (me < more);
}

#endif
