/* Which cells of a spectrogram the model has to fill in (Wang et al., ICLR 2023, section 2, and the published
 * code).
 *
 * Static: intervals of frames, all bins; intervals of bins, all frames. Adaptive (for superlets): around a
 * frame, at each bin as wide as its frequency's resolution. Of the intervals of either kind one in ten is
 * left as it is, one in ten takes an equally long stretch from elsewhere in the window, the others become
 * zeros; all are masked. */
#ifndef BB_TRAIN_MASKS_H
#define BB_TRAIN_MASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/spectrogram.h"

typedef enum bb_mask_kind { BB_MASK_STATIC, BB_MASK_ADAPTIVE } bb_mask_kind;

typedef struct bb_mask_recipe {
    bb_mask_kind kind;
    double time_p, frequency_p; /* that an interval starts at a frame, a bin: static 0.05, adaptive 0.10 */
    bool published; /* static: the published code's loss mask, whose columns are the intervals of frames */
} bb_mask_recipe;

bb_mask_recipe bb_mask_recipe_for(bb_mask_kind kind);

/* "static" for the STFT, "adaptive" for wavelets. */
const char *bb_mask_name_for(bb_spectrogram_method method);

/* The recipe of that name; `share`: that an interval starts at a place, 0: the recipe's own.
 * BB_ERR_ARGUMENT for another name. */
bb_status bb_mask_recipe_named(const char *name, double share, bb_mask_recipe *out, bb_error *err);

/* BB_ERR_ARGUMENT where spectrograms of this size have no room for an interval. */
bb_status bb_mask_check(const bb_mask_recipe *recipe, int64_t frames, int64_t bins, bb_error *err);

/* [first, end) of frames or bins. Adaptive ones of frames: first is the centre, end one more. */
typedef struct bb_interval {
    int64_t first, end;
} bb_interval;

/* Random numbers of one window: draw after draw from (seed, stream). */
typedef struct bb_dice {
    uint64_t seed, stream, next;
} bb_dice;

/* out has room for `length`; returns how many there are. */
int64_t bb_mask_time_intervals(const bb_mask_recipe *recipe, int64_t frames, bb_dice *dice, bb_interval *out);
int64_t bb_mask_frequency_intervals(const bb_mask_recipe *recipe, int64_t bins, bb_dice *dice,
                                    bb_interval *out);

/* Adaptive: frames on each side of a centre at `bin` (the right one not counted), at least `least`. */
int64_t bb_mask_half_width(int64_t bin, int64_t bins, int64_t least);

/* spectrogram[T,F] -> masked[T,F] and mask[T,F] of 0 and 1; `intervals` has room for the larger of T and F.
 */
void bb_mask_draw(const bb_mask_recipe *recipe, bb_dice *dice, const float *spectrogram, int64_t frames,
                  int64_t bins, bb_interval *intervals, float *masked, uint8_t *mask);

/* Many of them: spectrograms [count,T,F] -> masked and masks of the same shape, window i from (seed, first +
 * i); `intervals` has room for `threads` times the larger of T and F. The same for any number of threads. */
void bb_mask_draw_many(const bb_mask_recipe *recipe, uint64_t seed, int64_t first, const float *spectrograms,
                       int64_t count, int64_t frames, int64_t bins, int threads, bb_interval *intervals,
                       float *masked, uint8_t *masks);

#endif
