/* h5_features F.h5 OUT.npy: the array /features of a file of features to OUT.npy; to standard output the same
 * lines as in the .tsv beside an .npy; to standard error the attributes, "name: text". */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/array.h"

enum { WORD = 256 };

static void die(const char *what) {
    fprintf(stderr, "h5_features: %s\n", what);
    exit(1);
}

static hid_t open_set(hid_t file, const char *name, int *dims, hsize_t *extent) {
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = set < 0 ? set : H5Dget_space(set);
    *dims = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (*dims < 1 || *dims > 4 || H5Sget_simple_extent_dims(space, extent, NULL) < 0) die(name);
    H5Sclose(space);
    return set;
}

/* A whole dataset as elements of `type`, each of `size` bytes. free() it. */
static void *read_set(hid_t file, const char *name, hid_t type, size_t size, int *dims, hsize_t *extent) {
    const hid_t set = open_set(file, name, dims, extent);
    size_t count = 1;
    for (int d = 0; d < *dims; ++d) count *= (size_t)extent[d];
    void *data = calloc(count + 1, size);
    if (!data || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) die(name);
    H5Dclose(set);
    return data;
}

static void print_attribute(hid_t file, const char *name) {
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    const hid_t type = attribute < 0 ? attribute : H5Aget_type(attribute);
    char *text = type < 0 ? NULL : calloc(H5Tget_size(type) + 1, 1);
    if (!text || H5Aread(attribute, type, text) < 0) die(name);
    fprintf(stderr, "%s: %s\n", name, text);
    free(text);
    H5Tclose(type);
    H5Aclose(attribute);
}

static void write_features(hid_t file, const char *path) {
    int dims;
    hsize_t extent[4];
    int64_t shape[4];
    float *features = read_set(file, "features", H5T_NATIVE_FLOAT, sizeof *features, &dims, extent);
    for (int d = 0; d < dims; ++d) shape[d] = (int64_t)extent[d];
    bb_error err;
    if (bb_array_write(path, features, shape, (size_t)dims, &err) != BB_OK) die(err.message);
    free(features);
}

/* By the bits of /unsound. */
static const char *const kinds[16] = {"",
                                      "missing",
                                      "flat",
                                      "flat,missing",
                                      "clipped",
                                      "clipped,missing",
                                      "clipped,flat",
                                      "clipped,flat,missing",
                                      "seam",
                                      "missing,seam",
                                      "flat,seam",
                                      "flat,missing,seam",
                                      "clipped,seam",
                                      "clipped,missing,seam",
                                      "clipped,flat,seam",
                                      "clipped,flat,missing,seam"};

static void print_table(hid_t file, hid_t word) {
    int dims;
    hsize_t windows[4], channels[4];
    char(*recording)[WORD] = read_set(file, "recording", word, WORD, &dims, windows);
    char(*event)[WORD] = read_set(file, "event", word, WORD, &dims, windows);
    char(*channel)[WORD] = read_set(file, "channel", word, WORD, &dims, channels);
    double *start = read_set(file, "start_s", H5T_NATIVE_DOUBLE, sizeof *start, &dims, windows);
    double *end = read_set(file, "end_s", H5T_NATIVE_DOUBLE, sizeof *end, &dims, windows);
    unsigned char *unsound = read_set(file, "unsound", H5T_NATIVE_UCHAR, 1, &dims, windows);
    puts("window\tchannel\trecording\tstart_s\tend_s\tevent\tunsound");
    for (hsize_t w = 0; w < windows[0]; ++w)
        for (hsize_t c = 0; c < channels[0]; ++c)
            printf("%d\t%s\t%s\t%.6f\t%.6f\t%s\t%s\n", (int)w, channel[c], recording[w], start[w], end[w],
                   event[w][0] ? event[w] : "n/a", kinds[unsound[w * channels[0] + c] & 15]);
    free(unsound);
    free(recording);
    free(event);
    free(channel);
    free(start);
    free(end);
}

int main(int argc, char **argv) {
    if (argc != 3) return fputs("h5_features F.h5 OUT.npy\n", stderr), 2;
    const hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT), word = H5Tcopy(H5T_C_S1);
    if (file < 0) die("no HDF5 file");
    H5Tset_size(word, WORD);
    static const char *const attributes[] = {"recipe", "model", "precision", "pooling", "program"};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; ++i) print_attribute(file, attributes[i]);
    write_features(file, argv[2]);
    print_table(file, word);
    H5Tclose(word);
    H5Fclose(file);
    return 0;
}
