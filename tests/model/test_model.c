#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formula.h"
#include "model/layout.h"
#include "support.h"

static const bb_model_config odd = {
    .hidden_dim = 35, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = 23};
static const bb_model_config even = {
    .hidden_dim = 24, .feed_forward_dim = 30, .heads = 12, .layers = 2, .input_dim = 9};

static bb_model *opened(const char *path, int heads) {
    bb_model *m;
    assert_ok(bb_model_open(path, heads, &m, e));
    return m;
}

static void assert_refused(const char *path, int heads, bb_status code, const char *part) {
    bb_model *m;
    assert_fails(bb_model_open(path, heads, &m, e), code, part);
    assert_null(m);
}

static void assert_config(const bb_model *m, const bb_model_config *c) {
    assert_memory_equal(&bb_model_get_info(m)->config, c, sizeof *c);
}

/* Both models hold the same numbers under every name. */
static void assert_same_tensors(const bb_model *a, const bb_model *b) {
    const bb_model_config *c = &bb_model_get_info(a)->config;
    assert_config(b, c);
    for (size_t i = 0; i < bb_layout_count(c); ++i) {
        const bb_tensor_spec spec = bb_layout_at(c, i);
        if (spec.optional && !a->info.has_prediction_head) continue;
        const size_t n = (size_t)bb_spec_count(&spec);
        float *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
        bb_model_read_tensor(a, i, x);
        bb_model_read_tensor(b, i, y);
        assert_memory_equal(x, y, n * sizeof *x);
        free(x);
        free(y);
    }
}

/* How a model's file is rewritten: braindecode's names and its classifier, a prefix before every name, what
 * starts with `without` left out, and one tensor with its dimensions turned round. */
typedef struct variant {
    const char *prefix, *without, *turned;
    bool braindecode;
} variant;

static const char *rewritten(const char *folder, const variant *v, const char *config) {
    enum { ROOM = 64 };
    static char names[ROOM][256];
    static const float extra[6];
    bb_tensor tensors[ROOM];
    size_t count = 0;
    bb_weights *w;
    char path[512];
    snprintf(path, sizeof path, "%s/model.safetensors", bb_temp_path("odd"));
    assert_ok(bb_weights_open(path, &w, e));
    for (size_t i = 0; i < bb_weights_count(w); ++i) {
        const bb_tensor *t = bb_weights_at(w, i);
        const char *name = t->name;
        if (v->without && strncmp(name, v->without, strlen(v->without)) == 0) continue;
        const bool renamed = v->braindecode && strncmp(name, "input_encoding.", 15) == 0;
        snprintf(names[count], sizeof names[0], "%s%s%s", v->prefix ? v->prefix : "",
                 renamed ? "input_embedding." : "", renamed ? name + 15 : name);
        tensors[count] = *t;
        tensors[count].name = names[count];
        if (v->turned && strcmp(name, v->turned) == 0) {
            tensors[count].shape[0] = t->shape[1], tensors[count].shape[1] = t->shape[0];
            tensors[count].strides[0] = t->shape[0];
        }
        ++count;
    }
    if (v->braindecode)
        tensors[count++] = (bb_tensor){.name = "final_layer.weight",
                                       .dtype = BB_F32,
                                       .dims = 2,
                                       .shape = {2, 3},
                                       .strides = {3, 1},
                                       .data = extra};
    mkdir(bb_temp_path(folder), 0777);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    assert_ok(bb_safetensors_write(bb_temp_path(path), tensors, count, NULL, e));
    bb_weights_close(w);
    snprintf(path, sizeof path, "%s/config.json", folder);
    if (config) bb_temp_file(path, config, strlen(config));
    return bb_temp_path(folder);
}

static int make_odd(void **state) {
    (void)state;
    bb_formula_model("odd", &odd, 3);
    return 0;
}

static void a_directory_opens(void **state) {
    (void)state;
    bb_model *m = opened(bb_temp_path("odd"), 0), *slash = opened(bb_temp_path("odd/"), 0);
    const bb_model_info *info = bb_model_get_info(m);
    assert_config(m, &odd);
    assert_string_equal(info->container, "safetensors");
    assert_true(info->trained && info->has_prediction_head && !info->recipe_stated && !info->heads_assumed);
    assert_null(info->provenance);
    assert_int_equal(info->recipe.spectrogram.bins, 23);
    int64_t parameters = 0;
    for (size_t i = 0; i < bb_layout_count(&odd); ++i) {
        const bb_tensor_spec spec = bb_layout_at(&odd, i);
        parameters += bb_spec_count(&spec);
    }
    assert_int_equal(info->parameters, parameters);
    assert_same_tensors(m, slash);
    assert_string_equal(bb_model_get_info(slash)->path, info->path);
    bb_model_close(m);
    bb_model_close(slash);
    bb_model_close(NULL);
    mkdir(bb_temp_path("hollow"), 0777);
    assert_refused(bb_temp_path("hollow"), 0, BB_ERR_IO, "found no config.json");
    assert_refused(bb_temp_path("nowhere"), 0, BB_ERR_IO, "nowhere");
    bb_temp_file("hollow/config.json", "{}", 2);
    assert_refused(bb_temp_path("hollow"), 0, BB_ERR_IO, "model.safetensors");
}

static void a_bare_file_uses_the_config_beside_it_or_needs_heads(void **state) {
    (void)state;
    bb_model *m = opened(bb_temp_path("odd/model.safetensors"), 0);
    assert_config(m, &odd);
    assert_false(bb_model_get_info(m)->heads_assumed);
    bb_model_close(m);
    char path[512];
    snprintf(path, sizeof path, "%s/model.safetensors", rewritten("bare", &(variant){0}, NULL));
    assert_refused(path, 0, BB_ERR_FORMAT, "number of attention heads");
    m = opened(path, 5);
    assert_config(m, &odd);
    assert_false(bb_model_get_info(m)->heads_assumed);
    bb_model_close(m);
    assert_refused(path, 6, BB_ERR_FORMAT, "nhead to divide hidden_dim 35, found 6");
    assert_refused(path, -1, BB_ERR_FORMAT, "nhead");
    snprintf(path, sizeof path, "%s/config.json", bb_formula_model("even", &even, 1));
    assert_int_equal(remove(path), 0);
    m = opened(bb_temp_path("even/model.safetensors"), 0);
    assert_config(m, &even);
    assert_true(bb_model_get_info(m)->heads_assumed);
    bb_model_close(m);
}

static void a_checkpoint_holds_its_own_configuration(void **state) {
    (void)state;
    bb_model *tiny = opened(bb_test_path("golden/tiny"), 0), *m = opened(bb_test_path("golden/tiny.pth"), 0);
    assert_string_equal(bb_model_get_info(m)->container, "pth (zip)");
    assert_false(bb_model_get_info(m)->heads_assumed);
    assert_same_tensors(tiny, m);
    bb_model_close(m);
    m = opened(bb_test_path("golden/tiny_legacy.pth"), 0);
    assert_string_equal(bb_model_get_info(m)->container, "pth (legacy)");
    assert_same_tensors(tiny, m);
    bb_model_close(m);
    size_t size; /* a config.json that happens to lie beside it belongs to something else */
    unsigned char *bytes = bb_slurp(bb_test_path("golden/tiny.pth"), &size);
    mkdir(bb_temp_path("strange"), 0777);
    bb_temp_file("strange/config.json", "{\"hidden_dim\": 1}", 17);
    m = opened(bb_temp_file("strange/tiny.pth", bytes, size), 0);
    assert_same_tensors(tiny, m);
    bb_model_close(m);
    bb_model_close(tiny);
    free(bytes);
}

static void braindecode_names_and_arguments_open(void **state) {
    (void)state;
    const char *config =
        "{\"hidden_dim\": 35, \"ffn_dim\": 81, \"n_heads\": 5, \"n_layers\": 3, \"idx_freq_cutoff\": 23,"
        " \"nperseg\": 200, \"noverlap\": 150, \"stft_clip\": 5, \"stft_zscore_before_clip\": false,"
        " \"n_outputs\": 2, \"activation\": null}";
    bb_model *m = opened(rewritten("braindecode", &(variant){.braindecode = true}, config), 0),
             *original = opened(bb_temp_path("odd"), 0);
    const bb_spectrogram_recipe *r = &bb_model_get_info(m)->recipe.spectrogram;
    assert_same_tensors(original, m);
    assert_int_equal(bb_model_get_info(m)->parameters, bb_model_get_info(original)->parameters);
    assert_true(r->segment == 200 && r->hop == 50 && r->trim == 5 && r->bins == 23);
    assert_int_equal(r->normalization, BB_NORMALIZE_WINDOW_TRIM_FIRST);
    bb_model_close(m);
    bb_model_close(original);
}

static void prefixes_of_training_wrappers_are_seen_through(void **state) {
    (void)state;
    const char *const prefixes[] = {"module.", "model.", "encoder."};
    bb_model *original = opened(bb_temp_path("odd"), 0);
    for (size_t i = 0; i < 3; ++i) {
        bb_model *m = opened(
            rewritten("prefixed", &(variant){.prefix = prefixes[i], .braindecode = i == 1}, "{\"nhead\": 5}"),
            0);
        assert_same_tensors(original, m);
        bb_model_close(m);
    }
    bb_model_close(original);
}

static void a_model_without_prediction_head_opens_and_does_not_predict(void **state) {
    (void)state;
    bb_model *original = opened(bb_temp_path("odd"), 0),
             *m = opened(
                 rewritten("headless", &(variant){.without = "spec_prediction_head."}, "{\"nhead\": 5}"), 0);
    assert_false(bb_model_get_info(m)->has_prediction_head);
    assert_same_tensors(m, original);
    assert_int_equal(bb_model_get_info(original)->parameters - bb_model_get_info(m)->parameters,
                     35 * 35 + 3 * 35 + 23 * 35 + 23);
    bb_encoder *encoder;
    const float x[23] = {0};
    float out[35];
    assert_ok(bb_encoder_create(m, BB_PRECISION_F32, 1, &encoder, e));
    assert_ok(bb_encoder_encode(encoder, &(bb_batch){x, 1, 1, NULL}, out, e));
    assert_fails(bb_encoder_predict(encoder, &(bb_batch){x, 1, 1, NULL}, out, e), BB_ERR_UNSUPPORTED,
                 "no prediction head");
    bb_encoder_destroy(encoder);
    assert_ok(bb_model_save(m, bb_temp_path("headless_saved"), BB_F32, e));
    bb_model *saved = opened(bb_temp_path("headless_saved"), 0);
    assert_false(bb_model_get_info(saved)->has_prediction_head);
    assert_same_tensors(m, saved);
    bb_model_close(saved);
    bb_model_close(m);
    bb_model_close(original);
}

static void missing_and_misshapen_tensors_are_named(void **state) {
    (void)state;
    const char *config = "{\"nhead\": 5}";
    assert_refused(rewritten("hole", &(variant){.without = "transformer.layers.1.norm1.bias"}, config), 0,
                   BB_ERR_FORMAT, "transformer.layers.1.norm1.bias");
    assert_refused(rewritten("hole", &(variant){.without = "input_encoding.in_proj.weight"}, config), 0,
                   BB_ERR_FORMAT, "not a BrainBERT model");
    assert_refused(rewritten("hole", &(variant){.without = "transformer."}, config), 0, BB_ERR_FORMAT,
                   "not a BrainBERT model");
    assert_refused(
        rewritten("turned", &(variant){.turned = "transformer.layers.2.linear2.weight"}, config), 0,
        BB_ERR_FORMAT,
        "transformer.layers.2.linear2.weight: expected shape [35, 81], found 2 dimensions, [81, 35]");
    assert_refused(rewritten("turned", &(variant){.turned = "spec_prediction_head.output.weight"}, config), 0,
                   BB_ERR_FORMAT, "spec_prediction_head.output.weight");
}

static void a_configuration_that_disagrees_is_refused(void **state) {
    (void)state;
    const struct {
        const char *config, *part;
        bb_status code;
    } cases[] = {
        {"{\"hidden_dim\": 36}", "hidden_dim is 36, the tensors' shapes say 35", BB_ERR_FORMAT},
        {"{\"ffn_dim\": 80}", "layer_dim_feedforward is 80", BB_ERR_FORMAT},
        {"{\"encoder_num_layers\": 2}", "encoder_num_layers is 2", BB_ERR_FORMAT},
        {"{\"input_dim\": 40}", "input_dim is 40", BB_ERR_FORMAT},
        {"{\"nhead\": 6}", "nhead to divide hidden_dim 35, found 6", BB_ERR_FORMAT},
        {"{\"nhead\": 0}", "nhead", BB_ERR_FORMAT},
        {"{\"nhead\": 2.5}", "whole number", BB_ERR_FORMAT},
        {"{\"nhead\": \"five\"}", "found 'five'", BB_ERR_FORMAT},
        {"{\"nhead\": 5, \"nperseg\": 100, \"noverlap\": 100}", "less than nperseg", BB_ERR_FORMAT},
        {"{\"nhead\": 5, \"layer_activation\": \"relu\"}", "found 'relu'", BB_ERR_UNSUPPORTED},
        {"{\"nhead\": 5, \"recipe\": {\"signal\": {\"reference\": 1}}}", "reference", BB_ERR_UNSUPPORTED},
        {"[5]", "expected a JSON object", BB_ERR_FORMAT},
        {"{\"nhead\"", "config.json", BB_ERR_FORMAT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        assert_refused(rewritten("disagrees", &(variant){0}, cases[i].config), 0, cases[i].code,
                       cases[i].part);
    bb_model *m = opened(rewritten("wrapped", &(variant){0}, "{\"model\": {\"nhead\": \"5\"}}"), 0);
    assert_config(m, &odd); /* numbers may be words, and the model's part may lie deeper */
    bb_model_close(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_opens),
        cmocka_unit_test(a_bare_file_uses_the_config_beside_it_or_needs_heads),
        cmocka_unit_test(a_checkpoint_holds_its_own_configuration),
        cmocka_unit_test(braindecode_names_and_arguments_open),
        cmocka_unit_test(prefixes_of_training_wrappers_are_seen_through),
        cmocka_unit_test(a_model_without_prediction_head_opens_and_does_not_predict),
        cmocka_unit_test(missing_and_misshapen_tensors_are_named),
        cmocka_unit_test(a_configuration_that_disagrees_is_refused),
    };
    return cmocka_run_group_tests(tests, make_odd, NULL);
}
