/* NumPy's .npy format: the header as data, for whole arrays, for recordings read in stretches, and for
 * outputs written row by row. */
#ifndef BB_IO_NPY_H
#define BB_IO_NPY_H

#include "base/file.h"
#include "brainbert/array.h"

typedef struct bb_npy_header {
    bb_dtype dtype;
    bool big_endian;
    bool fortran_order;
    size_t dims; /* 0: a scalar */
    int64_t shape[BB_MAX_DIMS];
    size_t data_offset; /* of the first element in the file */
} bb_npy_header;

/* Parses the header at the start of `data`; checks that the elements fit into `size` bytes. `name` is for
 * messages. */
bb_status bb_npy_parse(const void *data, size_t size, const char *name, bb_npy_header *out, bb_error *err);

/* Whether `data` starts with the magic string. */
bool bb_npy_probe(const void *data, size_t size);

/* `count` elements at `data`, `step` elements apart, to double. */
void bb_npy_to_f64(const bb_npy_header *header, const void *data, int64_t step, int64_t count, double *out);

/* Writes the header of a little-endian C-order array at the output's start; the elements follow at
 * *data_offset. */
bb_status bb_npy_write_header(bb_output *out, bb_dtype dtype, const int64_t *shape, size_t dims,
                              size_t *data_offset, bb_error *err);

/* IEEE half to float, exactly. */
float bb_half_to_f32(uint16_t half);

#endif
