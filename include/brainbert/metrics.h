/* How well predictions fit labels. All are in double, take weights w [n] (>= 0, e.g. bb_bootstrap_weights')
 * or NULL for ones, and agree with scikit-learn's functions of these names. */
#ifndef BRAINBERT_METRICS_H
#define BRAINBERT_METRICS_H

#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- ranks. Label 1 is positive, every other one negative. */

/* Area under the receiver operating characteristic: the share of pairs of a positive and a negative in which
 * the positive has the higher score, equal scores counting half (Mann and Whitney, Ann. Math. Stat. 18, 1947;
 * Hanley and McNeil, Radiology 143, 1982), in O(n log n). *auc is NaN where either class has no weight.
 * BB_ERR_ARGUMENT for a score that is NaN. */
BB_API bb_status bb_roc_auc(const double *scores, const int *labels, const double *weights, int64_t n,
                            double *auc, bb_error *err);

/* The same of many weights over the same scores, as the bootstrap wants it: the order once, then O(n) for
 * each. order [n]: indices by descending score, equal ones by ascending index. */
BB_API bb_status bb_score_order(const double *scores, int64_t n, int64_t *order, bb_error *err);
BB_API double bb_roc_auc_ordered(const double *scores, const int *labels, const double *weights,
                                 const int64_t *order, int64_t n);

/* One point of the curve: what counts as positive from this score up. */
typedef struct bb_roc_point {
    double threshold, false_positive_rate, true_positive_rate;
} bb_roc_point;

/* The whole curve, from (0, 0) at an infinite threshold down to (1, 1), one point for each different score:
 * points has room for n + 1 of them, *count are used. A rate is NaN where its class has no weight. */
BB_API bb_status bb_roc_curve(const double *scores, const int *labels, const double *weights, int64_t n,
                              bb_roc_point *points, int64_t *count, bb_error *err);

/* ---- decisions */

/* 2 TP / (2 TP + FP + FN) of class 1; 0 where that is 0 / 0. */
BB_API double bb_f1_score(const int *predicted, const int *labels, const double *weights, int64_t n);

/* The weight share of right ones; NaN of nothing. */
BB_API double bb_accuracy(const int *predicted, const int *labels, const double *weights, int64_t n);

/* The mean over the classes that have weight of the share of each that is found. Labels lie in 0 .. classes -
 * 1; others are passed over. NaN of nothing. */
BB_API double bb_balanced_accuracy(const int *predicted, const int *labels, const double *weights, int64_t n,
                                   int classes);

/* ---- probabilities */

/* Mean -ln of the probability given to the true label; p [n] is that of class 1. Probabilities count as no
 * nearer to 0 and 1 than 2^-52. NaN of nothing. */
BB_API double bb_log_loss(const double *p, const int *labels, const double *weights, int64_t n);

/* The same of several classes: p [n, classes], rows that add up to 1. A label outside 0 .. classes - 1 gives
 * NaN. */
BB_API double bb_log_loss_classes(const double *p, const int *labels, const double *weights, int64_t n,
                                  int classes);

/* ---- numbers */

/* Pearson's correlation; NaN where either side is constant. */
BB_API double bb_pearson(const double *x, const double *y, const double *weights, int64_t n);

/* The share of the variance of `truth` that `predicted` explains, 1 - residual / total sum of squares; below
 * 0 when worse than the mean. NaN where `truth` is constant. */
BB_API double bb_r_squared(const double *truth, const double *predicted, const double *weights, int64_t n);

#ifdef __cplusplus
}
#endif
#endif
