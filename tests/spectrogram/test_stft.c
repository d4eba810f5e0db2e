#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spectrum.h"

static void both_recipes_agree_with_golden(void **state) {
    (void)state;
    const bb_spectrogram_recipe pretraining = bb_spectrogram_recipe_default(),
                                demo = bb_spectrogram_recipe_demo();
    /* Both sides are double until the last rounding, to 2^-24 of values up to 15; the bar was 5e-6.
     */
    check_spectrum(&pretraining, bb_test_path("golden/wav.npy"), bb_test_path("golden/stft_pretrain.npy"),
                   5e-6);
    check_spectrum(&demo, bb_test_path("golden/wav.npy"), bb_test_path("golden/stft_demo.npy"), 5e-6);
}

static void both_recipes_agree_on_the_real_clip(void **state) {
    (void)state;
    const bb_spectrogram_recipe pretraining = bb_spectrogram_recipe_default(),
                                demo = bb_spectrogram_recipe_demo();
    const char *wav = bb_shared_path("data/npz/btb_electrode_5s_2048hz.npy");
    if (!wav) return;
    check_spectrum(&pretraining, wav, bb_shared_path("golden/real/stft_pretrain.npy"), 5e-6);
    check_spectrum(&demo, wav, bb_shared_path("golden/real/stft_demo.npy"), 5e-6);
}

/* |sum w[n] x[n] exp(-2 pi i k n / S)| / sum w, straight from the definition. */
static double direct(const bb_spectrogram_recipe *r, const double *x, int64_t samples, int64_t frame, int k) {
    double re = 0, im = 0, sum = 0;
    for (int n = 0; n < r->segment; ++n) {
        const int64_t at = frame * r->hop - r->segment / 2 + n;
        const double w = 0.5 - 0.5 * cos(2 * M_PI * n / r->segment), v = at >= 0 && at < samples ? x[at] : 0;
        re += w * v * cos(2 * M_PI * k * n / r->segment);
        im += w * v * sin(2 * M_PI * k * n / r->segment);
        sum += w;
    }
    return sqrt(re * re + im * im) / sum;
}

/* Odd and even segments, hops that do not divide, bins that fill no tile, windows that end between hops. */
static void magnitudes_agree_with_the_definition(void **state) {
    (void)state;
    const struct {
        int segment, hop, bins, trim, samples;
    } cases[] = {{400, 50, 40, 10, 1001},
                 {33, 7, 17, 0, 100},
                 {64, 64, 33, 1, 300},
                 {2, 1, 2, 0, 5},
                 {128, 30, 5, 2, 99}};
    double x[1001];
    for (int i = 0; i < 1001; ++i) x[i] = sin(0.11 * i) + 0.3 * cos(1.7 * i * i);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
        bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
        r.segment = cases[c].segment, r.hop = cases[c].hop, r.bins = cases[c].bins, r.trim = cases[c].trim;
        r.normalization = BB_NORMALIZE_NONE;
        int64_t frames;
        float *found = compute_spectrum(&r, x, cases[c].samples, &frames);
        assert_true(frames > 0);
        for (int64_t t = 0; t < frames; ++t)
            for (int k = 0; k < r.bins; ++k) /* float32 rounding of values up to 1 */
                assert_at_most(
                    fabs((double)found[t * r.bins + k] - direct(&r, x, cases[c].samples, t + r.trim, k)),
                    1e-7);
        free(found);
    }
}

static void a_flat_window_gives_zeros(void **state) {
    (void)state;
    static const double silence[10240];
    const bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    int64_t frames;
    float *found = compute_spectrum(&r, silence, 10240, &frames);
    assert_int_equal(frames, 186);
    for (int64_t i = 0; i < frames * r.bins; ++i) assert_true(found[i] == 0);
    free(found);
}

static void the_shortest_window_leaves_one_frame(void **state) {
    (void)state;
    const bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    bb_spectrogram_plan *plan;
    double x[1024] = {1};
    float out[64];
    char scratch[1 << 17];
    assert_ok(bb_spectrogram_plan_create(&r, &plan, e));
    assert_int_equal(bb_spectrogram_frames(plan, 951), 1);
    assert_int_equal(bb_spectrogram_frames(plan, 950), 0);
    assert_true(bb_spectrogram_scratch(plan, 951) <= sizeof scratch);
    assert_ok(bb_spectrogram_compute(plan, x, 951, NULL, scratch, out, e));
    assert_fails(bb_spectrogram_compute(plan, x, 950, NULL, scratch, out, e), BB_ERR_ARGUMENT,
                 "at least 951 samples");
    bb_spectrogram_plan_destroy(plan);
}

static void a_recipe_that_makes_no_sense_is_refused(void **state) {
    (void)state;
    bb_spectrogram_plan *plan;
    bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    r.bins = 202;
    assert_fails(bb_spectrogram_plan_create(&r, &plan, e), BB_ERR_ARGUMENT, "1 to 201 bins");
    r = bb_spectrogram_recipe_default();
    r.hop = 0;
    assert_fails(bb_spectrogram_plan_create(&r, &plan, e), BB_ERR_ARGUMENT, "hop");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_recipes_agree_with_golden),
        cmocka_unit_test(both_recipes_agree_on_the_real_clip),
        cmocka_unit_test(magnitudes_agree_with_the_definition),
        cmocka_unit_test(a_flat_window_gives_zeros),
        cmocka_unit_test(the_shortest_window_leaves_one_frame),
        cmocka_unit_test(a_recipe_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
