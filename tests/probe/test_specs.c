#include <stdio.h>
#include <string.h>

#include "probe/probe.h"
#include "support.h"

static bb_model *tiny(void) {
    const bb_model_config config = {
        .hidden_dim = 16, .feed_forward_dim = 16, .heads = 2, .layers = 1, .input_dim = 40};
    bb_model *model;
    assert_ok(bb_model_create(&config, 1, &model, e));
    return model;
}

static bb_status specs(const bb_probe_options *o, bb_probe_run *run, bb_error *err) {
    *run = (bb_probe_run){.o = o};
    return bb_probe_specs(run, err);
}

static void assert_names(const bb_probe_options *o, const char *expected) {
    bb_probe_run run;
    char found[1024] = "";
    assert_ok(specs(o, &run, e));
    for (size_t i = 0; i < run.spec_count; ++i) {
        const size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%s%s%s", i ? "," : "", run.specs[i].name,
                 run.specs[i].baseline ? "" : "*", run.specs[i].shown ? "" : "-");
    }
    assert_string_equal(found, expected);
}

static void assert_refused(const bb_probe_options *o, const char *part) {
    bb_probe_run run;
    bb_error err = {0};
    assert_int_equal(specs(o, &run, &err), BB_ERR_ARGUMENT);
    if (!bb_contains(err.message, part))
        fail_msg("'%s': message '%s', expected '%s'", o->features, err.message, part);
}

/* What needs an encoder is marked by *, what is only made to rank electrodes by -. */
static void names_become_specs(void **state) {
    (void)state;
    bb_model *model = tiny(), *fresh = tiny();
    bb_probe_options o = bb_probe_options_default();
    o.model = model, o.untrained = fresh;
    assert_names(&o, "encoder*,stft,bandpower,voltage:0.25");
    o.features = "untrained,untrained@mean,encoder@center,superlet@segments:3,voltage@none";
    assert_names(&o, "untrained*,untrained@mean*,encoder*,superlet@segments:3,voltage");
    o.pooling = "segments:2"; /* of those that do not say, and of frames alone */
    o.features = "untrained,encoder@mean,stft,morlet@center,voltage,bandpower";
    assert_names(&o, "untrained@segments:2*,encoder@mean*,stft@segments:2,morlet,voltage,bandpower");
    o.best = 2;
    o.features = "voltage";
    assert_names(&o, "voltage,voltage-");
    bb_model_close(model);
    bb_model_close(fresh);
}

static void encoders_have_their_models(void **state) {
    (void)state;
    bb_model *model = tiny(), *fresh = tiny();
    bb_probe_options o = bb_probe_options_default();
    bb_probe_run run;
    o.model = model, o.untrained = fresh, o.precision = BB_PRECISION_INT8;
    o.features = "untrained,encoder,stft,superlet";
    o.recipe.spectrogram.bins = 40, o.recipe.spectrogram.normalization = BB_NORMALIZE_SESSION;
    assert_ok(specs(&o, &run, e));
    assert_ptr_equal(run.specs[0].spec.model, fresh);
    assert_ptr_equal(run.specs[1].spec.model, model);
    assert_null(run.specs[2].spec.model);
    assert_int_equal(run.specs[0].spec.precision, BB_PRECISION_INT8);
    assert_int_equal(run.specs[1].spec.precision, BB_PRECISION_INT8);
    /* The model's own recipe where the method is its own; other methods are normalised alike. */
    assert_memory_equal(&run.specs[2].spec.recipe, &o.recipe.spectrogram, sizeof o.recipe.spectrogram);
    assert_int_equal(run.specs[3].spec.recipe.method, BB_SPECTROGRAM_SUPERLET);
    assert_int_equal(run.specs[3].spec.recipe.normalization, BB_NORMALIZE_SESSION);
    bb_model_close(model);
    bb_model_close(fresh);
}

static void fine_tuning_takes_spectrograms(void **state) {
    (void)state;
    bb_model *model = tiny();
    const bb_finetune_options f = bb_finetune_options_default();
    bb_probe_options o = bb_probe_options_default();
    bb_probe_run run;
    o.model = model, o.finetune = &f, o.best = 3;
    assert_names(&o, "finetuned*,voltage-");
    assert_ok(specs(&o, &run, e));
    assert_int_equal(run.specs[0].spec.pooling.kind, BB_POOL_NONE);
    bb_model_close(model);
}

static void what_is_no_list_is_refused(void **state) {
    (void)state;
    bb_probe_options o = bb_probe_options_default();
    const struct {
        const char *features, *part;
    } wrong[] = {{"", "found none"},
                 {"encoder", "'encoder': expected a model"},
                 {"untrained", "'untrained': expected a model"},
                 {"untrainedly", "expected encoder, stft"},
                 {"untrained:3", "expected encoder, stft"},
                 {",stft", "found ',stft'"},
                 {"stft,,voltage", "found ',voltage'"},
                 {"stft@none", "expected a pooling"},
                 {"stft@", "behind the @"},
                 {"voltage:x", "seconds behind the colon"},
                 {"stft,voltage,stft@center", "found 'stft' again"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        o.features = wrong[i].features;
        assert_refused(&o, wrong[i].part);
    }
    char longest[3 * BB_SPEC_NAME] = "";
    memset(longest, 'v', 2 * BB_SPEC_NAME);
    o.features = longest;
    assert_refused(&o, "names with commas");
    char many[1024] = "stft";
    for (int k = 1; k <= BB_PROBE_SPECS; ++k)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",voltage@segments:%d", k);
    o.features = many;
    assert_refused(&o, "at most 32 kinds");
    o.features = "stft", o.pooling = "middle";
    assert_refused(&o, "pooling: expected");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_specs),
        cmocka_unit_test(encoders_have_their_models),
        cmocka_unit_test(fine_tuning_takes_spectrograms),
        cmocka_unit_test(what_is_no_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
