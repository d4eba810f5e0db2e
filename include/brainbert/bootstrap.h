/* How sure a score is: resampled groups, percentile intervals, and where the next control would lie. */
#ifndef BRAINBERT_BOOTSTRAP_H
#define BRAINBERT_BOOTSTRAP_H

#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weights of draw `draw` of a bootstrap over groups (trials, say): of the G different ids in group [n], G are
 * drawn with replacement, and weights [n] is how often an item's group was drawn. group == NULL: every item
 * is a group of its own. (Efron, Ann. Stat. 7, 1979; Davison and Hinkley, "Bootstrap methods and their
 * application", 1997, section 3.8, for whole clusters)
 *
 * The same seed, draw and set of ids give the same weights, whatever the order of the items and however often
 * ids occur: electrodes that share their trials share the draw. Where some lack a trial, draw for all trials
 * and let each electrode take its items' weights. */
BB_API bb_status bb_bootstrap_weights(uint64_t seed, uint64_t draw, const int64_t *group, int64_t n,
                                      double *weights, bb_error *err);

typedef struct bb_interval {
    double low, high;
} bb_interval;

/* The percentile interval that holds the middle share `level` (0.95, say) of values [n], by linear
 * interpolation between order statistics (Hyndman and Fan, Am. Stat. 50, 1996, type 7). NaN values, such as
 * the ROC-AUC of a draw without one class, are passed over; without any other both ends are NaN. */
BB_API bb_status bb_percentile_interval(const double *values, int64_t n, double level, bb_interval *out,
                                        bb_error *err);

/* Where one more control would score with probability `level`, given the scores [k] of k controls, if
 * controls are normal: mean
 * +- t sd sqrt(1 + 1/k), t the (1 + level) / 2 quantile of Student's distribution with k - 1 degrees of
 * freedom. (Hahn and Meeker, "Statistical intervals", 1991, section 4.7) Both ends are NaN for fewer than
 * two. */
BB_API bb_interval bb_prediction_interval(const double *scores, int64_t k, double level);

/* The p quantile of Student's t distribution with a whole number of degrees of freedom, 1 or more; 0 < p < 1,
 * or NaN. The distribution is the finite sum over powers of cos(theta), tan(theta) = t / sqrt(degrees), which
 * is exact (Abramowitz and Stegun, 26.7.3 and 26.7.4); theta is found by bisection. Relative error below
 * 1e-12 for p from 1e-4 to 1 - 1e-4 and up to 1000 degrees. */
BB_API double bb_student_quantile(double p, int64_t degrees);

#ifdef __cplusplus
}
#endif
#endif
