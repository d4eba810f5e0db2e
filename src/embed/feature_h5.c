/* features.h5:
 *   /features   float32 [windows, channels, (frames,) dim]
 *   /start_s, /end_s  float64 [windows], seconds from the recording's first sample
 *   /unsound    uint8 [windows, channels], bits that its attribute "bits" names
 *   /recording, /event, /channel  strings [windows], [windows], [channels]
 *   /description  JSON: how they were made, and the channels' types, regions and positions
 *   attributes of the root: recipe (JSON), model, precision, pooling, program
 *
 * HDF5 lays the file out, contiguous datasets and all, and is closed again; rows then go to their places by
 * plain writes. A disk that fills up during the work is thus an ordinary error: HDF5 itself, left with a file
 * that it cannot flush, brings the whole program down when it exits. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "embed/feature_file.h"
#include "io/hdf5.h"

enum { WORD = 1024 }; /* bytes of a fixed-length string: most paths fit */

/* The datasets with a row for each window. */
enum { FEATURES, START, END, RECORDING, EVENT, UNSOUND, SETS };

typedef struct h5_features {
    bb_feature_layout layout;
    char *description;
    bb_output output;
    hid_t file, word; /* 0 but while the file is laid out */
    int64_t offset[SETS];
    size_t row[SETS];     /* bytes of a window */
    unsigned char *sound; /* [channels] zeros */
} h5_features;

static bb_status failed(const h5_features *f, const char *what, bb_error *err) {
    return bb_fail(err, BB_ERR_IO, "%s: HDF5 cannot write %s", f->output.path, what);
}

static bool close_handles(h5_features *f) {
    if (f->word > 0) H5Tclose(f->word);
    const bool closed = f->file <= 0 || H5Fclose(f->file) >= 0;
    f->word = f->file = 0;
    return closed;
}

static void h5_destroy(void *state) {
    h5_features *f = state;
    bb_output_discard(&f->output);
    free(f->description);
    bb_free(f->sound);
    bb_free(f);
}

/* A dataset in its place already, without time stamps, so that equal runs give equal bytes. */
static hid_t create_set(h5_features *f, const char *name, hid_t type, const int64_t *shape, size_t dims) {
    hsize_t extent[4] = {0};
    for (size_t d = 0; d < dims; ++d) extent[d] = (hsize_t)shape[d];
    const hid_t space = H5Screate_simple((int)dims, extent, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plist, 0);
    H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
    const hid_t set = H5Dcreate2(f->file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Pclose(plist);
    H5Sclose(space);
    return set;
}

static bool place_set(h5_features *f, int which, const char *name, hid_t type, const int64_t *shape,
                      size_t dims) {
    const hid_t set = create_set(f, name, type, shape, dims);
    if (set < 0) return false;
    const haddr_t at = H5Dget_offset(set);
    H5Dclose(set);
    f->offset[which] = (int64_t)at;
    f->row[which] = H5Tget_size(type);
    for (size_t d = 1; d < dims; ++d) f->row[which] *= (size_t)shape[d];
    return at != HADDR_UNDEF || shape[0] == 0; /* no rows, no place */
}

static bool write_attribute(hid_t object, const char *name, const char *text) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool ok = attribute >= 0 && H5Awrite(attribute, type, text) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

/* Which bit of /unsound means what. */
static bool name_bits(h5_features *f) {
    const hid_t set = H5Dopen2(f->file, "unsound", H5P_DEFAULT);
    char text[64];
    snprintf(text, sizeof text, "%d missing, %d flat, %d clipped, %d seam", BB_UNSOUND_MISSING,
             BB_UNSOUND_FLAT, BB_UNSOUND_CLIPPED, BB_UNSOUND_SEAM);
    const bool ok = set >= 0 && write_attribute(set, "bits", text);
    if (set >= 0) H5Dclose(set);
    return ok;
}

static bool write_description(h5_features *f, const char *text) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hid_t set = create_set(f, "description", type, NULL, 0);
    const bool ok = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    if (set >= 0) H5Dclose(set);
    H5Tclose(type);
    return ok;
}

static bb_status write_head(h5_features *f, bb_error *err) {
    const bb_feature_layout *l = &f->layout;
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    const bool ok = write_attribute(f->file, "recipe", l->recipe_json ? l->recipe_json : "{}") &&
                    write_attribute(f->file, "model", l->model ? l->model : "") &&
                    write_attribute(f->file, "precision", l->precision ? l->precision : "") &&
                    write_attribute(f->file, "pooling", l->pooling ? l->pooling : "") &&
                    write_attribute(f->file, "program", program) && write_description(f, f->description) &&
                    name_bits(f);
    char *names = bb_calloc((size_t)l->channels, WORD);
    if (!ok || !names) {
        bb_free(names);
        return failed(f, "its attributes", err);
    }
    for (int64_t c = 0; c < l->channels; ++c) snprintf(names + c * WORD, WORD, "%s", l->channel_names[c]);
    const hid_t set = create_set(f, "channel", f->word, &l->channels, 1);
    const bool written = set >= 0 && H5Dwrite(set, f->word, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0;
    if (set >= 0) H5Dclose(set);
    bb_free(names);
    return written ? BB_OK : failed(f, "/channel", err);
}

/* Room for the layout is tried first, while a failure is still harmless. HDF5 truncates the file afterwards.
 */
static bb_status try_room(h5_features *f, bb_error *err) {
    static const char zeros[4096];
    const bb_feature_layout *l = &f->layout;
    const int64_t head = 65536 + l->channels * WORD + (l->recipe_json ? (int64_t)strlen(l->recipe_json) : 0) +
                         (int64_t)strlen(f->description);
    const int64_t bytes = bb_layout_window_floats(l) * (int64_t)sizeof(float) + 2 * WORD + 16 + l->channels;
    for (int64_t done = 0; done < head; done += (int64_t)sizeof zeros)
        BB_TRY(bb_output_write(&f->output, zeros, sizeof zeros, err));
    if (ftruncate(f->output.fd, head + l->windows * bytes) != 0)
        return bb_fail_errno(err, "%s: cannot write %lld bytes", f->output.path,
                             (long long)(head + l->windows * bytes));
    return BB_OK;
}

static bb_status lay_out(h5_features *f, bb_error *err) {
    const bb_feature_layout *layout = &f->layout;
    f->file = H5Fcreate(f->output.temp_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (f->file < 0) return failed(f, "a new file", err);
    f->word = H5Tcopy(H5T_C_S1);
    H5Tset_size(f->word, WORD);
    int64_t shape[4];
    const size_t dims = bb_layout_shape(layout, shape);
    const int64_t rows[2] = {layout->windows, layout->channels};
    if (!place_set(f, FEATURES, "features", H5T_IEEE_F32LE, shape, dims) ||
        !place_set(f, START, "start_s", H5T_IEEE_F64LE, &layout->windows, 1) ||
        !place_set(f, END, "end_s", H5T_IEEE_F64LE, &layout->windows, 1) ||
        !place_set(f, RECORDING, "recording", f->word, &layout->windows, 1) ||
        !place_set(f, EVENT, "event", f->word, &layout->windows, 1) ||
        !place_set(f, UNSOUND, "unsound", H5T_STD_U8LE, rows, 2))
        return failed(f, "its datasets", err);
    return write_head(f, err);
}

static bb_status h5_create(const char *path, const bb_feature_layout *layout, void **state, bb_error *err) {
    h5_features *f = bb_calloc(1, sizeof *f);
    if (!f) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    *state = f;
    f->layout = *layout;
    f->output.fd = -1;
    f->sound = bb_calloc((size_t)layout->channels, 1);
    f->description = bb_feature_description(layout);
    if (!f->sound || !f->description) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    BB_TRY(bb_output_open(path, &f->output, err));
    BB_TRY(try_room(f, err));
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    const bb_status status = lay_out(f, err);
    const bool closed = close_handles(f);
    bb_hdf5_end(&guard);
    return status != BB_OK || closed ? status : failed(f, "its layout", err);
}

static bb_status h5_write(void *state, int64_t window, const char *recording, double start_s,
                          const char *event, const float *features, const unsigned char *unsound,
                          bb_error *err) {
    h5_features *f = state;
    const double end_s = start_s + f->layout.window_s;
    char name[WORD] = {0}, label[WORD] = {0};
    snprintf(name, sizeof name, "%s", recording);
    snprintf(label, sizeof label, "%s", event ? event : "");
    const void *const rows[SETS] = {features, &start_s, &end_s, name, label, unsound ? unsound : f->sound};
    for (int i = 0; i < SETS; ++i)
        BB_TRY(bb_output_write_at(&f->output, f->offset[i] + window * (int64_t)f->row[i], rows[i], f->row[i],
                                  err));
    return BB_OK;
}

static bb_status h5_close(void *state, bb_error *err) {
    h5_features *f = state;
    return bb_output_commit(&f->output, err);
}

const bb_feature_kind bb_feature_h5 = {
    .suffix = ".h5", .create = h5_create, .write = h5_write, .close = h5_close, .destroy = h5_destroy};
