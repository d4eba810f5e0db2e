/* The recursion of second-order sections over several channels side by side, compiled for each instruction
 * set. Unlike the other kernels these fuse no multiply-adds: every level gives the same bytes. */
#ifndef BB_SIGNAL_CASCADE_KERNELS_H
#define BB_SIGNAL_CASCADE_KERNELS_H

#include "brainbert/signal.h"

/* Channels that are filtered side by side. */
enum { BB_LANES = 8 };

/* x[samples, BB_LANES] through `count` sections in place, direct form II transposed: y = b0 x + z1,
 * z1' = b1 x - a1 y + z2, z2' = b2 x - a2 y. state[count, 2, BB_LANES] holds z1 and z2. Both are aligned to
 * BB_ALIGNMENT. */
typedef void bb_cascade_kernel(const bb_biquad *sections, size_t count, double *state, double *x,
                               int64_t samples);

extern bb_cascade_kernel bb_cascade_portable, bb_cascade_avx2, bb_cascade_avx512;

bb_cascade_kernel *bb_cascade_kernel_get(void);

#endif
