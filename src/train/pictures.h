/* What a model makes of a window: input, masked input, prediction side by side. */
#ifndef BB_TRAIN_PICTURES_H
#define BB_TRAIN_PICTURES_H

#include "train/batches.h"

/* target, masked, prediction [T,F] to RUN/pictures/step-N.png, whose path is left in `path`. */
bb_status bb_picture_write(const char *run, int64_t step, const bb_batches *batches, int64_t window,
                           const float *target, const float *masked, const float *prediction, char path[4096],
                           bb_error *err);

#endif
