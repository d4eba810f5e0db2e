#include "tasks/task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* ---------------------------------------------------------------- making */

const char *bb_task_keep(bb_task *task, const char *text) {
    /* Events of one class often follow each other. */
    if (task->text_count > 0 && strcmp(task->texts[task->text_count - 1], text) == 0)
        return task->texts[task->text_count - 1];
    if (bb_grow((void **)&task->texts, &task->text_room, task->text_count + 1, sizeof *task->texts))
        return NULL;
    char *kept = bb_strdup(text);
    if (kept) task->texts[task->text_count++] = kept;
    return kept;
}

static bb_status keep_words(bb_task *task, bb_error *err) {
    bb_task_options *o = &task->options;
    const char **const words[] = {&o->name,    &o->events, &o->times, &o->label,
                                  &o->classes, &o->value,  &o->cut};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (*words[i] && !(*words[i] = bb_task_keep(task, *words[i])))
            return bb_fail(err, BB_ERR_MEMORY, "no memory for a task");
    return BB_OK;
}

/* Of times without other words, the files' order is that of the classes. */
static bb_status read_words(bb_task *task, bb_error *err) {
    const bb_task_options *o = &task->options;
    BB_TRY(keep_words(task, err));
    if (o->times) BB_TRY(bb_times_parse(o->times, &task->times, err));
    if (o->classes) return bb_classes_parse(o->classes, &task->classes, err);
    if (!o->times || (task->times.count > 1 && bb_task_has_contrast(o))) return BB_OK;
    for (size_t i = 0; i < task->times.count; ++i)
        BB_TRY(bb_classes_add(&task->classes, task->times.files[i].name, err));
    return BB_OK;
}

static void describe(bb_task *task) {
    const bb_task_options *o = &task->options;
    task->info = (bb_task_info){.kind = bb_task_is_number(o) ? BB_TASK_NUMBER : BB_TASK_CLASSES,
                                .window_s = o->window_s,
                                .name = o->name,
                                .label = o->label,
                                .value = o->value,
                                .cut = o->cut,
                                .value_mean = NAN,
                                .value_sd = NAN,
                                .cut_low = NAN,
                                .cut_high = NAN};
}

bb_status bb_task_create(const bb_task_options *options, bb_task **out, bb_error *err) {
    *out = NULL;
    BB_TRY(bb_task_check(options, err));
    bb_task *task = bb_calloc(1, sizeof *task);
    if (!task) return bb_fail(err, BB_ERR_MEMORY, "no memory for a task");
    bb_status status = bb_task_resolve(options, &task->options, err);
    if (status == BB_OK) status = read_words(task, err);
    if (status == BB_OK) {
        describe(task);
        *out = task;
    } else {
        bb_task_destroy(task);
    }
    return status;
}

void bb_task_destroy(bb_task *task) {
    if (!task) return;
    for (size_t i = 0; i < task->text_count; ++i) bb_free(task->texts[i]);
    bb_free(task->texts);
    bb_classes_free(&task->classes);
    bb_times_free(&task->times);
    bb_free(task->windows);
    bb_free(task->trials);
    bb_free(task->class_names);
    bb_free(task->class_trials);
    bb_free(task);
}

const bb_task_info *bb_task_get_info(const bb_task *task) { return &task->info; }

bb_status bb_task_add(bb_task *task, const bb_recording_info *recording, bb_error *err) {
    bb_task_events events;
    if (task->failed || task->finished)
        return bb_fail(err, BB_ERR_ARGUMENT, "a task that is %s takes no recordings",
                       task->finished ? "finished" : "broken");
    bb_status status = bb_task_events_load(task, recording, &events, err);
    if (status == BB_OK) status = bb_task_place(task, recording, &events, err);
    bb_task_events_free(&events);
    task->failed = status != BB_OK;
    task->info.recording_count += status == BB_OK;
    return status;
}

/* ---------------------------------------------------------------- finishing */

/* The class of a number; -1 for one between the cuts, or at both. */
static int cut_label(const bb_task_info *info, double value) {
    const bool high = value >= info->cut_high, low = value <= info->cut_low;
    return high == low ? -1 : low;
}

/* Whether a trial becomes of the window, and which; counts why not. */
static bool take_window(bb_task *task, const bb_task_window *w, int label, bb_trial *out) {
    bb_task_left_out *left = &task->info.left_out;
    const bool by_value = task->options.value != NULL;
    *out = (bb_trial){w->recording, w->channel, w->start_s, w->onset_s, label, w->value, w->event};
    if (w->role == BB_ROLE_REST) out->label = 1;
    if (w->role == BB_ROLE_BASELINE && label >= 0) out->label = 1;
    if (out->label < 0) {
        if (w->role == BB_ROLE_EVENT) ++*(w->label ? &left->unwanted : &left->no_label);
        return false;
    }
    if (by_value && isnan(w->value)) return ++left->no_value, false;
    if (w->none) return ++left->short_event, false;
    if (!w->inside) return ++left->outside, false;
    if (by_value) out->label = bb_task_is_number(&task->options) ? -1 : cut_label(&task->info, w->value);
    if (by_value && !bb_task_is_number(&task->options) && out->label < 0) return ++left->ambiguous, false;
    return true;
}

static int compare_trials(const void *a, const void *b) {
    const bb_trial *x = a, *y = b;
    if (x->recording != y->recording) return x->recording < y->recording ? -1 : 1;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    if (x->channel != y->channel) return x->channel < y->channel ? -1 : 1;
    if (x->label != y->label) return x->label < y->label ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

static bb_status take_windows(bb_task *task, const int *labels, bb_error *err) {
    task->trials = bb_calloc(task->window_count, sizeof *task->trials);
    task->class_trials = bb_calloc(task->info.class_count, sizeof *task->class_trials);
    if (!task->trials || !task->class_trials)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu trials", task->window_count);
    size_t n = 0;
    for (size_t i = 0; i < task->window_count; ++i)
        n += take_window(task, &task->windows[i], labels[i], &task->trials[n]);
    if (n > 1) qsort(task->trials, n, sizeof *task->trials, compare_trials);
    task->info.trial_count = n;
    return BB_OK;
}

/* Counts each class; BB_ERR_ARGUMENT, with the reasons, for one without trials. */
static bb_status count_trials(bb_task *task, bb_error *err) {
    const bb_task_info *info = &task->info;
    const bb_task_left_out *left = &info->left_out;
    const char *empty = info->trial_count == 0 ? "" : NULL;
    for (size_t c = 0; c < info->class_count; ++c) task->class_trials[c] = 0;
    for (size_t i = 0; i < info->trial_count && info->class_count > 0; ++i)
        ++task->class_trials[task->trials[i].label];
    for (size_t c = 0; c < info->class_count && !empty; ++c)
        if (task->class_trials[c] == 0) empty = task->class_names[c];
    if (!empty) return BB_OK;
    return bb_fail(
        err, BB_ERR_ARGUMENT,
        "expected trials%s%.64s, found none: of windows of %g s %zu leave the recording, %zu events "
        "are shorter; %zu have no label, %zu no number, %zu another label, %zu a number between the "
        "cuts; %zu were drawn out",
        *empty ? " of " : "", empty, info->window_s, left->outside, left->short_event, left->no_label,
        left->no_value, left->unwanted, left->ambiguous, left->balancing);
}

static bb_status finish(bb_task *task, int *labels, bb_error *err) {
    bb_task_info *info = &task->info;
    BB_TRY(bb_task_label(task, labels, err));
    if (task->options.value) BB_TRY(bb_task_find_cut(task, labels, err));
    BB_TRY(take_windows(task, labels, err));
    BB_TRY(count_trials(task, err));
    if (task->options.balance) {
        BB_TRY(bb_task_balance(task, err));
        BB_TRY(count_trials(task, err));
    }
    info->trials = task->trials;
    info->classes = info->class_count > 0 ? task->class_names : NULL;
    info->class_trials = task->class_trials;
    return BB_OK;
}

bb_status bb_task_finish(bb_task *task, bb_error *err) {
    if (task->failed || task->finished || task->info.recording_count == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "a task is finished once, when it has recordings");
    int *labels = bb_calloc(task->window_count, sizeof *labels);
    const bb_status status =
        labels ? finish(task, labels, err)
               : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu windows", task->window_count);
    bb_free(labels);
    bb_free(task->windows);
    task->windows = NULL;
    task->window_count = task->window_room = 0;
    task->finished = true;
    if (status != BB_OK) task->info.trial_count = task->info.class_count = 0;
    return status;
}
