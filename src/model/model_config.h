/* config.json and a checkpoint's model_cfg: what they say, under the names of the published code and
 * braindecode's. */
#ifndef BB_MODEL_MODEL_CONFIG_H
#define BB_MODEL_MODEL_CONFIG_H

#include "base/json.h"
#include "brainbert/model.h"

typedef struct bb_model_settings {
    bb_model_config config; /* 0: not stated */
    bb_recipe recipe;       /* in: the one to start from */
    bool recipe_stated;
    bool trained;     /* in: true */
    char *provenance; /* JSON text, free(); NULL when there is none */
} bb_model_settings;

bb_status bb_model_settings_read(const cJSON *json, const char *name, bb_model_settings *out, bb_error *err);

/* Every stated number agrees with what the tensors' shapes say. */
bb_status bb_model_settings_agree(const bb_model_settings *settings, const bb_model_config *shapes,
                                  const char *name, bb_error *err);

/* The text of a config.json; free(). NULL when memory is short. */
char *bb_model_settings_write(const bb_model_info *info);

#endif
