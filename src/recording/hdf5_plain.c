/* Plain HDF5 and MATLAB 7.3: one dataset of samples, a rate, names; which ones, the caller says or
 * hdf5_pick.c guesses. MATLAB stores its matrices transposed, which the rule for which dimension holds the
 * channels does not mind, its structs as groups, and its texts as numbers (hdf5_names.c). */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/hdf5_catalog.h"
#include "recording/layout_guess.h"

static bb_status set_unit(bb_recording *r, bb_hdf5_recording *s, const bb_recording_options *options,
                          const char *stated, const char **unit, bb_error *err) {
    const size_t channels = bb_hdf5_recording_channels(s);
    double scale;
    BB_TRY(bb_guess_unit(r, options, stated, unit, &scale, err));
    if (scale == 1) return BB_OK;
    s->gain = bb_calloc(channels, sizeof *s->gain);
    if (!s->gain) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    for (size_t i = 0; i < channels; ++i) s->gain[i] = scale;
    return BB_OK;
}

static bb_status add_channels(bb_recording *r, const bb_hdf5_recording *s, const char *names,
                              const char *unit, double rate_hz, bb_error *err) {
    const size_t channels = bb_hdf5_recording_channels(s);
    for (size_t i = 0; i < channels; ++i) {
        bb_channel channel = {.name = names ? names + i * BB_HDF5_LABEL : NULL,
                              .unit = unit,
                              .rate_hz = rate_hz,
                              .samples = bb_hdf5_recording_samples(s)};
        bb_hdf5_recording_limit(s, i, &channel);
        BB_TRY(bb_guess_add_channel(r, &channel, err));
    }
    return BB_OK;
}

/* *texts: `count` names of BB_HDF5_LABEL bytes, or NULL and 0; bb_free. */
static bb_status find_names(bb_recording *r, const bb_hdf5_catalog *catalog,
                            const bb_recording_options *options, const bb_hdf5_item *data, char **texts,
                            size_t *count, bb_error *err) {
    const bb_hdf5_item *names;
    *count = 0;
    BB_TRY(bb_hdf5_pick_names(r, catalog, options, data, &names, err));
    if (!names) return bb_hdf5_names_attribute(r, catalog, data, texts, count, err);
    *count = (size_t)bb_hdf5_name_count(names);
    if (*count <= BB_MAX_CHANNELS) return bb_hdf5_names_read(catalog, names, *count, texts, err);
    *count = 0; /* names of samples? */
    return BB_OK;
}

static bb_status open_samples(bb_recording *r, bb_hdf5_recording *s, const bb_hdf5_catalog *catalog,
                              const bb_recording_options *options, const bb_hdf5_item *data,
                              const char *texts, size_t names, bb_error *err) {
    double rate_hz;
    bool rows_are_channels;
    char stated[BB_HDF5_LABEL];
    const char *unit;
    BB_TRY(bb_hdf5_pick_rate(r, catalog, options, data, &rate_hz, err));
    if (data->pieces > 1)
        bb_recording_warn(r, "'%.200s' holds %zu arrays, of which only one is read, of %lld by %lld",
                          data->path, data->pieces, (long long)data->rows, (long long)data->columns);
    BB_TRY(bb_hdf5_recording_take(r, s, data->target ? data->target : data->path, err));
    BB_TRY(bb_guess_orientation(r, data->path, data->rows, data->columns, (int64_t)names, &rows_are_channels,
                                err));
    s->samples_first = !rows_are_channels;
    bb_hdf5_pick_unit(catalog, data, stated);
    BB_TRY(set_unit(r, s, options, stated, &unit, err));
    return add_channels(r, s, names == bb_hdf5_recording_channels(s) ? texts : NULL, unit, rate_hz, err);
}

static bb_status open_picked(bb_recording *r, bb_hdf5_recording *s, const bb_hdf5_catalog *catalog,
                             const bb_recording_options *options, bb_error *err) {
    const bb_hdf5_item *data;
    char *texts = NULL;
    size_t names;
    BB_TRY(bb_hdf5_pick_data(r, catalog, options, &data, err));
    bb_status status = find_names(r, catalog, options, data, &texts, &names, err);
    if (status == BB_OK) status = open_samples(r, s, catalog, options, data, texts, names, err);
    bb_free(texts);
    return status;
}

static bb_status open_kind(bb_recording *r, const bb_recording_options *options, bool matlab, bb_error *err) {
    bb_hdf5_recording *s;
    bb_hdf5_catalog catalog = {0};
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    bb_status status = bb_hdf5_recording_begin(r, &s, err);
    if (status == BB_OK) status = bb_hdf5_catalog_read(&r->file, s->file, matlab, &catalog, err);
    if (status == BB_OK) status = open_picked(r, s, &catalog, options, err);
    bb_hdf5_catalog_free(&catalog);
    bb_hdf5_end(&guard);
    return status;
}

static bb_status plain_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    r->info.format = "HDF5";
    return open_kind(r, options, false, err);
}

static bb_status mat73_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    r->info.format = "MAT 7.3";
    return open_kind(r, options, true, err);
}

const bb_reader bb_plain_hdf5_reader = {
    .name = "HDF5", .open = plain_open, .read = bb_hdf5_recording_read, .close = bb_hdf5_recording_close};
const bb_reader bb_mat73_reader = {
    .name = "MAT 7.3", .open = mat73_open, .read = bb_hdf5_recording_read, .close = bb_hdf5_recording_close};
