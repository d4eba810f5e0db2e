/* OUT.parts: where finished parts of an output wait for the others, from one call to the next. */
#ifndef BB_BASE_PARTS_FOLDER_H
#define BB_BASE_PARTS_FOLDER_H

#include <stddef.h>

#include "brainbert/status.h"

typedef struct bb_parts_folder {
    char *path;
    char *output; /* the path of what the parts are of */
    int lock;     /* held while this is 0 or more */
} bb_parts_folder;

/* Makes the folder if it is not there, takes its lock, and removes what killed calls left half-written.
 * BB_ERR_IO when another call holds the lock. */
bb_status bb_parts_open(const char *output, bb_parts_folder *out, bb_error *err);

/* The same folder for a rank beside the one that has opened it: without the lock. */
bb_status bb_parts_join(const char *output, bb_parts_folder *out, bb_error *err);

/* The path of the part NAME.part, freshly allocated (bb_free). */
char *bb_parts_path(const bb_parts_folder *folder, const char *name);

/* Removes the parts whose names do not begin with `prefix`; NULL: all of them. */
void bb_parts_remove(bb_parts_folder *folder, const char *prefix);

/* Gives the lock back; the folder goes if it is empty. */
void bb_parts_close(bb_parts_folder *folder);

#endif
