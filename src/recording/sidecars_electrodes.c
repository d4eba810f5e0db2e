/* _electrodes.tsv: where each contact lies. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/table.h"
#include "recording/channel_match.h"
#include "recording/sidecars.h"

/* BIDS has no name for the column with the region; the first of these that is there is taken. The last is a
 * misspelling that is in the wild. */
static const char *const region_headings[] = {
    "region", "brain_region",     "anatomy", "anatomical_label", "location", "roi", "area",
    "label",  "desikan-killiany", "dk",      "destrieux",        "destriuex"};
enum { REGION_HEADINGS = sizeof region_headings / sizeof *region_headings };

typedef struct row {
    const char *name, *group, *region;
    bool placed;
    double position[3];
} row;

typedef struct electrode_table {
    bb_table table;
    bool labels; /* it is asked for regions alone */
    int name, group, region, axes[3];
    row *rows;
    size_t count, room;
} electrode_table;

/* A position needs all three coordinates. */
static bb_status take_position(const electrode_table *e, row *x, bb_error *err) {
    x->placed = true;
    for (size_t i = 0; i < 3; ++i) {
        const char *cell = bb_table_quantity(&e->table, e->axes[i]);
        if (!cell)
            x->placed = false;
        else if (!bb_table_number(cell, &x->position[i]))
            return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected a coordinate, found '%.32s'",
                           e->table.name, e->table.line, cell);
    }
    return BB_OK;
}

static bb_status add_row(bb_recording *r, electrode_table *e, bb_error *err) {
    const char *name = bb_table_value(&e->table, e->name);
    if (!name)
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected an electrode's name, found none",
                       e->table.name, e->table.line);
    if (e->count == BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected at most %d electrodes", e->table.name,
                       e->table.line, BB_MAX_CHANNELS);
    row x = {.name = bb_recording_keep(r, name, SIZE_MAX),
             .group = bb_table_value(&e->table, e->group),
             .region = bb_table_value(&e->table, e->region)};
    BB_TRY(take_position(e, &x, err));
    if (!x.name || bb_grow((void **)&e->rows, &e->room, e->count + 1, sizeof *e->rows))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for electrodes", e->table.name);
    e->rows[e->count++] = x;
    return BB_OK;
}

static bb_status read_rows(bb_recording *r, electrode_table *e, bb_error *err) {
    static const char *const axes[3] = {"x", "y", "z"};
    e->name = bb_table_column(&e->table, "name");
    e->group = bb_table_column(&e->table, "group");
    e->region = BB_TABLE_NO_COLUMN;
    for (size_t i = 0; i < 3; ++i)
        e->axes[i] = e->labels ? BB_TABLE_NO_COLUMN : bb_table_column(&e->table, axes[i]);
    for (size_t i = 0; i < REGION_HEADINGS && e->region == BB_TABLE_NO_COLUMN; ++i)
        e->region = bb_table_column_like(&e->table, region_headings[i]);
    if (e->name == BB_TABLE_NO_COLUMN)
        return bb_fail(
            err, BB_ERR_FORMAT,
            "%s: line 1: expected tab-separated column names with 'name' among them, found '%.32s'",
            e->table.name, e->table.headings[0]);
    for (bool more = true; more;) {
        BB_TRY(bb_table_next(&e->table, &more, err));
        if (more) BB_TRY(add_row(r, e, err));
    }
    return BB_OK;
}

static bb_status keep(bb_recording *r, const char **to, const char *text, bb_error *err) {
    if (text && !(*to = bb_recording_keep(r, text, SIZE_MAX)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for electrodes", r->info.path);
    return BB_OK;
}

static bb_status take_row(bb_recording *r, const electrode_table *e, bb_channel *to, const row *x,
                          bb_error *err) {
    if (!e->labels || !to->region) BB_TRY(keep(r, &to->region, x->region, err));
    if (e->labels) return BB_OK;
    if (!to->group) BB_TRY(keep(r, &to->group, x->group, err));
    if (!x->placed) return BB_OK;
    to->has_position = true;
    memcpy(to->position, x->position, sizeof to->position);
    return BB_OK;
}

/* `names` and `rows` are as many as there are channels and rows. */
static bb_status match_rows(bb_recording *r, const electrode_table *e, const char *const *file_names,
                            const char **names, const char **rows, size_t *row_of, bb_error *err) {
    size_t matched;
    for (size_t i = 0; i < r->channel_count; ++i) names[i] = r->channels[i].name;
    for (size_t i = 0; i < e->count; ++i) rows[i] = e->rows[i].name;
    BB_TRY(bb_match_names(names, r->channel_count, rows, e->count, row_of, &matched, err));
    if (matched == 0)
        BB_TRY(bb_match_names(file_names, r->channel_count, rows, e->count, row_of, &matched, err));
    if (matched == 0 && e->count > 0)
        bb_recording_warn(r, "none of the %zu electrodes in %s (%s, ...) is a channel: no %s are known",
                          e->count, bb_path_name(e->table.name), rows[0],
                          e->labels ? "regions" : "positions");
    return BB_OK;
}

static bb_status apply(bb_recording *r, electrode_table *e, const char *const *file_names, bb_error *err) {
    BB_TRY(read_rows(r, e, err));
    const char **names = bb_calloc(r->channel_count + e->count, sizeof *names);
    size_t *row_of = bb_calloc(r->channel_count, sizeof *row_of);
    bb_status status = names && row_of
                           ? match_rows(r, e, file_names, names, names + r->channel_count, row_of, err)
                           : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for electrodes", r->info.path);
    for (size_t i = 0; i < r->channel_count && status == BB_OK; ++i)
        if (row_of[i] != BB_NO_ROW) status = take_row(r, e, &r->channels[i], &e->rows[row_of[i]], err);
    bb_free(names);
    bb_free(row_of);
    return status;
}

bb_status bb_sidecars_take_electrodes(bb_recording *r, const char *path, const char *const *file_names,
                                      bool labels, bb_error *err) {
    electrode_table e = {.labels = labels};
    BB_TRY(bb_table_open(path, '\t', &e.table, err));
    bb_status status = apply(r, &e, file_names, err);
    if (status == BB_OK) status = bb_recording_add_file(r, path, err);
    bb_free(e.rows);
    bb_table_close(&e.table);
    return status;
}
