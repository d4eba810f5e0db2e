/* The receiver operating characteristic. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/metrics.h"

static int by_falling_score(const void *a, const void *b, void *context) {
    const double *scores = context;
    const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
    if (scores[i] != scores[j]) return scores[i] > scores[j] ? -1 : 1;
    return i < j ? -1 : i > j;
}

bb_status bb_score_order(const double *scores, int64_t n, int64_t *order, bb_error *err) {
    for (int64_t i = 0; i < n; ++i) {
        if (isnan(scores[i]))
            return bb_fail(err, BB_ERR_ARGUMENT, "score %lld of %lld is not a number", (long long)i,
                           (long long)n);
        order[i] = i;
    }
    qsort_r(order, (size_t)(n > 0 ? n : 0), sizeof *order, by_falling_score, (void *)(uintptr_t)scores);
    return BB_OK;
}

typedef struct class_weights {
    double positive, negative;
} class_weights;

static void add_item(class_weights *sum, const int *labels, const double *weights, int64_t i) {
    *(labels[i] == 1 ? &sum->positive : &sum->negative) += weights ? weights[i] : 1;
}

/* The weights of all items of order[*at]'s score; *at moves behind them. */
static class_weights next_score(const double *scores, const int *labels, const double *weights,
                                const int64_t *order, int64_t n, int64_t *at) {
    class_weights tied = {0};
    const double score = scores[order[*at]];
    for (; *at < n && scores[order[*at]] == score; ++*at) add_item(&tied, labels, weights, order[*at]);
    return tied;
}

double bb_roc_auc_ordered(const double *scores, const int *labels, const double *weights,
                          const int64_t *order, int64_t n) {
    class_weights above = {0};
    double pairs = 0;
    for (int64_t at = 0; at < n;) {
        const class_weights tied = next_score(scores, labels, weights, order, n, &at);
        pairs += tied.negative * (above.positive + tied.positive / 2);
        above.positive += tied.positive;
        above.negative += tied.negative;
    }
    return above.positive > 0 && above.negative > 0 ? pairs / (above.positive * above.negative) : NAN;
}

static bb_status make_order(const double *scores, int64_t n, int64_t **order, bb_error *err) {
    *order = bb_calloc((size_t)(n > 0 ? n : 0), sizeof **order);
    if (!*order) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld scores", (long long)n);
    return bb_score_order(scores, n, *order, err);
}

bb_status bb_roc_auc(const double *scores, const int *labels, const double *weights, int64_t n, double *auc,
                     bb_error *err) {
    int64_t *order;
    const bb_status status = make_order(scores, n, &order, err);
    if (status == BB_OK) *auc = bb_roc_auc_ordered(scores, labels, weights, order, n);
    bb_free(order);
    return status;
}

static int64_t walk_curve(const double *scores, const int *labels, const double *weights,
                          const int64_t *order, int64_t n, bb_roc_point *points) {
    class_weights all = {0}, above = {0};
    for (int64_t i = 0; i < n; ++i) add_item(&all, labels, weights, i);
    int64_t count = 0;
    points[count++] = (bb_roc_point){INFINITY, all.negative > 0 ? 0 : NAN, all.positive > 0 ? 0 : NAN};
    for (int64_t at = 0; at < n;) {
        const double threshold = scores[order[at]];
        const class_weights tied = next_score(scores, labels, weights, order, n, &at);
        above.positive += tied.positive;
        above.negative += tied.negative;
        /* A division of zero by zero is meant: NaN. */
        points[count++] =
            (bb_roc_point){threshold, above.negative / all.negative, above.positive / all.positive};
    }
    return count;
}

bb_status bb_roc_curve(const double *scores, const int *labels, const double *weights, int64_t n,
                       bb_roc_point *points, int64_t *count, bb_error *err) {
    int64_t *order;
    const bb_status status = make_order(scores, n, &order, err);
    if (status == BB_OK) *count = walk_curve(scores, labels, weights, order, n, points);
    bb_free(order);
    return status;
}
