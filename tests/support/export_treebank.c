#include <stdio.h>
#include <stdlib.h>

#include "hdf5_parts.h"

void export_treebank(const export_signal *s, const char *path, const char *labels_path) {
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t count = (hsize_t)s->samples;
    for (size_t c = 0; c < s->channel_count; ++c) {
        char name[32];
        snprintf(name, sizeof name, "electrode_%zu", c);
        part_dataset(group, name, H5T_IEEE_F64LE, 1, &count, NULL, false, H5T_NATIVE_DOUBLE,
                     s->data + (int64_t)c * s->samples);
    }
    H5Gclose(group);
    if (H5Fclose(file) < 0) abort();
    if (!labels_path) return;
    FILE *labels = fopen(labels_path, "w");
    if (!labels) abort();
    for (size_t c = 0; c < s->channel_count; ++c) fprintf(labels, "%s\"%s\"", c ? ", " : "[", s->names[c]);
    fputs("]\n", labels);
    if (fclose(labels) != 0) abort();
}
