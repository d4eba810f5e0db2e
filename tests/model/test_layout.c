#include "model/layout.h"

#include <string.h>

#include "support.h"

static int64_t parameters(const bb_model_config *c) {
    int64_t sum = 0;
    for (size_t i = 0; i < bb_layout_count(c); ++i) {
        const bb_tensor_spec spec = bb_layout_at(c, i);
        sum += bb_spec_count(&spec);
    }
    return sum;
}

static void sizes_have_their_number_of_parameters(void **state) {
    (void)state;
    const struct {
        const char *name;
        int64_t parameters;
        size_t tensors;
    } sizes[] = {{"small", 4728760, 46}, {"base", 21919528, 46}, {"large", 43183144, 82}};
    for (size_t i = 0; i < 3; ++i) {
        bb_model_config c;
        assert_true(bb_model_config_from_name(sizes[i].name, &c));
        assert_int_equal(parameters(&c), sizes[i].parameters);
        assert_int_equal(bb_layout_count(&c), sizes[i].tensors);
        assert_ok(bb_config_check(&c, "x", e));
    }
    bb_model_config c;
    assert_false(bb_model_config_from_name("huge", &c) || bb_model_config_from_name("", &c));
}

static const bb_model_config odd = {
    .hidden_dim = 35, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = 23};

static void assert_spec(size_t index, const char *name, bb_tensor_kind kind, int64_t rows, int64_t columns,
                        bool optional) {
    const bb_tensor_spec s = bb_layout_at(&odd, index);
    assert_string_equal(s.name, name);
    assert_int_equal(s.kind, kind);
    assert_int_equal(s.rows, rows);
    assert_int_equal(s.columns, columns);
    assert_int_equal(s.optional, optional);
    assert_int_equal(bb_spec_count(&s), columns ? rows * columns : rows);
}

static void names_and_shapes_are_the_published_ones(void **state) {
    (void)state;
    assert_spec(BB_IN_WEIGHT, "input_encoding.in_proj.weight", BB_TENSOR_MATRIX, 35, 23, false);
    assert_spec(BB_IN_NORM_BIAS, "input_encoding.layer_norm.bias", BB_TENSOR_NORM_BIAS, 35, 0, false);
    assert_spec(bb_layout_layer(0, BB_QKV_WEIGHT), "transformer.layers.0.self_attn.in_proj_weight",
                BB_TENSOR_MATRIX, 105, 35, false);
    assert_spec(bb_layout_layer(1, BB_QKV_BIAS), "transformer.layers.1.self_attn.in_proj_bias",
                BB_TENSOR_BIAS, 105, 0, false);
    assert_spec(bb_layout_layer(1, BB_OUT_WEIGHT), "transformer.layers.1.self_attn.out_proj.weight",
                BB_TENSOR_MATRIX, 35, 35, false);
    assert_spec(bb_layout_layer(2, BB_UP_WEIGHT), "transformer.layers.2.linear1.weight", BB_TENSOR_MATRIX, 81,
                35, false);
    assert_spec(bb_layout_layer(2, BB_DOWN_WEIGHT), "transformer.layers.2.linear2.weight", BB_TENSOR_MATRIX,
                35, 81, false);
    assert_spec(bb_layout_layer(2, BB_NORM2_GAIN), "transformer.layers.2.norm2.weight", BB_TENSOR_NORM_GAIN,
                35, 0, false);
    assert_spec(bb_layout_head(&odd, BB_HEAD_WEIGHT), "spec_prediction_head.hidden_layer.weight",
                BB_TENSOR_MATRIX, 35, 35, true);
    assert_spec(bb_layout_head(&odd, BB_HEAD_OUT_BIAS), "spec_prediction_head.output.bias", BB_TENSOR_BIAS,
                23, 0, true);
    assert_int_equal(bb_layout_head(&odd, BB_HEAD_OUT_BIAS) + 1, bb_layout_count(&odd));
}

static void names_are_told_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < bb_layout_count(&odd); ++i)
        for (size_t j = 0; j < i; ++j)
            assert_string_not_equal(bb_layout_at(&odd, i).name, bb_layout_at(&odd, j).name);
    /* The longest name that bb_config_check lets through fits. */
    const bb_model_config deep = {.layers = 1 << 10};
    const bb_tensor_spec last = bb_layout_at(&deep, bb_layout_layer((1 << 10) - 1, BB_OUT_WEIGHT));
    assert_string_equal(last.name, "transformer.layers.1023.self_attn.out_proj.weight");
}

static void impossible_configurations_are_refused(void **state) {
    (void)state;
    bb_model_config c = odd;
    assert_ok(bb_config_check(&c, "x", e));
    c.heads = 6;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "nhead to divide hidden_dim 35, found 6");
    c.heads = 0;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "nhead between 1");
    c = odd, c.layers = 0;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "encoder_num_layers");
    c = odd, c.hidden_dim = 1 << 20;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "hidden_dim");
    c = odd, c.feed_forward_dim = -1;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "layer_dim_feedforward");
    c = odd, c.input_dim = 1 << 13;
    assert_fails(bb_config_check(&c, "x", e), BB_ERR_FORMAT, "input_dim");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_their_number_of_parameters),
        cmocka_unit_test(names_and_shapes_are_the_published_ones),
        cmocka_unit_test(names_are_told_apart),
        cmocka_unit_test(impossible_configurations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
