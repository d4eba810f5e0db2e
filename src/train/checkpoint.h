/* The run folder: options, metrics, checkpoints (docs/pretrain.md). */
#ifndef BB_TRAIN_CHECKPOINT_H
#define BB_TRAIN_CHECKPOINT_H

#include <cJSON.h>

#include "brainbert/pretrain.h"
#include "train/network.h"

/* What a training holds that a checkpoint must bring back. */
typedef struct bb_progress_state {
    int64_t step;           /* done */
    double best_validation; /* INFINITY: none yet */
    int64_t best_step;
    double first_loss; /* of the first step; 0: none yet */
} bb_progress_state;

/* Makes a new folder with RUN/options.json; BB_ERR_ARGUMENT where one is. */
bb_status bb_run_create(const char *path, const bb_pretrain_options *options, const char *corpus_path,
                        bb_error *err);

/* RUN/options.json into *options; *words holds its strings and is to be freed with cJSON_Delete. */
bb_status bb_run_options(const char *path, bb_pretrain_options *options, cJSON **words, bb_error *err);

/* Writes RUN/checkpoint-N: config.json, model.safetensors, training.safetensors (moments), state.json; whole
 * or not at all. Then RUN/last leads to it, and with `best` RUN/best; checkpoints that neither leads to are
 * removed. */
bb_status bb_checkpoint_write(const char *run, bb_model *model, const bb_network *network,
                              const float *moments, const float *squares, const bb_progress_state *state,
                              bool best, bb_error *err);

bool bb_checkpoint_exists(const char *run);
/* RUN/last back into the network, moments and state. */
bb_status bb_checkpoint_read(const char *run, bb_network *network, float *moments, float *squares,
                             bb_progress_state *state, bb_error *err);

/* RUN/metrics.jsonl cut to the lines of steps up to `step`, for a resumed run. */
bb_status bb_metrics_trim(const char *run, int64_t step, bb_error *err);
bb_status bb_metrics_append(const char *run, const bb_pretrain_step *step, bb_error *err);

#endif
