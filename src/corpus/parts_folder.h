/* PATH.parts: where parts wait for the corpus they belong to. */
#ifndef BB_CORPUS_PARTS_FOLDER_H
#define BB_CORPUS_PARTS_FOLDER_H

#include "brainbert/status.h"

typedef struct bb_parts_folder {
    char *path;
    char *corpus; /* the path of the corpus */
    int lock;     /* held while this is 0 or more */
} bb_parts_folder;

/* Makes the folder if it is not there, takes its lock, and removes what killed calls left half-written.
 * BB_ERR_IO when another call holds the lock. */
bb_status bb_parts_open(const char *corpus, bb_parts_folder *out, bb_error *err);

/* The same folder for a rank beside the one that has opened it: without the lock. */
bb_status bb_parts_join(const char *corpus, bb_parts_folder *out, bb_error *err);

/* The path of a part, freshly allocated (bb_free). */
char *bb_parts_path(const bb_parts_folder *folder, const char *key);

/* Removes the parts, and the folder if nothing else is in it. */
void bb_parts_remove(bb_parts_folder *folder);

/* Gives the lock back; the folder goes if it is empty. */
void bb_parts_close(bb_parts_folder *folder);

#endif
