/* _channels.tsv: what each channel is, its unit, whether it is bad and why. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"
#include "recording/channel_match.h"
#include "recording/channel_type.h"
#include "recording/sidecars.h"

typedef struct row {
    const char *name, *type, *unit, *status, *remark, *group;
    double rate_hz; /* 0: not said */
    size_t index;   /* in the table */
    bool taken;     /* a channel has this row */
} row;

typedef struct channel_table {
    bb_table table; /* holds the rows' texts */
    row *rows;
    size_t count, room;
    /* how many rows were surprising, for warnings */
    size_t other_unit, other_rate, odd_type, odd_status, contradicted;
    const row *unit_example, *rate_example, *type_example, *status_example, *contradicted_example;
} channel_table;

static void note(size_t *count, const row **example, const row *x) {
    if ((*count)++ == 0) *example = x;
}

static bb_status add_row(bb_recording *r, channel_table *c, const int columns[7], bb_error *err) {
    const bb_table *t = &c->table;
    const char *name = bb_table_value(t, columns[0]), *rate = bb_table_value(t, columns[6]);
    if (!name)
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a channel's name, found none", t->name,
                       t->line);
    if (c->count == BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected at most %d channels", t->name, t->line,
                       BB_MAX_CHANNELS);
    row x = {.index = c->count,
             .name = bb_recording_keep(r, name, SIZE_MAX),
             .type = bb_table_value(t, columns[1]),
             .unit = bb_table_value(t, columns[2]),
             .status = bb_table_value(t, columns[3]),
             .remark = bb_table_value(t, columns[4]),
             .group = bb_table_value(t, columns[5])};
    if (rate && (!bb_table_number(rate, &x.rate_hz) || x.rate_hz <= 0))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a sampling frequency in Hz, found '%.32s'",
                       t->name, t->line, rate);
    if (!x.name || bb_grow((void **)&c->rows, &c->room, c->count + 1, sizeof *c->rows))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", t->name);
    c->rows[c->count++] = x;
    return BB_OK;
}

static bb_status read_rows(bb_recording *r, channel_table *c, bb_error *err) {
    static const char *const headings[7] = {
        "name", "type", "units", "status", "status_description", "group", "sampling_frequency"};
    int columns[7];
    for (size_t i = 0; i < 7; ++i) columns[i] = bb_table_column(&c->table, headings[i]);
    if (columns[0] == BB_TABLE_NO_COLUMN)
        return bb_fail(
            err, BB_ERR_FORMAT,
            "%s: line 1: expected tab-separated column names with 'name' among them, found '%.32s'",
            c->table.name, c->table.headings[0]);
    for (bool more = true; more;) {
        BB_TRY(bb_table_next(&c->table, &more, err));
        if (more) BB_TRY(add_row(r, c, columns, err));
    }
    /* cut off, or its lines end in what is no end of line: all marks of bad channels would be lost */
    if (c->count == 0 && r->channel_count > 0)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected rows for the %zu channels of the recording ('%.32s', ...), found none",
                       c->table.name, r->channel_count, r->channels[0].name);
    return BB_OK;
}

static bb_status keep(bb_recording *r, const char **to, const char *text, bb_error *err) {
    if (!text) return BB_OK;
    const char *kept = bb_recording_keep(r, text, SIZE_MAX);
    if (!kept) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    *to = kept;
    return BB_OK;
}

/* Multiplies what the reader gives of one channel. */
static bb_status scale(bb_recording *r, size_t channel, double factor, bb_error *err) {
    if (factor == 1) return BB_OK;
    if (!r->scales) {
        r->scales = bb_calloc(r->channel_count, sizeof *r->scales);
        if (!r->scales) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
        for (size_t i = 0; i < r->channel_count; ++i) r->scales[i] = 1;
    }
    r->scales[channel] = factor;
    r->channels[channel].low *= factor;
    r->channels[channel].high *= factor;
    return BB_OK;
}

/* A voltage that the file states stays: its samples were scaled by it. */
static bb_status take_unit(bb_recording *r, channel_table *c, size_t channel, const row *x, bool typed,
                           bb_error *err) {
    bb_channel *to = &r->channels[channel];
    if (!x->unit) return BB_OK;
    const char *unit = bb_recording_keep(r, x->unit, SIZE_MAX);
    if (!unit) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    const double uv = bb_unit_to_uv(unit);
    const bool known = !r->unit_assumed && strcmp(to->unit, "uV") == 0;
    if (uv == 0 && typed && known && bb_channel_is_brain(to->type)) {
        note(&c->other_unit, &c->unit_example, x);
    } else if (uv == 0) {
        if (!typed && bb_channel_is_brain(to->type)) to->type = BB_CHANNEL_MISC;
        to->unit = unit;
    } else if (r->unit_assumed) {
        BB_TRY(scale(r, channel, uv, err));
    } else if (uv != 1 || !known) {
        note(&c->other_unit, &c->unit_example, x);
    }
    return BB_OK;
}

static bool is_bad(const row *x) { return x->status && strcasecmp(x->status, "bad") == 0; }

static bb_status take_row(bb_recording *r, channel_table *c, size_t channel, const row *x, bb_error *err) {
    bb_channel *to = &r->channels[channel];
    const bool typed = x->type && bb_channel_type_parse(x->type, &to->type);
    if (x->type && !typed) note(&c->odd_type, &c->type_example, x);
    BB_TRY(take_unit(r, c, channel, x, typed, err));
    if (is_bad(x))
        to->bad = true;
    else if (x->status && strcasecmp(x->status, "good") == 0)
        to->bad = false;
    else if (x->status)
        note(&c->odd_status, &c->status_example, x);
    if (x->rate_hz > 0 && !r->rate_assumed && fabs(x->rate_hz - to->rate_hz) > 1e-3 * to->rate_hz)
        note(&c->other_rate, &c->rate_example, x);
    BB_TRY(keep(r, &to->remark, x->remark, err));
    return keep(r, &to->group, x->group, err);
}

/* Rows to channels; by order, with the table's names, if no name is known and the counts agree. */
static bb_status match_rows(bb_recording *r, const channel_table *c, size_t *row_of, const char **names,
                            const char **rows, bb_error *err) {
    size_t matched;
    const char *file = bb_path_name(c->table.name);
    for (size_t i = 0; i < r->channel_count; ++i) names[i] = r->channels[i].name;
    for (size_t i = 0; i < c->count; ++i) rows[i] = c->rows[i].name;
    BB_TRY(bb_match_names(names, r->channel_count, rows, c->count, row_of, &matched, err));
    if (matched == 0 && c->count > 0) {
        if (c->count != r->channel_count)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: expected the %zu channels of the recording ('%.32s', ...), found %zu others "
                           "('%.32s', ...)",
                           c->table.name, r->channel_count, names[0], c->count, rows[0]);
        bb_recording_warn(r, "no name in %s is one of the file's (%s, %s): its %zu rows are taken in order",
                          file, rows[0], names[0], c->count);
        for (size_t i = 0; i < c->count; ++i) {
            r->channels[i].name = rows[i];
            row_of[i] = i;
        }
        return BB_OK;
    }
    if (matched < c->count)
        bb_recording_warn(r, "%zu of the %zu channels in %s are not in the recording", c->count - matched,
                          c->count, file);
    if (matched < r->channel_count)
        bb_recording_warn(r, "%zu of %zu channels are not in %s: they keep what the file and their names say",
                          r->channel_count - matched, r->channel_count, file);
    return BB_OK;
}

static int by_name(const void *a, const void *b) {
    const row *const *x = a, *const *y = b;
    const int order = strcmp((*x)->name, (*y)->name);
    return order ? order : (*x)->index < (*y)->index ? -1 : (*x)->index > (*y)->index;
}

/* Rows of one name, more than the recording has channels of it: one that says bad counts for all. */
static void settle_repeats(channel_table *c, row **rows, size_t count) {
    const row *bad = NULL;
    bool good = false, taken = false, left = false;
    for (size_t i = 0; i < count; ++i) {
        if (is_bad(rows[i]))
            bad = bad ? bad : rows[i];
        else
            good = true;
        taken = taken || rows[i]->taken;
        left = left || !rows[i]->taken;
    }
    if (!bad || !good || !taken || !left) return;
    note(&c->contradicted, &c->contradicted_example, bad);
    for (size_t i = 0; i < count; ++i) {
        if (is_bad(rows[i])) continue;
        rows[i]->status = bad->status;
        rows[i]->remark = bad->remark;
    }
}

static bb_status find_repeats(bb_recording *r, channel_table *c, const size_t *row_of, bb_error *err) {
    row **rows = bb_calloc(c->count, sizeof *rows);
    if (!rows) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    for (size_t i = 0; i < r->channel_count; ++i)
        if (row_of[i] != BB_NO_ROW) c->rows[row_of[i]].taken = true;
    for (size_t i = 0; i < c->count; ++i) rows[i] = &c->rows[i];
    if (c->count > 1) qsort(rows, c->count, sizeof *rows, by_name);
    for (size_t i = 0, n; i < c->count; i += n) {
        for (n = 1; i + n < c->count && strcmp(rows[i]->name, rows[i + n]->name) == 0;) ++n;
        if (n > 1) settle_repeats(c, rows + i, n);
    }
    bb_free(rows);
    return BB_OK;
}

static void warn(bb_recording *r, const channel_table *c) {
    const char *file = bb_path_name(c->table.name);
    if (c->other_unit)
        bb_recording_warn(r, "%s states %s for %zu channels (%s); the file's own unit was used", file,
                          c->unit_example->unit, c->other_unit, c->unit_example->name);
    if (c->other_rate)
        bb_recording_warn(r, "%s states %g Hz for %zu channels (%s); the file's own rate was used", file,
                          c->rate_example->rate_hz, c->other_rate, c->rate_example->name);
    if (c->odd_type)
        bb_recording_warn(r, "%s: type '%s' of %zu channels (%s) is no BIDS type; their names decide", file,
                          c->type_example->type, c->odd_type, c->type_example->name);
    if (c->odd_status)
        bb_recording_warn(r, "%s: status '%s' of %zu channels (%s) is neither good nor bad; it is left out",
                          file, c->status_example->status, c->odd_status, c->status_example->name);
    if (c->contradicted)
        bb_recording_warn(r,
                          "%s lists %zu channels (%s) more than once, as bad and as not: they count as bad",
                          file, c->contradicted, c->contradicted_example->name);
}

static bb_status apply(bb_recording *r, channel_table *c, bb_error *err) {
    BB_TRY(read_rows(r, c, err));
    const char **names = bb_calloc(r->channel_count + c->count, sizeof *names);
    size_t *row_of = bb_calloc(r->channel_count, sizeof *row_of);
    bb_status status = names && row_of
                           ? match_rows(r, c, row_of, names, names + r->channel_count, err)
                           : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for channels", r->info.path);
    if (status == BB_OK) status = find_repeats(r, c, row_of, err);
    for (size_t i = 0; i < r->channel_count && status == BB_OK; ++i)
        if (row_of[i] != BB_NO_ROW) status = take_row(r, c, i, &c->rows[row_of[i]], err);
    if (status == BB_OK) warn(r, c);
    bb_free(names);
    bb_free(row_of);
    return status;
}

bb_status bb_sidecars_take_channels(bb_recording *r, const char *path, double *rate_hz, bb_error *err) {
    channel_table c = {0};
    BB_TRY(bb_table_open(path, '\t', &c.table, err));
    bb_status status = apply(r, &c, err);
    if (status == BB_OK) status = bb_recording_add_file(r, path, err);
    for (size_t i = c.count; i-- > 0;)
        if (c.rows[i].rate_hz > 0) *rate_hz = c.rows[i].rate_hz;
    bb_free(c.rows);
    bb_table_close(&c.table);
    return status;
}
