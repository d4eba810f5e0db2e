/* Shuffled labels are a fair control where the true ones could have come in any order. Where neighbours in
 * time tend to stand for the same, whatever drifts in a recording is alike within such a stretch, and a
 * decoder finds it on the true labels but not on shuffled ones. (Harris, "Nonsense correlations in
 * neuroscience", bioRxiv 2020) */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/plan.h"
#include "eval/split.h"

/* Whether windows a and b follow each other, and are two trials. */
static bool neighbours(const bb_decoding_task *t, int64_t a, int64_t b) {
    return (!t->items.recording || t->items.recording[a] == t->items.recording[b]) &&
           (!t->trial || t->trial[a] != t->trial[b]);
}

/* Classes: the share of neighbours of one class. Numbers: minus the mean square of their difference, in
 * units of twice the variance, plus 1: their correlation. order [count]: windows in time. */
static double likeness(const bb_decoding_plan *p, int version, const int64_t *order) {
    const bb_decoder_targets t = bb_plan_targets(p, version);
    const int64_t n = p->task.items.count;
    double sum = 0, pairs = 0, mean = 0, squares = 0;
    for (int64_t i = 0; t.values && i < n; ++i) mean += t.values[i] / (double)n;
    for (int64_t i = 0; t.values && i < n; ++i) squares += pow(t.values[i] - mean, 2) / (double)n;
    for (int64_t i = 1; i < n; ++i) {
        const int64_t a = order[i - 1], b = order[i];
        if (!neighbours(&p->task, a, b)) continue;
        sum += t.values ? 1 - pow(t.values[a] - t.values[b], 2) / (2 * squares) : t.labels[a] == t.labels[b];
        ++pairs;
    }
    return sum / pairs;
}

bb_status bb_decoding_plan_order(const bb_decoding_plan *p, bb_label_order *out, bb_error *err) {
    const int64_t n = p->task.items.count;
    const int controls = p->options.controls;
    int64_t *all = bb_calloc((size_t)n, sizeof *all), *order = bb_calloc((size_t)n, sizeof *order);
    double *shuffled = bb_calloc((size_t)controls, sizeof *shuffled);
    bb_status status = all && order && shuffled
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to order %lld windows", (long long)n);
    for (int64_t i = 0; i < n && all; ++i) all[i] = i;
    if (status == BB_OK) status = bb_split_in_time(&p->task.items, all, n, order, err);
    if (status == BB_OK) {
        *out = (bb_label_order){.likeness = likeness(p, 0, order)};
        for (int c = 0; c < controls; ++c) {
            shuffled[c] = likeness(p, c + 1, order);
            out->shuffled += shuffled[c] / controls;
        }
        out->range = bb_prediction_interval(shuffled, controls, 0.99);
    }
    bb_free(all);
    bb_free(order);
    bb_free(shuffled);
    return status;
}
