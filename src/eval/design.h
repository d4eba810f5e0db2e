/* The rows that a decoder is fitted to, as they are cheapest to work with: the features themselves, or where
 * there are fewer rows than features, coordinates in the space that the rows span. Neither standardising nor
 * a change to coordinates loses anything: |w| is the same in both. */
#ifndef BB_EVAL_DESIGN_H
#define BB_EVAL_DESIGN_H

#include "brainbert/decoder.h"

typedef struct bb_design {
    const bb_rows *x;     /* the caller's, as are the lists of rows */
    const int64_t *train; /* [train_count] to fit to; NULL: the first ones */
    const int64_t *test;  /* [test_count] to be scored */
    int64_t train_count, test_count;
    double *centre, *scale; /* [D]: what is fitted is (x - centre) * scale */
    int64_t dim;            /* of what is fitted: D, or the rank */
    /* In coordinates: */
    float *coordinates; /* [train_count + test_count, rank]; NULL: the features themselves */
    double *triangle;   /* [rank, rank] lower: the rows that span the space, in coordinates */
    int64_t *pivots;    /* [rank] which of the training rows these are */
    /* What the metric of a fit is made of (metric.h). */
    float *squares; /* [dim, dim] sum over the training rows of x x' */
} bb_design;

/* `threads` for sums over many rows; 1 inside a parallel region. */
bb_status bb_design_create(const bb_rows *x, const int64_t *train, int64_t train_count, const int64_t *test,
                           int64_t test_count, bool standardize, int threads, bb_design **out, bb_error *err);
void bb_design_destroy(bb_design *design);

/* Row i of those to fit to; of those to score (features wait for centre and scale, coordinates are as they
 * are). */
const float *bb_design_train_row(const bb_design *design, int64_t i);
const float *bb_design_test_row(const bb_design *design, int64_t i);

/* Weights [dim] of what is fitted and their intercept -> weights [D] of the features as they were given. */
bb_status bb_design_to_features(const bb_design *design, const double *w, double *weights, double *intercept,
                                bb_error *err);

/* The place of training row i among the caller's rows. */
static inline int64_t bb_design_train_at(const bb_design *d, int64_t i) { return d->train ? d->train[i] : i; }

#endif
