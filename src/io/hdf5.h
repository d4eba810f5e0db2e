/* HDF5 for reading files of unknown origin: without its messages on stderr, without plugins, and with checks
 * of what a dataset asks the library to do before it is read. HDF5 is not thread-safe: one thread at a time
 * in the whole program. */
#ifndef BB_IO_HDF5_H
#define BB_IO_HDF5_H

#include <hdf5.h>
#include <stdint.h>

#include "io/recording.h"

/* Chunks are unpacked whole, so that their size is bounded. */
enum { BB_HDF5_FILTERS = 4, BB_HDF5_MAX_CHUNK = 64 << 20 };

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

/* A dataset of numbers of one dimension. Where its bytes lie is HDF5's to tell; reading and unpacking them is
 * done here, with every length checked: HDF5 1.10 trusts a packed chunk to hold what it should. */
typedef struct bb_hdf5_series {
    hid_t dataset, type;
    size_t width;    /* bytes per element */
    int64_t samples; /* elements */
    int64_t place;   /* in the file, of the first element; -1: in chunks */
    int64_t chunk;   /* elements per chunk */
    int filter_count;
    H5Z_filter_t filters[BB_HDF5_FILTERS]; /* in the order of writing */
    unsigned char *unpacked;               /* the chunk read last */
    int64_t unpacked_at;                   /* its first element; -1: none */
} bb_hdf5_series;

/* Opens the dataset that the hard link `name` leads to, after checking that it is stored inside this file, in
 * a plain number type, packed by deflate and shuffle if at all. Close it also after a failure. */
bb_status bb_hdf5_series_open(hid_t group, const char *name, const bb_recording *recording,
                              bb_hdf5_series *out, bb_error *err);

/* Whether the object header at `address` describes chunks without length, which H5Dopen would divide by. */
bool bb_hdf5_has_empty_chunks(const bb_recording *recording, uint64_t address);
void bb_hdf5_series_close(bb_hdf5_series *series);

/* Elements [first, first + samples) as doubles. `recording` is the open file. */
bb_status bb_hdf5_series_read(bb_hdf5_series *series, const bb_recording *recording, const char *name,
                              int64_t first, int64_t samples, double *out, bb_error *err);

/* Gives up the unpacked chunk, if it is larger than `limit` bytes. */
void bb_hdf5_series_trim(bb_hdf5_series *series, size_t limit);

#endif
