/* From the scores of windows to what is said of an electrode. */
#ifndef BB_EVAL_OUTCOME_H
#define BB_EVAL_OUTCOME_H

#include "eval/plan.h"

/* scores [electrodes, versions, count, outputs] -> out [electrodes, parts]. */
bb_status bb_outcomes(const bb_decoding_plan *plan, const double *scores, int64_t electrodes, int threads,
                      bb_decoding *out, bb_error *err);

#endif
