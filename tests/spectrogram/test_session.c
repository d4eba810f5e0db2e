/* Session normalisation against its definition, computed the plain way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "brainbert/spectrogram.h"
#include "support.h"

enum { WINDOWS = 7, T = 19, F = 5 };

static void fill(float *magnitudes) {
    for (int i = 0; i < WINDOWS * T * F; ++i)
        magnitudes[i] = (float)exp(1.5 * bb_random_normal(1, 0, (uint64_t)i) + i % F);
    magnitudes[3] = 0; /* a silent moment */
}

static void moments_are_those_of_all_windows_together(void **state) {
    (void)state;
    static float x[WINDOWS * T * F];
    bb_moments together[F] = {{0}}, apart[F] = {{0}};
    const double floor = bb_session_floor(20);
    assert_at_most(fabs(floor - 20e-6), 1e-20); /* the last bit */
    fill(x);
    bb_session_gather(x, WINDOWS * T, F, floor, together);
    for (int w = 0; w < WINDOWS; ++w) {
        bb_moments one[F] = {{0}};
        bb_session_gather(x + w * T * F, T, F, floor, one);
        for (int f = 0; f < F; ++f) bb_moments_add(&apart[f], &one[f]);
    }
    for (int f = 0; f < F; ++f) {
        double mean = 0, squares = 0;
        for (int t = 0; t < WINDOWS * T; ++t) mean += log(x[t * F + f] + floor) / (WINDOWS * T);
        for (int t = 0; t < WINDOWS * T; ++t) squares += pow(log(x[t * F + f] + floor) - mean, 2);
        const double sd = sqrt(squares / (WINDOWS * T));
        /* some hundred additions of numbers near 1 in double */
        assert_at_most(fabs(together[f].mean - mean), 1e-12);
        assert_at_most(fabs(apart[f].mean - mean), 1e-12);
        assert_at_most(fabs(bb_moments_sd(&together[f]) - sd), 1e-12);
        assert_at_most(fabs(bb_moments_sd(&apart[f]) - sd), 1e-12);
    }
}

static void normalised_values_have_mean_0_and_sd_1_and_are_clipped(void **state) {
    (void)state;
    static float x[WINDOWS * T * F];
    bb_moments m[F] = {{0}};
    double mean[F], sd[F], sum = 0;
    const double floor = bb_session_floor(1);
    fill(x);
    bb_session_gather(x, WINDOWS * T, F, floor, m);
    for (int f = 0; f < F; ++f) mean[f] = m[f].mean, sd[f] = bb_moments_sd(&m[f]);
    bb_session_normalize(x, WINDOWS * T, F, floor, mean, sd);
    for (int t = 0; t < WINDOWS * T; ++t) sum += x[t * F + 1];
    /* float32 values */
    assert_at_most(fabs(sum / (WINDOWS * T)), 1e-6);
    assert_true(x[3] == -6); /* log(1e-6) is far below every other value of its bin */
    for (int i = 0; i < WINDOWS * T * F; ++i) assert_true(fabsf(x[i]) <= 6);
}

static void silence_has_a_floor_and_no_spread(void **state) {
    (void)state;
    float zeros[2 * F] = {0};
    bb_moments m[F] = {{0}};
    assert_true(bb_session_floor(0) > 0);
    bb_session_gather(zeros, 2, F, bb_session_floor(0), m);
    assert_true(isfinite(m[0].mean) && bb_moments_sd(&m[0]) == 1);
    const bb_moments nothing = {0};
    bb_moments_add(&m[0], &nothing);
    assert_true(m[0].count == 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_all_windows_together),
        cmocka_unit_test(normalised_values_have_mean_0_and_sd_1_and_are_clipped),
        cmocka_unit_test(silence_has_a_floor_and_no_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
