/* The model of a call that embeds, and the recipe that is followed with it. */
#ifndef BB_CLI_EMBED_MODEL_H
#define BB_CLI_EMBED_MODEL_H

#include "embed_input.h"

/* Opens o->model and says what the user should be told of it; *recipe is the model's, changed as far as the
 * options may and do. Close the model also after a failure. */
bb_status embed_model_open(const embed_options *o, const common_options *common, bb_model **model,
                           bb_recipe *recipe, bb_error *err);

/* --normalize: -1, or EXIT_USAGE after saying what is wrong. */
int embed_model_check(const embed_options *o);

#endif
