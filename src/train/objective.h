/* Losses of labelled windows, with z the outputs of a linear unit:
 *
 * two classes  log(1 + exp(z)) - y z            (binary cross-entropy of the logit of label 1)
 * K classes    log(sum exp z_k) - z_y           (cross-entropy of the softmax)
 * numbers      (z - (y - mean) / sd)^2          (mean and sd of the training numbers)
 *
 * each as the mean over a batch. (Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3) */
#ifndef BB_TRAIN_OBJECTIVE_H
#define BB_TRAIN_OBJECTIVE_H

#include "brainbert/finetune.h"

typedef struct bb_objective {
    const bb_targets *targets;
    int64_t outputs; /* of a window: 1, with more than two classes K */
    double mean, sd; /* of the training numbers */
} bb_objective;

/* For targets that passed bb_targets_check. */
bb_objective bb_objective_of(const bb_targets *targets);

/* z[count, outputs] of the windows items[count], which are a part of a batch of `of`: their share of its
 * loss; d[count, outputs]: d loss / d z, or NULL. */
double bb_objective_add(const bb_objective *objective, const int64_t *items, int64_t count, int64_t of,
                        const float *z, float *d);

/* z[count, outputs] -> scores, as bb_fit_result has them. */
void bb_objective_scores(const bb_objective *objective, const float *z, int64_t count, double *scores);

#endif
