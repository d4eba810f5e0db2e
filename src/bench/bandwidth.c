#include "bench/bandwidth.h"

#include <omp.h>
#include <stdint.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

struct bb_bandwidth {
    int threads;
    int64_t length; /* of each array */
    double *a, *b, *c;
};

static int64_t length_of_array(void) {
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    const int64_t least = (int64_t)64 << 20, most = (int64_t)256 << 20, wanted = 2 * (int64_t)cache;
    return (wanted < least ? least : wanted > most ? most : wanted) / (int64_t)sizeof(double);
}

/* By the threads that will read them, as each page lies near the one that touches it first. No two pages are
 * alike: of pages that are, a virtual machine's host may keep one. */
static void fill(bb_bandwidth *w) {
#pragma omp parallel for num_threads(w->threads) schedule(static)
    for (int64_t i = 0; i < w->length; ++i) {
        w->a[i] = (double)(2 * i);
        w->b[i] = (double)i;
        w->c[i] = -(double)i;
    }
}

bb_status bb_bandwidth_create(int threads, bb_bandwidth **out, bb_error *err) {
    bb_bandwidth *w = bb_calloc(1, sizeof *w);
    if (!w) return bb_fail(err, BB_ERR_MEMORY, "no memory to measure its bandwidth");
    *w = (bb_bandwidth){.threads = threads, .length = length_of_array()};
    w->a = bb_calloc((size_t)w->length, sizeof(double));
    w->b = bb_calloc((size_t)w->length, sizeof(double));
    w->c = bb_calloc((size_t)w->length, sizeof(double));
    if (!w->a || !w->b || !w->c) {
        bb_bandwidth_destroy(w);
        return bb_fail(err, BB_ERR_MEMORY,
                       "no memory for three arrays of %lld bytes, to measure its bandwidth",
                       (long long)(w->length * (int64_t)sizeof(double)));
    }
    fill(w);
    *out = w;
    return BB_OK;
}

void bb_bandwidth_destroy(bb_bandwidth *w) {
    if (!w) return;
    bb_free(w->a);
    bb_free(w->b);
    bb_free(w->c);
    bb_free(w);
}

size_t bb_bandwidth_array_bytes(const bb_bandwidth *w) { return (size_t)w->length * sizeof(double); }

/* Added up as whole numbers, whose sum the compiler may take in any order. */
static uint64_t add_up(const double *x, int64_t count) {
    const uint64_t __attribute__((may_alias)) *bits = (const void *)x;
    uint64_t sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += bits[i];
    return sum;
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c, int64_t count) {
    for (int64_t i = 0; i < count; ++i) a[i] = b[i] + 0.5 * c[i];
}

/* One pass of one thread over its part of the arrays. */
static void pass(bb_bandwidth *w, bb_peak peak, volatile uint64_t *keep) {
    const int64_t parts = omp_get_num_threads(), part = omp_get_thread_num();
    const int64_t first = w->length * part / parts, count = w->length * (part + 1) / parts - first;
    if (peak == BB_PEAK_READ)
        *keep = add_up(w->a + first, count) + add_up(w->b + first, count) + add_up(w->c + first, count);
    else
        triad(w->a + first, w->b + first, w->c + first, count);
}

double bb_bandwidth_measure(bb_bandwidth *w, bb_peak peak, double seconds) {
    const double bytes = 3.0 * (double)bb_bandwidth_array_bytes(w), begun = bb_seconds();
    double elapsed;
    int passes = 0;
    do {
#pragma omp parallel num_threads(w->threads)
        {
            volatile uint64_t keep = 0;
            pass(w, peak, &keep);
            (void)keep;
        }
        ++passes;
        elapsed = bb_seconds() - begun;
    } while (elapsed < seconds);
    return passes * bytes / elapsed;
}
