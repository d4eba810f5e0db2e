#include "brainbert/events.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"

typedef struct columns {
    int onset, duration, label;
} columns;

static bb_status take_row(const bb_table *t, const columns *c, bb_events *out, size_t *capacity,
                          bb_error *err) {
    const char *onset = bb_table_cell(t, c->onset), *label = bb_table_cell(t, c->label);
    if (onset && strcmp(onset, "n/a") == 0) return BB_OK;
    bb_event event = {0};
    if (!bb_table_number(onset, &event.onset_s))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected an onset in seconds, found '%.32s'",
                       t->name, t->line, onset ? onset : "");
    if (!bb_table_number(bb_table_cell(t, c->duration), &event.duration_s)) event.duration_s = 0;
    event.label = bb_strdup(label ? label : "");
    if (!event.label || bb_grow((void **)&out->items, capacity, out->count + 1, sizeof *out->items) != 0) {
        bb_free((void *)(uintptr_t)event.label);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu events", t->name, out->count + 1);
    }
    out->items[out->count++] = event;
    return BB_OK;
}

/* Closes the table. */
static bb_status take_table(bb_table *t, bb_events *out, bb_error *err) {
    const columns c = {bb_table_column(t, "onset"), bb_table_column(t, "duration"),
                       bb_table_column(t, "trial_type")};
    size_t capacity = 0;
    bool more = true;
    bb_status status = BB_OK;
    if (c.onset == BB_TABLE_NO_COLUMN)
        status = bb_fail(err, BB_ERR_FORMAT,
                         "%s: line 1: expected tab-separated column names with 'onset' among them", t->name);
    while (status == BB_OK && more) {
        status = bb_table_next(t, &more, err);
        if (status == BB_OK && more) status = take_row(t, &c, out, &capacity, err);
    }
    bb_table_close(t);
    if (status != BB_OK) bb_events_free(out);
    return status;
}

bb_status bb_events_parse(const char *text, const char *name, bb_events *out, bb_error *err) {
    bb_table table;
    *out = (bb_events){0};
    BB_TRY(bb_table_parse(text, '\t', name, &table, err));
    return take_table(&table, out, err);
}

bb_status bb_events_read(const char *path, bb_events *out, bb_error *err) {
    bb_table table;
    *out = (bb_events){0};
    BB_TRY(bb_table_open(path, '\t', &table, err));
    return take_table(&table, out, err);
}

void bb_events_free(bb_events *events) {
    for (size_t i = 0; i < events->count; ++i) bb_free((void *)(uintptr_t)events->items[i].label);
    bb_free(events->items);
    *events = (bb_events){0};
}
