/* Classes of labels: which values there are, and which class each belongs to. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "tasks/task.h"

/* A value that events have. */
typedef struct value {
    const char *text;
    size_t count; /* of events */
    int label;
} value;

typedef struct values {
    value *items; /* by bb_value_compare */
    size_t count;
} values;

static int compare_values(const void *a, const void *b) {
    const value *x = a, *y = b;
    return bb_value_compare(x->text, y->text);
}

/* Of values that are the same, such as 1 and 1.0, the first spelling by bytes stays. */
static int compare_spellings(const void *a, const void *b) {
    const int order = compare_values(a, b);
    return order ? order : strcmp(((const value *)a)->text, ((const value *)b)->text);
}

static bool counts(const bb_task_window *w) { return w->role == BB_ROLE_EVENT && w->first && w->label; }

static bb_status collect(const bb_task *task, values *out, bb_error *err) {
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < task->window_count; ++i) n += counts(&task->windows[i]);
    out->items = bb_calloc(n, sizeof *out->items);
    if (!out->items) return bb_fail(err, BB_ERR_MEMORY, "no memory for the labels of %zu events", n);
    for (size_t i = 0; i < task->window_count; ++i)
        if (counts(&task->windows[i])) out->items[out->count++] = (value){task->windows[i].label, 1, -1};
    if (n > 1) qsort(out->items, n, sizeof *out->items, compare_spellings);
    for (size_t i = 0; i < n; ++i) {
        if (kept > 0 && compare_values(&out->items[kept - 1], &out->items[i]) == 0)
            ++out->items[kept - 1].count;
        else
            out->items[kept++] = out->items[i];
    }
    out->count = kept;
    return BB_OK;
}

static value *find(const values *v, const char *text) {
    const value key = {.text = text};
    return v->count ? bsearch(&key, v->items, v->count, sizeof *v->items, compare_values) : NULL;
}

/* "audio (16), visual (15)": as many as fit. */
static void list_values(const values *v, char *out, size_t room) {
    size_t used = (size_t)snprintf(out, room, "%s", v->count ? "" : "none");
    for (size_t i = 0; i < v->count; ++i) {
        const value *x = &v->items[i];
        if (used + strnlen(x->text, 40) + 48 > room) {
            snprintf(out + used, room - used, ", and %zu more", v->count - i);
            return;
        }
        used += (size_t)snprintf(out + used, room - used, "%s%.40s (%zu)", i ? ", " : "", x->text, x->count);
    }
}

static bb_status absent(const values *v, const char *text, bb_error *err) {
    char list[512];
    list_values(v, list, sizeof list);
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "classes: expected values that events have, found '%.64s'; there are: %s", text, list);
}

/* ---------------------------------------------------------------- which class */

static bb_status put_name(bb_task *task, const char *name, bb_error *err) {
    task->class_names[task->info.class_count] = bb_task_keep(task, name);
    if (!task->class_names[task->info.class_count++]) return bb_fail(err, BB_ERR_MEMORY, "no memory");
    return BB_OK;
}

static bb_status take_stated(bb_task *task, values *v, bb_error *err) {
    int others = -1;
    size_t left = 0;
    for (size_t c = 0; c < task->classes.count; ++c) {
        const bb_class *class = &task->classes.items[c];
        if (class->others) others = (int)c;
        for (size_t k = 0; k < class->count; ++k) {
            value *found = find(v, class->values[k]);
            if (!found) return absent(v, class->values[k], err);
            found->label = (int)c;
        }
        BB_TRY(put_name(task, class->name, err));
    }
    for (size_t i = 0; i < v->count; ++i)
        if (v->items[i].label < 0) ++left, v->items[i].label = others;
    return others >= 0 && left == 0 ? absent(v, "*", err) : BB_OK;
}

static bb_status take_every(bb_task *task, values *v, bb_error *err) {
    char list[512];
    list_values(v, list, sizeof list);
    if (v->count > BB_TASK_MAX_CLASSES)
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected at most %d, found %zu values: %s",
                       BB_TASK_MAX_CLASSES, v->count, list);
    for (size_t i = 0; i < v->count; ++i) {
        v->items[i].label = (int)i;
        BB_TRY(put_name(task, v->items[i].text, err));
    }
    if (v->count >= 2) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected two values or more, found: %s", list);
}

static bb_status take_classes(bb_task *task, values *v, int *labels, bb_error *err) {
    BB_TRY(collect(task, v, err));
    BB_TRY(task->classes.count > 0 ? take_stated(task, v, err) : take_every(task, v, err));
    for (size_t i = 0; i < task->window_count; ++i) {
        const value *found = task->windows[i].label ? find(v, task->windows[i].label) : NULL;
        labels[i] = found ? found->label : -1;
    }
    return BB_OK;
}

bb_status bb_task_label(bb_task *task, int *labels, bb_error *err) {
    const bb_task_options *o = &task->options;
    values v = {0};
    bb_status status = BB_OK;
    /* Names of all classes, and of one more against them. */
    task->class_names = bb_calloc(BB_TASK_MAX_CLASSES + 1, sizeof *task->class_names);
    if (!task->class_names) return bb_fail(err, BB_ERR_MEMORY, "no memory for the classes");
    if (task->classes.count > 0 || (!o->value && !bb_task_has_contrast(o)))
        status = take_classes(task, &v, labels, err);
    else /* any event, labelled or not */
        status = put_name(task, "event", err);
    bb_free(v.items);
    if (status == BB_OK && bb_task_has_contrast(o))
        status = put_name(task, isnan(o->rest_s) ? "baseline" : "rest", err);
    if (status == BB_OK && o->value) { /* classes only chose the events */
        task->info.class_count = 0;
        if (!bb_task_is_number(o)) status = put_name(task, "high", err);
        if (status == BB_OK && !bb_task_is_number(o)) status = put_name(task, "low", err);
    }
    return status;
}
