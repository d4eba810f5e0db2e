/* MATLAB's MAT-files of level 5 (save -v6 and -v7): elements of a tag and bytes, arrays made of elements, and
 * arrays packed by deflate. "MAT-File Format", MathWorks, R2019a. Read by ourselves: matio 1.5.23 allocates
 * what a file of 281 bytes asks for (6.9 GB), before a caller could look at it. */
#ifndef BB_RECORDING_MAT5_H
#define BB_RECORDING_MAT5_H

#include <zlib.h>

#include "recording/variables.h"

/* The bytes of one top-level element, as they are or unpacked, forward only. */
typedef struct bb_mat5_stream {
    const bb_input *file;
    int64_t at, end;  /* of what is still to be taken from the file */
    int64_t position; /* bytes given or skipped so far, unpacked */
    int64_t skipping; /* of them, not yet passed over */
    bool packed, big_endian;
    z_stream z;
    unsigned char *in; /* owned; a piece of the file, of which `in_used` of `in_count` bytes are taken */
    size_t in_used, in_count;
} bb_mat5_stream;

/* `count` bytes of the file from `offset` on. Close it also after a failure. */
bb_status bb_mat5_stream_open(bb_mat5_stream *stream, const bb_input *file, int64_t offset, int64_t count,
                              bool packed, bool big_endian, bb_error *err);

/* Exactly `count` bytes; BB_ERR_FORMAT if there are fewer or the packing is damaged. */
bb_status bb_mat5_stream_read(bb_mat5_stream *stream, void *out, size_t count, bb_error *err);

/* Passes over bytes when, and if, something behind them is read. */
void bb_mat5_stream_skip(bb_mat5_stream *stream, int64_t count);

/* Unpacks what is left, so that zlib compares its checksum. */
bb_status bb_mat5_stream_finish(bb_mat5_stream *stream, bb_error *err);
void bb_mat5_stream_close(bb_mat5_stream *stream);

/* Data types of elements, and array classes (tables 1-1 and 1-3 of the format's description). */
enum {
    MI_INT8 = 1,
    MI_UINT8,
    MI_INT16,
    MI_UINT16,
    MI_INT32,
    MI_UINT32,
    MI_SINGLE,
    MI_DOUBLE = 9,
    MI_INT64 = 12,
    MI_UINT64,
    MI_MATRIX,
    MI_COMPRESSED,
    MI_UTF8,
    MI_UTF16,
    MI_UTF32
};
enum {
    MX_CELL = 1,
    MX_STRUCT,
    MX_OBJECT,
    MX_CHAR,
    MX_SPARSE,
    MX_DOUBLE,
    MX_SINGLE,
    MX_INT8,
    MX_UINT8,
    MX_INT16,
    MX_UINT16,
    MX_INT32,
    MX_UINT32,
    MX_INT64,
    MX_UINT64
};

/* An element's tag; up to four bytes may stand in it. */
typedef struct bb_mat5_tag {
    uint32_t type, count;
    bool small;
    unsigned char bytes[4];
} bb_mat5_tag;

/* Reads a tag whose bytes have to end by position `end`. */
bb_status bb_mat5_read_tag(bb_mat5_stream *stream, int64_t end, bb_mat5_tag *out, bb_error *err);
uint32_t bb_mat5_u32(const bb_mat5_stream *stream, const unsigned char *bytes);

/* Where the list of variables grows: `source` goes into those found. */
typedef struct bb_mat5_walk {
    bb_recording *recording;
    bb_variables *variables;
    size_t source;
    size_t arrays; /* met so far in the whole file */
} bb_mat5_walk;

/* Adds the arrays of numbers and the texts in the array whose `count` bytes come next, cells and fields up to
 * a depth of 6 with it. */
bb_status bb_mat5_walk_array(bb_mat5_walk *walk, bb_mat5_stream *stream, int64_t count, bb_error *err);

/* Adds the rows of a matrix of characters, stored as `tag` says, as texts at `path`. */
bb_status bb_mat5_read_text(bb_mat5_walk *walk, bb_mat5_stream *stream, const bb_mat5_tag *tag,
                            const char *path, int64_t rows, int64_t columns, bb_error *err);

#endif
