/* Models that are made, and models that are written and read again. */
#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formula.h"
#include "model/layout.h"
#include "model/model.h"
#include "support.h"

static const bb_model_config odd = {
    .hidden_dim = 35, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = 23};

static bb_model *opened(const char *path) {
    bb_model *m;
    assert_ok(bb_model_open(path, 0, &m, e));
    return m;
}

static float *tensor(const bb_model *m, size_t index, size_t *count) {
    const bb_tensor_spec spec = bb_layout_at(&m->info.config, index);
    *count = (size_t)bb_spec_count(&spec);
    float *x = malloc(*count * sizeof *x);
    bb_model_read_tensor(m, index, x);
    return x;
}

static bool same_tensors(const bb_model *a, const bb_model *b) {
    bool same = true;
    for (size_t i = 0; i < bb_layout_count(&a->info.config) && same; ++i) {
        size_t n, other;
        float *x = tensor(a, i, &n), *y = tensor(b, i, &other);
        same = n == other && memcmp(x, y, n * sizeof *x) == 0;
        free(x);
        free(y);
    }
    return same;
}

static void untrained_models_open_by_name(void **state) {
    (void)state;
    bb_model_config small;
    bb_model_config_from_name("small", &small);
    bb_model *m = opened("untrained:small"), *zero = opened("untrained:small:0"),
             *seven = opened("untrained:small:7");
    const bb_model_info *info = bb_model_get_info(m);
    assert_memory_equal(&info->config, &small, sizeof small);
    assert_int_equal(info->parameters, 4728760);
    assert_true(!info->trained && info->has_prediction_head && !info->heads_assumed);
    assert_true(same_tensors(m, zero));
    assert_false(same_tensors(m, seven));
    bb_model_close(m);
    bb_model_close(zero);
    bb_model_close(seven);
    const char *const wrong[] = {
        "untrained:",        "untrained:huge",      "untrained:small:",
        "untrained:small7",  "untrained:small:7x",  "untrained:small:-1",
        "untrained:small:x", "untrained:small: 7",  "untrained:smallsmallsmallsmall",
        "untrained:Small",   "untrained:small:7:8", "untrained:small:99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i)
        assert_fails(bb_model_open(wrong[i], 0, &m, e), BB_ERR_ARGUMENT, "expected untrained:small");
}

/* Normal numbers of sd 0.02: the bounds are five times what n draws leave by chance. */
static void made_weights_are_drawn_as_published(void **state) {
    (void)state;
    bb_model *m = opened("untrained:small:3");
    for (size_t i = 0; i < bb_layout_count(&m->info.config); ++i) {
        const bb_tensor_spec spec = bb_layout_at(&m->info.config, i);
        size_t n;
        float *x = tensor(m, i, &n);
        double sum = 0, squares = 0;
        for (size_t j = 0; j < n; ++j) {
            sum += (double)x[j];
            squares += (double)x[j] * (double)x[j];
            if (spec.kind != BB_TENSOR_MATRIX) assert_true(x[j] == (spec.kind == BB_TENSOR_NORM_GAIN));
        }
        if (spec.kind == BB_TENSOR_MATRIX) {
            assert_at_most(fabs(sum / (double)n), 5 * 0.02 / sqrt((double)n));
            assert_at_most(fabs(squares / (double)n / 4e-4 - 1), 5 * sqrt(2.0 / (double)n));
        }
        free(x);
    }
    bb_model_close(m);
}

static void impossible_models_are_not_made(void **state) {
    (void)state;
    bb_model *m;
    bb_model_config c = odd;
    c.heads = 4;
    assert_fails(bb_model_create(&c, 0, &m, e), BB_ERR_FORMAT, "nhead to divide");
    assert_null(m);
}

static void assert_provenance(const bb_model *m, const char *source, const char *container) {
    cJSON *json = cJSON_Parse(bb_model_get_info(m)->provenance);
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    const struct {
        const char *key, *value;
    } expected[] = {{"source", source}, {"container", container}, {"written_by", program}};
    for (size_t i = 0; i < 3; ++i)
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, expected[i].key)),
                            expected[i].value);
    assert_int_equal(cJSON_GetArraySize(json), 3);
    cJSON_Delete(json);
}

static void a_saved_model_is_the_same_model(void **state) {
    (void)state;
    bb_model *first = opened(bb_test_path("golden/tiny.pth"));
    first->info.recipe.signal.notch_hz = 50;
    first->info.recipe.signal.reference = BB_REFERENCE_BIPOLAR;
    first->info.recipe.spectrogram.trim = 7;
    first->info.recipe.window_s = 2.5;
    assert_ok(bb_model_save(first, bb_temp_path("saved/once/"), BB_F32, e));
    bb_model *second = opened(bb_temp_path("saved/once/"));
    const bb_model_info *a = bb_model_get_info(first), *b = bb_model_get_info(second);
    assert_memory_equal(&a->config, &b->config, sizeof a->config);
    assert_true(same_tensors(first, second));
    assert_true(b->recipe_stated && b->trained && !b->heads_assumed);
    assert_int_equal(a->parameters, b->parameters);
    assert_true(b->recipe.signal.notch_hz == 50 && b->recipe.window_s == 2.5);
    assert_true(b->recipe.signal.reference == BB_REFERENCE_BIPOLAR && b->recipe.spectrogram.trim == 7);
    assert_provenance(second, "tiny.pth", "pth (zip)");
    assert_ok(bb_model_save(second, bb_temp_path("saved/twice"), BB_F32, e));
    bb_model *third = opened(bb_temp_path("saved/twice"));
    assert_true(same_tensors(first, third));
    assert_provenance(third, "tiny.pth", "pth (zip)");
    bb_model_close(first);
    bb_model_close(second);
    bb_model_close(third);
}

/* The weights are mapped while their file is replaced. */
static void a_model_can_be_saved_where_it_lies(void **state) {
    (void)state;
    const char *folder = bb_formula_model("odd", &odd, 3);
    bb_model *m = opened(bb_temp_path("odd/"));
    assert_ok(bb_model_save(m, folder, BB_F32, e));
    bb_model *saved = opened(folder);
    assert_true(same_tensors(m, saved));
    assert_provenance(saved, "odd", "safetensors");
    const char *const files[] = {"odd/model.safetensors", "odd/config.json"};
    unsigned char *before[2], *after[2];
    size_t sizes[2], size;
    for (int i = 0; i < 2; ++i) before[i] = bb_slurp(bb_temp_path(files[i]), &sizes[i]);
    assert_ok(bb_model_save(saved, folder, BB_F32, e));
    for (int i = 0; i < 2; ++i) {
        after[i] = bb_slurp(bb_temp_path(files[i]), &size);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(before[i], after[i], size);
        free(before[i]);
        free(after[i]);
    }
    bb_model_close(m);
    bb_model_close(saved);
}

static void an_untrained_model_stays_untrained(void **state) {
    (void)state;
    bb_model *m;
    assert_ok(bb_model_create(&odd, 1, &m, e));
    assert_ok(bb_model_save(m, bb_temp_path("made"), BB_F32, e));
    bb_model *saved = opened(bb_temp_path("made"));
    assert_false(bb_model_get_info(saved)->trained);
    assert_true(same_tensors(m, saved));
    assert_provenance(saved, "untrained", "untrained");
    bb_model_close(m);
    bb_model_close(saved);
}

static void a_folder_that_cannot_be_is_refused(void **state) {
    (void)state;
    bb_model *m;
    assert_ok(bb_model_create(&odd, 1, &m, e));
    bb_temp_file("file", "x", 1);
    assert_fails(bb_model_save(m, bb_temp_path("file"), BB_F32, e), BB_ERR_IO, "found a file");
    assert_fails(bb_model_save(m, bb_temp_path("file/below"), BB_F32, e), BB_ERR_IO, "cannot create");
    bb_model_close(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untrained_models_open_by_name),
        cmocka_unit_test(made_weights_are_drawn_as_published),
        cmocka_unit_test(impossible_models_are_not_made),
        cmocka_unit_test(a_saved_model_is_the_same_model),
        cmocka_unit_test(a_model_can_be_saved_where_it_lies),
        cmocka_unit_test(an_untrained_model_stays_untrained),
        cmocka_unit_test(a_folder_that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
