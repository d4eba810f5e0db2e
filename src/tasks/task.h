/* Inside of a task: its options as resolved, the windows that bb_task_add placed, the steps of
 * bb_task_finish. */
#ifndef BB_TASKS_TASK_H
#define BB_TASKS_TASK_H

#include "brainbert/task.h"
#include "tasks/classes.h"
#include "tasks/times.h"

/* What a window stands for. */
typedef enum bb_task_role { BB_ROLE_EVENT, BB_ROLE_BASELINE, BB_ROLE_REST } bb_task_role;

/* An event of one recording, before it has a window. */
typedef struct bb_task_event {
    double onset_s, duration_s;
    const char *label;    /* the task's; NULL: the table says nothing */
    const char *channels; /* the names it belongs to; NULL: all */
    double value;         /* NaN: the table says nothing */
    size_t line;          /* of the table; 0: none */
} bb_task_event;

typedef struct bb_task_events {
    bb_task_event *items;
    size_t count, room;
    const char *path; /* of the table, else of the recording; for messages */
} bb_task_events;

/* A window that was placed and not yet labelled. */
typedef struct bb_task_window {
    size_t recording;
    int64_t channel, event;
    double start_s, onset_s, value;
    const char *label;
    bb_task_role role;
    bool inside; /* the recording */
    bool none;   /* the event is too short for one: this only stands for the event */
    bool first;  /* of its event: it stands for the event where events are counted */
} bb_task_window;

struct bb_task {
    bb_task_info info;
    bb_task_options options; /* resolved; its words are kept */
    bb_classes classes;      /* empty: every value there is, or any event at all */
    bb_times times;          /* empty: events come from a table or the recording */
    bool failed, finished;
    char **texts; /* kept words */
    size_t text_count, text_room;
    bb_task_window *windows;
    size_t window_count, window_room;
    int64_t events; /* ids given out */
    bb_trial *trials;
    const char **class_names;
    size_t *class_trials;
};

/* ---------------------------------------------------------------- options.c */

/* The options with what the named task fills in. */
bb_status bb_task_resolve(const bb_task_options *options, bb_task_options *out, bb_error *err);

/* Whether a second class stands beside those of the events. */
bool bb_task_has_contrast(const bb_task_options *o);

/* Whether the number itself is decoded. */
bool bb_task_is_number(const bb_task_options *o);

/* ---------------------------------------------------------------- task.c */

/* A copy owned by the task; NULL when memory is short. */
const char *bb_task_keep(bb_task *task, const char *text);

/* ---------------------------------------------------------------- events.c */

/* The events of a recording with their labels, numbers and channels. Free with bb_task_events_free, also
 * after a failure. */
bb_status bb_task_events_load(bb_task *task, const bb_recording_info *info, bb_task_events *out,
                              bb_error *err);
void bb_task_events_free(bb_task_events *events);

/* ---------------------------------------------------------------- columns.c */

/* Reads the columns that the task wants of the table at events->path and puts them at the events by their
 * lines. */
bb_status bb_task_columns_read(bb_task *task, bb_task_events *events, bb_error *err);

/* ---------------------------------------------------------------- lanes.c */

/* Places the windows of one recording: of all its channels at once, or trial by trial. */
bb_status bb_task_place(bb_task *task, const bb_recording_info *info, const bb_task_events *events,
                        bb_error *err);

/* ---------------------------------------------------------------- windows.c, rest.c */

/* The events that one set of windows belongs to: those of a recording or of a trial of it. */
typedef struct bb_task_lane {
    size_t recording;
    int64_t channel; /* -1: all */
    int64_t id;      /* that all its windows share; -1: each event has its own */
    const bb_recording_info *info;
    const bb_task_event **events;
    size_t count;
} bb_task_lane;

/* Windows of the events, and of what they are held against. */
bb_status bb_task_place_lane(bb_task *task, const bb_task_lane *lane, bb_error *err);

/* Windows between the events. Orders lane->events by onset. */
bb_status bb_task_place_rest(bb_task *task, const bb_task_lane *lane, bb_error *err);

/* Adds a window; `window` says all but `inside`. */
bb_status bb_task_put_window(bb_task *task, const bb_task_lane *lane, bb_task_window window, bb_error *err);

/* The lane's id, or a new one. */
int64_t bb_task_next_event(bb_task *task, const bb_task_lane *lane);

/* ---------------------------------------------------------------- labels.c, cut.c, balance.c */

/* Fills info.classes and writes to labels[window] the class of each event window, -1 where no class names its
 * label (or it has none). */
bb_status bb_task_label(bb_task *task, int *labels, bb_error *err);

/* Fills info.value_mean, value_sd, cut_low and cut_high from the numbers of the events with labels[window] >=
 * 0. */
bb_status bb_task_find_cut(bb_task *task, const int *labels, bb_error *err);

/* Leaves as many trials of each class in every recording. `trials` are sorted. */
bb_status bb_task_balance(bb_task *task, bb_error *err);

#endif
