/* Fitting a linear decoder to a design: the objective of decoder.h, minimised in the metric's steps. */
#ifndef BB_EVAL_FIT_H
#define BB_EVAL_FIT_H

#include "eval/design.h"
#include "eval/metric.h"

/* Numbers that a fit finds for targets of this kind: weights [outputs, dim], then intercepts [outputs]. */
int bb_fit_outputs(const bb_decoder_targets *targets);
int64_t bb_fit_size(const bb_design *design, const bb_decoder_targets *targets);

/* The bound b of the loss's second derivative. */
double bb_fit_bound(const bb_decoder_targets *targets);

/* From what *w holds (zeros, or the answer to a question much like this one). The metric is of weight
 * strength x bb_fit_bound. */
bb_status bb_fit(const bb_design *design, const bb_decoder_targets *targets, double strength,
                 const bb_metric *metric, double tolerance, int threads, double *w, int *evaluations,
                 bb_error *err);

/* f of the design's test rows -> out [test_count, outputs]. */
bb_status bb_fit_score(const bb_design *design, const bb_decoder_targets *targets, const double *w,
                       double *out, bb_error *err);

#endif
