#include <math.h>
#include <stdio.h>

#include "stream.h"

enum { SHAFT = 8, SAMPLES = 8192 };

static const int64_t blocks[] = {1, 7, 50, 1000, WHOLE, RANDOM_BLOCKS};
enum { BLOCK_COUNT = sizeof blocks / sizeof *blocks };

static bb_signal_recipe no_filter(void) {
    bb_signal_recipe r = bb_signal_recipe_default();
    r.notch_hz = 0;
    r.reference = BB_REFERENCE_NONE;
    return r;
}

static double deviation(const double *x, int64_t n) {
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < n; ++i) mean += x[i] / (double)n;
    for (int64_t i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean) / (double)n;
    return sqrt(sum);
}

/* The golden recording through `recipe`, cut in every way, against the golden result. */
static void check_golden(const bb_signal_recipe *recipe, const char *name) {
    bb_array_f64 raw = bb_golden_f64("shaft_raw.npy"), expected = bb_golden_f64(name);
    const size_t bytes = (size_t)expected.shape[0] * SAMPLES * sizeof(double);
    stream first = {0};
    for (int b = 0; b < BLOCK_COUNT; ++b) {
        stream s = run_chain(shaft_chain(recipe, 2048, SHAFT, 1), raw.data, SHAFT, SAMPLES, blocks[b]);
        assert_int_equal(s.outputs, expected.shape[0]);
        assert_int_equal(s.samples, SAMPLES);
        if (b == 0) {
            first = s;
            continue;
        }
        assert_memory_equal(s.data, first.data, bytes);
        stream_free(&s);
    }
    /* The same recursion in the same precision: what differs is the rounding of the coefficients, which poles
     * within 1e-3 of the unit circle enlarge. */
    const double scale = deviation(expected.data, expected.shape[0] * SAMPLES);
    assert_at_most(bb_max_error_f64(first.data, expected.data, bytes / sizeof(double)) / scale, 1e-9);
    stream_free(&first);
    bb_array_f64_free(&raw);
    bb_array_f64_free(&expected);
}

static void notches_match_the_reference(void **state) {
    (void)state;
    bb_signal_recipe r = bb_signal_recipe_default();
    r.reference = BB_REFERENCE_NONE;
    check_golden(&r, "shaft_notched.npy");
}

static void laplacian_matches_the_reference(void **state) {
    (void)state;
    const bb_signal_recipe r = bb_signal_recipe_default();
    check_golden(&r, "shaft_laplacian.npy");
    bb_chain *chain = shaft_chain(&r, 2048, SHAFT, 1);
    assert_string_equal(bb_chain_output_name(chain, 0), "LA2");
    assert_int_equal(bb_chain_output_source(chain, 0), 1);
    bb_chain_destroy(chain);
}

static void highpass_matches_the_reference(void **state) {
    (void)state;
    bb_signal_recipe r = no_filter();
    r.highpass_hz = 0.5;
    check_golden(&r, "shaft_highpass.npy");
}

static void highgamma_matches_the_reference(void **state) {
    (void)state;
    bb_signal_recipe r = bb_signal_recipe_default();
    r.reference = BB_REFERENCE_NONE;
    r.bandpass_low_hz = 70, r.bandpass_high_hz = 250;
    check_golden(&r, "shaft_highgamma.npy");
}

static void nothing_to_do_changes_no_bit(void **state) {
    (void)state;
    bb_array_f64 raw = bb_golden_f64("shaft_raw.npy");
    const bb_signal_recipe r = no_filter();
    for (int b = 0; b < BLOCK_COUNT; ++b) {
        stream s = run_chain(shaft_chain(&r, 2048, SHAFT, 2), raw.data, SHAFT, SAMPLES, blocks[b]);
        assert_memory_equal(s.data, raw.data, SHAFT * SAMPLES * sizeof(double));
        stream_free(&s);
    }
    bb_array_f64_free(&raw);
}

static double *noise(size_t channels, int64_t samples) {
    double *x = malloc(channels * (size_t)samples * sizeof *x);
    for (size_t i = 0; i < channels * (size_t)samples; ++i) x[i] = bb_random_normal(3, 1, i);
    return x;
}

/* Every channel of a wide chain gives the bytes it gives alone, with any number of threads, resampled or
 * not: lanes and threads know nothing of each other. */
static void lanes_and_threads_change_no_bit(void **state) {
    (void)state;
    enum { CHANNELS = 70, N = 5000 };
    double *x = noise(CHANNELS, N);
    bb_signal_recipe r = bb_signal_recipe_default();
    r.reference = BB_REFERENCE_NONE;
    r.highpass_hz = 1;
    static const double rates[] = {2048, 999.412};
    for (int i = 0; i < 2; ++i) {
        stream one = run_chain(shaft_chain(&r, rates[i], CHANNELS, 1), x, CHANNELS, N, 1000);
        static const int threads[] = {-1, 2, 3, 16, 1000000};
        for (int k = 0; k < 5; ++k) {
            stream many = run_chain(shaft_chain(&r, rates[i], CHANNELS, threads[k]), x, CHANNELS, N, 700);
            assert_memory_equal(one.data, many.data, CHANNELS * (size_t)one.samples * sizeof(double));
            stream_free(&many);
        }
        for (size_t c = 0; c < CHANNELS; c += 23) {
            stream alone = run_chain(shaft_chain(&r, rates[i], 1, 4), x + c * N, 1, N, WHOLE);
            assert_memory_equal(alone.data, one.data + c * (size_t)one.samples,
                                (size_t)one.samples * sizeof(double));
            stream_free(&alone);
        }
        stream_free(&one);
    }
    free(x);
}

static void references_do_not_depend_on_threads(void **state) {
    (void)state;
    enum { CHANNELS = 70, N = 3000 };
    double *x = noise(CHANNELS, N);
    bb_signal_recipe r = bb_signal_recipe_default();
    for (int k = BB_REFERENCE_NONE; k <= BB_REFERENCE_CAR; ++k) {
        r.reference = (bb_reference)k;
        stream one = run_chain(shaft_chain(&r, 1000, CHANNELS, 1), x, CHANNELS, N, WHOLE);
        stream many = run_chain(shaft_chain(&r, 1000, CHANNELS, 5), x, CHANNELS, N, 333);
        assert_memory_equal(one.data, many.data, one.outputs * (size_t)one.samples * sizeof(double));
        stream_free(&one);
        stream_free(&many);
    }
    free(x);
}

/* Notches at or above half the rate are left out: 60 .. 360 Hz at 400 Hz are 60, 120 and 180. */
static void harmonics_stop_at_nyquist(void **state) {
    (void)state;
    enum { N = 2000 };
    double *x = noise(1, N);
    bb_signal_recipe all = no_filter();
    all.rate_hz = 400;
    all.notch_hz = 60;
    bb_signal_recipe three = all;
    three.notch_harmonics = 3;
    stream a = run_chain(shaft_chain(&all, 400, 1, 1), x, 1, N, WHOLE);
    stream b = run_chain(shaft_chain(&three, 400, 1, 1), x, 1, N, WHOLE);
    assert_memory_equal(a.data, b.data, N * sizeof(double));
    assert_true(memcmp(a.data, x, N * sizeof(double)) != 0);
    stream_free(&b);
    all.notch_harmonics = BB_ALL_HARMONICS; /* as many as there are below half the rate */
    b = run_chain(shaft_chain(&all, 400, 1, 1), x, 1, N, WHOLE);
    assert_memory_equal(a.data, b.data, N * sizeof(double));
    stream_free(&a);
    stream_free(&b);
    free(x);
}

/* Every section there can be: high-pass, 60 notches, band-pass. */
static void all_harmonics_fit_the_chain(void **state) {
    (void)state;
    enum { N = 2000 };
    double *x = noise(1, N);
    bb_signal_recipe r = no_filter();
    r.notch_hz = 10, r.notch_harmonics = BB_ALL_HARMONICS, r.highpass_hz = 1;
    r.bandpass_low_hz = 70, r.bandpass_high_hz = 250;
    stream s = run_chain(shaft_chain(&r, 2048, 1, 1), x, 1, N, WHOLE);
    for (int t = 0; t < N; ++t) assert_true(fabs(s.data[t]) < 10);
    stream_free(&s);
    free(x);
}

static void unsound_samples_are_repaired_and_counted(void **state) {
    (void)state;
    const double x[] = {NAN, INFINITY, 1, 2, NAN, -INFINITY, 3, 1e200, 4, 5, -1e300, 6};
    const double expected[] = {0, 0, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6};
    const bb_signal_recipe r = no_filter();
    for (int b = 0; b < BLOCK_COUNT; ++b) {
        stream s = run_chain(shaft_chain(&r, 2048, 1, 1), x, 1, 12, blocks[b]);
        assert_memory_equal(s.data, expected, sizeof expected);
        assert_int_equal(s.repaired, 6);
        stream_free(&s);
    }
}

static void one_bad_sample_does_not_poison_the_filters(void **state) {
    (void)state;
    enum { N = 6000 };
    static const double rates[] = {2048, 1000};
    bb_signal_recipe r = bb_signal_recipe_default();
    r.highpass_hz = 0.5;
    for (int i = 0; i < 2; ++i) {
        double *x = noise(3, N);
        x[100] = NAN, x[N + 50] = INFINITY, x[2 * N] = 1.7e308;
        stream s = run_chain(shaft_chain(&r, rates[i], 3, 1), x, 3, N, 512);
        assert_int_equal(s.repaired, 3);
        for (int64_t t = 0; t < s.samples; ++t) assert_true(fabs(s.data[t]) < 100);
        stream_free(&s);
        free(x);
    }
}

/* After the input falls silent the ringing decays to exact zeros, not to denormal numbers. */
static void silence_ends_in_zeros(void **state) {
    (void)state;
    enum { N = 400 * 2048 };
    double *x = calloc(N, sizeof *x);
    x[0] = 1;
    bb_signal_recipe r = no_filter();
    r.notch_hz = 60;
    r.highpass_hz = 1;
    stream s = run_chain(shaft_chain(&r, 2048, 1, 1), x, 1, N, 777);
    stream t = run_chain(shaft_chain(&r, 2048, 1, 1), x, 1, N, WHOLE);
    assert_memory_equal(s.data, t.data, N * sizeof(double));
    for (int64_t i = 0; i < N; ++i) assert_true(s.data[i] == 0 || fabs(s.data[i]) > 1e-300);
    assert_true(s.data[N - 1] == 0);
    stream_free(&s);
    stream_free(&t);
    free(x);
}

static void wrong_recipes_are_refused(void **state) {
    (void)state;
    const bb_chain_channel channel = {"LA1", false};
    bb_chain *chain = NULL;
    const struct {
        bb_signal_recipe recipe;
        double rate;
        const char *part;
    } cases[] = {
        {.recipe = {.rate_hz = 0}, 1000, "positive sampling rates"},
        {.recipe = {.rate_hz = NAN}, 1000, "positive sampling rates"},
        {.recipe = {.rate_hz = 2048}, -5, "positive sampling rates"},
        {.recipe = {.rate_hz = 2048}, INFINITY, "positive sampling rates"},
        {.recipe = {.rate_hz = 2048}, 1, "factor of at most 1024"},
        {.recipe = {.rate_hz = 2048}, 1e9, "factor of at most 1024"},
        {.recipe = {.rate_hz = 2048, .notch_hz = -60, .notch_q = 30}, 2048, "notch"},
        {.recipe = {.rate_hz = 2048, .notch_hz = 60, .notch_harmonics = 6}, 2048, "Q above 0"},
        {.recipe = {.rate_hz = 2048, .notch_hz = 1e-9, .notch_harmonics = 1 << 30, .notch_q = 1},
         2048,
         "harmonics"},
        {.recipe = {.rate_hz = 2048, .highpass_hz = 1024}, 2048, "below 1024 Hz"},
        {.recipe = {.rate_hz = 2048, .highpass_hz = NAN}, 2048, "high-pass"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = 70}, 2048, "found 70 and 0 Hz"},
        {.recipe = {.rate_hz = 2048, .bandpass_high_hz = 250}, 2048, "found 0 and 250 Hz"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = 250, .bandpass_high_hz = 70}, 2048, "rising"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = 70, .bandpass_high_hz = 70}, 2048, "rising"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = -1, .bandpass_high_hz = 70}, 2048, "band-pass"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = 70, .bandpass_high_hz = 1024}, 2048, "below 1024 Hz"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = NAN, .bandpass_high_hz = 70}, 2048, "band-pass"},
        {.recipe = {.rate_hz = 2048, .bandpass_low_hz = 70, .bandpass_high_hz = INFINITY}, 2048, "band-pass"},
        {.recipe = {.rate_hz = 2048, .reference = (bb_reference)9}, 2048, "no reference 9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        assert_fails(bb_chain_create(&cases[i].recipe, cases[i].rate, &channel, 1, 1, &chain, e),
                     BB_ERR_ARGUMENT, cases[i].part);
        assert_null(chain);
    }
}

static void wrong_calls_are_refused_and_take_nothing(void **state) {
    (void)state;
    const bb_signal_recipe r = no_filter();
    const double x[4] = {1, 2, 3, 4};
    double y[4];
    int64_t produced;
    bb_chain *chain = shaft_chain(&r, 2048, 1, 1);
    assert_int_equal(bb_chain_capacity(chain, 4), 4);
    assert_fails(bb_chain_push(chain, x, 4, y, 3, &produced, e), BB_ERR_ARGUMENT, "room for 4");
    assert_fails(bb_chain_push(chain, x, -1, y, 3, &produced, e), BB_ERR_ARGUMENT, "negative");
    assert_ok(bb_chain_push(chain, x, 4, y, 4, &produced, e));
    assert_memory_equal(x, y, sizeof x);
    assert_ok(bb_chain_flush(chain, y, 4, &produced, e));
    assert_int_equal(produced, 0);
    assert_fails(bb_chain_push(chain, x, 1, y, 4, &produced, e), BB_ERR_ARGUMENT, "after the end");
    bb_chain_destroy(chain);
    bb_chain_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notches_match_the_reference),
        cmocka_unit_test(laplacian_matches_the_reference),
        cmocka_unit_test(highpass_matches_the_reference),
        cmocka_unit_test(highgamma_matches_the_reference),
        cmocka_unit_test(nothing_to_do_changes_no_bit),
        cmocka_unit_test(lanes_and_threads_change_no_bit),
        cmocka_unit_test(references_do_not_depend_on_threads),
        cmocka_unit_test(harmonics_stop_at_nyquist),
        cmocka_unit_test(all_harmonics_fit_the_chain),
        cmocka_unit_test(unsound_samples_are_repaired_and_counted),
        cmocka_unit_test(one_bad_sample_does_not_poison_the_filters),
        cmocka_unit_test(silence_ends_in_zeros),
        cmocka_unit_test(wrong_recipes_are_refused),
        cmocka_unit_test(wrong_calls_are_refused_and_take_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
