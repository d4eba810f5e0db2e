#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_parts.h"

enum { BLOCK = 512 };

/* A 1 x n text as MATLAB stores it: n x 1 numbers of 16 bits. */
static void put_characters(hid_t at, const char *name, const char *text) {
    uint16_t units[64] = {0};
    const hsize_t shape[2] = {strlen(text), 1};
    for (size_t i = 0; i < strlen(text) && i < 64; ++i) units[i] = (uint16_t)text[i];
    part_dataset(at, name, H5T_STD_U16LE, 2, shape, NULL, false, H5T_NATIVE_UINT16, units);
    part_name_text(at, name, "MATLAB_class", "char", false);
}

static void put_labels(hid_t file, hid_t header, const export_signal *s) {
    const hid_t group = H5Gcreate2(file, "#refs#", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hobj_ref_t *references = calloc(s->channel_count, sizeof *references);
    if (!references) abort();
    for (size_t i = 0; i < s->channel_count; ++i) {
        char name[32];
        snprintf(name, sizeof name, "r%zu", i);
        put_characters(group, name, s->names[i]);
        if (H5Rcreate(&references[i], group, name, H5R_OBJECT, -1) < 0) abort();
    }
    const hsize_t shape[2] = {1, s->channel_count};
    part_dataset(header, "Labels", H5T_STD_REF_OBJ, 2, shape, NULL, false, H5T_STD_REF_OBJ, references);
    part_name_text(header, "Labels", "MATLAB_class", "cell", false);
    free(references);
    H5Gclose(group);
}

/* The text that comes before HDF5: 116 characters, the version and the mark of the byte order. */
static void put_head(const char *path) {
    char head[BLOCK] = "MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .";
    const size_t n = strlen(head);
    memset(head + n, ' ', 116 - n);
    memcpy(head + 124, "\0\2IM", 4);
    FILE *file = fopen(path, "r+b");
    if (!file || fwrite(head, 1, BLOCK, file) != BLOCK || fclose(file) != 0) abort();
}

void export_mat73(const export_signal *s, const char *path, const export_hdf5_layout *layout) {
    const hid_t plan = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(plan, BLOCK);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, plan, H5P_DEFAULT);
    const hid_t header = H5Gcreate2(file, "Header", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t one[2] = {1, 1};
    part_samples(file, "Data", s, layout);
    part_name_text(file, "Data", "MATLAB_class", layout->step > 0 ? "int16" : "double", false);
    part_dataset(header, "Sampling", H5T_IEEE_F64LE, 2, one, NULL, false, H5T_NATIVE_DOUBLE, &s->rate_hz);
    put_labels(file, header, s);
    H5Gclose(header);
    H5Pclose(plan);
    if (H5Fclose(file) < 0) abort();
    put_head(path);
}
