/* The metric in which a decoder is fitted: P = C b X'X + 1, b a bound of the loss's second derivative (1/4 of
 * the logistic one), which never curves less than the objective does. (Boehning, Ann. Inst. Statist. Math.
 * 44, 1992) It steers the way to the minimum and has no say in where that lies: float32, and of many rows a
 * part, will do. */
#ifndef BB_EVAL_METRIC_H
#define BB_EVAL_METRIC_H

#include "eval/design.h"

/* Fills design->squares. */
bb_status bb_metric_gather(bb_design *design, int threads, bb_error *err);

/* squares [dim, dim] = sum over the training rows of weights[i] x x', or as much of many rows. */
bb_status bb_metric_sum(const bb_design *design, const double *weights, int threads, float *squares,
                        bb_error *err);

typedef struct bb_metric {
    int64_t dim;
    float *factor;   /* [dim, dim] lower triangle of P = factor factor' */
    float *inverses; /* [dim] 1 / its diagonal */
    float *scratch;  /* [dim] */
} bb_metric;

/* P = weight squares + 1; `weight`: C b, or where the squares are weighted by second derivatives C. */
bb_status bb_metric_create(int64_t dim, const float *squares, double weight, bb_metric *out, bb_error *err);
void bb_metric_free(bb_metric *metric);

/* v[dim] -> P^-1 v in place. */
void bb_metric_solve(const bb_metric *metric, double *v);

#endif
