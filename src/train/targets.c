#include "train/targets.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

enum { MOST_CLASSES = 1 << 16 };

bb_target_list bb_targets_list(const bb_targets *t, int list) {
    const bb_target_list lists[BB_TARGET_LISTS] = {{"training", t->train, t->train_count},
                                                   {"validation", t->validation, t->validation_count},
                                                   {"test", t->test, t->test_count}};
    return lists[list];
}

static bb_status check_target(const bb_targets *t, int64_t window, bb_error *err) {
    if (t->classes == 0 && !isfinite(t->numbers[window]))
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: window %lld: expected a finite number, found %g",
                       (long long)window, t->numbers[window]);
    if (t->classes > 0 && (t->labels[window] < 0 || t->labels[window] >= t->classes))
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: window %lld: expected a label from 0 to %d, found %d",
                       (long long)window, t->classes - 1, t->labels[window]);
    return BB_OK;
}

/* `seen` [n]: 1 + the list that a window stands in. */
static bb_status check_list(const bb_targets *t, int number, unsigned char *seen, bb_error *err) {
    const bb_target_list list = bb_targets_list(t, number);
    if (list.count < 1 || !list.items)
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: expected 1 %s window or more, found none", list.name);
    for (int64_t i = 0; i < list.count; ++i) {
        const int64_t window = list.items[i];
        if (window < 0 || window >= t->count)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "targets: %s window %lld: expected one from 0 to %lld, found %lld", list.name,
                           (long long)i, (long long)t->count - 1, (long long)window);
        if (seen[window] && seen[window] != 1 + number)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "targets: window %lld: expected it in one list, found it for %s and for %s",
                           (long long)window, bb_targets_list(t, seen[window] - 1).name, list.name);
        seen[window] = (unsigned char)(1 + number);
        BB_TRY(check_target(t, window, err));
    }
    return BB_OK;
}

/* There must be something to tell apart. */
static bb_status check_variety(const bb_targets *t, bb_error *err) {
    const int64_t first = t->train[0];
    for (int64_t i = 1; i < t->train_count; ++i) {
        const int64_t w = t->train[i];
        if (t->classes ? t->labels[w] != t->labels[first] : t->numbers[w] != t->numbers[first]) return BB_OK;
    }
    if (t->classes)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "targets: expected training windows of two classes or more, found class %d alone",
                       t->labels[first]);
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "targets: expected training windows of different numbers, found %g alone",
                   t->numbers[first]);
}

bb_status bb_targets_check(const bb_targets *t, int64_t windows, bb_error *err) {
    if (t->count != windows || t->count < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: expected those of %lld windows, found %lld",
                       (long long)windows, (long long)t->count);
    if (t->classes < 0 || t->classes == 1 || t->classes > MOST_CLASSES)
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: expected 2 to %d classes, or 0 for numbers, found %d",
                       MOST_CLASSES, t->classes);
    if (t->classes ? !t->labels : !t->numbers)
        return bb_fail(err, BB_ERR_ARGUMENT, "targets: expected %s, found none",
                       t->classes ? "labels" : "numbers");
    unsigned char *seen = bb_calloc((size_t)t->count, 1);
    if (!seen) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld targets", (long long)t->count);
    bb_status status = BB_OK;
    for (int i = 0; i < BB_TARGET_LISTS && status == BB_OK; ++i) status = check_list(t, i, seen, err);
    bb_free(seen);
    return status == BB_OK ? check_variety(t, err) : status;
}

static bool is_finite(const float *x, int64_t count) {
    float sum = 0; /* 0 times anything finite is 0, times anything else no number */
    for (int64_t i = 0; i < count; ++i) sum += 0 * x[i];
    return sum == 0;
}

bb_status bb_targets_check_rows(const bb_targets *t, const float *rows, int64_t stride, int64_t width,
                                bb_error *err) {
    for (int l = 0; l < BB_TARGET_LISTS; ++l) {
        const bb_target_list list = bb_targets_list(t, l);
        for (int64_t i = 0; i < list.count; ++i)
            if (!is_finite(rows + list.items[i] * stride, width))
                return bb_fail(err, BB_ERR_ARGUMENT,
                               "window %lld: expected finite numbers, found one that is not",
                               (long long)list.items[i]);
    }
    return BB_OK;
}
