/* A window of one channel as the corpus stores it: a row. */
#ifndef BB_CORPUS_ROWS_H
#define BB_CORPUS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/corpus.h"

typedef struct bb_row_format {
    bb_sample_encoding encoding;
    bool compressed; /* bytes shuffled, then deflated: by ourselves, not by HDF5's filters */
    int64_t samples;
} bb_row_format;

/* Bytes of a row before it is compressed. */
size_t bb_row_bytes(const bb_row_format *format);

/* The most bytes that a stored row takes. */
size_t bb_row_room(const bb_row_format *format);

/* x[samples] in uV -> out[bb_row_room]; returns the bytes used, 0 when compression failed. Values are those
 * in `out` times *scale. `scratch` holds two times bb_row_bytes. */
size_t bb_row_pack(const bb_row_format *format, const double *x, void *scratch, void *out, float *scale);

/* The way back; false when the bytes are no such row. */
bool bb_row_unpack(const bb_row_format *format, const void *stored, size_t bytes, float scale, void *scratch,
                   double *out);

/* The CRC-32 of bytes whose first ones gave `sum` (0: none). */
uint32_t bb_checksum_add(uint32_t sum, const void *data, size_t bytes);

/* What tells a row that was damaged from one that was not (CRC-32 of its stored bytes). */
uint32_t bb_row_checksum(const void *stored, size_t bytes);

#endif
