#include "eval/design.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/coordinates.h"
#include "eval/metric.h"

const float *bb_design_train_row(const bb_design *d, int64_t i) {
    return d->coordinates ? d->coordinates + i * d->dim
                          : d->x->data + bb_design_train_at(d, i) * d->x->stride;
}

const float *bb_design_test_row(const bb_design *d, int64_t i) {
    return d->coordinates ? d->coordinates + (d->train_count + i) * d->dim
                          : d->x->data + d->test[i] * d->x->stride;
}

/* Mean and, where wanted, inverse population sd of every feature; a feature that is always the same counts
 * for nothing. In two passes, as the sd of numbers far from 0 wants it. */
static void measure(bb_design *d, bool standardize) {
    const int64_t D = d->x->dim, n = d->train_count;
    for (int64_t i = 0; i < n; ++i) {
        const float *row = d->x->data + bb_design_train_at(d, i) * d->x->stride;
        for (int64_t j = 0; j < D; ++j) d->centre[j] += row[j];
    }
    for (int64_t j = 0; j < D; ++j) d->centre[j] /= (double)n;
    if (!standardize) {
        for (int64_t j = 0; j < D; ++j) d->scale[j] = 1;
        return;
    }
    for (int64_t i = 0; i < n; ++i) {
        const float *row = d->x->data + bb_design_train_at(d, i) * d->x->stride;
        for (int64_t j = 0; j < D; ++j) d->scale[j] += (row[j] - d->centre[j]) * (row[j] - d->centre[j]);
    }
    for (int64_t j = 0; j < D; ++j) {
        const double sd = sqrt(d->scale[j] / (double)n);
        d->scale[j] = sd > 1e-12 * fabs(d->centre[j]) && sd > 0 ? 1 / sd : 0;
    }
}

static bb_status fill(bb_design *d, bool standardize, int threads, bb_error *err) {
    const size_t D = (size_t)d->x->dim;
    d->centre = bb_calloc(D, sizeof *d->centre);
    d->scale = bb_calloc(D, sizeof *d->scale);
    if (!d->centre || !d->scale) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit %zu weights", D);
    measure(d, standardize);
    d->dim = d->x->dim;
    if (d->train_count < d->x->dim) BB_TRY(bb_coordinates_find(d, err));
    return bb_metric_gather(d, threads, err);
}

bb_status bb_design_create(const bb_rows *x, const int64_t *train, int64_t train_count, const int64_t *test,
                           int64_t test_count, bool standardize, int threads, bb_design **out,
                           bb_error *err) {
    *out = NULL;
    if (train_count < 2 || x->dim < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "a decoder: expected 2 rows of 1 feature or more, found %lld of %lld",
                       (long long)train_count, (long long)x->dim);
    bb_design *d = bb_calloc(1, sizeof *d);
    if (!d) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit a decoder");
    d->x = x;
    d->train = train;
    d->train_count = train_count;
    d->test = test;
    d->test_count = test_count;
    const bb_status status = fill(d, standardize, threads, err);
    if (status == BB_OK)
        *out = d;
    else
        bb_design_destroy(d);
    return status;
}

void bb_design_destroy(bb_design *d) {
    if (!d) return;
    bb_free(d->centre);
    bb_free(d->scale);
    bb_free(d->coordinates);
    bb_free(d->triangle);
    bb_free(d->pivots);
    bb_free(d->squares);
    bb_free(d);
}

bb_status bb_design_to_features(const bb_design *d, const double *w, double *weights, double *intercept,
                                bb_error *err) {
    const int64_t D = d->x->dim;
    if (d->coordinates)
        BB_TRY(bb_coordinates_leave(d, w, weights, err));
    else
        memcpy(weights, w, (size_t)D * sizeof *w);
    for (int64_t j = 0; j < D; ++j) {
        weights[j] *= d->scale[j];
        *intercept -= weights[j] * d->centre[j];
    }
    return BB_OK;
}
