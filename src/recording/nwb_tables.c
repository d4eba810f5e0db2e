/* The tables that NWB keeps beside the samples: electrodes, intervals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "recording/nwb.h"

enum { MAX_TABLES = 256 };

#define TABLE "/general/extracellular_ephys"

enum { NAME, REGION, GROUP, BAD, GOOD, X, Y, Z, COLUMNS };

static const char *const column_names[COLUMNS][6] = {
    {"label", "channel_name", "name", "electrode_name", "contact_name"},
    {"location"},
    {"group_name"},
    {"bad", "bad_channel", "is_bad", "rejected", "bad_channels"},
    {"good", "is_good", "good_channel"},
    {"x"},
    {"y"},
    {"z"}};

typedef struct electrodes {
    bb_nwb_column rows, id, columns[COLUMNS];
    char group[BB_HDF5_LABEL]; /* the one whose type is known */
    bb_channel_type type;
} electrodes;

/* Whether a group of electrodes is said to be depth or surface. */
static bb_channel_type group_type(bb_recording *r, hid_t file, const char *group) {
    static const struct {
        const char *word;
        bb_channel_type type;
    } words[] = {{"seeg", BB_CHANNEL_SEEG},  {"stereo", BB_CHANNEL_SEEG},   {"depth", BB_CHANNEL_SEEG},
                 {"ecog", BB_CHANNEL_ECOG},  {"subdural", BB_CHANNEL_ECOG}, {"grid", BB_CHANNEL_ECOG},
                 {"strip", BB_CHANNEL_ECOG}, {"surface", BB_CHANNEL_ECOG}};
    char path[BB_HDF5_PATH], text[BB_HDF5_LABEL];
    snprintf(path, sizeof path, TABLE "/%s", group);
    if (strchr(group, '/') || bb_hdf5_look(file, path) != BB_HDF5_GROUP ||
        !bb_hdf5_get_text(file, path, &r->file, "description", text, sizeof text))
        return BB_CHANNEL_IEEG;
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (strcasestr(text, words[i].word)) return words[i].type;
    return BB_CHANNEL_IEEG;
}

/* "", "unknown" and "n/a" say nothing. */
static const char *said(const char *text) {
    static const char *const nothing[] = {"", "unknown", "n/a", "nan", "none"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; ++i)
        if (strcasecmp(text, nothing[i]) == 0) return NULL;
    return text;
}

static bool is_true(double number, const char *text) {
    return number == 1 || strcasecmp(text, "true") == 0 || strcasecmp(text, "1") == 0;
}

static bool is_marked_bad(bb_recording *r, electrodes *e, int64_t row) {
    char text[BB_HDF5_LABEL];
    bb_nwb_column_text(r, &e->columns[BAD], row, text);
    if (is_true(bb_nwb_column_number(r, &e->columns[BAD], row), text)) return true;
    bb_nwb_column_text(r, &e->columns[GOOD], row, text);
    return bb_nwb_column_number(r, &e->columns[GOOD], row) == 0 || strcasecmp(text, "false") == 0;
}

static void open_electrodes(bb_recording *r, hid_t file, const char *path, electrodes *e) {
    static const char *const rows[] = {"electrodes", NULL}, *const id[] = {"id", NULL};
    *e = (electrodes){.type = BB_CHANNEL_IEEG};
    bb_nwb_column_open(r, file, path, rows, BB_HDF5_NUMBERS, &e->rows);
    bb_nwb_column_open(r, file, TABLE "/electrodes", id, BB_HDF5_NUMBERS, &e->id);
    for (int i = 0; i < COLUMNS; ++i)
        bb_nwb_column_open(r, file, TABLE "/electrodes", column_names[i], BB_HDF5_NUMBERS | BB_HDF5_TEXTS,
                           &e->columns[i]);
}

static void close_electrodes(electrodes *e) {
    bb_nwb_column_close(&e->rows);
    bb_nwb_column_close(&e->id);
    for (int i = 0; i < COLUMNS; ++i) bb_nwb_column_close(&e->columns[i]);
}

/* Channel `index`; its row of the table is what the series' list of electrodes says. */
static bb_status add_channel(bb_recording *r, const bb_hdf5_recording *s, electrodes *e, size_t index,
                             double rate_hz, bb_error *err) {
    char name[BB_HDF5_LABEL], region[BB_HDF5_LABEL], group[BB_HDF5_LABEL], id[BB_HDF5_LABEL];
    const double number = bb_nwb_column_number(r, &e->rows, (int64_t)index);
    const int64_t row = number >= 0 && number < 1e15 ? (int64_t)number : -1;
    bb_nwb_column_text(r, &e->columns[NAME], row, name);
    bb_nwb_column_text(r, &e->columns[REGION], row, region);
    bb_nwb_column_text(r, &e->columns[GROUP], row, group);
    bb_nwb_column_text(r, &e->id, row, id);
    const bool named = name[strspn(name, " ")] != '\0';
    if (!named && id[0])
        snprintf(name, sizeof name, "electrode_%.100s", id);
    else if (!named)
        snprintf(name, sizeof name, "ch%zu", index + 1);
    if (group[0] && strcmp(group, e->group) != 0) {
        memcpy(e->group, group, sizeof group);
        e->type = group_type(r, s->file, group);
    }
    bb_channel channel = {.name = name,
                          .unit = "uV",
                          .type = named ? bb_channel_type_of(name) : BB_CHANNEL_IEEG,
                          .bad = row >= 0 && is_marked_bad(r, e, row),
                          .rate_hz = rate_hz,
                          .samples = bb_hdf5_recording_samples(s),
                          .group = said(group),
                          .region = said(region)};
    if (channel.type == BB_CHANNEL_IEEG && group[0]) channel.type = e->type;
    channel.has_position = true;
    for (int d = 0; d < 3; ++d) {
        channel.position[d] = bb_nwb_column_number(r, &e->columns[X + d], row);
        channel.has_position &= isfinite(channel.position[d]);
    }
    if (!channel.has_position) memset(channel.position, 0, sizeof channel.position);
    bb_hdf5_recording_limit(s, index, &channel);
    return bb_recording_add_channel(r, &channel, err);
}

bb_status bb_nwb_add_channels(bb_recording *r, const bb_hdf5_recording *s, const char *path, double rate_hz,
                              bb_error *err) {
    electrodes e;
    bb_status status = BB_OK;
    const size_t channels = bb_hdf5_recording_channels(s);
    open_electrodes(r, s->file, path, &e);
    const int64_t rows = e.rows.array.dataset > 0 ? e.rows.array.rows * e.rows.array.columns : 0;
    if (rows != (int64_t)channels)
        bb_recording_warn(r, "%s names %lld electrodes for %zu channels; the others have only a number", path,
                          (long long)rows, channels);
    for (size_t i = 0; i < channels && status == BB_OK; ++i) status = add_channel(r, s, &e, i, rate_hz, err);
    close_electrodes(&e);
    return status;
}

typedef struct intervals {
    bb_recording *r;
    hid_t file;
    const bb_nwb_clock *clock;
    size_t tables, rows; /* looked at */
    bb_status status;
    bb_error *err;
} intervals;

/* The label of a row: of a column that says what happened, whose rows may be lists, ended where NAME_index
 * says; of such a list the first. */
static void row_label(bb_recording *r, bb_nwb_column *label, bb_nwb_column *ends, int64_t row,
                      char out[BB_HDF5_LABEL]) {
    if (ends->array.dataset <= 0) {
        bb_nwb_column_text(r, label, row, out);
        return;
    }
    const double from = row > 0 ? bb_nwb_column_number(r, ends, row - 1) : 0,
                 to = bb_nwb_column_number(r, ends, row);
    out[0] = '\0';
    if (from >= 0 && from < to && to < 1e15) bb_nwb_column_text(r, label, (int64_t)from, out);
}

static bool take_table(void *data, const bb_hdf5_found *found) {
    static const char *const start_names[] = {"start_time", NULL}, *const stop_names[] = {"stop_time", NULL};
    static const char *const label_names[] = {
        "label", "condition", "stimulus", "trial_type", "event_type", "stimulus_name", "event", "tags", NULL};
    intervals *t = data;
    bb_recording *r = t->r;
    bb_nwb_column start, stop, label, ends = {.array = {.place = -1}};
    if (found->object != BB_HDF5_GROUP || t->status != BB_OK || t->tables++ >= MAX_TABLES) return false;
    bb_nwb_column_open(r, t->file, found->path, start_names, BB_HDF5_NUMBERS, &start);
    bb_nwb_column_open(r, t->file, found->path, stop_names, BB_HDF5_NUMBERS, &stop);
    if (bb_nwb_column_open(r, t->file, found->path, label_names, BB_HDF5_NUMBERS | BB_HDF5_TEXTS, &label)) {
        char index[BB_HDF5_PATH];
        snprintf(index, sizeof index, "%.*s_index", BB_HDF5_PATH - 8, strrchr(label.path, '/') + 1);
        bb_nwb_column_open(r, t->file, found->path, (const char *const[]){index, NULL}, BB_HDF5_NUMBERS,
                           &ends);
    }
    const int64_t rows = start.array.dataset > 0 ? start.array.rows * start.array.columns : 0;
    for (int64_t i = 0; i < rows && t->rows < BB_MAX_EVENTS && t->status == BB_OK; ++i, ++t->rows) {
        char text[BB_HDF5_LABEL];
        const double onset = bb_nwb_column_number(r, &start, i), end = bb_nwb_column_number(r, &stop, i);
        row_label(r, &label, &ends, i, text);
        const double from = bb_nwb_clock_second(r, t->clock, onset),
                     to = bb_nwb_clock_second(r, t->clock, end);
        t->status =
            bb_recording_add_event(r, from, to - from, text[0] ? text : found->name, SIZE_MAX, t->err);
    }
    bb_nwb_column_close(&start);
    bb_nwb_column_close(&stop);
    bb_nwb_column_close(&label);
    bb_nwb_column_close(&ends);
    return false;
}

bb_status bb_nwb_add_events(bb_recording *r, hid_t file, const bb_nwb_clock *clock, bb_error *err) {
    intervals t = {.r = r, .file = file, .clock = clock, .err = err};
    bb_hdf5_walk(file, "/intervals", 1, MAX_TABLES, take_table, &t);
    return t.status;
}
