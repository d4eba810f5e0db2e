/* The run folder: metrics and checkpoints (docs/pretrain.md). */
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

/* Writes RUN/checkpoint-N: config.json, model.safetensors, training.safetensors (moments), state.json; whole
 * or not at all. Then RUN/last leads to it, and with `best` RUN/best; checkpoints that neither leads to are
 * removed. */
bb_status bb_checkpoint_write(const char *run, bb_model *model, const bb_network *network,
                              const float *moments, const float *squares, const bb_progress_state *state,
                              bool best, bb_error *err);

/* Whether there is one to go on from: RUN/last, or where a kill came before that link or links were lost in a
 * copy, the newest; `path` is its folder's. */
bool bb_checkpoint_find(const char *run, char path[4096]);
/* The checkpoint in that folder back into the network, moments and state. */
bb_status bb_checkpoint_read(const char *folder, bb_network *network, float *moments, float *squares,
                             bb_progress_state *state, bb_error *err);

/* RUN/metrics.jsonl cut to the lines of steps up to `step`, for a resumed run. */
bb_status bb_metrics_trim(const char *run, int64_t step, bb_error *err);
bb_status bb_metrics_append(const char *run, const bb_pretrain_step *step, bb_error *err);

#endif
