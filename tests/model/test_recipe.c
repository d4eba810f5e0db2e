#include "model/recipe.h"

#include <stdlib.h>

#include "support.h"

static bb_status read_text(const char *text, bb_recipe *out, bb_error *err) {
    cJSON *json;
    assert_ok(bb_json_parse(text, "r.json", &json, e));
    const bb_status status = bb_recipe_from_cjson(json, "r.json", out, err);
    cJSON_Delete(json);
    return status;
}

static void assert_same(const bb_recipe *a, const bb_recipe *b) {
    assert_true(a->signal.rate_hz == b->signal.rate_hz && a->signal.notch_hz == b->signal.notch_hz);
    assert_true(a->signal.notch_q == b->signal.notch_q && a->signal.highpass_hz == b->signal.highpass_hz);
    assert_true(a->signal.bandpass_low_hz == b->signal.bandpass_low_hz);
    assert_true(a->signal.bandpass_high_hz == b->signal.bandpass_high_hz);
    assert_int_equal(a->signal.notch_harmonics, b->signal.notch_harmonics);
    assert_int_equal(a->signal.reference, b->signal.reference);
    assert_int_equal(a->spectrogram.method, b->spectrogram.method);
    assert_true(a->spectrogram.rate_hz == b->spectrogram.rate_hz);
    assert_int_equal(a->spectrogram.hop, b->spectrogram.hop);
    assert_int_equal(a->spectrogram.bins, b->spectrogram.bins);
    assert_int_equal(a->spectrogram.trim, b->spectrogram.trim);
    assert_int_equal(a->spectrogram.normalization, b->spectrogram.normalization);
    if (a->spectrogram.method == BB_SPECTROGRAM_STFT)
        assert_int_equal(a->spectrogram.segment, b->spectrogram.segment);
    else
        assert_true(a->spectrogram.low_hz == b->spectrogram.low_hz &&
                    a->spectrogram.high_hz == b->spectrogram.high_hz &&
                    a->spectrogram.cycles == b->spectrogram.cycles);
    if (a->spectrogram.method == BB_SPECTROGRAM_SUPERLET)
        assert_true(a->spectrogram.order_min == b->spectrogram.order_min &&
                    a->spectrogram.order_max == b->spectrogram.order_max &&
                    a->spectrogram.adaptive == b->spectrogram.adaptive);
    assert_true(a->window_s == b->window_s);
}

static void check_round_trip(const bb_recipe *recipe) {
    char *text = bb_recipe_to_json(recipe);
    assert_non_null(text);
    bb_recipe found = {.window_s = -1};
    assert_ok(read_text(text, &found, e));
    assert_same(recipe, &found);
    free(text);
}

/* Every field but the default's, with numbers that no short decimal holds. */
static void recipes_come_back_as_they_were(void **state) {
    (void)state;
    bb_recipe r = bb_recipe_default();
    check_round_trip(&r);
    r.signal = (bb_signal_recipe){.rate_hz = 1000.0 / 3,
                                  .notch_hz = 16.7,
                                  .notch_harmonics = 0,
                                  .notch_q = 1e4,
                                  .highpass_hz = 0.1,
                                  .bandpass_low_hz = 200.0 / 3,
                                  .bandpass_high_hz = 160.1,
                                  .reference = BB_REFERENCE_CAR};
    r.spectrogram = (bb_spectrogram_recipe){.method = BB_SPECTROGRAM_STFT,
                                            .rate_hz = 1000.0 / 3,
                                            .segment = 65536,
                                            .hop = 1,
                                            .bins = 4096,
                                            .trim = 0,
                                            .normalization = BB_NORMALIZE_NONE};
    r.window_s = 1.0 / 7;
    check_round_trip(&r);
    for (bb_normalization n = BB_NORMALIZE_NONE; n <= BB_NORMALIZE_SESSION; ++n) {
        r.spectrogram.normalization = n;
        check_round_trip(&r);
    }
    for (bb_reference f = BB_REFERENCE_NONE; f <= BB_REFERENCE_CAR; ++f) {
        r.signal.reference = f;
        check_round_trip(&r);
    }
    r.signal.notch_harmonics = BB_ALL_HARMONICS;
    check_round_trip(&r);
    r = bb_recipe_default();
    for (int method = BB_SPECTROGRAM_SUPERLET; method <= BB_SPECTROGRAM_MORLET; ++method) {
        r.spectrogram = bb_spectrogram_recipe_for((bb_spectrogram_method)method);
        check_round_trip(&r);
        r.spectrogram.low_hz = 1.0 / 3;
        r.spectrogram.high_hz = 500.0 / 3;
        r.spectrogram.cycles = 1.1;
        r.spectrogram.order_min = 4.0 / 3;
        r.spectrogram.order_max = 50.0 / 3;
        r.spectrogram.adaptive = 0;
        check_round_trip(&r);
    }
}

/* "method" alone is enough: its published recipe comes with it. */
static void a_method_brings_its_recipe(void **state) {
    (void)state;
    bb_recipe r = bb_recipe_default();
    assert_ok(read_text("{\"spectrogram\": {\"method\": \"superlet\", \"order_max\": 12}}", &r, e));
    bb_recipe expected = bb_recipe_default();
    expected.spectrogram = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    expected.spectrogram.order_max = 12;
    assert_same(&expected, &r);
}

static void the_published_recipe_is_the_default(void **state) {
    (void)state;
    const bb_recipe r = bb_recipe_default();
    assert_true(r.signal.rate_hz == 2048 && r.signal.notch_hz == 60 && r.signal.highpass_hz == 0);
    assert_int_equal(r.signal.reference, BB_REFERENCE_LAPLACIAN);
    assert_true(r.spectrogram.rate_hz == 2048 && r.window_s == 5);
}

static void missing_keys_keep_what_is_there(void **state) {
    (void)state;
    const bb_recipe before = bb_recipe_default();
    bb_recipe r = before;
    assert_ok(read_text("{}", &r, e));
    assert_same(&before, &r);
    assert_ok(read_text("{\"signal\": {\"rate_hz\": 1000}, \"unknown\": [1]}", &r, e));
    assert_true(r.signal.rate_hz == 1000 && r.spectrogram.rate_hz == 1000 && r.signal.notch_hz == 60);
    /* Files from before there was a band-pass. */
    assert_true(r.signal.bandpass_low_hz == 0 && r.signal.bandpass_high_hz == 0);
}

static void what_is_out_of_bounds_is_refused(void **state) {
    (void)state;
    const struct {
        const char *text, *part;
        bb_status code;
    } cases[] = {
        {"{\"signal\": {\"rate_hz\": 0}}", "rate_hz", BB_ERR_FORMAT},
        {"{\"signal\": {\"rate_hz\": 1e999}}", "rate_hz", BB_ERR_FORMAT},
        {"{\"signal\": {\"notch_hz\": -1}}", "notch_hz", BB_ERR_FORMAT},
        {"{\"signal\": {\"notch_harmonics\": 61}}", "notch_harmonics", BB_ERR_FORMAT},
        {"{\"signal\": {\"notch_q\": 0}}", "notch_q", BB_ERR_FORMAT},
        {"{\"signal\": {\"highpass_hz\": \"1\"}}", "expected a number", BB_ERR_FORMAT},
        {"{\"signal\": {\"bandpass_low_hz\": -70}}", "bandpass_low_hz", BB_ERR_FORMAT},
        {"{\"signal\": {\"bandpass_high_hz\": [250]}}", "bandpass_high_hz", BB_ERR_FORMAT},
        {"{\"signal\": {\"reference\": \"nose\"}}", "unknown reference 'nose'", BB_ERR_UNSUPPORTED},
        {"{\"signal\": {\"reference\": null}}", "reference", BB_ERR_UNSUPPORTED},
        {"{\"spectrogram\": {\"method\": \"wavelet\"}}", "found 'wavelet'", BB_ERR_UNSUPPORTED},
        {"{\"spectrogram\": {\"method\": 1}}", "found 'no word'", BB_ERR_UNSUPPORTED},
        {"{\"spectrogram\": {\"normalize\": \"sessions\"}}", "found 'sessions'", BB_ERR_UNSUPPORTED},
        {"{\"spectrogram\": {\"segment\": 1}}", "segment", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"segment\": 65537}}", "segment", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"hop\": 0}}", "hop", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"bins\": 1e300}}", "bins", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"trim\": 1.5}}", "whole number", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"low_hz\": 0}}", "low_hz", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"cycles\": -1}}", "cycles", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"order_max\": 1001}}", "order_max", BB_ERR_FORMAT},
        {"{\"spectrogram\": {\"adaptive\": 1}}", "true or false", BB_ERR_FORMAT},
        {"{\"window_s\": 0}", "window_s", BB_ERR_FORMAT},
        {"{\"window_s\": 3601}", "window_s", BB_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_recipe r = bb_recipe_default();
        assert_fails(read_text(cases[i].text, &r, e), cases[i].code, cases[i].part);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipes_come_back_as_they_were),
        cmocka_unit_test(a_method_brings_its_recipe),
        cmocka_unit_test(the_published_recipe_is_the_default),
        cmocka_unit_test(missing_keys_keep_what_is_there),
        cmocka_unit_test(what_is_out_of_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
