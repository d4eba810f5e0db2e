/* A folder in which a training keeps its checkpoints and its metrics, so that a kill at any moment leaves
 * something whole to go on from (docs/pretrain.md). */
#ifndef BB_TRAIN_RUN_FOLDER_H
#define BB_TRAIN_RUN_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/status.h"

enum { BB_RUN_PATH = 4096 };

/* DIRECTORY/NAME; one too long for any file system becomes "", which no file is called. Returns `out`. */
const char *bb_run_inside(const char *directory, const char *name, char out[BB_RUN_PATH]);

/* Makes `folder` and puts a checkpoint's files into it. */
typedef bb_status (*bb_checkpoint_writer)(void *context, const char *folder, bb_error *err);

/* RUN/checkpoint-STEP, whole or not at all. Then RUN/last leads to it, and RUN/best to that of `best_step`
 * (0: there is none yet); checkpoints that neither leads to are removed. */
bb_status bb_run_place(const char *run, int64_t step, int64_t best_step, bb_checkpoint_writer write,
                       void *context, bb_error *err);

/* Whether there is a checkpoint to go on from: RUN/last, or where a kill came before that link or links were
 * lost in a copy, the newest; `path` is its folder's. */
bool bb_run_find(const char *run, char path[BB_RUN_PATH]);

/* Whether that of `step` is there. */
bool bb_run_checkpoint(const char *run, int64_t step, char path[BB_RUN_PATH]);

/* RUN/metrics.jsonl cut to the lines of steps up to `step`, for a resumed run. */
bb_status bb_metrics_trim(const char *run, int64_t step, bb_error *err);

#endif
