/* The recipe as JSON, both ways. */
#ifndef BB_MODEL_RECIPE_H
#define BB_MODEL_RECIPE_H

#include "base/json.h"
#include "brainbert/model.h"

/* A new object; NULL when memory is short. */
cJSON *bb_recipe_to_cjson(const bb_recipe *recipe);

/* Missing keys keep what *out holds. `name` is the file, for messages. */
bb_status bb_recipe_from_cjson(const cJSON *object, const char *name, bb_recipe *out, bb_error *err);

#endif
