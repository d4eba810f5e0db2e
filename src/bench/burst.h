/* Bursts: loops that do nothing but independent multiply-adds in registers, as many at once as hide the
 * units' latency, to see what the units can do. One for each kind of product and instruction set. */
#ifndef BB_BENCH_BURST_H
#define BB_BENCH_BURST_H

#include <stdint.h>

#include "brainbert/bench.h"

/* Does its products `rounds` times and returns the multiplications and additions done. `sink` takes what they
 * came to, so that none of them can be left out. */
typedef double bb_burst(int64_t rounds, float *sink);

bb_burst bb_burst_f32_portable, bb_burst_f32_avx2, bb_burst_f32_avx512;
bb_burst bb_burst_int8_avx512_vnni, bb_burst_bf16_avx512_bf16;

/* The burst of the level that bb_cpu_current gives; NULL where that level has no such units, and for what is
 * no product. */
bb_burst *bb_burst_get(bb_peak peak);

#endif
