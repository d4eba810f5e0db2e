/* Minimising a smooth convex function by L-BFGS in a metric of the caller's. (Liu and Nocedal, Math. Program.
 * 45, 1989) */
#ifndef BB_EVAL_MINIMIZE_H
#define BB_EVAL_MINIMIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/status.h"

typedef struct bb_objective {
    int64_t size;
    void *context;
    /* The value at w, and its gradient. */
    double (*evaluate)(void *context, const double *w, double *gradient);
    /* v -> P^-1 v in place, P a symmetric positive matrix near the Hessian. */
    void (*precondition)(void *context, double *v);
} bb_objective;

/* From *w to the minimum: until the step that P sees left, the root of gradient' P^-1 gradient, is at most
 * `tolerance` times |w|; P is to be at least the identity, or this says nothing of w. *done is false after
 * `most` evaluations that did not get there. BB_ERR_ARGUMENT where the value is not finite. A function that
 * cannot be lowered any further in double precision counts as minimised. */
bb_status bb_minimize(const bb_objective *objective, double tolerance, int most, double *w, int *evaluations,
                      bool *done, bb_error *err);

#endif
