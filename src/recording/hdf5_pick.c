/* Which datasets of a file are the samples, their rate and the channels' names, where no format says so. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/hdf5_catalog.h"
#include "recording/layout_guess.h"

static int64_t count_of(const bb_hdf5_item *item) { return item->rows * item->columns; }

static bool is_flat(const bb_hdf5_item *item) { return item->rows == 1 || item->columns == 1; }

bb_status bb_hdf5_pick_data(bb_recording *r, const bb_hdf5_catalog *c, const bb_recording_options *options,
                            const bb_hdf5_item **out, bb_error *err) {
    *out = NULL;
    if (options->data_name) {
        BB_TRY(bb_hdf5_catalog_find(c, options->data_name, out, err));
        if ((*out)->kind != BB_HDF5_NUMBERS || (*out)->characters)
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s: expected numbers, found texts", c->file->path,
                           options->data_name);
        return BB_OK;
    }
    bb_guess_data guess = {0};
    for (size_t i = 0; i < c->count; ++i) {
        const bb_hdf5_item *item = &c->items[i];
        const bb_guess_array array = {item->path, item->name, count_of(item), is_flat(item)};
        if (item->kind == BB_HDF5_NUMBERS && !item->characters) bb_guess_offer_data(&guess, &array, i);
    }
    if (guess.alike == 0 || (c->hidden && bb_guess_data_rank(guess.best.name) < 0))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a dataset of samples, found none%s%.600s",
                       c->file->path, c->unread.status ? " that can be read: " : "", c->unread.message);
    *out = &c->items[guess.index];
    return bb_guess_settle_data(r, &guess, err);
}

/* The attributes of one object that could be the rate. */
typedef struct rate_search {
    const char *name; /* the one wanted; NULL: by rank */
    bb_guess_rate guess;
} rate_search;

static bool take_rate(void *data, const bb_hdf5_attribute *a) {
    rate_search *s = data;
    char text[BB_HDF5_LABEL];
    double value = a->count == 1 ? bb_hdf5_attribute_number(a, 0) : NAN;
    if (a->count == 1 && a->kind & BB_HDF5_TEXTS) {
        bb_hdf5_attribute_text(a, 0, text, sizeof text);
        value = bb_guess_number(text);
    }
    if (!s->name)
        bb_guess_offer_rate(&s->guess, a->name, true, value);
    else if (strcmp(s->name, a->name) == 0)
        s->guess = (bb_guess_rate){.found = true, .rate_hz = value};
    return false;
}

static bool is_text(const bb_hdf5_item *item) { return item->characters || item->kind & BB_HDF5_TEXTS; }

/* The first text of a list of them; "" if there is none. */
static void read_text(const bb_hdf5_catalog *c, const bb_hdf5_item *item, char out[BB_HDF5_LABEL]) {
    char *text = NULL;
    out[0] = '\0';
    if (bb_hdf5_names_read(c, item, 1, &text, NULL) == BB_OK) memcpy(out, text, BB_HDF5_LABEL);
    bb_free(text);
}

/* The one number that a dataset states, as such or as a text; NAN if it does not. */
static double read_number(const bb_hdf5_catalog *c, const bb_hdf5_item *item) {
    bb_hdf5_array array;
    char text[BB_HDF5_LABEL];
    double value = NAN;
    if (is_text(item)) {
        if (bb_hdf5_name_count(item) != 1) return NAN;
        read_text(c, item, text);
        return bb_guess_number(text);
    }
    if (item->kind != BB_HDF5_NUMBERS || count_of(item) != 1) return NAN;
    if (bb_hdf5_array_open(c->id, item->path, c->file, BB_HDF5_NUMBERS, &array, NULL) != BB_OK ||
        bb_hdf5_array_list(&array, c->file, item->path, 0, 1, &value, NULL) != BB_OK)
        value = NAN;
    bb_hdf5_array_close(&array);
    return value;
}

/* "dataset" or "object@attribute". */
static bb_status stated_rate(const bb_hdf5_catalog *c, const char *name, double *rate_hz, bb_error *err) {
    char path[BB_HDF5_PATH];
    const char *at = strrchr(name, '@');
    const bb_hdf5_item *item = NULL;
    *rate_hz = NAN;
    if (at) {
        rate_search search = {.name = at + 1};
        const int n = snprintf(path, sizeof path, "/%.*s", (int)(at - name), name + (name[0] == '/'));
        if (name[0] == '/' && n > 0) path[n - 1] = '\0';
        const bool there =
            at == name || strcmp(path, "/") == 0 || bb_hdf5_look(c->id, path) != BB_HDF5_NOTHING;
        if (there) bb_hdf5_attributes(c->id, path, c->file, take_rate, &search);
        if (search.guess.found) *rate_hz = search.guess.rate_hz;
    } else {
        BB_TRY(bb_hdf5_catalog_find(c, name, &item, err));
        *rate_hz = read_number(c, item);
    }
    if (!bb_guess_rate_fits(*rate_hz))
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s: expected one number of Hz", c->file->path, name);
    return BB_OK;
}

/* Whether they lie in one group. */
static bool is_beside(const bb_hdf5_item *item, const bb_hdf5_item *data) {
    const size_t group = (size_t)(data->name - data->path);
    return strncmp(item->path, data->path, group) == 0 && !strchr(item->path + group, '/');
}

static void offer_items(const bb_hdf5_catalog *c, const bb_hdf5_item *data, bb_guess_rate *guess) {
    for (size_t i = 0; i < c->count; ++i) {
        const bb_hdf5_item *item = &c->items[i];
        if (bb_guess_rate_rank(item->name) >= 0)
            bb_guess_offer_rate(guess, item->name, is_beside(item, data), read_number(c, item));
    }
}

static bool take_unit(void *data, const bb_hdf5_attribute *a) {
    if (!(a->kind & BB_HDF5_TEXTS) || !bb_guess_is_unit(a->name)) return false;
    bb_hdf5_attribute_text(a, 0, data, BB_HDF5_LABEL);
    return true;
}

void bb_hdf5_pick_unit(const bb_hdf5_catalog *c, const bb_hdf5_item *data, char out[BB_HDF5_LABEL]) {
    char text[BB_HDF5_LABEL];
    bool found_beside = false;
    out[0] = '\0';
    bb_hdf5_attributes(c->id, data->path, c->file, take_unit, out);
    if (out[0]) return;
    for (size_t i = 0; i < c->count; ++i) {
        const bb_hdf5_item *item = &c->items[i];
        const bool cell = c->matlab && item->kind == BB_HDF5_REFERENCES, beside = is_beside(item, data);
        if (!bb_guess_is_unit(item->name) || !(is_text(item) || cell)) continue;
        read_text(c, item, text);
        if (!text[0] || !bb_guess_unit_is_better(text, beside, out[0], found_beside)) continue;
        memcpy(out, text, sizeof text);
        found_beside = beside;
    }
}

void bb_hdf5_places(const bb_hdf5_item *data, char out[BB_HDF5_PLACES][BB_HDF5_PATH]) {
    snprintf(out[0], BB_HDF5_PATH, "%s", data->path);
    snprintf(out[1], BB_HDF5_PATH, "%.*s", (int)(data->name - data->path - 1), data->path);
    snprintf(out[2], BB_HDF5_PATH, "/");
}

bb_status bb_hdf5_pick_rate(bb_recording *r, const bb_hdf5_catalog *c, const bb_recording_options *options,
                            const bb_hdf5_item *data, double *rate_hz, bb_error *err) {
    if (options->rate_hz != 0) return bb_recording_stated_rate(options, rate_hz, err);
    if (options->rate_name) return stated_rate(c, options->rate_name, rate_hz, err);
    rate_search search = {0};
    char places[BB_HDF5_PLACES][BB_HDF5_PATH];
    bb_hdf5_places(data, places);
    for (size_t i = 0; i < BB_HDF5_PLACES && !search.guess.found; ++i)
        if (places[i][0]) bb_hdf5_attributes(c->id, places[i], c->file, take_rate, &search);
    if (!search.guess.found) offer_items(c, data, &search.guess);
    *rate_hz = bb_guess_settle_rate(r, &search.guess);
    return BB_OK;
}

static bool may_be_names(const bb_hdf5_catalog *c, const bb_hdf5_item *item) {
    if (item->kind & BB_HDF5_TEXTS) return is_flat(item);
    return c->matlab && ((item->kind == BB_HDF5_REFERENCES && is_flat(item)) || item->characters);
}

bb_status bb_hdf5_pick_names(bb_recording *r, const bb_hdf5_catalog *c, const bb_recording_options *options,
                             const bb_hdf5_item *data, const bb_hdf5_item **out, bb_error *err) {
    *out = NULL;
    if (options->channels_name) {
        BB_TRY(bb_hdf5_catalog_find(c, options->channels_name, out, err));
        const int64_t count = bb_hdf5_name_count(*out);
        if (!may_be_names(c, *out))
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s: expected a list of names", c->file->path,
                           options->channels_name);
        if (count != data->rows && count != data->columns)
            return bb_fail(err, BB_ERR_ARGUMENT, "%s: %s: expected as many names as channels, found %lld",
                           c->file->path, options->channels_name, (long long)count);
        return BB_OK;
    }
    int best = 0;
    const bb_hdf5_item *unused = NULL;
    for (size_t i = 0; i < c->count; ++i) {
        const bb_hdf5_item *item = &c->items[i];
        const int rank = bb_guess_channels_rank(item->name);
        if (rank < 0 || (*out && rank >= best) || !may_be_names(c, item)) continue;
        const int64_t count = bb_hdf5_name_count(item);
        if (count != data->rows && count != data->columns) {
            unused = item;
            continue;
        }
        *out = item;
        best = rank;
    }
    if (!*out && unused) bb_guess_warn_names(r, unused->path, bb_hdf5_name_count(unused));
    return BB_OK;
}
