/* Names of files in calls. */
#ifndef BB_CLI_PATHS_H
#define BB_CLI_PATHS_H

#include <stdbool.h>

#include "brainbert/status.h"

/* Whether `path` is more than `suffix` and ends in it, letters compared without case; `path` may be NULL. */
bool path_ends_in(const char *path, const char *suffix);

/* Writing must not replace what is read: fails where `out`, or the .tsv and .json beside an `out` that ends
 * in .npy where `tables` says so, is the file `input`. `input` may be NULL. */
bb_status path_spare(const char *input, const char *out, bool tables, bb_error *err);

/* Fails, as every output does, where the folder that `out` is to lie in is not there. */
bb_status path_has_folder(const char *out, bb_error *err);

/* Whether OUT.parts has finished parts in it. */
bool path_holds_parts(const char *out);

/* After a failure: says that OUT.parts keeps `what` ("the recordings") that is finished, if it does. */
void path_tell_parts(const char *out, const char *what);

#endif
