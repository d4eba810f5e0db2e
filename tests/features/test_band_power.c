#include "features/band_power.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "brainbert/cpu.h"
#include "support.h"

enum { RATE = 2048 };

/* Of a window of `samples` samples in `segments` stretches. */
static void powers(const double *x, int64_t samples, int segments, double rate_hz, float *out) {
    bb_band_power *p;
    assert_ok(bb_band_power_create(samples, segments, rate_hz, &p, e));
    void *scratch = aligned_alloc(64, (bb_band_power_scratch(p) + 63) / 64 * 64);
    bb_band_power_compute(p, x, scratch, out);
    free(scratch);
    bb_band_power_destroy(p);
}

static double *sine(double hz, double amplitude, double offset, int64_t samples, double rate_hz) {
    double *x = malloc((size_t)samples * sizeof *x);
    for (int64_t t = 0; t < samples; ++t)
        x[t] = offset + amplitude * sin(2 * M_PI * hz * (double)t / rate_hz + 0.3);
    return x;
}

/* Windows whose lengths are whole blocks and not, odd, shorter than a second, longer than a part. */
static const int64_t lengths[] = {5 * RATE, 3 * RATE + 17, RATE / 2, 20 * RATE + 1};

static void a_sine_lands_in_its_band_with_its_power(void **state) {
    (void)state;
    static const double frequencies[BB_BANDS] = {2.5, 6, 10.5, 21, 50, 110};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i)
        for (int band = i == 2 ? 3 : 0; band < BB_BANDS; ++band) { /* half a second blurs the narrow ones */
            double *x = sine(frequencies[band], 10, 300, lengths[i], RATE);
            float out[BB_BANDS];
            powers(x, lengths[i], 1, RATE, out);
            /* Half the amplitude's square, 50 uV^2. A Hann window's sidelobes hold what is outside of the
             * band: less than 1 % where it is 1.5 bins away at least (Harris, Proc. IEEE 66, 1978). */
            assert_at_most(fabs(exp((double)out[band]) - 50), 0.5);
            for (int other = 0; other < BB_BANDS; ++other)
                if (other != band) assert_at_most(exp((double)out[other]), 0.5);
            free(x);
        }
}

/* The definition, bin by bin, of noise. */
static void powers_are_those_of_a_plain_transform(void **state) {
    (void)state;
    enum { N = 1000, SLOW = 400 };
    double x[N];
    for (int t = 0; t < N; ++t) x[t] = 7 + 20 * bb_random_normal(3, 0, (uint64_t)t);
    float out[BB_BANDS];
    powers(x, N, 1, SLOW, out);
    double mean = 0, squares = 0;
    for (int t = 0; t < N; ++t) mean += x[t] / N;
    for (int t = 0; t < N; ++t) squares += pow(0.5 - 0.5 * cos(2 * M_PI * t / N), 2);
    for (int b = 0; b < BB_BANDS; ++b) {
        double power = 0;
        for (int k = 1; k < N / 2; ++k) {
            const double hz = (double)k * SLOW / N;
            if (hz < bb_bands()[b].low_hz || hz >= bb_bands()[b].high_hz) continue;
            double re = 0, im = 0;
            for (int t = 0; t < N; ++t) {
                const double y = (0.5 - 0.5 * cos(2 * M_PI * t / N)) * (x[t] - mean);
                re += y * cos(2 * M_PI * k * t / N);
                im += y * sin(2 * M_PI * k * t / N);
            }
            power += 2 * (re * re + im * im) / (N * squares);
        }
        assert_at_most(fabs((double)out[b] - log(power)), 2e-6); /* float32 of a logarithm below 8 */
    }
}

static void segments_are_their_own_stretches(void **state) {
    (void)state;
    enum { N = 3 * RATE };
    double x[N];
    float out[3 * BB_BANDS], alone[BB_BANDS];
    for (int t = 0; t < N; ++t) x[t] = (1 + t / RATE) * bb_random_normal(4, 0, (uint64_t)t);
    powers(x, N, 3, RATE, out);
    for (int s = 0; s < 3; ++s) {
        powers(x + s * RATE, RATE, 1, RATE, alone);
        assert_memory_equal(alone, out + s * BB_BANDS, sizeof alone);
    }
}

static void silence_has_the_least_power(void **state) {
    (void)state;
    double *x = sine(1, 0, 100, RATE, RATE);
    float out[BB_BANDS];
    powers(x, RATE, 1, RATE, out);
    for (int b = 0; b < BB_BANDS; ++b) assert_true(out[b] == (float)log(1e-12));
    free(x);
}

static void every_level_agrees(void **state) {
    (void)state;
    double x[RATE];
    float expected[BB_BANDS], out[BB_BANDS];
    for (int t = 0; t < RATE; ++t) x[t] = bb_random_normal(5, 0, (uint64_t)t);
    powers(x, RATE, 1, RATE, expected);
    for (int level = BB_CPU_PORTABLE; level < (int)bb_cpu_best(); ++level) {
        bb_cpu_limit((bb_cpu_level)level);
        powers(x, RATE, 1, RATE, out);
        /* sums of doubles in another order, then float32 of logarithms below 8 */
        assert_at_most(bb_max_error_f32(out, expected, BB_BANDS), 1e-6);
    }
    bb_cpu_limit(bb_cpu_best());
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    bb_band_power *p;
    assert_fails(bb_band_power_create(100, 101, RATE, &p, e), BB_ERR_ARGUMENT, "found 101");
    assert_fails(bb_band_power_create(100, 0, RATE, &p, e), BB_ERR_ARGUMENT, "found 0");
    assert_fails(bb_band_power_create(500, 1, 100, &p, e), BB_ERR_UNSUPPORTED, "high gamma");
    assert_null(p);
    assert_ok(bb_band_power_create(1, 1, RATE, &p, e)); /* a sample has no power, but is no crash */
    bb_band_power_destroy(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_lands_in_its_band_with_its_power),
        cmocka_unit_test(powers_are_those_of_a_plain_transform),
        cmocka_unit_test(segments_are_their_own_stretches),
        cmocka_unit_test(silence_has_the_least_power),
        cmocka_unit_test(every_level_agrees),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
