/* Linear decoders with a convex loss: logistic regression, softmax over several classes, ridge regression.
 * They are fitted to the stated tolerance, so that a result does not depend on where an optimiser was
 * stopped. */
#ifndef BRAINBERT_DECODER_H
#define BRAINBERT_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Features: row i begins at data + i * stride and has `dim` (D) numbers. */
typedef struct bb_rows {
    const float *data;
    int64_t count, dim, stride;
} bb_rows;

typedef enum bb_loss_kind {
    BB_LOGISTIC, /* two classes: log(1 + exp(-f)) for label 1, log(1 + exp(f)) for label 0 */
    BB_SOFTMAX,  /* several classes: -log softmax(f)[label] */
    BB_SQUARES   /* a number: (f - value)^2 / 2 */
} bb_loss_kind;

/* What each row stands for. */
typedef struct bb_decoder_targets {
    bb_loss_kind kind;
    int classes;          /* BB_SOFTMAX; at least 2 */
    const int *labels;    /* [count] */
    const double *values; /* [count] of BB_SQUARES */
} bb_decoder_targets;

typedef struct bb_fit_options {
    double strength;  /* C: weight of the losses against |w|^2 / 2; the intercept is free. 1 */
    bool standardize; /* features by the rows' own mean and (population) sd first; false */
    double tolerance; /* of the weights, relative to their length; 1e-6 */
    int threads;      /* 0: one per processor */
} bb_fit_options;

BB_API bb_fit_options bb_fit_options_default(void);

/* f[k] = weights[k] . x + intercepts[k], k < outputs (1, or the number of classes for BB_SOFTMAX), in terms
 * of the features as they were given. */
typedef struct bb_linear_decoder {
    int outputs;
    int64_t dim;
    double *weights;    /* [outputs, D] */
    double *intercepts; /* [outputs] */
    int iterations;     /* passes over the rows that it took */
} bb_linear_decoder;

/* Minimises C sum of losses + |w|^2 / 2 over the rows `which` [count] (NULL: all, `count` then is x->count).
 * The same threads give the same bytes, others weights that agree to the tolerance. Errors: BB_ERR_ARGUMENT
 * for labels outside of the classes, fewer than two classes among them, numbers that are not finite. (Hastie,
 * Tibshirani and Friedman 2009, sections 3.4 and 4.4; L-BFGS: Liu and Nocedal, Math. Program. 45, 1989; its
 * metric: Boehning, Ann. Inst. Statist. Math. 44, 1992) */
BB_API bb_status bb_decoder_fit(const bb_rows *x, const int64_t *which, int64_t count,
                                const bb_decoder_targets *targets, const bb_fit_options *options,
                                bb_linear_decoder *out, bb_error *err);
BB_API void bb_decoder_free(bb_linear_decoder *decoder);

/* f of the rows `which` -> out [count, outputs]. */
BB_API void bb_decoder_score(const bb_linear_decoder *decoder, const bb_rows *x, const int64_t *which,
                             int64_t count, double *out);

#ifdef __cplusplus
}
#endif
#endif
