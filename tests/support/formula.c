#include "formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"
#include "brainbert/weights.h"
#include "model/layout.h"
#include "support.h"

static float element(const bb_tensor_spec *spec, uint64_t stream, uint64_t i) {
    const uint64_t bits = bb_random_mix(((stream << 32) + i + 1) * UINT64_C(0x9E3779B97F4A7C15));
    const double u = (double)(bits >> 11) * 0x1p-52 - 1.0;
    switch (spec->kind) {
    case BB_TENSOR_MATRIX:
        return (float)(u * sqrt(3.0 / (double)spec->columns) * 0.7);
    case BB_TENSOR_BIAS:
        return (float)(0.1 * u);
    case BB_TENSOR_NORM_GAIN:
        return (float)(1 + 0.2 * u);
    case BB_TENSOR_NORM_BIAS:
        return (float)(0.2 * u);
    }
    return 0;
}

static void write_weights(const char *path, const bb_model_config *config, uint64_t seed) {
    const size_t count = bb_layout_count(config);
    bb_tensor *tensors = calloc(count, sizeof *tensors);
    bb_tensor_spec *specs = calloc(count, sizeof *specs);
    float **data = calloc(count, sizeof *data);
    for (size_t k = 0; k < count; ++k) {
        specs[k] = bb_layout_at(config, k);
        const int64_t n = bb_spec_count(&specs[k]);
        data[k] = malloc((size_t)n * sizeof **data);
        for (int64_t i = 0; i < n; ++i) data[k][i] = element(&specs[k], seed * 1000 + k, (uint64_t)i);
        tensors[k] = (bb_tensor){
            .name = specs[k].name, .dtype = BB_F32, .dims = specs[k].columns ? 2 : 1, .data = data[k]};
        tensors[k].shape[0] = specs[k].rows;
        tensors[k].shape[1] = specs[k].columns;
        tensors[k].strides[0] = specs[k].columns ? specs[k].columns : 1;
        tensors[k].strides[1] = specs[k].columns ? 1 : 0;
    }
    assert_ok(bb_safetensors_write(path, tensors, count, NULL, e));
    for (size_t k = 0; k < count; ++k) free(data[k]);
    free(data);
    free(specs);
    free(tensors);
}

const char *bb_formula_model(const char *name, const bb_model_config *config, uint64_t seed) {
    char path[512], json[512];
    const char *folder = bb_temp_path(name);
    mkdir(folder, 0777);
    snprintf(path, sizeof path, "%s/model.safetensors", name);
    write_weights(bb_temp_path(path), config, seed);
    const int n = snprintf(
        json, sizeof json,
        "{\"hidden_dim\": %d, \"layer_dim_feedforward\": %d, \"layer_activation\": \"gelu\", \"nhead\": %d, "
        "\"encoder_num_layers\": %d, \"input_dim\": %d}",
        config->hidden_dim, config->feed_forward_dim, config->heads, config->layers, config->input_dim);
    snprintf(path, sizeof path, "%s/config.json", name);
    bb_temp_file(path, json, (size_t)n);
    return folder;
}
