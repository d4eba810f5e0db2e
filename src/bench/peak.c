#include <omp.h>

#include "base/clock.h"
#include "brainbert/bench.h"
#include "nn/vector_kernels.h"

double bb_measure_fma_peak(int threads, double seconds) {
    const bb_vector_kernels *kernels = bb_vector_kernels_get();
    const int count = threads > 0 ? threads : omp_get_num_procs();
    double total = 0;
    /* Each thread has a rate of its own over the same stretch of time; the machine's is their sum. */
#pragma omp parallel num_threads(count) reduction(+ : total)
    {
        volatile float keep;
        float sink = 0;
        double operations = 0, elapsed = 0;
#pragma omp barrier
        const double begun = bb_seconds();
        do {
            operations += kernels->fma_burst(200000, &sink);
            elapsed = bb_seconds() - begun;
        } while (elapsed < seconds);
        keep = sink;
        (void)keep;
        total += operations / elapsed;
    }
    return total;
}
