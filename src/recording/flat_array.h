/* A matrix of numbers that holds a recording, [channels, samples] or [samples, channels], read in stretches
 * from wherever its bytes lie, or kept in memory as stored. Shared by .npy, .npz and MAT. */
#ifndef BB_RECORDING_FLAT_ARRAY_H
#define BB_RECORDING_FLAT_ARRAY_H

#include "io/element.h"
#include "recording/recording.h"

typedef struct bb_flat_array {
    bb_element element;
    int64_t channels, samples;
    int64_t channel_step, sample_step; /* elements from one to the next; one of the two is 1 */
    double scale;                      /* uV per count */
    /* `count` bytes from `offset` behind the first element. Not called when `memory` holds them all. */
    bb_status (*fetch)(void *context, int64_t offset, void *out, size_t count, bb_error *err);
    void *context;
    unsigned char *memory; /* owned */
    unsigned char *buffer; /* owned */
} bb_flat_array;

/* Sets lengths and steps of a matrix of rows and columns, in C order or column by column. */
void bb_flat_array_shape(bb_flat_array *array, int64_t rows, int64_t columns, bool column_major,
                         bool rows_are_channels);

/* As bb_recording_read; needs a buffer of its own, made at the first call, if `memory` is NULL. */
bb_status bb_flat_array_read(bb_flat_array *array, const size_t *channels, size_t channel_count,
                             int64_t first, int64_t samples, double *out, bb_error *err);

void bb_flat_array_free(bb_flat_array *array);

#endif
