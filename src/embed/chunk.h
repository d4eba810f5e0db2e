/* Chunks: features of some windows in a row of one recording, on their way into a feature file. They live
 * from one call of `embed` to the next, in the byte order of the machine. Checksums are CRC-32C.
 *
 * head     "BBCHUNK1"; the key, 64 digits; int64 index, windows, channels, floats, inputs, repaired; uint32
 *          checksum of the tables; uint32 checksum of the head before it
 * tables   float64 [inputs, 3]: seconds missing, flat, clipped; uint32 [windows]: checksums of the rows;
 *          uint8 [windows, channels]: what is unsound; zeros up to a multiple of 64 bytes
 * rows     float32 [windows, floats] */
#ifndef BB_EMBED_CHUNK_H
#define BB_EMBED_CHUNK_H

#include "base/checksum.h"
#include "base/file.h"
#include "brainbert/windows.h"

typedef struct bb_chunk_head {
    char key[BB_SHA256_TEXT]; /* of all that features depend on */
    int64_t index;            /* of the chunk, among the job's */
    int64_t windows, channels;
    int64_t floats; /* of a window */
    int64_t inputs; /* channels of the recording that are read */
    int64_t repaired;
} bb_chunk_head;

/* What a file holds; points into it. `repaired` and `seconds` are of the recording up to the chunk's end, in
 * the last chunk of each; zeros in the others. */
typedef struct bb_chunk_view {
    bb_chunk_head head;
    const double *seconds;        /* [inputs, 3] */
    const unsigned char *unsound; /* [windows, channels] */
    const float *rows;            /* [windows, floats] */
} bb_chunk_view;

/* Reads the `size` bytes at `data`, which is aligned to 64 bytes. BB_ERR_FORMAT for what is not whole: every
 * byte counts. */
bb_status bb_chunk_parse(const void *data, size_t size, const char *name, bb_chunk_view *out, bb_error *err);

/* Maps the file and reads it; its key, index and shape are those of `expected`, or it is BB_ERR_FORMAT. */
bb_status bb_chunk_open(const char *path, const bb_chunk_head *expected, bb_map *map, bb_chunk_view *out,
                        bb_error *err);

/* A chunk under way; `repaired` of the head does not count yet. */
typedef struct bb_chunk_writer bb_chunk_writer;

bb_status bb_chunk_create(const char *path, const bb_chunk_head *head, bb_chunk_writer **out, bb_error *err);
/* The next window. */
bb_status bb_chunk_write(bb_chunk_writer *writer, const float *features, const unsigned char *unsound,
                         bb_error *err);
bool bb_chunk_is_full(const bb_chunk_writer *writer);
/* Puts the file in place once all windows are written. `seconds` [inputs]; NULL: zeros. It is not synced:
 * whether its bytes are whole is told by their checksums. */
bb_status bb_chunk_finish(bb_chunk_writer *writer, int64_t repaired, const bb_unsound_seconds *seconds,
                          bb_error *err);
/* Frees it and removes what is not in place. NULL is fine. */
void bb_chunk_destroy(bb_chunk_writer *writer);

#endif
