/* What pretraining keeps in its run folder (docs/pretrain.md). */
#ifndef BB_TRAIN_CHECKPOINT_H
#define BB_TRAIN_CHECKPOINT_H

#include "brainbert/pretrain.h"
#include "train/network.h"

/* What a training holds that a checkpoint must bring back. */
typedef struct bb_progress_state {
    int64_t step;           /* done */
    double best_validation; /* INFINITY: none yet */
    int64_t best_step;
    double first_loss; /* of the first step; 0: none yet */
} bb_progress_state;

/* What a checkpoint of pretraining is written from and read into. */
typedef struct bb_checkpoint {
    bb_model *model; /* made by bb_model_create: takes on the network's weights when it is written */
    bb_network *network;
    float *moments, *squares;
    bb_progress_state *state;
} bb_checkpoint;

/* RUN/checkpoint-N: config.json, model.safetensors, training.safetensors (moments), state.json. RUN/best
 * leads to the one with the least validation loss or, if no window is validated on, to the newest. */
bb_status bb_checkpoint_write(const char *run, const bb_checkpoint *checkpoint, bool validates,
                              bb_error *err);

/* The checkpoint in that folder back into the network, moments and state. */
bb_status bb_checkpoint_read(const char *folder, const bb_checkpoint *checkpoint, bb_error *err);

/* The network's weights become the model's, which knows how to save itself. */
void bb_checkpoint_give_back(const bb_network *network, bb_model *model);

bb_status bb_metrics_append(const char *run, const bb_pretrain_step *step, bb_error *err);

#endif
