/* Where a trained model's weights come from, as its config.json says it. */
#ifndef BB_TRAIN_PROVENANCE_H
#define BB_TRAIN_PROVENANCE_H

#include <cJSON.h>
#include <stdbool.h>

#include "model/model.h"
#include "train/checkpoint.h"

/* The model's provenance becomes this run's, as far as it has got. */
bb_status bb_provenance_set(bb_model *model, const bb_pretrain_options *options, const bb_corpus_info *corpus,
                            const bb_progress_state *state, bb_error *err);

/* The model's provenance becomes `json`, which is freed; `ok` false: memory was short when it was made. */
bb_status bb_provenance_give(bb_model *model, cJSON *json, bool ok, bb_error *err);

#endif
