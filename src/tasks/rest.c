/* Rest: what lies between events. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "tasks/task.h"

static int compare_onsets(const void *a, const void *b) {
    const bb_task_event *x = *(const bb_task_event *const *)a, *y = *(const bb_task_event *const *)b;
    if (x->onset_s != y->onset_s) return x->onset_s < y->onset_s ? -1 : 1;
    return (x->duration_s > y->duration_s) - (x->duration_s < y->duration_s);
}

/* Windows in [from, to): as many as it holds, in its middle; one, which it does not hold, where it is shorter
 * than a window. */
static bb_status place_piece(bb_task *task, const bb_task_lane *lane, double from_s, double to_s,
                             bb_error *err) {
    const bb_task_options *o = &task->options;
    const double step_s = isnan(o->every_s) ? o->window_s : o->every_s, length_s = to_s - from_s;
    if (!(length_s >= o->rest_s)) return BB_OK;
    const double more = floor((length_s - o->window_s) / step_s + 1e-9), extra = more > 0 ? more : 0;
    const double first_s = from_s + 0.5 * (length_s - o->window_s - extra * step_s);
    const int64_t id = bb_task_next_event(task, lane);
    for (double i = 0; i <= extra; ++i) {
        const double start_s = first_s + i * step_s;
        const bb_task_window window = {.event = id,
                                       .start_s = start_s,
                                       .onset_s = start_s + 0.5 * o->window_s,
                                       .value = NAN,
                                       .role = BB_ROLE_REST,
                                       .first = i == 0};
        BB_TRY(bb_task_put_window(task, lane, window, err));
    }
    return BB_OK;
}

/* The first seam behind `second`. */
static size_t seam_behind(const bb_recording_info *info, double second) {
    size_t low = 0, high = info->seam_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (info->seams_s[middle] > second)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* A stretch without events, in pieces where the recording was interrupted. */
static bb_status place_stretch(bb_task *task, const bb_task_lane *lane, double from_s, double to_s,
                               bb_error *err) {
    const double end_s = lane->info->duration_s;
    from_s = from_s > 0 ? from_s : 0;
    to_s = to_s < end_s ? to_s : end_s;
    for (size_t i = seam_behind(lane->info, from_s); i < lane->info->seam_count; ++i) {
        const double seam_s = lane->info->seams_s[i];
        if (seam_s >= to_s) break;
        BB_TRY(place_piece(task, lane, from_s, seam_s, err));
        from_s = seam_s;
    }
    return from_s < to_s ? place_piece(task, lane, from_s, to_s, err) : BB_OK;
}

/* Before a transcript's first word and behind its last one nobody has written down what was heard. */
static bool ends_are_rest(const bb_task *task) { return !task->options.name; }

bb_status bb_task_place_rest(bb_task *task, const bb_task_lane *lane, bb_error *err) {
    bool lasting = false;
    double free_s = ends_are_rest(task) || lane->count == 0 ? 0 : INFINITY;
    qsort(lane->events, lane->count, sizeof *lane->events, compare_onsets);
    for (size_t i = 0; i < lane->count; ++i) {
        const bb_task_event *event = lane->events[i];
        const double end_s = event->onset_s + event->duration_s;
        lasting = lasting || event->duration_s > 0;
        if (free_s < event->onset_s) BB_TRY(place_stretch(task, lane, free_s, event->onset_s, err));
        if (isinf(free_s) || end_s > free_s) free_s = end_s;
    }
    if (!lasting && lane->count > 0)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: expected events that last, as rest lies between them, found no durations; a "
                       "baseline counts from onsets",
                       lane->info->path);
    return ends_are_rest(task) ? place_stretch(task, lane, free_s, lane->info->duration_s, err) : BB_OK;
}
