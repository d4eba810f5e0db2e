#include "features/spec.h"

#include "support.h"

static bb_feature_spec parsed(const char *name) {
    bb_feature_spec s;
    assert_ok(bb_feature_spec_from_name(name, &s, e));
    return s;
}

static void names_give_specs_and_specs_names(void **state) {
    (void)state;
    /* A name, its shortest spelling. */
    static const char *const names[][2] = {{"encoder", "encoder"},
                                           {"encoder@center", "encoder"},
                                           {"encoder@segments:6", "encoder@segments:6"},
                                           {"encoder@none", "encoder@none"},
                                           {"stft", "stft"},
                                           {"superlet@mean", "superlet@mean"},
                                           {"morlet@segments:12", "morlet@segments:12"},
                                           {"voltage", "voltage"},
                                           {"voltage:0.25", "voltage:0.25"},
                                           {"voltage:0.250@segments:5", "voltage:0.25@segments:5"},
                                           {"bandpower", "bandpower"},
                                           {"bandpower@mean", "bandpower"},
                                           {"bandpower@segments:3", "bandpower@segments:3"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        const bb_feature_spec s = parsed(names[i][0]);
        char name[64];
        bb_feature_spec_name(&s, name, sizeof name);
        assert_string_equal(name, names[i][1]);
    }
}

static void the_parts_of_a_name_are_taken(void **state) {
    (void)state;
    bb_feature_spec s = parsed("superlet@segments:12");
    const bb_spectrogram_recipe superlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    assert_int_equal(s.kind, BB_FEATURE_SPECTROGRAM);
    assert_int_equal(s.pooling.kind, BB_POOL_SEGMENTS);
    assert_int_equal(s.pooling.segments, 12);
    assert_true(s.recipe.method == superlet.method && s.recipe.bins == superlet.bins &&
                s.recipe.trim == superlet.trim && s.recipe.normalization == superlet.normalization &&
                s.recipe.high_hz == superlet.high_hz && s.recipe.order_max == superlet.order_max);
    s = parsed("voltage:0.25");
    assert_true(s.kind == BB_FEATURE_VOLTAGE && s.seconds == 0.25 && s.pooling.kind == BB_POOL_NONE);
    s = parsed("encoder");
    assert_true(s.kind == BB_FEATURE_ENCODER && s.pooling.kind == BB_POOL_CENTER && !s.model);
    assert_int_equal(s.recipe.bins, 0); /* the model's own */
    s = parsed("bandpower");
    assert_true(s.kind == BB_FEATURE_BAND_POWER && s.pooling.kind == BB_POOL_MEAN);
}

static void other_names_are_refused_with_what_was_expected(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"", "expected encoder, stft"},
        {"volt", "expected encoder, stft"},
        {"voltages", "expected encoder, stft"},
        {"encoder ", "expected encoder, stft"},
        {"@mean", "expected encoder, stft"},
        {"stftstftstftstftstftstftstftstftstftstft@mean", "expected encoder"},
        {"voltage:", "expected seconds"},
        {"voltage:0", "expected seconds"},
        {"voltage:-1", "expected seconds"},
        {"voltage:nan", "expected seconds"},
        {"voltage:1s", "expected seconds"},
        {"voltage:1e9", "expected seconds"},
        {"stft@", "behind the @"},
        {"stft@middle", "behind the @"},
        {"stft@segments:0", "behind the @"},
        {"stft@mean@mean", "behind the @"},
        {"voltage@center", "expected @mean, @segments:K or none"},
        {"bandpower@center", "expected @mean or @segments:K"},
        {"bandpower@none", "expected @mean or @segments:K"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        bb_feature_spec s;
        assert_fails(bb_feature_spec_from_name(names[i][0], &s, e), BB_ERR_ARGUMENT, names[i][1]);
    }
}

static void a_precision_that_depends_on_the_machine_is_refused(void **state) {
    (void)state;
    bb_feature_spec s = parsed("encoder");
    s.precision = BB_PRECISION_INT8;
    assert_ok(bb_feature_spec_check(&s, e));
    s.precision = BB_PRECISION_AUTO;
    assert_fails(bb_feature_spec_check(&s, e), BB_ERR_ARGUMENT, "'encoder': expected precision f32");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_specs_and_specs_names),
        cmocka_unit_test(the_parts_of_a_name_are_taken),
        cmocka_unit_test(other_names_are_refused_with_what_was_expected),
        cmocka_unit_test(a_precision_that_depends_on_the_machine_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
