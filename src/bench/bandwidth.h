/* How fast memory is, over arrays that no cache holds. */
#ifndef BB_BENCH_BANDWIDTH_H
#define BB_BENCH_BANDWIDTH_H

#include <stddef.h>

#include "brainbert/bench.h"

typedef struct bb_bandwidth bb_bandwidth;

/* Three arrays, each of twice the last cache's size within 64 MiB and 256 MiB, for `threads` threads. */
bb_status bb_bandwidth_create(int threads, bb_bandwidth **out, bb_error *err);
void bb_bandwidth_destroy(bb_bandwidth *bandwidth);

/* Bytes of one of the three. */
size_t bb_bandwidth_array_bytes(const bb_bandwidth *bandwidth);

/* Bytes a second, for about `seconds`. BB_PEAK_READ: all three are added up. BB_PEAK_TRIAD: a = b + 0.5 c, of
 * which the three numbers count, not what a cache reads of `a` before it writes it. (McCalpin, "STREAM",
 * 1995) */
double bb_bandwidth_measure(bb_bandwidth *bandwidth, bb_peak peak, double seconds);

#endif
