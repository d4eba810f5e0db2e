#include "brainbert/probe.h"

#include <string.h>

#include "support.h"

static void words_of_electrodes(void **state) {
    (void)state;
    bb_electrode_use use = BB_ELECTRODES_POOLED;
    assert_true(bb_electrode_use_from_name("each", &use) && use == BB_ELECTRODES_EACH);
    assert_true(bb_electrode_use_from_name("together", &use) && use == BB_ELECTRODES_TOGETHER);
    assert_true(bb_electrode_use_from_name("pooled", &use) && use == BB_ELECTRODES_POOLED);
    assert_false(bb_electrode_use_from_name("all", &use) || bb_electrode_use_from_name("", &use));
}

/* The call must fail before anything is read: the recording is no recording. */
static void refuse(const bb_probe_options *o, const char *part) {
    const char *path = bb_temp_file("empty.npy", "", 0);
    bb_sources *sources;
    char *json = (char *)"";
    assert_ok(bb_sources_find(&path, 1, NULL, &sources, e));
    assert_fails(bb_probe(sources, o, &json, e), BB_ERR_ARGUMENT, part);
    assert_null(json);
    bb_sources_destroy(sources);
}

static void wrong_calls_are_refused(void **state) {
    (void)state;
    const bb_probe_options usual = bb_probe_options_default();
    const bb_finetune_options finetune = bb_finetune_options_default();
    const int64_t shots[] = {10, 1};
    bb_probe_options o = usual;
    o.split = "half";
    refuse(&o, "found 'half'");
    o = usual, o.best = -1;
    refuse(&o, "found -1 and 3");
    o = usual, o.runs = 0;
    refuse(&o, "found 0 and 0");
    o = usual, o.shots = shots, o.shot_count = 2;
    refuse(&o, "found 1");
    o = usual, o.finetune = &finetune;
    refuse(&o, "expected a model");
    o = usual, o.precision = BB_PRECISION_AUTO;
    refuse(&o, "expected f32, bf16 or int8, found auto");
    o = usual, o.split = "subject", o.electrodes = BB_ELECTRODES_TOGETHER;
    refuse(&o, "no choice of electrodes");
    o = usual, o.split = "subject", o.best = 1;
    refuse(&o, "no choice of electrodes");
    refuse(&usual, "'encoder': expected a model");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_electrodes),
        cmocka_unit_test(wrong_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
