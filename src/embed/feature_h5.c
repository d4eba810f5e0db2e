/* features.h5:
 *   /features   float32 [windows, channels, (frames,) dim]
 *   /start_s, /end_s  float64 [windows], seconds from the recording's first sample
 *   /recording, /event, /channel  strings [windows], [windows], [channels]
 *   attributes of the root: recipe (JSON), model, pooling, program */
#include <hdf5.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "embed/feature_file.h"

enum { WORD = 256 }; /* bytes of a fixed-length string: any file name fits */

typedef struct h5_features {
    bb_feature_layout layout;
    bb_output output;
    hid_t file, features, start, end, recording, event, word;
} h5_features;

static bb_status failed(const h5_features *f, const char *what, bb_error *err) {
    return bb_fail(err, BB_ERR_IO, "%s: HDF5 cannot write %s", f->output.path, what);
}

static void close_handles(h5_features *f) {
    hid_t *const sets[] = {&f->features, &f->start, &f->end, &f->recording, &f->event};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; ++i) {
        if (*sets[i] > 0) H5Dclose(*sets[i]);
        *sets[i] = 0;
    }
    if (f->word > 0) H5Tclose(f->word);
    f->word = 0;
}

static void h5_destroy(void *state) {
    h5_features *f = state;
    close_handles(f);
    if (f->file > 0) H5Fclose(f->file);
    bb_output_discard(&f->output);
    bb_free(f);
}

/* A dataset without time stamps, so that equal runs give equal bytes. */
static hid_t create_set(h5_features *f, const char *name, hid_t type, const int64_t *shape, size_t dims) {
    hsize_t extent[4] = {0};
    for (size_t d = 0; d < dims; ++d) extent[d] = (hsize_t)shape[d];
    const hid_t space = H5Screate_simple((int)dims, extent, NULL), plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plist, 0);
    const hid_t set = H5Dcreate2(f->file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Pclose(plist);
    H5Sclose(space);
    return set;
}

static bool write_attribute(h5_features *f, const char *name, const char *text) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(text) + 1);
    const hid_t attribute = H5Acreate2(f->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool ok = attribute >= 0 && H5Awrite(attribute, type, text) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

static bb_status write_head(h5_features *f, bb_error *err) {
    const bb_feature_layout *l = &f->layout;
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    const bool ok = write_attribute(f, "recipe", l->recipe_json ? l->recipe_json : "{}") &&
                    write_attribute(f, "model", l->model ? l->model : "") &&
                    write_attribute(f, "pooling", l->pooling ? l->pooling : "") &&
                    write_attribute(f, "program", program);
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

static bb_status h5_create(const char *path, const bb_feature_layout *layout, void **state, bb_error *err) {
    h5_features *f = bb_calloc(1, sizeof *f);
    if (!f) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    *state = f;
    f->layout = *layout;
    f->output.fd = -1;
    BB_TRY(bb_output_open(path, &f->output, err));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    f->file = H5Fcreate(f->output.temp_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (f->file < 0) return failed(f, "a new file", err);
    f->word = H5Tcopy(H5T_C_S1);
    H5Tset_size(f->word, WORD);
    int64_t shape[4];
    const size_t dims = bb_layout_shape(layout, shape);
    f->features = create_set(f, "features", H5T_IEEE_F32LE, shape, dims);
    f->start = create_set(f, "start_s", H5T_IEEE_F64LE, &layout->windows, 1);
    f->end = create_set(f, "end_s", H5T_IEEE_F64LE, &layout->windows, 1);
    f->recording = create_set(f, "recording", f->word, &layout->windows, 1);
    f->event = create_set(f, "event", f->word, &layout->windows, 1);
    if (f->features < 0 || f->start < 0 || f->end < 0 || f->recording < 0 || f->event < 0)
        return failed(f, "its datasets", err);
    return write_head(f, err);
}

/* Row `window` of a dataset whose other dimensions are written whole. */
static bool write_row(hid_t set, hid_t type, int64_t window, const void *data) {
    hsize_t extent[4], first[4] = {(hsize_t)window}, count[4];
    const hid_t space = H5Dget_space(set);
    const int dims = H5Sget_simple_extent_dims(space, extent, NULL);
    for (int d = 0; d < dims; ++d) count[d] = d ? extent[d] : 1;
    const hid_t memory = H5Screate_simple(dims, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, first, NULL, count, NULL);
    const bool ok = H5Dwrite(set, type, memory, space, H5P_DEFAULT, data) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    return ok;
}

static bb_status h5_write(void *state, int64_t window, const char *recording, double start_s,
                          const char *event, const float *features, bb_error *err) {
    h5_features *f = state;
    const double end_s = start_s + f->layout.window_s;
    char name[WORD] = {0}, label[WORD] = {0};
    snprintf(name, sizeof name, "%s", bb_path_name(recording));
    snprintf(label, sizeof label, "%s", event ? event : "");
    const bool ok = write_row(f->features, H5T_NATIVE_FLOAT, window, features) &&
                    write_row(f->start, H5T_NATIVE_DOUBLE, window, &start_s) &&
                    write_row(f->end, H5T_NATIVE_DOUBLE, window, &end_s) &&
                    write_row(f->recording, f->word, window, name) &&
                    write_row(f->event, f->word, window, label);
    return ok ? BB_OK : failed(f, "a window", err);
}

static bb_status h5_close(void *state, bb_error *err) {
    h5_features *f = state;
    close_handles(f);
    const bool closed = H5Fclose(f->file) >= 0;
    f->file = 0;
    return closed ? bb_output_commit(&f->output, err) : failed(f, "the end of the file", err);
}

const bb_feature_kind bb_feature_h5 = {
    .suffix = ".h5", .create = h5_create, .write = h5_write, .close = h5_close, .destroy = h5_destroy};
