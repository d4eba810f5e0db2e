/* What the machine can do, to hold measurements against. */
#ifndef BRAINBERT_BENCH_H
#define BRAINBERT_BENCH_H

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Multiplications and additions a second, float32, of `threads` threads (0: one per processor) that do
 * nothing but independent fused multiply-adds in registers, at the level bb_cpu_current gives, for about
 * `seconds`. */
BB_API double bb_measure_fma_peak(int threads, double seconds);

#ifdef __cplusplus
}
#endif
#endif
