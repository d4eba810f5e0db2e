/* How long work tells its caller how far it is. */
#ifndef BRAINBERT_PROGRESS_H
#define BRAINBERT_PROGRESS_H

#include <stdint.h>

/* `done` of `total` units are finished. Return non-zero to stop: the call then ends with BB_ERR_CANCELLED and
 * leaves nothing half-written. Called from the thread that made the call. */
typedef int (*bb_progress)(void *context, int64_t done, int64_t total);

#endif
