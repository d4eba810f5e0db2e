/* Where a recording's events come from: itself, a table, or a file of onsets for each class. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/events.h"
#include "tasks/task.h"

static bool by_table(const bb_task_options *o) { return o->events && strcmp(o->events, "annotations") != 0; }

void bb_task_events_free(bb_task_events *events) {
    bb_free(events->items);
    *events = (bb_task_events){0};
}

static bb_status put_event(bb_task *task, const bb_event *from, bb_task_events *out, bb_error *err) {
    bb_task_event event = {from->onset_s, from->duration_s, NULL, NULL, NAN, from->line};
    if (*from->label && !(event.label = bb_task_keep(task, from->label)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its events", out->path);
    if (bb_grow((void **)&out->items, &out->room, out->count + 1, sizeof *out->items))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its events", out->path);
    out->items[out->count++] = event;
    return BB_OK;
}

static bb_status take_table(bb_task *task, bb_task_events *out, bb_error *err) {
    bb_events events;
    out->path = task->options.events;
    BB_TRY(bb_events_read(out->path, &events, err));
    bb_status status = BB_OK;
    task->info.left_out.no_onset += events.left_out;
    for (size_t i = 0; i < events.count && status == BB_OK; ++i)
        status = put_event(task, &events.items[i], out, err);
    bb_events_free(&events);
    return status == BB_OK ? bb_task_columns_read(task, out, err) : status;
}

static bb_status take_own(bb_task *task, const bb_recording_info *info, bb_task_events *out, bb_error *err) {
    const bb_task_options *o = &task->options;
    out->path = info->events_path ? info->events_path : info->path;
    for (size_t i = 0; i < info->event_count; ++i) BB_TRY(put_event(task, &info->events[i], out, err));
    if (info->events_path) return bb_task_columns_read(task, out, err);
    if (!o->label && !o->value) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "%s: its events are the file's own and have no columns, expected a table with '%.64s'",
                   info->path, o->value ? o->value : o->label);
}

static bb_status take_times(bb_task *task, const bb_times_file *file, bb_task_events *out, bb_error *err) {
    bb_onsets onsets;
    BB_TRY(bb_onsets_read(file->path, &onsets, err));
    bb_status status = BB_OK;
    task->info.left_out.no_onset += onsets.left_out;
    if (onsets.count == 0)
        status = bb_fail(err, BB_ERR_ARGUMENT, "%s: expected onsets in seconds, found none", file->path);
    for (size_t i = 0; i < onsets.count && status == BB_OK; ++i) {
        const bb_event event = {.onset_s = onsets.items[i], .label = file->name};
        status = put_event(task, &event, out, err);
    }
    bb_onsets_free(&onsets);
    return status;
}

/* Those of a table are the clock's, of which the recording's own annotations alone know the gaps. */
static bb_status check_gaps(const bb_task *task, const bb_recording_info *info, bb_error *err) {
    const bb_task_options *o = &task->options;
    if (!info->has_gaps || (!by_table(o) && !o->times)) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "%s: the recording has gaps, so that onsets from %.256s cannot be placed in it; its own "
                   "annotations can",
                   info->path, o->times ? o->times : o->events);
}

static bb_status check_single(const bb_task *task, const bb_recording_info *info, bb_error *err) {
    const bb_task_options *o = &task->options;
    if (task->info.recording_count == 0 || o->channels_are_trials || (!by_table(o) && !o->times))
        return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s belong%s to one recording, found a second", info->path,
                   o->times ? "times" : o->events, o->times ? "" : "s");
}

bb_status bb_task_events_load(bb_task *task, const bb_recording_info *info, bb_task_events *out,
                              bb_error *err) {
    *out = (bb_task_events){.path = info->path};
    BB_TRY(check_gaps(task, info, err));
    BB_TRY(check_single(task, info, err));
    if (task->times.count > 0)
        for (size_t i = 0; i < task->times.count; ++i)
            BB_TRY(take_times(task, &task->times.files[i], out, err));
    else if (by_table(&task->options))
        BB_TRY(take_table(task, out, err));
    else
        BB_TRY(take_own(task, info, out, err));
    if (out->count > 0) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected events, found none", out->path);
}
