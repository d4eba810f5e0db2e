/* The one table of all tensors: every name and shape of a configuration, in the order of the published model.
 */
#ifndef BB_MODEL_LAYOUT_H
#define BB_MODEL_LAYOUT_H

#include "brainbert/model.h"

enum { BB_TENSOR_NAME_LENGTH = 96 };

typedef enum bb_tensor_kind {
    BB_TENSOR_MATRIX,
    BB_TENSOR_BIAS,
    BB_TENSOR_NORM_GAIN,
    BB_TENSOR_NORM_BIAS
} bb_tensor_kind;

typedef struct bb_tensor_spec {
    char name[BB_TENSOR_NAME_LENGTH]; /* as the published checkpoints have it */
    bb_tensor_kind kind;
    int64_t rows, columns; /* a vector has columns == 0 */
    bool optional;         /* part of the prediction head */
} bb_tensor_spec;

/* Tensors 0 .. count-1: 4 of the input encoding, 12 of each layer, 6 of the prediction head. */
size_t bb_layout_count(const bb_model_config *config);
bb_tensor_spec bb_layout_at(const bb_model_config *config, size_t index);

/* Places in the table. */
enum { BB_IN_WEIGHT, BB_IN_BIAS, BB_IN_NORM_GAIN, BB_IN_NORM_BIAS, BB_LAYOUT_INPUT };
enum {
    BB_QKV_WEIGHT,
    BB_QKV_BIAS,
    BB_OUT_WEIGHT,
    BB_OUT_BIAS,
    BB_UP_WEIGHT,
    BB_UP_BIAS,
    BB_DOWN_WEIGHT,
    BB_DOWN_BIAS,
    BB_NORM1_GAIN,
    BB_NORM1_BIAS,
    BB_NORM2_GAIN,
    BB_NORM2_BIAS,
    BB_LAYOUT_LAYER
};
enum {
    BB_HEAD_WEIGHT,
    BB_HEAD_BIAS,
    BB_HEAD_NORM_GAIN,
    BB_HEAD_NORM_BIAS,
    BB_HEAD_OUT_WEIGHT,
    BB_HEAD_OUT_BIAS,
    BB_LAYOUT_HEAD
};

static inline size_t bb_layout_layer(int layer, int place) {
    return BB_LAYOUT_INPUT + (size_t)layer * BB_LAYOUT_LAYER + (size_t)place;
}
static inline size_t bb_layout_head(const bb_model_config *config, int place) {
    return bb_layout_layer(config->layers, 0) + (size_t)place;
}

/* Elements of a tensor. */
static inline int64_t bb_spec_count(const bb_tensor_spec *spec) {
    return spec->rows * (spec->columns ? spec->columns : 1);
}

/* BB_ERR_FORMAT unless every number is positive, within bounds, and H divides D. `name` is for the message.
 */
bb_status bb_config_check(const bb_model_config *config, const char *name, bb_error *err);

#endif
