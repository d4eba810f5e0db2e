/* A training run under way: what it works with, made from its options. */
#ifndef BB_TRAIN_TRAINER_H
#define BB_TRAIN_TRAINER_H

#include "model/model.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/gradients.h"
#include "train/loss.h"
#include "train/masks.h"
#include "train/network.h"
#include "train/optimizer.h"

typedef struct bb_trainer {
    const bb_pretrain_options *options;
    const char *run;
    bb_model *model;
    bb_network *network;
    bb_arithmetic arithmetic; /* of the linear layers' products */
    bb_batches batches;
    bb_mask_recipe mask;
    bb_loss_recipe loss;
    bb_optimizer_recipe optimizer;
    bb_gradients gradients;
    float *moments, *squares; /* blocks of gradients.stretches */
    int64_t part, cells;      /* windows at a time; T x F */
    int64_t *windows;         /* [batch] */
    int64_t share;            /* most windows of a batch that this rank takes */
    int64_t room;             /* of these, or of a picture's */
    float *targets, *inputs;  /* [room, T, F] */
    uint8_t *masks;
    float *d_prediction; /* [part, T, F] */
    bb_interval *intervals;
    bb_progress_state state;
} bb_trainer;

/* Fills *trainer, whose options and run are set and whose rest is zeros: a new run folder or, with `resume`,
 * where that one's last checkpoint stands. It wants tearing down also after a failure. */
bb_status bb_trainer_set_up(bb_trainer *trainer, const bb_corpus *corpus, bool resume, bb_error *err);
void bb_trainer_tear_down(bb_trainer *trainer);

/* Collective: the run's checkpoint, written by rank 0. */
bb_status bb_trainer_keep(bb_trainer *trainer, bb_error *err);

/* Whether this rank writes what the run folder holds. */
bool bb_trainer_writes(const bb_trainer *trainer);

#endif
