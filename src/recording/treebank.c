/* Brain Treebank recordings: HDF5 with one dataset /data/electrode_N per contact, their names in a file of
 * their own. Wang et al., "Brain Treebank", NeurIPS 2024, https://braintreebank.dev/ */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/hdf5.h"
#include "recording/electrode_labels.h"
#include "recording/layout_guess.h"
#include "recording/recording.h"
#include "recording/treebank_tables.h"

/* Of unpacked chunks, kept between reads for the next stretch. */
enum { CACHE_BYTES = 64 << 20 };

typedef struct electrode {
    int64_t number;
    bb_hdf5_array series;
} electrode;

typedef struct treebank {
    hid_t file, group;
    electrode *electrodes;
    size_t count, capacity;
    double scale; /* uV per unit */
} treebank;

static void electrode_name(const electrode *e, char *out, size_t room) {
    snprintf(out, room, "electrode_%lld", (long long)e->number);
}

/* Takes the links called electrode_N; others are no business of ours. Returns 1 to stop, -1 on failure. */
static herr_t take_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    (void)group;
    treebank *t = data;
    char *end;
    if (info->type != H5L_TYPE_HARD || strncmp(name, "electrode_", 10) != 0) return 0;
    const char *digits = name + 10;
    if (*digits < '0' || *digits > '9' || strlen(digits) > 9 || (*digits == '0' && digits[1])) return 0;
    const long number = strtol(digits, &end, 10);
    if (*end) return 0;
    if (t->count == BB_MAX_CHANNELS) return 1;
    if (bb_grow((void **)&t->electrodes, &t->capacity, t->count + 1, sizeof *t->electrodes)) return -1;
    t->electrodes[t->count++] = (electrode){.number = number};
    return 0;
}

static int compare_electrodes(const void *a, const void *b) {
    const electrode *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bb_status list_electrodes(bb_recording *r, treebank *t, bb_error *err) {
    if (bb_hdf5_look(t->file, "data") == BB_HDF5_GROUP) t->group = H5Gopen2(t->file, "data", H5P_DEFAULT);
    if (t->group >= 0 && H5Literate(t->group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, take_link, t) < 0)
        return bb_hdf5_fail(err, r->info.path, "/data");
    if (t->count == 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected a Brain Treebank recording, found HDF5 without /data/electrode_N",
                       r->info.path);
    qsort(t->electrodes, t->count, sizeof *t->electrodes, compare_electrodes);
    return BB_OK;
}

/* Opens every electrode; a damaged one fails the file, a shorter one shortens all. */
static bb_status open_electrodes(bb_recording *r, treebank *t, int64_t *samples, bb_error *err) {
    int64_t longest = 0;
    *samples = INT64_MAX;
    for (size_t i = 0; i < t->count; ++i) {
        electrode *e = &t->electrodes[i];
        char name[32];
        electrode_name(e, name, sizeof name);
        BB_TRY(bb_hdf5_array_open(t->group, name, &r->file, BB_HDF5_NUMBERS, &e->series, err));
        if (e->series.dims != 1)
            return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected one dimension", r->info.path, name);
        if (e->series.columns < *samples) *samples = e->series.columns;
        if (e->series.columns > longest) longest = e->series.columns;
    }
    if (*samples == 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: /data: an electrode without samples", r->info.path);
    if (longest > *samples)
        bb_recording_warn(r, "electrodes have from %lld to %lld samples; only the first %lld are read",
                          (long long)*samples, (long long)longest, (long long)*samples);
    return BB_OK;
}

/* Labels that the caller names must be good; those found nearby are used if they are. */
static bb_status load_labels(bb_recording *r, const char *stated, bb_electrode_labels *labels,
                             bb_error *err) {
    *labels = (bb_electrode_labels){0};
    if (stated) {
        BB_TRY(bb_recording_add_file(r, stated, err));
        return bb_electrode_labels_read(stated, labels, err);
    }
    char *found = bb_electrode_labels_find(r->info.path);
    bb_error why = {0};
    bb_status status = BB_OK;
    if (!found)
        bb_recording_warn(r, "no electrode_labels.json was found, so electrodes are called by their numbers");
    else if (bb_electrode_labels_read(found, labels, &why) != BB_OK) {
        bb_recording_warn(r, "labels are not used: %.400s", why.message);
        bb_electrode_labels_free(labels);
    } else {
        status = bb_recording_add_file(r, found, err);
    }
    bb_free(found);
    return status;
}

static bb_status add_channels(bb_recording *r, const treebank *t, const bb_electrode_labels *labels,
                              double rate_hz, int64_t samples, bb_error *err) {
    size_t unnamed = 0;
    for (size_t i = 0; i < t->count; ++i) {
        const electrode *e = &t->electrodes[i];
        char number[32];
        electrode_name(e, number, sizeof number);
        const char *label = (size_t)e->number < labels->count ? labels->labels[e->number] : NULL;
        unnamed += !label;
        const bb_channel channel = {.name = label ? label : number,
                                    .unit = "uV",
                                    /* beside labelled ones, what has no label is no electrode of theirs */
                                    .type = label               ? bb_channel_type_of(label)
                                            : labels->named > 0 ? BB_CHANNEL_MISC
                                                                : BB_CHANNEL_IEEG,
                                    .rate_hz = rate_hz,
                                    .samples = samples};
        BB_TRY(bb_recording_add_channel(r, &channel, err));
    }
    if (labels->named > 0 && (unnamed > 0 || labels->named != t->count))
        bb_recording_warn(
            r, "the labels name %zu electrodes, the recording holds %zu, of which %zu have no label",
            labels->named, t->count, unnamed);
    return BB_OK;
}

static bb_status open_inside(bb_recording *r, treebank *t, int64_t *samples, bb_error *err) {
    BB_TRY(bb_hdf5_open(r->info.path, &t->file, err));
    BB_TRY(list_electrodes(r, t, err));
    return open_electrodes(r, t, samples, err);
}

static bb_status treebank_open(bb_recording *r, const bb_recording_options *options, bb_error *err) {
    double rate_hz;
    int64_t samples = 0;
    bb_hdf5_guard guard;
    bb_electrode_labels labels;
    BB_TRY(bb_recording_stated_rate(options, &rate_hz, err));
    treebank *t = r->state = bb_calloc(1, sizeof *t);
    if (!t) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    t->file = t->group = -1;
    BB_TRY(bb_guess_stated_unit(options, &t->scale, err));
    r->info.format = "Brain Treebank HDF5";
    bb_hdf5_begin(&guard);
    bb_status status = open_inside(r, t, &samples, err);
    bb_hdf5_end(&guard);
    if (status != BB_OK) return status;
    status = load_labels(r, options->labels_path, &labels, err);
    if (status == BB_OK) status = add_channels(r, t, &labels, rate_hz, samples, err);
    if (status == BB_OK) status = bb_treebank_take_dataset(r, err);
    if (status == BB_OK) status = bb_treebank_take_tables(r, options->rate_hz != 0, err);
    r->rate_assumed = options->rate_hz == 0;
    r->unit_assumed = !options->unit;
    bb_electrode_labels_free(&labels);
    return status;
}

static bb_status treebank_read(bb_recording *r, const size_t *channels, size_t channel_count, int64_t first,
                               int64_t samples, double *out, bb_error *err) {
    const treebank *t = r->state;
    bb_status status = BB_OK;
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    for (size_t c = 0; c < channel_count && status == BB_OK; ++c) {
        electrode *e = &t->electrodes[channels[c]];
        char name[32];
        electrode_name(e, name, sizeof name);
        status =
            bb_hdf5_array_list(&e->series, &r->file, name, first, samples, out + (int64_t)c * samples, err);
        bb_hdf5_array_trim(&e->series, CACHE_BYTES / t->count);
        for (int64_t s = 0; s < samples && t->scale != 1; ++s) out[(int64_t)c * samples + s] *= t->scale;
    }
    bb_hdf5_end(&guard);
    return status;
}

static void treebank_close(bb_recording *r) {
    treebank *t = r->state;
    if (!t) return;
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    for (size_t i = 0; i < t->count; ++i) bb_hdf5_array_close(&t->electrodes[i].series);
    if (t->group >= 0) H5Gclose(t->group);
    if (t->file >= 0) H5Fclose(t->file);
    bb_hdf5_end(&guard);
    bb_free(t->electrodes);
    bb_free(t);
}

const bb_reader bb_treebank_reader = {
    .name = "Brain Treebank HDF5", .open = treebank_open, .read = treebank_read, .close = treebank_close};
