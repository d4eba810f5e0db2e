/* Rows that ranks made of windows of their own, from each to all others. */
#ifndef BB_FEATURES_SPREAD_H
#define BB_FEATURES_SPREAD_H

#include "features/cache.h"
#include "features/survey.h"

/* Each rank's writer holds its part (bb_ranks_part) of the survey's windows, in order of time; afterwards
 * each holds them all, rows and marks. Collective. */
bb_status bb_rows_spread(const bb_ranks *ranks, const bb_survey *survey, int64_t dim, bb_cache_writer *writer,
                         bb_error *err);

#endif
