/* Columns of the table that events come from: what a task wants of the row of each event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/table.h"
#include "tasks/task.h"

typedef struct columns {
    int label, value, channels;
} columns;

/* "text, start, end": as many as fit. */
static void list_columns(const bb_table *t, char *out, size_t room) {
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < t->column_count; ++i) {
        const size_t length = strlen(t->headings[i]);
        if (length == 0) continue;
        if (used + length + 8 > room) {
            snprintf(out + used, room - used, ", ...");
            return;
        }
        used += (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "", t->headings[i]);
    }
}

static bb_status find_column(const bb_table *t, const char *name, int *out, bb_error *err) {
    char list[512];
    *out = name ? bb_table_column(t, name) : BB_TABLE_NO_COLUMN;
    if (!name || *out != BB_TABLE_NO_COLUMN) return BB_OK;
    list_columns(t, list, sizeof list);
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a column '%.64s', found: %s", t->name, name, list);
}

static bb_status find_columns(const bb_task_options *o, const bb_table *t, columns *out, bb_error *err) {
    BB_TRY(find_column(t, o->label, &out->label, err));
    BB_TRY(find_column(t, o->value, &out->value, err));
    out->channels = BB_TABLE_NO_COLUMN;
    if (!o->channels_are_trials) return BB_OK;
    out->channels = bb_table_column(t, "channel");
    if (out->channels == BB_TABLE_NO_COLUMN) out->channels = bb_table_column(t, "channels");
    return BB_OK;
}

static bb_status keep_cell(bb_task *task, const char *cell, const char **out, bb_error *err) {
    *out = cell ? bb_task_keep(task, cell) : NULL;
    return cell && !*out ? bb_fail(err, BB_ERR_MEMORY, "no memory for the labels of events") : BB_OK;
}

static bb_status take_row(bb_task *task, const bb_table *t, const columns *c, bb_task_event *event,
                          bb_error *err) {
    const char *number = bb_table_quantity(t, c->value);
    if (c->label != BB_TABLE_NO_COLUMN)
        BB_TRY(keep_cell(task, bb_table_value(t, c->label), &event->label, err));
    BB_TRY(keep_cell(task, bb_table_value(t, c->channels), &event->channels, err));
    if (number && !bb_table_number(number, &event->value))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a number under '%.64s', found '%.32s'",
                       t->name, t->line, t->headings[c->value], number);
    return BB_OK;
}

static int compare_lines(const void *a, const void *b) {
    const bb_task_event *x = *(bb_task_event *const *)a, *y = *(bb_task_event *const *)b;
    return (x->line > y->line) - (x->line < y->line);
}

/* `order`: the events by line, as the rows come. */
static bb_status take_rows(bb_task *task, bb_table *t, bb_task_event *const *order, size_t count,
                           bb_error *err) {
    columns c;
    size_t next = 0;
    BB_TRY(find_columns(&task->options, t, &c, err));
    for (bool more = true; more && next < count;) {
        BB_TRY(bb_table_next(t, &more, err));
        while (more && next < count && order[next]->line < t->line) ++next;
        for (; more && next < count && order[next]->line == t->line; ++next)
            BB_TRY(take_row(task, t, &c, order[next], err));
    }
    return BB_OK;
}

bb_status bb_task_columns_read(bb_task *task, bb_task_events *events, bb_error *err) {
    const bb_task_options *o = &task->options;
    if (!o->label && !o->value && !o->channels_are_trials) return BB_OK;
    bb_table table;
    BB_TRY(bb_table_open(events->path, bb_has_suffix(events->path, ".csv") ? ',' : '\t', &table, err));
    bb_task_event **order = bb_calloc(events->count, sizeof *order);
    bb_status status = order ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", events->path);
    for (size_t i = 0; i < events->count && status == BB_OK; ++i) {
        order[i] = &events->items[i];
        if (o->label) order[i]->label = NULL; /* the column's alone */
    }
    if (status == BB_OK) {
        qsort(order, events->count, sizeof *order, compare_lines);
        status = take_rows(task, &table, order, events->count, err);
    }
    bb_table_close(&table);
    bb_free(order);
    return status;
}
