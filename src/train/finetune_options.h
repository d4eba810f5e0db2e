/* RUN/options.json of a fine-tuning: the call, with checksums of what it is about, so that a run is resumed
 * by the same call alone. */
#ifndef BB_TRAIN_FINETUNE_OPTIONS_H
#define BB_TRAIN_FINETUNE_OPTIONS_H

#include <stdbool.h>

#include "brainbert/finetune.h"
#include "model/model.h"

typedef struct bb_finetune_call {
    const bb_finetune_options *options;
    const bb_model *model; /* made by bb_model_create, with the weights to begin with */
    const char *begun_from;
    const bb_finetune_input *input;
    const bb_targets *targets;
    int64_t check_every; /* never 0 */
} bb_finetune_call;

/* The call as JSON text: free(). Where the number of threads is not in it, and nor are paths. */
bb_status bb_finetune_call_describe(const bb_finetune_call *call, char **text, bb_error *err);

/* A new folder with that text or, with `resume`, one that has it already: *goes_on. BB_ERR_ARGUMENT for a
 * folder of another call, whose first difference is named, and without `resume` for any run. */
bb_status bb_finetune_call_settle(const char *run, const char *text, bool resume, bool *goes_on,
                                  bb_error *err);

/* "center", "segments:6". */
void bb_pooling_describe(const bb_pooling *pooling, char out[32]);

#endif
