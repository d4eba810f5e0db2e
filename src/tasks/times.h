/* Files of onsets, one for each class: the words of bb_task_options.times, and what the files hold. */
#ifndef BB_TASKS_TIMES_H
#define BB_TASKS_TIMES_H

#include <stddef.h>

#include "brainbert/status.h"

enum { BB_TIMES_BYTES = 64 << 20, BB_TIMES_MAX = 1000000 };

typedef struct bb_times_file {
    char *name, *path;
} bb_times_file;

typedef struct bb_times {
    bb_times_file *files;
    size_t count, room;
} bb_times;

/* "loud=loud.txt,soft=soft.npy". Errors: BB_ERR_ARGUMENT, BB_ERR_MEMORY; nothing is left to be freed. */
bb_status bb_times_parse(const char *text, bb_times *out, bb_error *err);
void bb_times_free(bb_times *times);

typedef struct bb_onsets {
    double *items; /* s, in the file's order */
    size_t count, room;
    size_t left_out; /* lines that say "nan" or "n/a", or NaN in an array */
} bb_onsets;

/* A file whose name ends in .npy holds an array [n] or [n, k], of which the first column counts; any other
 * one a number a line, of several (separated by blanks, tabs or commas) the first; what follows a # is a
 * comment. Up to BB_TIMES_MAX. Errors name the line. */
bb_status bb_onsets_read(const char *path, bb_onsets *out, bb_error *err);

/* The same from text in memory; `name` is for messages. */
bb_status bb_onsets_parse(const char *text, const char *name, bb_onsets *out, bb_error *err);
void bb_onsets_free(bb_onsets *onsets);

#endif
