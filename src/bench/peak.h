/* What the machine's units reach at best. */
#ifndef BB_BENCH_PEAK_H
#define BB_BENCH_PEAK_H

#include "brainbert/bench.h"

/* Operations a second of `threads` threads that run the burst of `peak` for about `seconds`; 0: no units.
 * *had (unless NULL): the share of that time in which the threads had a processor. */
double bb_burst_measure(bb_peak peak, int threads, double seconds, double *had);

#endif
