/* RUN/options.json: what a run was begun with, for --resume (docs/pretrain.md). */
#ifndef BB_TRAIN_RUN_OPTIONS_H
#define BB_TRAIN_RUN_OPTIONS_H

#include <cJSON.h>

#include "brainbert/pretrain.h"

/* Makes a new folder with RUN/options.json; BB_ERR_ARGUMENT where one is. */
bb_status bb_run_create(const char *run, const bb_pretrain_options *options, const bb_corpus_info *corpus,
                        bb_error *err);

/* RUN/options.json into *options; *words holds its strings and is to be freed with cJSON_Delete, whatever
 * comes back. BB_ERR_ARGUMENT where the run is of another corpus. */
bb_status bb_run_options(const char *run, const bb_corpus_info *corpus, bb_pretrain_options *options,
                         cJSON **words, bb_error *err);

/* Writes and frees `json`, whole or not at all; `ok` false: memory was short when it was made. */
bb_status bb_run_write_json(const char *path, cJSON *json, bool ok, bb_error *err);

#endif
