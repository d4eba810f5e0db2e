/* Files: whole reads with a bound, memory maps, and outputs that appear whole or not at all. */
#ifndef BB_BASE_FILE_H
#define BB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

/* A read-only map of a whole file; `data` is NULL when it is empty. */
typedef struct bb_map {
    const unsigned char *data;
    size_t size;
} bb_map;

bb_status bb_map_open(const char *path, bb_map *map, bb_error *err);
void bb_map_close(bb_map *map);

/* Tells the system that the pages of [first, first + count) are not needed again (they can be read anew from
 * the file), so that they stop counting as resident memory. */
void bb_map_release(const bb_map *map, size_t first, size_t count);

/* A file open for reading stretches of it, whatever its length. `path` stays the caller's. */
typedef struct bb_input {
    const char *path;
    int fd; /* -1: not open */
    int64_t size;
} bb_input;

/* BB_ERR_UNSUPPORTED for what is no regular file. */
bb_status bb_input_open(const char *path, bb_input *out, bb_error *err);
/* Exactly `count` bytes from `offset`; a range outside the file is BB_ERR_FORMAT. */
bb_status bb_input_read(const bb_input *in, int64_t offset, void *out, size_t count, bb_error *err);
void bb_input_close(bb_input *in);

/* The whole file as text with a terminating zero; refuses files larger than `limit` bytes. Free with bb_free.
 */
bb_status bb_file_read(const char *path, size_t limit, char **text, size_t *size, bb_error *err);

bool bb_file_exists(const char *path);
bool bb_is_directory(const char *path);

/* mkdir -p. */
bb_status bb_make_directories(const char *path, bb_error *err);

/* A folder with all that is in it, or a file; links are removed and not followed. Best effort. */
void bb_remove_tree(const char *path);

/* Removes what killed processes left of the output `path`: every PATH.tmp.PID, file or folder, whose process
 * is gone. Best effort; bb_output_open does it. (Of a process on another machine that shares the folder
 * nothing can be known: two that write the same output at once disturb each other anyway.) */
void bb_remove_torn(const char *path);

/* "PATH: cannot create: " and why, from errno. */
bb_status bb_fail_create(bb_error *err, const char *path);

/* An output under way: written as "PATH.tmp.PID" beside its final place, synced and renamed by
 * bb_output_commit. bb_output_discard removes what was written; it may be called after a commit, which it
 * leaves alone. Libraries that want a name instead of a descriptor (HDF5, cairo) write to temp_path and leave
 * `fd` unused. */
typedef struct bb_output {
    char *path;
    char *temp_path;
    int fd;
} bb_output;

/* Where an output goes: what `path` leads to if it is a link, `path` itself otherwise; freshly allocated. */
char *bb_output_target(const char *path);

bb_status bb_output_open(const char *path, bb_output *out, bb_error *err);
bb_status bb_output_write(bb_output *out, const void *data, size_t size, bb_error *err);
bb_status bb_output_write_at(bb_output *out, int64_t offset, const void *data, size_t size, bb_error *err);
bb_status bb_output_printf(bb_output *out, bb_error *err, const char *format, ...) BB_PRINTF(3, 4);
bb_status bb_output_commit(bb_output *out, bb_error *err);
/* The same without waiting for the disk: for files that can tell themselves whether they are whole. */
bb_status bb_output_place(bb_output *out, bb_error *err);
void bb_output_discard(bb_output *out);

/* A whole small file in one call. */
bb_status bb_file_write(const char *path, const void *data, size_t size, bb_error *err);

/* Adds to the end of a file, which is made where there is none, in one go and without waiting for the disk:
 * for logs, whose readers expect that the last entry may be cut off. */
bb_status bb_file_append(const char *path, const void *data, size_t size, bb_error *err);

/* DIR/NAME, freshly allocated (bb_free); NULL when memory is short. */
char *bb_path_join(const char *directory, const char *name);

/* The part of `path` before its last slash ("." if it has none), freshly allocated. */
char *bb_path_directory(const char *path);

/* The last part of `path`, inside `path`. */
const char *bb_path_name(const char *path);

/* Whether `path` ends in `suffix`, letters compared without case. */
bool bb_has_suffix(const char *path, const char *suffix);

#endif
