/* All tensors of a model as one block of float32, in the order of model/layout.h, each at a cache line's
 * start; blocks of the same layout hold gradients and an optimiser's moments. */
#ifndef BB_TRAIN_PARAMETERS_H
#define BB_TRAIN_PARAMETERS_H

#include "brainbert/model.h"
#include "model/layout.h"

typedef struct bb_parameters {
    bb_model_config config;
    size_t count; /* tensors */
    int64_t *at;  /* [count + 1]: where in a block each begins; the last is the block's size */
    int64_t *sizes;
} bb_parameters;

bb_status bb_parameters_create(const bb_model_config *config, bb_parameters *out, bb_error *err);
/* Tensors of these sizes, which are no model's. */
bb_status bb_parameters_of_sizes(const int64_t *sizes, size_t count, bb_parameters *out, bb_error *err);
void bb_parameters_free(bb_parameters *parameters);

/* A block of zeros; bb_free. NULL when memory is short. */
float *bb_parameters_block(const bb_parameters *parameters);

/* The model's weights into a block. BB_ERR_UNSUPPORTED for a model without a prediction head. */
bb_status bb_parameters_load(const bb_parameters *parameters, const bb_model *model, float *block,
                             bb_error *err);

/* The same without that condition: the prediction head's places stay as they are where there is none. */
void bb_parameters_load_present(const bb_parameters *parameters, const bb_model *model, float *block);

/* The table up to the prediction head, which comes last: for blocks of the whole table, and not to be freed.
 */
bb_parameters bb_parameters_of_encoder(const bb_parameters *parameters);

#endif
