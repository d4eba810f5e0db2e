/* NumPy's .npy format: the header as data, for whole arrays, for recordings read in stretches, and for
 * outputs written row by row. */
#ifndef BB_IO_NPY_H
#define BB_IO_NPY_H

#include "base/file.h"
#include "brainbert/array.h"
#include "io/element.h"

typedef struct bb_npy_header {
    bb_element element;
    bool fortran_order;
    size_t dims; /* 0: a scalar */
    int64_t shape[BB_MAX_DIMS];
    size_t data_offset; /* of the first element in the file */
} bb_npy_header;

/* Parses the header at the start of `data`; checks that the elements fit into `size` bytes. `name` is for
 * messages. Elements other than numbers are BB_ERR_UNSUPPORTED. */
bb_status bb_npy_parse(const void *data, size_t size, const char *name, bb_npy_header *out, bb_error *err);

/* The same for an array of any one type that has a width, text too: kind 'U' (UTF-32) or 'S' (bytes). */
bb_status bb_npy_describe(const void *data, size_t size, const char *name, bb_npy_header *out, bb_error *err);

/* Whether `data` starts with the magic string. */
bool bb_npy_probe(const void *data, size_t size);

/* Writes the header of a little-endian C-order array at the output's start; the elements follow at
 * *data_offset. */
bb_status bb_npy_write_header(bb_output *out, bb_dtype dtype, const int64_t *shape, size_t dims,
                              size_t *data_offset, bb_error *err);

#endif
