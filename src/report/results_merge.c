/* What the results say together: their electrodes, and the means over them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/results.h"

/* A result in the order (name, subject, features, place in the results). */
typedef struct named {
    const char *name, *subject;
    int features;
    size_t result, nth; /* nth result of this name with these features */
} named;

static int by_place(const named *a, const named *b) {
    return (a->result > b->result) - (a->result < b->result);
}

/* Electrodes of one name, of two subjects, are two. */
static int by_name(const named *a, const named *b) {
    const int names = strcmp(a->name, b->name);
    return names != 0 ? names : strcmp(a->subject, b->subject);
}

static int by_features(const void *left, const void *right) {
    const named *a = left, *b = right;
    const int names = by_name(a, b);
    if (names != 0) return names;
    return a->features != b->features ? a->features - b->features : by_place(a, b);
}

static int by_electrode(const void *left, const void *right) {
    const named *a = left, *b = right;
    const int names = by_name(a, b);
    if (names != 0) return names;
    return a->nth != b->nth ? (a->nth > b->nth) - (a->nth < b->nth) : by_place(a, b);
}

static bool same_features(const named *a, const named *b) {
    return a->features == b->features && by_name(a, b) == 0;
}

static bool same_electrode(const named *a, const named *b) { return a->nth == b->nth && by_name(a, b) == 0; }

/* results[i].electrode becomes the first result of the same electrode. */
static void find_firsts(bb_task *task, named *list) {
    const size_t n = task->result_count;
    for (size_t i = 0; i < n; ++i) {
        const char *name = task->electrodes[i].name, *subject = task->electrodes[i].subject;
        list[i] = (named){name ? name : "", subject ? subject : "", task->results[i].features, i, 0};
    }
    qsort(list, n, sizeof *list, by_features);
    for (size_t i = 1; i < n; ++i)
        if (same_features(&list[i], &list[i - 1])) list[i].nth = list[i - 1].nth + 1;
    qsort(list, n, sizeof *list, by_electrode);
    for (size_t i = 0, first = 0; i < n; ++i) {
        if (!same_electrode(&list[i], &list[first])) first = i;
        task->results[list[i].result].electrode = list[first].result;
    }
}

/* What a later result of an electrode knows and the first did not say. */
static void learn(bb_electrode *known, const bb_electrode *more) {
    if (!known->group) known->group = more->group;
    if (!known->region) known->region = more->region;
    if (!known->placed && more->placed) {
        memcpy(known->position, more->position, sizeof known->position);
        known->placed = true;
    }
}

bb_status bb_results_number_electrodes(bb_task *task, bb_error *err) {
    const size_t n = task->result_count;
    named *list = bb_calloc(n, sizeof *list);
    size_t *number = bb_calloc(n, sizeof *number);
    const bool fits = list && number;
    if (fits) find_firsts(task, list);
    for (size_t i = 0; fits && i < n; ++i) {
        /* A first result stands before all others of its electrode, so its number is known by then; the list
         * is packed in place, behind which nothing is read that was overwritten. */
        const size_t first = task->results[i].electrode;
        if (first == i) {
            number[i] = task->electrode_count++;
            task->electrodes[number[i]] = task->electrodes[i];
        } else
            learn(&task->electrodes[number[first]], &task->electrodes[i]);
        task->results[i].electrode = number[first];
    }
    bb_free(list);
    bb_free(number);
    return fits ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu results", n);
}

/* From the highest mean to the lowest, those without one last, else as they came. */
static int by_mean(const void *left, const void *right) {
    const bb_summary *a = left, *b = right;
    const double x = isnan(a->mean) ? -INFINITY : a->mean, y = isnan(b->mean) ? -INFINITY : b->mean;
    return x != y ? (x < y) - (x > y) : a->features - b->features;
}

/* The mean over electrodes of every kind of features that has a score. */
static bb_status summarize(bb_task *task, bb_error *err) {
    double sum[BB_REPORT_FEATURES] = {0}, squares[BB_REPORT_FEATURES] = {0};
    size_t count[BB_REPORT_FEATURES] = {0};
    task->summary = bb_calloc(BB_REPORT_FEATURES, sizeof *task->summary);
    if (!task->summary) return bb_fail(err, BB_ERR_MEMORY, "no memory for a summary");
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        if (isnan(r->score)) continue;
        sum[r->features] += r->score;
        squares[r->features] += r->score * r->score;
        ++count[r->features];
    }
    for (int f = 0; f < BB_REPORT_FEATURES; ++f) {
        if (count[f] == 0) continue;
        const double n = (double)count[f], mean = sum[f] / n;
        task->summary[task->summary_count++] =
            (bb_summary){f, n, mean, sqrt(fmax(0, squares[f] / n - mean * mean)), NAN, NAN, NAN, NAN, NAN};
    }
    task->summary_is_ours = task->summary_count > 0;
    return BB_OK;
}

static bb_status read_summary(const cJSON *item, bb_summary *out, bb_results *all, const bb_place *place,
                              bb_error *err) {
    static const bb_number_field fields[] = {
        {"electrodes", offsetof(bb_summary, electrodes), 0, 1e12},
        {"mean", offsetof(bb_summary, mean), -1e6, 1e6},
        {"sd", offsetof(bb_summary, sd), 0, 1e6},
        {"ci_low", offsetof(bb_summary, low), -1e6, 1e6},
        {"ci_high", offsetof(bb_summary, high), -1e6, 1e6},
        {"control_mean", offsetof(bb_summary, control_mean), -1e6, 1e6},
        {"control_low", offsetof(bb_summary, control_low), -1e6, 1e6},
        {"control_high", offsetof(bb_summary, control_high), -1e6, 1e6},
    };
    BB_TRY(bb_results_features(item, all, &out->features, place, err));
    return bb_field_numbers(item, fields, sizeof fields / sizeof *fields, out, place, err);
}

bb_status bb_results_read_summary(const cJSON *json, bb_task *task, bb_results *all, const bb_place *place,
                                  bb_error *err) {
    const cJSON *item;
    void *summary = NULL;
    const bb_status status = bb_field_records(json, "summary", sizeof *task->summary, &item, &summary,
                                              &task->summary_count, place, err);
    task->summary = summary;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "summary", i);
        BB_TRY(read_summary(item, &task->summary[i], all, &at, err));
    }
    BB_TRY(status);
    if (task->summary_count == 0) {
        bb_free(task->summary);
        BB_TRY(summarize(task, err));
    }
    qsort(task->summary, task->summary_count, sizeof *task->summary, by_mean);
    return BB_OK;
}
