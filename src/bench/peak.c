#include "bench/peak.h"

#include <omp.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "bench/burst.h"

/* Processor time of the calling thread. */
static double thread_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double bb_burst_measure(bb_peak peak, int threads, double seconds, double *had) {
    bb_burst *burst = bb_burst_get(peak);
    double total = 0, wall = 0, processor = 0;
    if (had) *had = 1;
    if (!burst) return 0;
        /* Each thread has a rate of its own over the same stretch of time; the machine's is their sum. */
#pragma omp parallel num_threads(threads) reduction(+ : total, wall, processor)
    {
        volatile float keep;
        float sink = 0;
        double operations = 0, elapsed = 0;
#pragma omp barrier
        const double begun = bb_seconds(), processor_begun = thread_seconds();
        do {
            operations += burst(200000, &sink);
            elapsed = bb_seconds() - begun;
        } while (elapsed < seconds);
        keep = sink;
        (void)keep;
        total += operations / elapsed;
        wall += elapsed;
        processor += thread_seconds() - processor_begun;
    }
    if (had) *had = processor / wall;
    return total;
}

double bb_measure_peak(bb_peak peak, int threads, double seconds) {
    return bb_burst_measure(peak, threads > 0 ? threads : omp_get_num_procs(), seconds, NULL);
}
