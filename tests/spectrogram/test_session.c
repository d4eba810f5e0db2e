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
    bb_session_normalize(x, WINDOWS * T, F, &(bb_session_scale){floor, mean, sd});
    for (int t = 0; t < WINDOWS * T; ++t) sum += x[t * F + 1];
    /* float32 values */
    assert_at_most(fabs(sum / (WINDOWS * T)), 1e-6);
    assert_true(x[3] == -6); /* log(1e-6) is far below every other value of its bin */
    for (int i = 0; i < WINDOWS * T * F; ++i) assert_true(fabsf(x[i]) <= 6);
}

/* A plan that normalises by session is the plain one and then bb_session_normalize, and wants the session. */
static void plans_normalise_by_the_session_they_are_given(void **state) {
    (void)state;
    enum { SAMPLES = 4096, BINS = 40 };
    static double x[2 * SAMPLES];
    static float expected[2 * SAMPLES], found[2 * SAMPLES];
    double mean[2][BINS], sd[2][BINS];
    bb_spectrogram_recipe recipe = bb_spectrogram_recipe_default();
    bb_spectrogram_plan *plain, *plan;
    assert_int_equal(bb_spectrogram_normalize(&recipe, "none"), 1);
    assert_ok(bb_spectrogram_plan_create(&recipe, &plain, e));
    assert_int_equal(bb_spectrogram_normalize(&recipe, "session"), 1);
    assert_int_equal(bb_spectrogram_normalize(&recipe, "sessions"), 0);
    assert_ok(bb_spectrogram_plan_create(&recipe, &plan, e));
    const int64_t frames = bb_spectrogram_frames(plan, SAMPLES), size = frames * BINS;
    for (int i = 0; i < 2 * SAMPLES; ++i) x[i] = bb_random_normal(3, 0, (uint64_t)i);
    x[SAMPLES + 9] = NAN; /* no frame of the second window is without it, or near enough */
    const bb_session_scale scales[] = {{1e-6, mean[0], sd[0]}, {2e-6, mean[1], sd[1]}};
    for (int f = 0; f < BINS; ++f)
        for (int w = 0; w < 2; ++w) mean[w][f] = -4 + 0.1 * f + w, sd[w][f] = 1 + 0.01 * f;
    void *scratch = aligned_alloc(64, 2 * bb_spectrogram_scratch(plain, SAMPLES));
    for (int w = 0; w < 2; ++w)
        assert_ok(
            bb_spectrogram_compute(plain, x + w * SAMPLES, SAMPLES, NULL, scratch, expected + w * size, e));
    bb_session_normalize(expected, frames, BINS, &scales[0]);
    assert_ok(bb_spectrogram_compute_many(plan, x, SAMPLES, 2, SAMPLES, scales, 2, scratch, found, e));
    assert_memory_equal(found, expected, (size_t)size * sizeof *found);
    for (int64_t i = 0; i < 2 * size; ++i) assert_true(fabsf(found[i]) <= 6); /* and no NaN */
    assert_fails(bb_spectrogram_compute(plan, x, SAMPLES, NULL, scratch, found, e), BB_ERR_ARGUMENT,
                 "expected the channel's session");
    free(scratch);
    bb_spectrogram_plan_destroy(plain);
    bb_spectrogram_plan_destroy(plan);
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
        cmocka_unit_test(plans_normalise_by_the_session_they_are_given),
        cmocka_unit_test(silence_has_a_floor_and_no_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
