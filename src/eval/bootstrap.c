#include "brainbert/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/groups.h"

static void draw_groups(uint64_t seed, uint64_t draw, int64_t groups, double *times) {
    for (int64_t i = 0; i < groups; ++i) {
        /* Even to groups / 2^53; u is never so near to 1 that the product rounds up to `groups`. */
        const double u = bb_random_uniform(seed, draw, (uint64_t)i);
        times[(int64_t)(u * (double)groups)] += 1;
    }
}

bb_status bb_bootstrap_weights(uint64_t seed, uint64_t draw, const int64_t *group, int64_t n, double *weights,
                               bb_error *err) {
    if (n <= 0) return BB_OK;
    int64_t *rank = bb_calloc((size_t)n, sizeof *rank), groups = 0;
    double *times = bb_calloc((size_t)n, sizeof *times);
    bb_status status = rank && times ? bb_rank_ids(group, n, rank, &groups, err)
                                     : bb_fail(err, BB_ERR_MEMORY, "no memory for %lld items", (long long)n);
    if (status == BB_OK) {
        draw_groups(seed, draw, groups, times);
        for (int64_t i = 0; i < n; ++i) weights[i] = times[rank[i]];
    }
    bb_free(rank);
    bb_free(times);
    return status;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile_of(const double *sorted, int64_t n, double p) {
    const double at = p * (double)(n - 1), below = fmin(fmax(floor(at), 0), (double)(n - 1));
    const int64_t i = (int64_t)below, j = i + 1 < n ? i + 1 : i;
    return sorted[i] + (at - below) * (sorted[j] - sorted[i]);
}

bb_status bb_percentile_interval(const double *values, int64_t n, double level, bb_interval *out,
                                 bb_error *err) {
    *out = (bb_interval){NAN, NAN};
    if (!(level > 0 && level < 1))
        return bb_fail(err, BB_ERR_ARGUMENT, "interval: expected a level between 0 and 1, found %g", level);
    double *sorted = bb_calloc((size_t)(n > 0 ? n : 0), sizeof *sorted);
    if (!sorted) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld values", (long long)n);
    int64_t count = 0;
    for (int64_t i = 0; i < n; ++i)
        if (!isnan(values[i])) sorted[count++] = values[i];
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    if (count > 0)
        *out = (bb_interval){quantile_of(sorted, count, (1 - level) / 2),
                             quantile_of(sorted, count, (1 + level) / 2)};
    bb_free(sorted);
    return BB_OK;
}

bb_interval bb_prediction_interval(const double *scores, int64_t k, double level) {
    if (k < 2) return (bb_interval){NAN, NAN};
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < k; ++i) mean += scores[i] / (double)k;
    for (int64_t i = 0; i < k; ++i) squares += (scores[i] - mean) * (scores[i] - mean);
    const double t = bb_student_quantile((1 + level) / 2, k - 1),
                 reach = t * sqrt(squares / (double)(k - 1)) * sqrt(1 + 1 / (double)k);
    return (bb_interval){mean - reach, mean + reach};
}
