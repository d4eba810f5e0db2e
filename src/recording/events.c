#include "brainbert/events.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"

/* Where labels are, best first: BIDS recommends `trial_type` and lets it be missing. */
static const char *const label_headings[] = {"trial_type", "value", "event_type", "event", "stim_type"};
enum { LABELS = sizeof label_headings / sizeof *label_headings };

typedef struct columns {
    int onset, duration, labels[LABELS];
} columns;

static const char *label_of(const bb_table *t, const columns *c) {
    const char *label = NULL;
    for (size_t i = 0; i < LABELS && !label; ++i) label = bb_table_value(t, c->labels[i]);
    return label ? label : "";
}

static bb_status take_row(const bb_table *t, const columns *c, bb_events *out, size_t *capacity,
                          bb_error *err) {
    const char *onset = bb_table_quantity(t, c->onset);
    bb_event event = {.line = t->line};
    if (!onset) {
        ++out->left_out;
        return BB_OK;
    }
    if (!bb_table_number(onset, &event.onset_s))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected an onset in seconds, found '%.32s'",
                       t->name, t->line, onset);
    if (!bb_table_number(bb_table_cell(t, c->duration), &event.duration_s)) event.duration_s = 0;
    event.label = bb_strdup(label_of(t, c));
    if (!event.label || bb_grow((void **)&out->items, capacity, out->count + 1, sizeof *out->items) != 0) {
        bb_free((void *)(uintptr_t)event.label);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu events", t->name, out->count + 1);
    }
    out->items[out->count++] = event;
    return BB_OK;
}

/* Closes the table. */
static bb_status take_table(bb_table *t, bb_events *out, bb_error *err) {
    columns c = {.onset = bb_table_column(t, "onset"), .duration = bb_table_column(t, "duration")};
    size_t capacity = 0;
    bool more = true;
    bb_status status = BB_OK;
    for (size_t i = 0; i < LABELS; ++i) {
        c.labels[i] = bb_table_column(t, label_headings[i]);
        out->labelled = out->labelled || c.labels[i] != BB_TABLE_NO_COLUMN;
    }
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
