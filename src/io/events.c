#include "brainbert/events.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "io/decimal.h"

enum { MAX_FILE = 256 << 20, NO_COLUMN = -1 };

typedef struct span {
    const char *at;
    size_t length;
} span;

typedef struct columns {
    int onset, duration, label;
} columns;

/* The next line without its end; at = NULL behind the last one. */
static span next_line(const char **text) {
    const char *at = *text;
    if (!*at) return (span){0};
    const size_t length = strcspn(at, "\n");
    *text = at + length + (at[length] == '\n');
    return (span){at, length > 0 && at[length - 1] == '\r' ? length - 1 : length};
}

/* Cell `index` of a line; at = NULL when it has fewer. */
static span cell(span line, int index) {
    const char *at = line.at, *end = line.at + line.length;
    for (int i = 0; index >= 0; ++i) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        if (i == index) return (span){at, (size_t)((tab ? tab : end) - at)};
        if (!tab) break;
        at = tab + 1;
    }
    return (span){0};
}

static bool equals(span s, const char *word) {
    return s.at && s.length == strlen(word) && memcmp(s.at, word, s.length) == 0;
}

static int find_column(span heading, const char *name) {
    const char *at = heading.at, *end = heading.at + heading.length;
    for (int i = 0;; ++i) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        if (equals((span){at, (size_t)((tab ? tab : end) - at)}, name)) return i;
        if (!tab) return NO_COLUMN;
        at = tab + 1;
    }
}

/* A whole cell as a finite number. A comma may stand for a point or between thousands: it is refused. */
static bool parse_number(span s, double *out) {
    return s.at && s.length > 0 && !memchr(s.at, ',', s.length) &&
           bb_decimal_parse(s.at, s.length, out) == s.length;
}

static bb_status parse_line(span line, const columns *c, const char *name, size_t number, bb_events *out,
                            size_t *capacity, bb_error *err) {
    const span onset = cell(line, c->onset), label = cell(line, c->label);
    if (equals(onset, "n/a")) return BB_OK;
    bb_event event = {0};
    if (!parse_number(onset, &event.onset_s))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected an onset in seconds, found '%.*s'", name,
                       number, (int)(onset.length < 32 ? onset.length : 32), onset.at ? onset.at : "");
    if (!parse_number(cell(line, c->duration), &event.duration_s)) event.duration_s = 0;
    event.label = label.at ? bb_strndup(label.at, label.length) : bb_strdup("");
    if (!event.label || bb_grow((void **)&out->items, capacity, out->count + 1, sizeof *out->items) != 0) {
        bb_free((void *)(uintptr_t)event.label);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu events", name, out->count + 1);
    }
    out->items[out->count++] = event;
    return BB_OK;
}

bb_status bb_events_parse(const char *text, const char *name, bb_events *out, bb_error *err) {
    *out = (bb_events){0};
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (strncmp(text, byte_order_mark, 3) == 0) text += 3;
    const span heading = next_line(&text);
    const columns c = heading.at ? (columns){find_column(heading, "onset"), find_column(heading, "duration"),
                                             find_column(heading, "trial_type")}
                                 : (columns){NO_COLUMN, NO_COLUMN, NO_COLUMN};
    if (c.onset == NO_COLUMN)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: line 1: expected tab-separated column names with 'onset' among them", name);
    size_t capacity = 0;
    bb_status status = BB_OK;
    span line;
    for (size_t number = 2; status == BB_OK && (line = next_line(&text)).at; ++number)
        if (line.length > 0) status = parse_line(line, &c, name, number, out, &capacity, err);
    if (status != BB_OK) bb_events_free(out);
    return status;
}

bb_status bb_events_read(const char *path, bb_events *out, bb_error *err) {
    char *text;
    *out = (bb_events){0};
    BB_TRY(bb_file_read(path, MAX_FILE, &text, NULL, err));
    const bb_status status = bb_events_parse(text, path, out, err);
    bb_free(text);
    return status;
}

void bb_events_free(bb_events *events) {
    for (size_t i = 0; i < events->count; ++i) bb_free((void *)(uintptr_t)events->items[i].label);
    bb_free(events->items);
    *events = (bb_events){0};
}
