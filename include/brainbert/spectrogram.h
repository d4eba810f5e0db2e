/* Spectrograms: one window of one channel -> [T,F] float32, T frames by F frequency bins. */
#ifndef BRAINBERT_SPECTROGRAM_H
#define BRAINBERT_SPECTROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_spectrogram_method { BB_SPECTROGRAM_STFT } bb_spectrogram_method;

typedef enum bb_normalization {
    BB_NORMALIZE_NONE,             /* magnitudes, trimmed */
    BB_NORMALIZE_WINDOW,           /* z-score of each bin over the window's frames, then trim (pretraining) */
    BB_NORMALIZE_WINDOW_TRIM_FIRST /* trim, then z-score (the published demo) */
} bb_normalization;

/* The STFT recipe. Periodic Hann of `segment` samples every `hop` samples; segment/2 zeros at both ends, then
 * zeros up to a whole number of hops; magnitude scaled by 1 / sum(window), as scipy.signal.stft does; bins
 * 0 .. bins-1 (rate / segment Hz apart); z-score with the population sd, sd 0 counting as 1; `trim` frames
 * dropped at each end. (Wang et al., ICLR 2023, section 2) */
typedef struct bb_spectrogram_recipe {
    bb_spectrogram_method method;
    double rate_hz;                 /* Hz; 2048 */
    int segment;                    /* samples; 400 */
    int hop;                        /* samples; 50 */
    int bins;                       /* 40 */
    int trim;                       /* frames; 10 */
    bb_normalization normalization; /* BB_NORMALIZE_WINDOW */
} bb_spectrogram_recipe;

/* Pretraining's recipe: 5 s at 2048 Hz -> 186 frames. */
BB_API bb_spectrogram_recipe bb_spectrogram_recipe_default(void);
/* The published demo's: trim 5, then z-score -> 196 frames. */
BB_API bb_spectrogram_recipe bb_spectrogram_recipe_demo(void);

/* A plan holds the recipe's tables. It is not changed by use: any number of threads may share it. */
typedef struct bb_spectrogram_plan bb_spectrogram_plan;

BB_API bb_status bb_spectrogram_plan_create(const bb_spectrogram_recipe *recipe, bb_spectrogram_plan **out,
                                            bb_error *err);
BB_API void bb_spectrogram_plan_destroy(bb_spectrogram_plan *plan);
BB_API const bb_spectrogram_recipe *bb_spectrogram_plan_recipe(const bb_spectrogram_plan *plan);

/* Frames that a window of `samples` samples gives; 0 or less when it is too short to leave one. */
BB_API int64_t bb_spectrogram_frames(const bb_spectrogram_plan *plan, int64_t samples);

/* Centre of frame t in seconds from the window's first sample. */
BB_API double bb_spectrogram_frame_time(const bb_spectrogram_plan *plan, int64_t frame);
/* Centre of bin f in Hz. */
BB_API double bb_spectrogram_bin_frequency(const bb_spectrogram_plan *plan, int bin);

/* Bytes of scratch that one call for `samples` samples needs. */
BB_API size_t bb_spectrogram_scratch(const bb_spectrogram_plan *plan, int64_t samples);

/* window[samples] in uV -> out [T,F], T = bb_spectrogram_frames. `scratch` is 64-byte aligned and belongs to
 * the caller, one per thread. BB_ERR_ARGUMENT when the window is too short. */
BB_API bb_status bb_spectrogram_compute(const bb_spectrogram_plan *plan, const double *window,
                                        int64_t samples, void *scratch, float *out, bb_error *err);

/* ---- session normalisation: log(magnitude + floor), minus the mean and divided by the standard deviation of
 * its bin over the channel's whole session, clipped to +-6. It keeps absolute power, which a z-score inside
 * each window throws away. */

/* 1e-6 of the channel's standard deviation, at least 1e-12 uV. */
BB_API double bb_session_floor(double sd_uv);

/* How the logarithms of one bin are spread; counts, means and sums of squared deviations add up exactly
 * enough over any number of windows (Chan, Golub and LeVeque, 1979). */
typedef struct bb_moments {
    double count, mean, squares; /* squares: sum of (x - mean)^2 */
} bb_moments;

BB_API void bb_moments_add(bb_moments *sum, const bb_moments *more);
/* Population standard deviation; 1 where it would be 0. */
BB_API double bb_moments_sd(const bb_moments *moments);

/* magnitudes [T,F] (BB_NORMALIZE_NONE) of one window, added to moments [F]. */
BB_API void bb_session_gather(const float *magnitudes, int64_t frames, int bins, double floor,
                              bb_moments *moments);

/* magnitudes [T,F] -> normalised, in place; mean, sd [F]. */
BB_API void bb_session_normalize(float *magnitudes, int64_t frames, int bins, double floor,
                                 const double *mean, const double *sd);

#ifdef __cplusplus
}
#endif
#endif
