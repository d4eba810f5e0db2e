/* A folder for what is needed while something is measured. */
#ifndef BB_BENCH_SCRATCH_H
#define BB_BENCH_SCRATCH_H

#include "brainbert/status.h"

/* Makes a new folder in `folder` and gives its path, freshly allocated. */
bb_status bb_scratch_make(const char *folder, char **path, bb_error *err);

/* Removes it with all that is in it, and frees the path. NULL is fine. */
void bb_scratch_remove(char *path);

#endif
