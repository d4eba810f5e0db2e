/* Pooled encoder output as a learner's features: of an encoder that is trained along, or of a frozen one,
 * computed once. */
#ifndef BB_TRAIN_ENCODER_SOURCE_H
#define BB_TRAIN_ENCODER_SOURCE_H

#include "train/learner.h"
#include "train/network.h"

/* ---- trained along */

typedef struct bb_trained_encoder {
    bb_network *network;
    bb_parameters parameters; /* the network's without the prediction head */
    bb_pooling pooling;
    const float *spectrograms; /* [n, T, F], the caller's */
    float *input;              /* [part, T, F] */
} bb_trained_encoder;

/* The network is the caller's, and stays so. */
bb_status bb_trained_encoder_create(bb_network *network, const bb_finetune_input *input,
                                    const bb_pooling *pooling, bb_trained_encoder *out, bb_error *err);
void bb_trained_encoder_free(bb_trained_encoder *encoder);
bb_learner_source bb_trained_encoder_source(bb_trained_encoder *encoder);

/* ---- frozen */

typedef struct bb_frozen_encoder {
    int64_t dim;     /* P */
    float *features; /* [n, P]; zeros for windows in no list */
} bb_frozen_encoder;

bb_status bb_frozen_encoder_create(const bb_model *model, const bb_finetune_input *input,
                                   const bb_targets *targets, const bb_pooling *pooling, int threads,
                                   bb_frozen_encoder *out, bb_error *err);
void bb_frozen_encoder_free(bb_frozen_encoder *encoder);
bb_learner_source bb_frozen_encoder_source(bb_frozen_encoder *encoder);

#endif
