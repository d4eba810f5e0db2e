#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_parts.h"

static void check(hid_t status) {
    if (status < 0) abort();
}

static hid_t text_type(size_t width, bool variable) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    check(H5Tset_size(type, variable ? H5T_VARIABLE : width));
    return type;
}

void part_dataset(hid_t at, const char *name, hid_t type, int dims, const hsize_t *shape,
                  const hsize_t *chunk, bool packed, hid_t memory, const void *data) {
    static const hsize_t unlimited[3] = {H5S_UNLIMITED, H5S_UNLIMITED,
                                         H5S_UNLIMITED}; /* or no chunk may stick out */
    const hid_t space =
        dims ? H5Screate_simple(dims, shape, chunk ? unlimited : NULL) : H5Screate(H5S_SCALAR);
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk) check(H5Pset_chunk(plan, dims, chunk));
    if (chunk && packed) {
        check(H5Pset_shuffle(plan));
        check(H5Pset_deflate(plan, 4));
        check(H5Pset_fletcher32(plan));
    }
    const hid_t set = H5Dcreate2(at, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    check(set);
    check(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    H5Dclose(set);
    H5Pclose(plan);
    H5Sclose(space);
}

void part_number(hid_t at, const char *name, double value) {
    part_dataset(at, name, H5T_IEEE_F64LE, 0, NULL, NULL, false, H5T_NATIVE_DOUBLE, &value);
}

void part_texts(hid_t at, const char *name, const char *const *texts, size_t count, bool variable) {
    enum { WIDTH = 32 };
    const hsize_t shape = count;
    const hid_t type = text_type(WIDTH, variable);
    const size_t n = count ? count : 1;
    char *fixed = calloc(n, WIDTH);
    if (!fixed) abort();
    for (size_t i = 0; i < n; ++i) strncpy(fixed + i * WIDTH, texts[i], WIDTH - 1);
    part_dataset(at, name, type, count > 0, &shape, NULL, false, type,
                 variable ? (const void *)texts : fixed);
    free(fixed);
    H5Tclose(type);
}

static void put_attribute(hid_t object, const char *name, hid_t type, hid_t memory, const void *value) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    check(attribute);
    check(H5Awrite(attribute, memory, value));
    H5Aclose(attribute);
    H5Sclose(space);
}

void part_text_attribute(hid_t object, const char *name, const char *text, bool variable) {
    const hid_t type = text_type(strlen(text) + 1, variable);
    put_attribute(object, name, type, type, variable ? (const void *)&text : text);
    H5Tclose(type);
}

void part_number_attribute(hid_t object, const char *name, hid_t type, double value) {
    put_attribute(object, name, type, H5T_NATIVE_DOUBLE, &value);
}

void part_name_text(hid_t at, const char *object, const char *name, const char *text, bool variable) {
    const hid_t opened = H5Oopen(at, object, H5P_DEFAULT);
    part_text_attribute(opened, name, text, variable);
    H5Oclose(opened);
}

void part_name_number(hid_t at, const char *object, const char *name, double value) {
    const hid_t opened = H5Oopen(at, object, H5P_DEFAULT);
    part_number_attribute(opened, name, H5T_IEEE_F64LE, value);
    H5Oclose(opened);
}

void part_samples(hid_t at, const char *name, const export_signal *s, const export_hdf5_layout *layout) {
    const size_t channels = s->channel_count, samples = (size_t)s->samples;
    double *values = calloc(channels * samples, sizeof *values);
    if (!values) abort();
    for (size_t c = 0; c < channels; ++c)
        for (size_t t = 0; t < samples; ++t) {
            const double value = s->data[c * samples + t];
            values[layout->samples_first ? t * channels + c : c * samples + t] =
                layout->step > 0 ? round(value / layout->step) : value;
        }
    const hsize_t across = layout->samples_first ? samples : channels,
                  along = layout->samples_first ? channels : samples;
    const hsize_t wide = (hsize_t)(layout->samples_first ? layout->chunk_samples : layout->chunk_channels),
                  tall = (hsize_t)(layout->samples_first ? layout->chunk_channels : layout->chunk_samples);
    part_dataset(at, name, layout->step > 0 ? H5T_STD_I16LE : H5T_IEEE_F64LE, 2,
                 (const hsize_t[]){across, along},
                 layout->chunk_samples ? (const hsize_t[]){wide, tall} : NULL, layout->packed,
                 H5T_NATIVE_DOUBLE, values);
    free(values);
}

void export_hdf5(const export_signal *s, const char *path, const export_hdf5_layout *layout) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    check(file);
    part_samples(file, "timeseries", s, layout);
    part_name_text(file, "timeseries", "unit", "uV", layout->variable);
    part_texts(file, "names", s->names, s->channel_count, layout->variable);
    part_number(file, "samplerate", s->rate_hz);
    check(H5Fclose(file));
}
