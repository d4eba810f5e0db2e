/* Filling the caller's error record. */
#ifndef BB_BASE_ERROR_H
#define BB_BASE_ERROR_H

#include "brainbert/status.h"

/* Writes the message and returns `status`, so that a failing function can `return bb_fail(...)`. */
bb_status bb_fail(bb_error *err, bb_status status, const char *format, ...) BB_PRINTF(3, 4);

/* BB_ERR_IO with strerror(errno) behind the message: `bb_fail_errno(err, "%s: cannot open", path)`. */
bb_status bb_fail_errno(bb_error *err, const char *format, ...) BB_PRINTF(2, 3);

/* "PATH: " in front of a message that was written by somebody who did not know the file. */
bb_status bb_fail_prefix(bb_error *err, bb_status status, const char *prefix);

/* Leaves the enclosing function with the status of a call that failed. */
#define BB_TRY(call)                                                                                         \
    do {                                                                                                     \
        const bb_status bb_try_status = (call);                                                              \
        if (bb_try_status != BB_OK) return bb_try_status;                                                    \
    } while (0)

#endif
