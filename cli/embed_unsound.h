/* What `embed` says of a recording that was not recorded properly. */
#ifndef BB_CLI_EMBED_UNSOUND_H
#define BB_CLI_EMBED_UNSOUND_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/windows.h"

/* To stderr, where there is something to say: samples of the recording at `path` that were `repaired`, and
 * the `count` channels' unsound seconds, which `out`, the features' file, marks. */
void embed_tell_unsound(const char *path, int64_t repaired, const bb_unsound_seconds *unsound, size_t count,
                        const char *out);

#endif
