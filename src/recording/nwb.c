#include "recording/nwb.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { MAX_SERIES = 64, MAX_DEPTH = 6, MAX_OBJECTS = 20000 };
enum { TABLE_CHUNK = 1 << 20, TABLE_BYTES = 16 << 20 };

typedef struct series {
    char path[BB_HDF5_PATH];
    bool has_electrodes, acquired;
    int64_t channels, samples;
} series;

typedef struct listing {
    bb_recording *r;
    hid_t file;
    series *items;
    size_t count;
} listing;

bool bb_nwb_member(hid_t file, const char *path, const char *name, char out[BB_HDF5_PATH]) {
    H5L_info_t info;
    char target[BB_HDF5_PATH] = "";
    if (snprintf(out, BB_HDF5_PATH, "%s/%s", path, name) >= BB_HDF5_PATH) return false;
    if (bb_hdf5_look(file, out) == BB_HDF5_DATASET) return true;
    if (bb_hdf5_look(file, path) != BB_HDF5_GROUP || H5Lget_info(file, out, &info, H5P_DEFAULT) < 0)
        return false;
    if (info.type != H5L_TYPE_SOFT || info.u.val_size >= sizeof target ||
        H5Lget_val(file, out, target, sizeof target - 1, H5P_DEFAULT) < 0 || target[0] != '/')
        return false;
    memcpy(out, target, sizeof target);
    return bb_hdf5_look(file, out) == BB_HDF5_DATASET;
}

bool bb_nwb_list_open(bb_recording *r, hid_t file, const char *path, const char *const *names, unsigned kinds,
                      bb_nwb_column *c) {
    *c = (bb_nwb_column){.array = {.place = -1}};
    for (; *names; ++names) {
        if (!bb_nwb_member(file, path, *names, c->path)) continue;
        if (bb_hdf5_array_open(file, c->path, &r->file, kinds, &c->array, NULL) == BB_OK &&
            c->array.rows * c->array.columns > 0)
            return true;
        bb_hdf5_array_close(&c->array);
    }
    return false;
}

bool bb_nwb_column_open(bb_recording *r, hid_t file, const char *path, const char *const *names,
                        unsigned kinds, bb_nwb_column *c) {
    if (!bb_nwb_list_open(r, file, path, names, kinds, c)) return false;
    const bb_hdf5_array *a = &c->array;
    const uint64_t width = a->width, chunk = (uint64_t)(a->chunk_rows * a->chunk_columns) * width;
    const bool unpacked = a->place < 0 && (uint64_t)(a->rows * a->columns) > TABLE_BYTES / width;
    if (!unpacked && !(a->place < 0 && chunk > TABLE_CHUNK)) return true;
    bb_recording_warn(r, "%s: its chunks are larger than those of a table: it is left out", c->path);
    bb_nwb_column_close(c);
    return false;
}

void bb_nwb_column_close(bb_nwb_column *c) { bb_hdf5_array_close(&c->array); }

void bb_nwb_column_text(bb_recording *r, bb_nwb_column *c, int64_t row, char out[BB_HDF5_LABEL]) {
    out[0] = '\0';
    if (c->array.dataset <= 0 || row < 0 || row >= c->array.rows * c->array.columns) return;
    if (c->array.kind & BB_HDF5_TEXTS) {
        if (bb_hdf5_array_text(&c->array, &r->file, c->path, row, out, BB_HDF5_LABEL, NULL) != BB_OK)
            out[0] = '\0';
        return;
    }
    const double value = bb_nwb_column_number(r, c, row);
    if (value == floor(value) && fabs(value) < 1e15)
        snprintf(out, BB_HDF5_LABEL, "%lld", (long long)value);
    else if (!isnan(value))
        snprintf(out, BB_HDF5_LABEL, "%g", value);
}

double bb_nwb_column_number(bb_recording *r, bb_nwb_column *c, int64_t row) {
    double value = NAN;
    if (c->array.dataset <= 0 || c->array.kind != BB_HDF5_NUMBERS || row < 0 ||
        row >= c->array.rows * c->array.columns)
        return NAN;
    return bb_hdf5_array_list(&c->array, &r->file, c->path, row, 1, &value, NULL) == BB_OK ? value : NAN;
}

static bool take_group(void *data, const bb_hdf5_found *found) {
    listing *l = data;
    char type[BB_HDF5_LABEL], path[BB_HDF5_PATH];
    bb_hdf5_array array;
    if (found->object != BB_HDF5_GROUP || l->count == MAX_SERIES) return false;
    if (!bb_hdf5_get_text(l->file, found->path, &l->r->file, "neurodata_type", type, sizeof type) ||
        !strstr(type, "ElectricalSeries"))
        return true;
    series *s = &l->items[l->count++];
    *s = (series){.acquired = strncmp(found->path, "/acquisition/", 13) == 0};
    snprintf(s->path, sizeof s->path, "%s", found->path);
    s->has_electrodes = bb_nwb_member(l->file, found->path, "electrodes", path);
    if (bb_nwb_member(l->file, found->path, "data", path) &&
        bb_hdf5_array_open(l->file, path, &l->r->file, BB_HDF5_NUMBERS, &array, NULL) == BB_OK) {
        s->channels = array.dims == 2 ? array.columns : array.rows;
        s->samples = array.dims == 2 ? array.rows : array.columns;
        bb_hdf5_array_close(&array);
    }
    return false;
}

/* A series that says which electrodes it is of, one that was acquired and not made later, the one with the
 * most channels, with the most samples, which is the one of the highest rate. */
static bool is_better(const series *a, const series *b) {
    if (a->has_electrodes != b->has_electrodes) return a->has_electrodes;
    if (a->acquired != b->acquired) return a->acquired;
    if (a->channels != b->channels) return a->channels > b->channels;
    return a->samples > b->samples;
}

/* Whether the caller's name is the series' path, the last part of it, or that of its data. */
static bool is_called(const series *s, const char *name) {
    const size_t n = strlen(name), length = strlen(s->path);
    const char *last = strrchr(s->path, '/') + 1;
    const size_t plain = n > 5 && strcmp(name + n - 5, "/data") == 0 ? n - 5 : n;
    return (plain == length && strncmp(name, s->path, plain) == 0) ||
           (plain + 1 == length && strncmp(name, s->path + 1, plain) == 0) || strcmp(name, last) == 0;
}

static void list_paths(const listing *l, const series *but, char out[512]) {
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < l->count && n < 512; ++i)
        if (&l->items[i] != but)
            n += (size_t)snprintf(out + n, 512 - n, "%s%s", n ? ", " : "", l->items[i].path);
}

static bb_status pick_series(const listing *l, const char *wanted, const series **out, bb_error *err) {
    char others[512];
    const series *best = NULL;
    for (size_t i = 0; i < l->count; ++i)
        if (wanted ? is_called(&l->items[i], wanted) : !best || is_better(&l->items[i], best))
            best = &l->items[i];
    list_paths(l, best, others);
    if (!best && wanted && l->count > 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected an ElectricalSeries '%.100s', found %s",
                       l->r->info.path, wanted, others);
    if (!best)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected an ElectricalSeries in /acquisition or /processing, found none",
                       l->r->info.path);
    if (!wanted && l->count > 1)
        bb_recording_warn(l->r, "%s is read; the file also holds %.400s (--data NAME)", best->path, others);
    *out = best;
    return BB_OK;
}

/* uV per unit of the series: the schema says volts. */
static double unit_scale(bb_recording *r, const bb_hdf5_recording *s) {
    char unit[BB_HDF5_LABEL];
    if (!bb_hdf5_get_text(s->file, s->name, &r->file, "unit", unit, sizeof unit) || !unit[0]) return 1e6;
    const double uv = bb_unit_to_uv(unit);
    if (uv == 0) bb_recording_warn(r, "%s: expected volts, found '%.40s': taken for volts", s->name, unit);
    return uv == 0 ? 1e6 : uv;
}

/* Value in uV = (stored * conversion * channel_conversion + offset) * 1e6. */
static bb_status find_gain(bb_recording *r, bb_hdf5_recording *s, const char *path, bb_error *err) {
    static const char *const names[] = {"channel_conversion", NULL};
    const size_t channels = bb_hdf5_recording_channels(s);
    double conversion = 1, offset = 0;
    bb_nwb_column each;
    bb_hdf5_get_number(s->file, s->name, &r->file, "conversion", &conversion);
    bb_hdf5_get_number(s->file, s->name, &r->file, "offset", &offset);
    const double uv = unit_scale(r, s);
    if (bb_hdf5_has_hidden_attributes(s->file, s->name, &r->file))
        return bb_fail(
            err, BB_ERR_UNSUPPORTED,
            "%s: %s: expected its conversion to volts among up to 8 attributes, found more, which are "
            "stored in a way that is not read",
            r->info.path, s->name);
    if (!isfinite(conversion) || conversion == 0 || !isfinite(offset))
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected a conversion to volts, found %g and offset %g",
                       r->info.path, s->name, conversion, offset);
    const bool some = bb_nwb_column_open(r, s->file, path, names, BB_HDF5_NUMBERS, &each);
    if (conversion == 1 && uv == 1e6 && !some && s->data.element.kind != 'f')
        bb_recording_warn(r, "%s: whole numbers that the file says are volts: its conversion is missing",
                          s->name);
    s->offset = offset * uv;
    s->gain = bb_calloc(channels, sizeof *s->gain);
    for (size_t i = 0; i < channels && s->gain; ++i) {
        const double factor = some ? bb_nwb_column_number(r, &each, (int64_t)i) : 1;
        s->gain[i] = conversion * uv * (isfinite(factor) ? factor : 1);
    }
    bb_nwb_column_close(&each);
    return s->gain ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
}

/* [time, channels] by the schema; where the electrodes are as many as the rows, it was written transposed. */
static bb_status orient(bb_recording *r, bb_hdf5_recording *s, const char *path, bb_error *err) {
    static const char *const names[] = {"electrodes", NULL};
    bb_nwb_column electrodes;
    const bool some = bb_nwb_column_open(r, s->file, path, names, BB_HDF5_NUMBERS, &electrodes);
    const int64_t count = some ? electrodes.array.rows * electrodes.array.columns : 0;
    bb_nwb_column_close(&electrodes);
    s->samples_first = true;
    if (s->data.dims == 2 && count == s->data.rows && count != s->data.columns) {
        s->samples_first = false;
        bb_recording_warn(r, "%s: expected [time, channels], found [channels, time] by its %lld electrodes",
                          s->name, (long long)count);
    }
    const size_t channels = bb_hdf5_recording_channels(s);
    if (channels > BB_MAX_CHANNELS)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected at most %d channels, found %zu", r->info.path,
                       s->name, BB_MAX_CHANNELS, channels);
    return BB_OK;
}

static bb_status add_contents(bb_recording *r, bb_hdf5_recording *s, const char *path,
                              const bb_recording_options *options, bb_nwb_clock *clock, bb_error *err) {
    double rate_hz = 0;
    const bb_status status = bb_nwb_clock_read(r, s->file, path, options->rate_hz, clock, err);
    if (options->rate_hz == 0 && status != BB_OK) return status;
    if (options->rate_hz == 0)
        rate_hz = clock->rate_hz;
    else
        BB_TRY(bb_recording_stated_rate(options, &rate_hz, err));
    BB_TRY(bb_nwb_add_channels(r, s, path, rate_hz, err));
    return bb_nwb_add_events(r, s->file, clock, err);
}

static bb_status open_series(bb_recording *r, bb_hdf5_recording *s, const char *path,
                             const bb_recording_options *options, bb_error *err) {
    char data[BB_HDF5_PATH];
    bb_nwb_clock clock = {0};
    if (!bb_nwb_member(s->file, path, "data", data))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s/data: expected a dataset inside this file",
                       r->info.path, path);
    BB_TRY(bb_hdf5_recording_take(r, s, data, err));
    BB_TRY(orient(r, s, path, err));
    BB_TRY(find_gain(r, s, path, err));
    const bb_status status = add_contents(r, s, path, options, &clock, err);
    bb_nwb_clock_close(&clock);
    return status;
}

/* The text of a dataset of one, without `prefix`. */
static const char *keep_text(bb_recording *r, hid_t file, const char *path, const char *name,
                             const char *prefix) {
    char text[BB_HDF5_LABEL];
    bb_nwb_column column;
    const bool some =
        bb_nwb_column_open(r, file, path, (const char *const[]){name, NULL}, BB_HDF5_TEXTS, &column);
    if (some) bb_nwb_column_text(r, &column, 0, text);
    bb_nwb_column_close(&column);
    if (!some || !text[0]) return NULL;
    const size_t skip = strncmp(text, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    return bb_recording_keep(r, text + skip, SIZE_MAX);
}

static bb_status open_inside(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    bb_hdf5_recording *s;
    const series *best = NULL;
    BB_TRY(bb_hdf5_recording_begin(r, &s, err));
    listing l = {.r = r, .file = s->file, .items = bb_calloc(MAX_SERIES, sizeof(series))};
    if (!l.items) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_hdf5_walk(s->file, "/acquisition", MAX_DEPTH, MAX_OBJECTS, take_group, &l);
    bb_hdf5_walk(s->file, "/processing", MAX_DEPTH, MAX_OBJECTS, take_group, &l);
    bb_status status = pick_series(&l, options->data_name, &best, err);
    if (status == BB_OK) status = open_series(r, s, best->path, options, err);
    bb_free(l.items);
    if (status != BB_OK) return status;
    r->info.subject = keep_text(r, s->file, "/general/subject", "subject_id", "sub-");
    r->info.session = keep_text(r, s->file, "/general", "session_id", "ses-");
    return BB_OK;
}

static bb_status nwb_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    bb_hdf5_guard guard;
    r->info.format = "NWB";
    bb_hdf5_begin(&guard);
    const bb_status status = open_inside(r, options, err);
    bb_hdf5_end(&guard);
    return status;
}

const bb_reader bb_nwb_reader = {
    .name = "NWB", .open = nwb_open, .read = bb_hdf5_recording_read, .close = bb_hdf5_recording_close};
