/* The windows of events: one each, or one after the other for as long as the event lasts. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "tasks/task.h"

/* Of times that were written down rounded: a window that ends with the recording may end this much later. */
static const double slack_s = 1e-6;

int64_t bb_task_next_event(bb_task *task, const bb_task_lane *lane) {
    return lane->id >= 0 ? lane->id : task->events++;
}

bb_status bb_task_put_window(bb_task *task, const bb_task_lane *lane, bb_task_window window, bb_error *err) {
    const double end_s = window.start_s + task->options.window_s;
    if (task->window_count == BB_TASK_MAX_TRIALS)
        return bb_fail(err, BB_ERR_MEMORY, "%s: expected at most %d windows in all recordings",
                       lane->info->path, BB_TASK_MAX_TRIALS);
    if (bb_grow((void **)&task->windows, &task->window_room, task->window_count + 1, sizeof *task->windows))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for another window", lane->info->path);
    window.recording = lane->recording;
    window.channel = lane->channel;
    window.inside = window.start_s >= -slack_s && end_s <= lane->info->duration_s + slack_s;
    task->windows[task->window_count++] = window;
    return BB_OK;
}

/* How many windows lie within the event; one where they do not go by its duration. */
static double count_windows(const bb_task_options *o, const bb_task_event *event, double offset_s) {
    if (isnan(o->every_s)) return 1;
    const double room_s = event->duration_s - offset_s - o->window_s;
    return room_s < -slack_s ? 0 : floor((room_s + slack_s) / o->every_s) + 1;
}

static bb_status place_event(bb_task *task, const bb_task_lane *lane, const bb_task_event *event,
                             bb_error *err) {
    const bb_task_options *o = &task->options;
    const double usual_s = isnan(o->every_s) ? -0.5 * o->window_s : 0;
    const double offset_s = isnan(o->offset_s) ? usual_s : o->offset_s;
    const double count = count_windows(o, event, offset_s), step_s = isnan(o->every_s) ? 0 : o->every_s;
    const int64_t id = bb_task_next_event(task, lane);
    bb_task_window window = {.event = id,
                             .onset_s = event->onset_s,
                             .value = event->value,
                             .label = event->label,
                             .role = BB_ROLE_EVENT,
                             .first = true};
    window.none = count == 0;
    for (double i = 0; i < count || (i == 0 && window.none); ++i) {
        window.start_s = event->onset_s + offset_s + i * step_s;
        BB_TRY(bb_task_put_window(task, lane, window, err));
        window.first = false;
    }
    if (isnan(o->baseline_s)) return BB_OK;
    window.role = BB_ROLE_BASELINE;
    window.start_s = event->onset_s + o->baseline_s;
    return bb_task_put_window(task, lane, window, err);
}

bb_status bb_task_place_lane(bb_task *task, const bb_task_lane *lane, bb_error *err) {
    for (size_t i = 0; i < lane->count; ++i) BB_TRY(place_event(task, lane, lane->events[i], err));
    return isnan(task->options.rest_s) ? BB_OK : bb_task_place_rest(task, lane, err);
}
