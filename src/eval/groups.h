/* Ids of any value as consecutive numbers. */
#ifndef BB_EVAL_GROUPS_H
#define BB_EVAL_GROUPS_H

#include <stdint.h>

#include "brainbert/status.h"

/* rank [n]: the place of ids[i] among the different ids, ascending from 0; *count is how many there are. ids
 * == NULL: all different, in order. */
bb_status bb_rank_ids(const int64_t *ids, int64_t n, int64_t *rank, int64_t *count, bb_error *err);

#endif
