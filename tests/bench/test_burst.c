#include <math.h>

#include "bench/bandwidth.h"
#include "bench/burst.h"
#include "bench/peak.h"
#include "brainbert/cpu.h"
#include "support.h"

/* What a level has units for, it counts: twice as many rounds are twice as many operations. */
static void check_burst(bb_peak peak) {
    bb_burst *burst = bb_burst_get(peak);
    if (!burst) return;
    float sink = 0;
    const double one = burst(1, &sink);
    assert_true(one > 0 && burst(1000, &sink) == 1000 * one && isfinite(sink));
}

static void bursts_count_their_operations_at_every_level(void **state) {
    (void)state;
    for (int level = BB_CPU_PORTABLE; level <= (int)bb_cpu_best(); ++level) {
        bb_cpu_limit((bb_cpu_level)level);
        for (int p = 0; p < BB_PEAKS; ++p) check_burst((bb_peak)p);
    }
    bb_cpu_limit(bb_cpu_best());
}

static void only_levels_with_units_have_a_burst(void **state) {
    (void)state;
    for (int level = BB_CPU_PORTABLE; level <= (int)bb_cpu_best(); ++level) {
        bb_cpu_limit((bb_cpu_level)level);
        assert_non_null(bb_burst_get(BB_PEAK_F32));
        assert_int_equal(bb_burst_get(BB_PEAK_INT8) != NULL, level >= BB_CPU_AVX512_VNNI);
        assert_int_equal(bb_burst_get(BB_PEAK_BF16) != NULL, level >= BB_CPU_AVX512_BF16);
        assert_null(bb_burst_get(BB_PEAK_READ));
        assert_int_equal(bb_burst_measure(BB_PEAK_BF16, 1, 1e-3, NULL) > 0, level >= BB_CPU_AVX512_BF16);
    }
    bb_cpu_limit(bb_cpu_best());
}

/* A clock beside the burst's own, so that neither more than all of a processor nor nothing can come out. */
static void a_peak_says_what_share_of_the_processors_it_had(void **state) {
    (void)state;
    double had = -1;
    assert_true(bb_burst_measure(BB_PEAK_F32, 2, 0.01, &had) > 0);
    assert_true(had > 0 && had < 1.01); /* two clocks, read one after the other */
}

static void memory_is_measured_over_arrays_no_cache_holds(void **state) {
    (void)state;
    bb_bandwidth *w;
    assert_ok(bb_bandwidth_create(2, &w, e));
    assert_true(bb_bandwidth_array_bytes(w) >= (size_t)64 << 20);
    assert_true(bb_bandwidth_measure(w, BB_PEAK_READ, 1e-3) > 0);
    assert_true(bb_bandwidth_measure(w, BB_PEAK_TRIAD, 1e-3) > 0);
    bb_bandwidth_destroy(w);
    bb_bandwidth_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_count_their_operations_at_every_level),
        cmocka_unit_test(only_levels_with_units_have_a_burst),
        cmocka_unit_test(a_peak_says_what_share_of_the_processors_it_had),
        cmocka_unit_test(memory_is_measured_over_arrays_no_cache_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
