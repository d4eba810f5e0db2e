/* Files of features that are kept: a head of 128 bytes, a checksum for each row, what is unsound, the rows.
 * Numbers are little-endian; checksums are CRC-32C.
 *
 * head     "BBFEATS1"; int64 windows, channels, dim; the key, 64 digits; uint32 checksum of the tables;
 * zeros; uint32 checksum of the head before it tables   uint32 [channels, windows] checksums of the rows;
 * uint8 [channels, windows] unsound bits; zeros up to a multiple of 64 bytes rows     float32 [channels,
 * windows, dim] */
#ifndef BB_FEATURES_CACHE_H
#define BB_FEATURES_CACHE_H

#include <stdint.h>

#include "base/checksum.h"
#include "base/file.h"

typedef struct bb_cache_head {
    char key[BB_SHA256_TEXT]; /* of what the features are made of */
    int64_t windows, channels, dim;
} bb_cache_head;

/* What a file holds; points into it. */
typedef struct bb_cache_view {
    bb_cache_head head;
    const unsigned char *unsound; /* [channels, windows] */
    const float *rows;            /* [channels, windows, dim] */
} bb_cache_view;

/* Reads the `size` bytes at `data`, which is aligned to 64 bytes. BB_ERR_FORMAT, with `name` and the place,
 * for whatever is not whole: every byte counts. */
bb_status bb_cache_parse(const void *data, size_t size, const char *name, bb_cache_view *out, bb_error *err);

/* A file under way, of rows that are zeros and sound until they are written. */
typedef struct bb_cache_writer bb_cache_writer;

/* `path` NULL: a file without a name. */
bb_status bb_cache_create(const char *path, const bb_cache_head *head, bb_cache_writer **out, bb_error *err);
bb_status bb_cache_write(bb_cache_writer *writer, int64_t channel, int64_t window, const float *row,
                         bb_error *err);
void bb_cache_mark(bb_cache_writer *writer, int64_t channel, int64_t window, unsigned char unsound);

/* What was written and marked. */
bb_status bb_cache_read(const bb_cache_writer *writer, int64_t channel, int64_t window, float *row,
                        bb_error *err);
unsigned char bb_cache_marked(const bb_cache_writer *writer, int64_t channel, int64_t window);

/* Puts the file in place and maps it. */
bb_status bb_cache_finish(bb_cache_writer *writer, bb_map *map, bb_error *err);
/* Removes what is not in place. NULL is fine. */
void bb_cache_destroy(bb_cache_writer *writer);

#endif
