/* What BB_PRECISION_AUTO stands for, of one model on one processor. */
#ifndef BB_MODEL_PRECISION_CHOICE_H
#define BB_MODEL_PRECISION_CHOICE_H

#include "brainbert/model.h"

/* An encoder of the fastest precision that passes; `threads` as for bb_encoder_create. */
bb_status bb_encoder_create_fastest(const bb_model *model, int threads, bb_encoder **out, bb_error *err);

#endif
