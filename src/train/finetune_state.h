/* What a checkpoint of fine-tuning holds beside the model: head.safetensors, training.safetensors (moments),
 * state.json. */
#ifndef BB_TRAIN_FINETUNE_STATE_H
#define BB_TRAIN_FINETUNE_STATE_H

#include "train/learner.h"

/* Into a folder that is there. */
bb_status bb_finetune_state_write(const bb_learner *learner, const bb_pooling *pooling, const char *folder,
                                  bb_error *err);

/* A checkpoint back into the learner's weights, moments and state. */
bb_status bb_finetune_state_read(const char *folder, bb_learner *learner, bb_error *err);

/* Its weights alone, as the learner's best ones. */
bb_status bb_finetune_state_read_best(const char *folder, bb_learner *learner, bb_error *err);

/* state.json alone. BB_ERR_FORMAT for a state that no learner of that many steps can be in; what was read of
 * its checks is the caller's to free either way. */
bb_status bb_learner_state_read(const char *path, int64_t steps, bb_learner_state *out, bb_error *err);

#endif
