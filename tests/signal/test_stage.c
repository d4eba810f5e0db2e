/* The whole chain, with everything in it that there is. */
#include <math.h>

#include "brainbert/cpu.h"
#include "stream.h"

enum { CHANNELS = 21, N = 2500 };

static bb_signal_recipe everything(void) {
    bb_signal_recipe r = bb_signal_recipe_default();
    r.highpass_hz = 0.5;
    r.notch_hz = 50, r.notch_harmonics = BB_ALL_HARMONICS;
    r.bandpass_low_hz = 70, r.bandpass_high_hz = 250;
    r.reference = BB_REFERENCE_BIPOLAR;
    return r;
}

static double *made_input(void) {
    double *x = malloc(CHANNELS * N * sizeof *x);
    for (uint64_t i = 0; i < CHANNELS * N; ++i) x[i] = 50 * bb_random_normal(6, 1, i);
    x[1000] = NAN, x[N + 5] = -INFINITY;
    return x;
}

static void assert_same(const stream *a, const stream *b) {
    assert_int_equal(a->outputs, b->outputs);
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->repaired, b->repaired);
    assert_memory_equal(a->data, b->data, a->outputs * (size_t)a->samples * sizeof(double));
}

/* Down, up and not at all. */
static const double rates[] = {4096, 999.412, 2048};

static void blocks_and_threads_change_no_bit(void **state) {
    (void)state;
    static const int64_t blocks[] = {1, 7, 1023, 1024, 1025, WHOLE, RANDOM_BLOCKS};
    static const int threads[] = {1, 2, 5};
    const bb_signal_recipe r = everything();
    double *x = made_input();
    for (int i = 0; i < 3; ++i) {
        stream first = run_chain(shaft_chain(&r, rates[i], CHANNELS, 2), x, CHANNELS, N, 1000);
        assert_int_equal(first.outputs, CHANNELS - 1);
        assert_int_equal(first.repaired, 2);
        for (int b = 0; b < 7; ++b)
            for (int t = 0; t < 3; ++t) {
                if (blocks[b] > 0 && blocks[b] < 10 && t > 0) continue; /* starting threads takes long */
                stream s =
                    run_chain(shaft_chain(&r, rates[i], CHANNELS, threads[t]), x, CHANNELS, N, blocks[b]);
                assert_same(&first, &s);
                stream_free(&s);
            }
        stream_free(&first);
    }
    free(x);
}

/* Features made on one machine are those of another. */
static void every_instruction_set_gives_the_same_bytes(void **state) {
    (void)state;
    const bb_signal_recipe r = everything();
    double *x = made_input();
    for (int i = 0; i < 3; ++i) {
        bb_cpu_limit(BB_CPU_PORTABLE);
        stream portable = run_chain(shaft_chain(&r, rates[i], CHANNELS, 1), x, CHANNELS, N, WHOLE);
        for (bb_cpu_level level = BB_CPU_AVX2; level <= bb_cpu_best(); ++level) {
            bb_cpu_limit(level);
            stream s = run_chain(shaft_chain(&r, rates[i], CHANNELS, 1), x, CHANNELS, N, WHOLE);
            assert_same(&portable, &s);
            stream_free(&s);
        }
        stream_free(&portable);
    }
    bb_cpu_limit(bb_cpu_best());
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_threads_change_no_bit),
        cmocka_unit_test(every_instruction_set_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
