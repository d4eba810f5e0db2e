/* Order and distance in time. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/split.h"

static int recording_of(const bb_split_items *items, int64_t i) {
    return items->recording ? items->recording[i] : 0;
}

static int in_time(const void *a, const void *b, void *context) {
    const bb_split_items *items = context;
    const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
    const int p = recording_of(items, i), q = recording_of(items, j);
    if (p != q) return p < q ? -1 : 1;
    const double s = items->start_s[i], t = items->start_s[j];
    if (s != t) return s < t ? -1 : 1;
    return (i > j) - (i < j);
}

bb_status bb_split_in_time(const bb_split_items *items, const int64_t *subset, int64_t count, int64_t *order,
                           bb_error *err) {
    if (!items->start_s)
        return bb_fail(err, BB_ERR_ARGUMENT, "split: expected the windows' times, found none");
    for (int64_t i = 0; i < count; ++i) {
        order[i] = subset[i];
        if (!isfinite(items->start_s[order[i]]))
            return bb_fail(err, BB_ERR_ARGUMENT, "split: window %lld starts at no finite time",
                           (long long)order[i]);
    }
    qsort_r(order, (size_t)count, sizeof *order, in_time, (void *)(uintptr_t)items);
    return BB_OK;
}

void bb_split_near(const bb_split_items *items, const int64_t *order, int64_t count,
                   const unsigned char *marked, double reach, unsigned char *near) {
    for (int64_t i = 0; i < count; ++i) near[i] = 0;
    /* Forwards the nearest marked window before each, backwards the nearest one behind it. */
    for (int step = 1; step >= -1; step -= 2) {
        int64_t last = -1;
        for (int64_t i = step > 0 ? 0 : count - 1; i >= 0 && i < count; i += step) {
            const int64_t item = order[i];
            if (marked[item]) last = item;
            if (last < 0 || recording_of(items, last) != recording_of(items, item)) continue;
            if (fabs(items->start_s[item] - items->start_s[last]) < reach - BB_SPLIT_ROUNDING_S) near[i] = 1;
        }
    }
}

bb_status bb_split_by_blocks(const bb_split_items *items, const int64_t *subset, int64_t count, int folds,
                             int *test, bb_error *err) {
    int64_t *order = bb_calloc((size_t)count, sizeof *order);
    int *of_item = bb_calloc((size_t)items->count, sizeof *of_item);
    bb_status status = order && of_item
                           ? bb_split_in_time(items, subset, count, order, err)
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to split %lld windows", (long long)count);
    if (status == BB_OK) {
        for (int f = 0; f < folds; ++f)
            for (int64_t i = f * count / folds; i < (f + 1) * count / folds; ++i) of_item[order[i]] = f;
        for (int64_t i = 0; i < count; ++i) test[i] = of_item[subset[i]];
    }
    bb_free(order);
    bb_free(of_item);
    return status;
}

bb_status bb_split_overlaps(const bb_split_items *items, const bb_fold *fold, int64_t *overlaps,
                            bb_error *err) {
    const int64_t learnt = fold->train_count + fold->validation_count, count = fold->test_count + learnt;
    int64_t *all = bb_calloc((size_t)count, sizeof *all), *order = bb_calloc((size_t)count, sizeof *order);
    unsigned char *marked = bb_calloc((size_t)items->count, 1), *near = bb_calloc((size_t)count, 1),
                  *tested = bb_calloc((size_t)items->count, 1);
    bb_status status = BB_OK;
    if (!all || !order || !marked || !near || !tested)
        status = bb_fail(err, BB_ERR_MEMORY, "no memory to compare %lld windows", (long long)count);
    for (int64_t i = 0; i < count && status == BB_OK; ++i) {
        const int64_t v = i - fold->train_count;
        all[i] = i < fold->train_count ? fold->train[i]
                 : i < learnt          ? fold->validation[v]
                                       : fold->test[i - learnt];
        *(i < learnt ? &marked[all[i]] : &tested[all[i]]) = 1;
    }
    if (status == BB_OK) status = bb_split_in_time(items, all, count, order, err);
    if (status == BB_OK) {
        bb_split_near(items, order, count, marked, items->window_s, near);
        *overlaps = 0;
        for (int64_t i = 0; i < count; ++i) *overlaps += near[i] && tested[order[i]];
    }
    bb_free(all);
    bb_free(order);
    bb_free(marked);
    bb_free(near);
    bb_free(tested);
    return status;
}
