#include "eval/targets.h"

#include <math.h>

#include "base/error.h"

static bb_status check_values(const bb_decoder_targets *t, const int64_t *which, int64_t count,
                              bb_error *err) {
    for (int64_t i = 0; i < count; ++i) {
        const int64_t row = which ? which[i] : i;
        if (!isfinite(t->values[row]))
            return bb_fail(err, BB_ERR_ARGUMENT, "a decoder: row %lld: expected a finite number, found %g",
                           (long long)row, t->values[row]);
    }
    return BB_OK;
}

bb_status bb_check_targets(const bb_decoder_targets *t, const int64_t *which, int64_t count, bb_error *err) {
    if (t->kind == BB_SQUARES) return check_values(t, which, count, err);
    const int classes = t->kind == BB_SOFTMAX ? t->classes : 2;
    bool differ = false;
    if (classes < 2)
        return bb_fail(err, BB_ERR_ARGUMENT, "a decoder: expected 2 classes or more, found %d", classes);
    for (int64_t i = 0; i < count; ++i) {
        const int64_t row = which ? which[i] : i;
        if (t->labels[row] < 0 || t->labels[row] >= classes)
            return bb_fail(err, BB_ERR_ARGUMENT, "a decoder: row %lld: expected a label below %d, found %d",
                           (long long)row, classes, t->labels[row]);
        differ = differ || t->labels[row] != t->labels[which ? which[0] : 0];
    }
    if (!differ)
        return bb_fail(err, BB_ERR_ARGUMENT, "a decoder: expected rows of two classes, found %lld of one",
                       (long long)count);
    return BB_OK;
}
