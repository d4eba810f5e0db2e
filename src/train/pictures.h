/* What a model makes of windows: a row each, of the spectrogram, what is left of it under the mask, and the
 * prediction. */
#ifndef BB_TRAIN_PICTURES_H
#define BB_TRAIN_PICTURES_H

#include "train/batches.h"

/* Rows of a picture. */
enum { BB_PICTURE_WINDOWS = 3 };

/* targets, masked, predictions [count,T,F] of windows[count], up to BB_PICTURE_WINDOWS of them, to a PNG. */
bb_status bb_picture_write(const char *path, const char *title, const bb_batches *batches,
                           const int64_t *windows, int64_t count, const float *targets, const float *masked,
                           const float *predictions, bb_error *err);

#endif
