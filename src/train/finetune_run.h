/* A fine-tuning's run folder (docs/finetune.md): what it was begun with, its metrics, its checkpoints. */
#ifndef BB_TRAIN_FINETUNE_RUN_H
#define BB_TRAIN_FINETUNE_RUN_H

#include "model/model.h"
#include "train/learner.h"
#include "train/network.h"

typedef struct bb_finetune_run {
    const char *folder;
    const bb_finetune_options *options;
    const char *begun_from; /* the model's path */
    bb_model *model;        /* what is saved: made by bb_model_create, with the weights to begin with */
    bb_network *network;    /* whose weights the model takes on; NULL: the encoder is frozen */
    bb_learner *learner;
} bb_finetune_run;

/* A copy of `model` that can take on other weights. */
bb_status bb_finetune_copy_model(const bb_model *model, const bb_finetune_options *options, bb_model **out,
                                 bb_error *err);

/* Begins a new run or brings the learner to where an interrupted one stands, and has the learner keep what it
 * does in the folder; *run is used until the learner is done. */
bb_status bb_finetune_run_begin(bb_finetune_run *run, const bb_finetune_input *input, bb_error *err);

#endif
