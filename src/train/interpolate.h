/* What masked cells of a spectrogram are guessed to be without a model: straight lines between what is known
 * around them. */
#ifndef BB_TRAIN_INTERPOLATE_H
#define BB_TRAIN_INTERPOLATE_H

#include <stdint.h>

typedef enum bb_axis { BB_AXIS_FREQUENCY, BB_AXIS_TIME } bb_axis;

/* values[T,F] -> out[T,F]: cells with missing[T,F] 0 as they are. The others, over frequency, linearly
 * between the nearest known bins below and above in the same frame, or as the one there is; frames of which
 * nothing is known linearly between the nearest frames, filled like that, before and after; 0 where nothing
 * at all is known. Over time the same with frames and bins exchanged. `scratch` has room for the larger of T
 * and F. */
void bb_interpolate(bb_axis axis, const float *values, const uint8_t *missing, int64_t frames, int64_t bins,
                    uint8_t *scratch, float *out);

#endif
