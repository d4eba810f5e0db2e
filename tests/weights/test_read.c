#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "brainbert/weights.h"
#include "support.h"

static bb_weights *open_golden(const char *name) {
    char file[256];
    snprintf(file, sizeof file, "golden/%s", name);
    bb_weights *weights;
    assert_ok(bb_weights_open(bb_test_path(file), &weights, e));
    return weights;
}

/* The elements as float32; free() them. */
static float *values_of(const bb_weights *weights, const char *name, size_t *count) {
    const bb_tensor *t = bb_weights_find(weights, name);
    if (!t) fail_msg("no tensor '%s'", name);
    *count = (size_t)bb_array_count(t->shape, t->dims);
    float *values = malloc((*count + 1) * sizeof *values);
    assert_non_null(values);
    bb_tensor_to_f32(t, values);
    bb_weights_release(weights, t);
    return values;
}

static void assert_values(const bb_weights *weights, const char *name, const float *expected, size_t count) {
    size_t found;
    float *values = values_of(weights, name, &found);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; ++i)
        if (values[i] != expected[i]) fail_msg("%s[%zu] = %g", name, i, (double)values[i]);
    free(values);
}

/* Every tensor of tiny/model.safetensors is in `name` too; a half keeps 11 bits, so the worst relative error
 * of its rounding is 2^-11, and 2^-25 near zero. */
static void assert_tiny(const char *name, const char *container, bool half) {
    bb_weights *reference = open_golden("tiny/model.safetensors"), *weights = open_golden(name);
    assert_string_equal(bb_weights_container(weights), container);
    assert_int_equal(bb_weights_count(reference), 34);
    for (size_t i = 0; i < bb_weights_count(reference); ++i) {
        const bb_tensor *a = bb_weights_at(reference, i), *b = bb_weights_find(weights, a->name);
        assert_non_null(b);
        assert_int_equal(a->dims, b->dims);
        assert_memory_equal(a->shape, b->shape, a->dims * sizeof *a->shape);
        size_t count;
        float *x = values_of(reference, a->name, &count), *y = values_of(weights, a->name, &count);
        for (size_t k = 0; k < count; ++k)
            if (fabsf(x[k] - y[k]) > (half ? fabsf(x[k]) * 0x1p-11f + 0x1p-25f : 0.0f))
                fail_msg("%s: %s[%zu]: %g, expected %g", name, a->name, k, (double)y[k], (double)x[k]);
        free(x);
        free(y);
    }
    bb_weights_close(weights);
    bb_weights_close(reference);
}

static void the_same_model_in_four_containers(void **state) {
    (void)state;
    assert_tiny("tiny/model.safetensors", "safetensors", false);
    assert_tiny("tiny.pth", "pth (zip)", false);
    assert_tiny("tiny_half.pth", "pth (zip)", true);
    assert_tiny("tiny_legacy.pth", "pth (legacy)", false);
}

static void assert_number(const cJSON *object, const char *key, double expected) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || item->valuedouble != expected) fail_msg("%s is not %g", key, expected);
}

static void configurations_come_as_json(void **state) {
    (void)state;
    const char *files[] = {"tiny.pth", "tiny_half.pth", "tiny_legacy.pth"};
    for (size_t i = 0; i < 3; ++i) {
        bb_weights *weights = open_golden(files[i]);
        cJSON *config = cJSON_Parse(bb_weights_config(weights));
        assert_number(config, "hidden_dim", 64);
        assert_number(config, "nhead", 4);
        assert_number(config, "layer_dim_feedforward", 128);
        assert_number(config, "encoder_num_layers", 2);
        assert_number(config, "input_dim", 40);
        assert_string_equal(cJSON_GetObjectItem(config, "layer_activation")->valuestring, "gelu");
        assert_int_equal(cJSON_GetArraySize(config), 7);
        cJSON_Delete(config);
        bb_weights_close(weights);
    }
}

/* views.pth was saved by PyTorch 1.13 with what its name says; views_legacy.pth is the same, pre-1.6. */
static void check_views(const char *name) {
    bb_weights *w = open_golden(name);
    float whole[24], transposed[24];
    for (int i = 0; i < 24; ++i) whole[i] = (float)i, transposed[i] = (float)(i % 4 * 6 + i / 4);
    assert_values(w, "whole", whole, 24);
    assert_values(w, "same", whole, 24);
    assert_ptr_equal(bb_weights_find(w, "whole")->data, bb_weights_find(w, "same")->data);
    assert_values(w, "transposed", transposed, 24);
    assert_values(w, "column", (float[]){2, 8, 14, 20}, 4);
    assert_values(w, "stepped", (float[]){7, 10, 19, 22}, 4);
    assert_values(w, "repeated", (float[]){7, 7, 7, 7, 7, 7}, 6);
    assert_values(w, "parameter", (float[]){1.5f, 2.5f}, 2);
    assert_values(w, "scalar", (float[]){5}, 1);
    assert_int_equal(bb_weights_find(w, "scalar")->dims, 0);
    assert_values(w, "empty", NULL, 0);
    assert_null(bb_weights_find(w, "note"));
    assert_null(bb_weights_at(w, bb_weights_count(w)));
    assert_string_equal(
        bb_weights_config(w),
        "{\"name\":\"masked_tf_model\",\"hidden_dim\":64,\"nhead\":4,\"rate\":0.5,\"on\":true,"
        "\"nothing\":null,\"list\":[1,\"two\",{\"three\":3}],\"text\":\"say \\\"hi\\\"\\n\"}");
    bb_weights_close(w);
}

static void shared_and_strided_tensors(void **state) {
    (void)state;
    check_views("views.pth");
    check_views("views_legacy.pth");
}

static void every_kind_of_number(void **state) {
    (void)state;
    bb_weights *w = open_golden("views.pth");
    assert_values(w, "half", (float[]){1, -2, 0x1p-24f, 65504}, 4);
    assert_values(w, "bfloat", (float[]){1, -2, 3.140625f}, 3);
    assert_values(w, "double", (float[]){0.1f, INFINITY}, 2);
    assert_values(w, "bytes", (float[]){0, 255}, 2);
    assert_values(w, "signed", (float[]){-128, 127}, 2);
    assert_values(w, "short", (float[]){-32768, 5}, 2);
    assert_values(w, "int", (float[]){-7}, 1);
    assert_values(w, "flags", (float[]){1, 0}, 2);
    assert_int_equal(bb_weights_find(w, "bfloat")->dtype, BB_BF16);
    bb_weights_close(w);
}

static void halves_of_every_class(void **state) {
    (void)state;
    const uint16_t halves[7] = {0x0000, 0x8000, 0x03ff, 0x8001, 0x7c00, 0xfc00, 0x7e00};
    float values[7];
    const bb_tensor t = {.dtype = BB_F16, .dims = 1, .shape = {7}, .strides = {1}, .data = halves};
    bb_tensor_to_f32(&t, values);
    assert_true(values[0] == 0 && !signbit(values[0]) && values[1] == 0 && signbit(values[1]));
    assert_true(values[2] == 1023 * 0x1p-24f && values[3] == -0x1p-24f);
    assert_true(values[4] == INFINITY && values[5] == -INFINITY && isnan(values[6]));
}

static void code_in_a_checkpoint_is_refused_and_not_run(void **state) {
    (void)state;
    bb_weights *weights;
    assert_fails(bb_weights_open(bb_test_path("golden/evil.pth"), &weights, e), BB_ERR_REFUSED,
                 "evil.pth: data.pkl at byte 3551: refuses to load 'posix.system': not on the list");
    assert_null(weights);
    assert_false(bb_file_exists("brainbert_was_here"));
}

static void other_files_are_not_weights(void **state) {
    (void)state;
    bb_weights *weights;
    assert_fails(bb_weights_open(bb_test_path("golden/wav.npy"), &weights, e), BB_ERR_UNSUPPORTED,
                 "expected a .safetensors or .pth");
    assert_fails(bb_weights_open(bb_temp_file("empty.pth", "", 0), &weights, e), BB_ERR_FORMAT, "empty.pth");
    assert_fails(bb_weights_open(bb_temp_path("none.pth"), &weights, e), BB_ERR_IO, "none.pth");
    assert_fails(bb_weights_open(bb_test_path("golden"), &weights, e), BB_ERR_IO, "directory");
    bb_weights_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_model_in_four_containers),
        cmocka_unit_test(configurations_come_as_json),
        cmocka_unit_test(shared_and_strided_tensors),
        cmocka_unit_test(every_kind_of_number),
        cmocka_unit_test(halves_of_every_class),
        cmocka_unit_test(code_in_a_checkpoint_is_refused_and_not_run),
        cmocka_unit_test(other_files_are_not_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
