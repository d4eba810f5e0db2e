/* A thread of the library's own, for the length of a call. */
#ifndef BB_BASE_THREAD_H
#define BB_BASE_THREAD_H

#include <pthread.h>

#include "brainbert/status.h"

/* The caller's signals go on coming to the caller's threads; the new one gets those alone that it brings on
 * itself. */
bb_status bb_thread_start(pthread_t *thread, void *(*work)(void *context), void *context, bb_error *err);

#endif
