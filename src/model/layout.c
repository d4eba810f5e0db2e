#include "model/layout.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

typedef enum extent { NONE, HIDDEN, HIDDEN_3, FEED_FORWARD, INPUT } extent;

typedef struct row {
    const char *name;
    bb_tensor_kind kind;
    extent rows, columns;
} row;

static const row input_rows[BB_LAYOUT_INPUT] = {
    [BB_IN_WEIGHT] = {"input_encoding.in_proj.weight", BB_TENSOR_MATRIX, HIDDEN, INPUT},
    [BB_IN_BIAS] = {"input_encoding.in_proj.bias", BB_TENSOR_BIAS, HIDDEN, NONE},
    [BB_IN_NORM_GAIN] = {"input_encoding.layer_norm.weight", BB_TENSOR_NORM_GAIN, HIDDEN, NONE},
    [BB_IN_NORM_BIAS] = {"input_encoding.layer_norm.bias", BB_TENSOR_NORM_BIAS, HIDDEN, NONE},
};

static const row layer_rows[BB_LAYOUT_LAYER] = {
    [BB_QKV_WEIGHT] = {"self_attn.in_proj_weight", BB_TENSOR_MATRIX, HIDDEN_3, HIDDEN},
    [BB_QKV_BIAS] = {"self_attn.in_proj_bias", BB_TENSOR_BIAS, HIDDEN_3, NONE},
    [BB_OUT_WEIGHT] = {"self_attn.out_proj.weight", BB_TENSOR_MATRIX, HIDDEN, HIDDEN},
    [BB_OUT_BIAS] = {"self_attn.out_proj.bias", BB_TENSOR_BIAS, HIDDEN, NONE},
    [BB_UP_WEIGHT] = {"linear1.weight", BB_TENSOR_MATRIX, FEED_FORWARD, HIDDEN},
    [BB_UP_BIAS] = {"linear1.bias", BB_TENSOR_BIAS, FEED_FORWARD, NONE},
    [BB_DOWN_WEIGHT] = {"linear2.weight", BB_TENSOR_MATRIX, HIDDEN, FEED_FORWARD},
    [BB_DOWN_BIAS] = {"linear2.bias", BB_TENSOR_BIAS, HIDDEN, NONE},
    [BB_NORM1_GAIN] = {"norm1.weight", BB_TENSOR_NORM_GAIN, HIDDEN, NONE},
    [BB_NORM1_BIAS] = {"norm1.bias", BB_TENSOR_NORM_BIAS, HIDDEN, NONE},
    [BB_NORM2_GAIN] = {"norm2.weight", BB_TENSOR_NORM_GAIN, HIDDEN, NONE},
    [BB_NORM2_BIAS] = {"norm2.bias", BB_TENSOR_NORM_BIAS, HIDDEN, NONE},
};

static const row head_rows[BB_LAYOUT_HEAD] = {
    [BB_HEAD_WEIGHT] = {"spec_prediction_head.hidden_layer.weight", BB_TENSOR_MATRIX, HIDDEN, HIDDEN},
    [BB_HEAD_BIAS] = {"spec_prediction_head.hidden_layer.bias", BB_TENSOR_BIAS, HIDDEN, NONE},
    [BB_HEAD_NORM_GAIN] = {"spec_prediction_head.layer_norm.weight", BB_TENSOR_NORM_GAIN, HIDDEN, NONE},
    [BB_HEAD_NORM_BIAS] = {"spec_prediction_head.layer_norm.bias", BB_TENSOR_NORM_BIAS, HIDDEN, NONE},
    [BB_HEAD_OUT_WEIGHT] = {"spec_prediction_head.output.weight", BB_TENSOR_MATRIX, INPUT, HIDDEN},
    [BB_HEAD_OUT_BIAS] = {"spec_prediction_head.output.bias", BB_TENSOR_BIAS, INPUT, NONE},
};

size_t bb_layout_count(const bb_model_config *config) { return bb_layout_head(config, BB_LAYOUT_HEAD); }

static int64_t resolve(const bb_model_config *c, extent e) {
    switch (e) {
    case NONE:
        return 0;
    case HIDDEN:
        return c->hidden_dim;
    case HIDDEN_3:
        return 3 * (int64_t)c->hidden_dim;
    case FEED_FORWARD:
        return c->feed_forward_dim;
    case INPUT:
        return c->input_dim;
    }
    return 0;
}

bb_tensor_spec bb_layout_at(const bb_model_config *config, size_t index) {
    const size_t head = bb_layout_head(config, 0);
    bb_tensor_spec spec = {.optional = index >= head};
    const row *r;
    if (index < BB_LAYOUT_INPUT)
        r = &input_rows[index];
    else if (index >= head)
        r = &head_rows[index - head];
    else
        r = &layer_rows[(index - BB_LAYOUT_INPUT) % BB_LAYOUT_LAYER];
    if (index >= BB_LAYOUT_INPUT && index < head)
        snprintf(spec.name, sizeof spec.name, "transformer.layers.%zu.%s",
                 (index - BB_LAYOUT_INPUT) / BB_LAYOUT_LAYER, r->name);
    else
        snprintf(spec.name, sizeof spec.name, "%s", r->name);
    spec.kind = r->kind;
    spec.rows = resolve(config, r->rows);
    spec.columns = resolve(config, r->columns);
    return spec;
}

bb_status bb_config_check(const bb_model_config *c, const char *name, bb_error *err) {
    const struct {
        const char *what;
        int value, most;
    } bounds[] = {{"hidden_dim", c->hidden_dim, 1 << 15},
                  {"layer_dim_feedforward", c->feed_forward_dim, 1 << 17},
                  {"nhead", c->heads, 1 << 12},
                  {"encoder_num_layers", c->layers, 1 << 10},
                  {"input_dim", c->input_dim, 1 << 12}};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; ++i)
        if (bounds[i].value < 1 || bounds[i].value > bounds[i].most)
            return bb_fail(err, BB_ERR_FORMAT, "%s: configuration: expected %s between 1 and %d, found %d",
                           name, bounds[i].what, bounds[i].most, bounds[i].value);
    if (c->hidden_dim % c->heads != 0)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: configuration: expected nhead to divide hidden_dim %d, found %d", name,
                       c->hidden_dim, c->heads);
    return BB_OK;
}

bool bb_model_config_from_name(const char *name, bb_model_config *out) {
    static const struct {
        const char *name;
        bb_model_config config;
    } sizes[] = {{"small", {384, 1200, 12, 3, 40}},
                 {"base", {768, 3072, 12, 3, 40}},
                 {"large", {768, 3072, 12, 6, 40}}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i)
        if (strcmp(name, sizes[i].name) == 0) return *out = sizes[i].config, true;
    return false;
}
