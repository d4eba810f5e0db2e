/* features.npy, features.tsv with one line for each window and channel: line i (from 0, after the heading)
 * describes features.reshape(windows * channels, -1)[i]; and features.json, the description of them all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "embed/feature_file.h"
#include "io/npy.h"

enum { CELL = 512 }; /* bytes */

typedef struct npy_features {
    bb_feature_layout layout;
    char **names;
    bb_output array, table, description;
    size_t data_offset;
} npy_features;

static void npy_destroy(void *state) {
    npy_features *f = state;
    bb_output_discard(&f->array);
    bb_output_discard(&f->table);
    bb_output_discard(&f->description);
    for (int64_t c = 0; f->names && c < f->layout.channels; ++c) bb_free(f->names[c]);
    bb_free(f->names);
    bb_free(f);
}

/* Opens X.tsv or X.json beside X.npy. */
static bb_status open_beside(const char *path, const char *suffix, bb_output *out, bb_error *err) {
    const size_t stem = strlen(path) - strlen(".npy"), room = stem + strlen(suffix) + 1;
    char *beside = bb_calloc(room, 1);
    if (!beside) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    snprintf(beside, room, "%.*s%s", (int)stem, path, suffix);
    const bb_status status = bb_output_open(beside, out, err);
    bb_free(beside);
    return status;
}

static bb_status write_description(npy_features *f, bb_error *err) {
    char *text = bb_feature_description(&f->layout);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its description", f->array.path);
    const bb_status status = bb_output_printf(&f->description, err, "%s\n", text);
    free(text);
    return status;
}

static bb_status open_outputs(npy_features *f, const char *path, bb_error *err) {
    bb_status status = bb_output_open(path, &f->array, err);
    if (status == BB_OK) status = open_beside(path, ".tsv", &f->table, err);
    if (status == BB_OK) status = open_beside(path, ".json", &f->description, err);
    if (status == BB_OK) status = write_description(f, err);
    int64_t shape[4];
    const size_t dims = bb_layout_shape(&f->layout, shape);
    if (status == BB_OK) status = bb_npy_write_header(&f->array, BB_F32, shape, dims, &f->data_offset, err);
    if (status == BB_OK)
        status =
            bb_output_printf(&f->table, err, "window\tchannel\trecording\tstart_s\tend_s\tevent\tunsound\n");
    return status;
}

static bb_status npy_create(const char *path, const bb_feature_layout *layout, void **state, bb_error *err) {
    npy_features *f = bb_calloc(1, sizeof *f);
    if (!f) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    *state = f;
    f->array.fd = f->table.fd = f->description.fd = -1;
    f->layout = *layout;
    f->names = bb_calloc((size_t)layout->channels, sizeof *f->names);
    bool complete = f->names != NULL;
    for (int64_t c = 0; complete && c < layout->channels; ++c)
        complete = (f->names[c] = bb_strdup(layout->channel_names[c])) != NULL;
    return complete ? open_outputs(f, path, err) : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
}

/* A word as a cell of the table: what would break its lines or columns becomes a blank; nothing is "n/a", as
 * in BIDS. A word longer than `cell` is cut off. */
static const char *as_cell(const char *word, char cell[CELL]) {
    snprintf(cell, CELL, "%s", word && *word ? word : "n/a");
    for (char *c = cell; *c; ++c)
        if (*c == '\n' || *c == '\t' || *c == '\r') *c = ' ';
    return cell;
}

/* "clipped,missing"; nothing where all is sound. */
static const char *unsound_cell(unsigned bits, char cell[CELL]) {
    snprintf(cell, CELL, "%s%s%s%s", bits & BB_UNSOUND_CLIPPED ? ",clipped" : "",
             bits & BB_UNSOUND_FLAT ? ",flat" : "", bits & BB_UNSOUND_MISSING ? ",missing" : "",
             bits & BB_UNSOUND_SEAM ? ",seam" : "");
    return cell[0] ? cell + 1 : cell;
}

static bb_status write_line(npy_features *f, int64_t window, const char *channel, const char *recording,
                            double start_s, const char *event, unsigned unsound, bb_error *err) {
    char cells[4][CELL];
    return bb_output_printf(&f->table, err, "%lld\t%s\t%s\t%.6f\t%.6f\t%s\t%s\n", (long long)window,
                            as_cell(channel, cells[0]), as_cell(recording, cells[1]), start_s,
                            start_s + f->layout.window_s, as_cell(event, cells[2]),
                            unsound_cell(unsound, cells[3]));
}

static bb_status npy_write(void *state, int64_t window, const char *recording, double start_s,
                           const char *event, const float *features, const unsigned char *unsound,
                           bb_error *err) {
    npy_features *f = state;
    const size_t bytes = (size_t)bb_layout_window_floats(&f->layout) * sizeof *features;
    BB_TRY(bb_output_write_at(&f->array, (int64_t)(f->data_offset + (size_t)window * bytes), features, bytes,
                              err));
    for (int64_t c = 0; c < f->layout.channels; ++c)
        BB_TRY(write_line(f, window, f->names[c], recording, start_s, event, unsound ? unsound[c] : 0, err));
    return BB_OK;
}

/* The array last: who finds it finds its table and description too. */
static bb_status npy_close(void *state, bb_error *err) {
    npy_features *f = state;
    BB_TRY(bb_output_commit(&f->table, err));
    bb_status status = bb_output_commit(&f->description, err);
    if (status == BB_OK) {
        status = bb_output_commit(&f->array, err);
        if (status != BB_OK) unlink(f->description.path);
    }
    if (status != BB_OK) unlink(f->table.path);
    return status;
}

const bb_feature_kind bb_feature_npy = {
    .suffix = ".npy", .create = npy_create, .write = npy_write, .close = npy_close, .destroy = npy_destroy};
