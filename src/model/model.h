/* What the encoder needs of an open model. */
#ifndef BB_MODEL_MODEL_H
#define BB_MODEL_MODEL_H

#include "base/checksum.h"
#include "brainbert/model.h"
#include "brainbert/weights.h"

struct bb_model {
    bb_model_info info;
    char *path, *provenance;
    bb_weights *weights;       /* NULL for a model made by bb_model_create */
    size_t count;              /* tensors of the layout */
    const bb_tensor **tensors; /* [count], into weights; NULL entries where the prediction head is missing */
    float **made;              /* [count], for bb_model_create */
};

/* Tensor `index` of the layout as float32. */
void bb_model_read_tensor(const bb_model *model, size_t index, float *out);

/* The tensor in place, or NULL where it needs converting or gathering first. */
const float *bb_model_map_tensor(const bb_model *model, size_t index);

/* The SHA-256 of what the model is: its configuration and all its tensors as float32, whatever file they came
 * from. */
bb_status bb_model_digest(const bb_model *model, char out[BB_SHA256_TEXT], bb_error *err);

/* The mapped pages of the tensor are not needed any more. */
void bb_model_release_tensor(const bb_model *model, size_t index);

#endif
