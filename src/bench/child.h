/* Work in a process of its own, whose memory nothing else counts into. */
#ifndef BB_BENCH_CHILD_H
#define BB_BENCH_CHILD_H

#include <stddef.h>

#include "brainbert/status.h"

enum { BB_CHILD_RESULT = 1024 };

/* Fills `result`; runs in the child. */
typedef bb_status bb_child_work(const void *context, void *result, bb_error *err);

/* Forks, works, and brings back what came out: `size` bytes of result, up to BB_CHILD_RESULT, which must hold
 * no pointers, or the failure. *peak_bytes (unless NULL): the child's largest resident memory. */
bb_status bb_child_run(bb_child_work *work, const void *context, void *result, size_t size,
                       double *peak_bytes, bb_error *err);

#endif
