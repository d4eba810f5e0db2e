/* Classes of numbers: where "high" begins and "low" ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"
#include "tasks/task.h"

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Once for each event, so that long ones count no more than others. */
static size_t collect(const bb_task *task, const int *labels, double *out) {
    size_t n = 0;
    for (size_t i = 0; i < task->window_count; ++i) {
        const bb_task_window *w = &task->windows[i];
        if (w->role != BB_ROLE_EVENT || !w->first || labels[i] < 0 || isnan(w->value)) continue;
        if (out) out[n] = w->value;
        ++n;
    }
    return n;
}

/* Mean and population sd, about the first number so that large ones of little spread keep it. */
static void measure(bb_task_info *info, const double *numbers, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; ++i) sum += numbers[i] / (double)n;
    for (size_t i = 0; i < n; ++i) squares += (numbers[i] - sum) * (numbers[i] - sum) / (double)n;
    info->value_mean = sum;
    info->value_sd = sqrt(squares);
}

/* The quantile by linear interpolation between the sorted numbers, as NumPy has it by default (method 7 of
 * Hyndman and Fan, The American Statistician 1996). */
static double quantile(const double *sorted, size_t n, double share) {
    const double at = share * (double)(n - 1), below = floor(at);
    const size_t i = (size_t)below;
    if (i + 1 >= n) return sorted[n - 1];
    return sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]);
}

static void find(bb_task_info *info, const char *cut, double *numbers, size_t n) {
    double share = 0.5; /* "median" */
    if (strcmp(cut, "sd") == 0) {
        info->cut_low = info->value_mean - info->value_sd;
        info->cut_high = info->value_mean + info->value_sd;
        return;
    }
    bb_table_number(cut, &share);
    qsort(numbers, n, sizeof *numbers, compare_numbers);
    info->cut_low = quantile(numbers, n, share);
    info->cut_high = share == 0.5 ? info->cut_low : quantile(numbers, n, 1 - share);
}

bb_status bb_task_find_cut(bb_task *task, const int *labels, bb_error *err) {
    const size_t n = collect(task, labels, NULL);
    if (n == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "value: expected numbers under '%.64s', found none",
                       task->options.value);
    double *numbers = bb_calloc(n, sizeof *numbers);
    if (!numbers) return bb_fail(err, BB_ERR_MEMORY, "no memory for the numbers of %zu events", n);
    collect(task, labels, numbers);
    measure(&task->info, numbers, n);
    if (!bb_task_is_number(&task->options)) find(&task->info, task->options.cut, numbers, n);
    bb_free(numbers);
    return BB_OK;
}
