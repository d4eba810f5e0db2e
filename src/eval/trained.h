/* Decoders that are trained by AdamW, for comparison with published figures (brainbert/finetune.h). */
#ifndef BB_EVAL_TRAINED_H
#define BB_EVAL_TRAINED_H

#include "eval/plan.h"

/* One electrode's one fold: trains on the fold's training part but for one of the inner folds, on which it
 * stops where it was best; writes the test windows' scores, of every version of the targets, into scores
 * [versions, repeats, count, outputs]. The listener hears of every step and may end it. */
bb_status bb_trained_unit(const bb_decoding_plan *plan, const bb_decoding_features *features, int fold,
                          bb_fit_listener listener, void *context, double *scores, bb_error *err);

#endif
