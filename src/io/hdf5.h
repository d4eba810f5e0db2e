/* HDF5 for reading files of unknown origin: without its messages on stderr, without plugins, and with checks
 * of what a dataset asks the library to do before it is read. HDF5 is not thread-safe: one thread at a time
 * in the whole program. */
#ifndef BB_IO_HDF5_H
#define BB_IO_HDF5_H

#include <hdf5.h>
#include <stdint.h>

#include "brainbert/status.h"

/* What was set before bb_hdf5_begin, to be put back by bb_hdf5_end. Every stretch of HDF5 calls lies between
 * the two. */
typedef struct bb_hdf5_guard {
    H5E_auto2_t print;
    void *print_data;
    unsigned plugins;
} bb_hdf5_guard;

void bb_hdf5_begin(bb_hdf5_guard *guard);
void bb_hdf5_end(const bb_hdf5_guard *guard);

/* Fails with the library's own reason behind "PATH: PLACE: ". */
bb_status bb_hdf5_fail(bb_error *err, const char *path, const char *place);

/* Opens for reading; `out` is closed by H5Fclose, which also closes whatever is still open in it. */
bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err);

/* Opens the dataset of numbers, of one dimension, that the hard link `name` leads to, after checking that it
 * is stored inside this file of `file_size` bytes, in a plain number type, by filters that belong to HDF5
 * itself. */
bb_status bb_hdf5_open_series(hid_t group, const char *name, const char *path, int64_t file_size, hid_t *out,
                              int64_t *samples, bb_error *err);

/* Elements [first, first + samples) as doubles. */
bb_status bb_hdf5_read_series(hid_t dataset, const char *path, const char *name, int64_t first,
                              int64_t samples, double *out, bb_error *err);

#endif
