/* What lies in a folder. */
#ifndef BB_BASE_FOLDER_H
#define BB_BASE_FOLDER_H

#include <stddef.h>

#include "brainbert/status.h"

enum { BB_FOLDER_NAMES = 1000000 };

typedef struct bb_folder {
    char **names; /* in natural order */
    size_t count, room;
} bb_folder;

/* The names in a folder, up to BB_FOLDER_NAMES, without those that begin with a point. Free with
 * bb_folder_free, also after a failure. */
bb_status bb_folder_list(const char *path, bb_folder *out, bb_error *err);
void bb_folder_free(bb_folder *folder);

/* Digits count as numbers: "sub-2" before "sub-10", and "01" behind "1". Bytes otherwise. */
int bb_natural_compare(const char *a, const char *b);

#endif
