/* Spectrograms: one window of one channel -> [T,F] float32, T frames by F frequency bins. */
#ifndef BRAINBERT_SPECTROGRAM_H
#define BRAINBERT_SPECTROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum bb_spectrogram_method {
    BB_SPECTROGRAM_STFT,
    BB_SPECTROGRAM_SUPERLET,
    BB_SPECTROGRAM_MORLET
} bb_spectrogram_method;

typedef enum bb_normalization {
    BB_NORMALIZE_NONE,   /* magnitudes, trimmed */
    BB_NORMALIZE_WINDOW, /* z-score of each bin over the window's frames, then trim (STFT, pretraining) */
    BB_NORMALIZE_WINDOW_TRIM_FIRST, /* trim, then z-score (superlet, Morlet; STFT in the published demo) */
    BB_NORMALIZE_SESSION /* trim; logarithms, by their spread over the channel's session (bb_session_scale) */
} bb_normalization;

/* What is computed: a frame every `hop` samples, the z-score with the population sd (sd 0 counting as 1),
 * `trim` frames dropped at each end. (Wang et al., ICLR 2023, section 2)
 *
 * STFT. Periodic Hann of `segment` samples; segment/2 zeros at both ends, then zeros up to a whole number of
 * hops; magnitude scaled by 1 / sum(window), as scipy.signal.stft does; bins 0 .. bins-1, rate / segment Hz
 * apart.
 *
 * Superlet. `bins` frequencies evenly from low_hz to high_hz. Adaptive (FASLT): order o(f) from order_min to
 * order_max linearly in f, geometric mean of the magnitudes of Morlets of `cycles` x order_min, order_min +
 * 1, .. o(f) cycles, the next whole order with the weight of o(f)'s fraction. Otherwise the mean over all
 * orders from order_min to order_max at every frequency. Morlets reach 2.5 standard deviations, zeros lie
 * outside the window. (Moca et al., Nat. Commun. 12, 337, 2021; Barzan et al., Front. Neuroinform. 15, 2021)
 *
 * Morlet. One Morlet of `cycles` cycles at each of these frequencies, as mne.time_frequency.morlet makes it.
 * (Tallon-Baudry et al., J. Neurosci. 17, 1997) */
typedef struct bb_spectrogram_recipe {
    bb_spectrogram_method method;
    double rate_hz;                 /* Hz; 2048 */
    int hop;                        /* samples; 50, Morlet 60 */
    int bins;                       /* 40, Morlet 48 */
    int trim;                       /* frames; 10, superlet 5 */
    bb_normalization normalization; /* BB_NORMALIZE_WINDOW, superlet and Morlet TRIM_FIRST */
    int segment;                    /* STFT: samples; 400 */
    double low_hz, high_hz;         /* superlet: Hz; 0.1 to 200. Morlet: 10 to 198 */
    double cycles;                  /* superlet: of order 1; 1. Morlet: 7 */
    double order_min, order_max;    /* superlet: 3 to 30; whole numbers unless adaptive */
    int adaptive;                   /* superlet: 1 */
} bb_spectrogram_recipe;

/* The published recipe of a method: 5 s at 2048 Hz -> 186 frames (STFT, pretraining), 195 (superlet), 151
 * (Morlet). */
BB_API bb_spectrogram_recipe bb_spectrogram_recipe_for(bb_spectrogram_method method);
/* The STFT's. */
BB_API bb_spectrogram_recipe bb_spectrogram_recipe_default(void);
/* The published demo's STFT: trim 5, then z-score -> 196 frames. */
BB_API bb_spectrogram_recipe bb_spectrogram_recipe_demo(void);

/* "stft", "superlet", "morlet"; 0 and *out unchanged for another word. */
BB_API const char *bb_spectrogram_method_name(bb_spectrogram_method method);
BB_API int bb_spectrogram_method_from_name(const char *name, bb_spectrogram_method *out);

/* Gives the recipe the normalisation "window" (the method's published z-score), "session" or "none"; 0 and
 * *recipe unchanged for another word. */
BB_API int bb_spectrogram_normalize(bb_spectrogram_recipe *recipe, const char *name);

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

/* Bytes of scratch that one call for `samples` samples needs, a multiple of 64. */
BB_API size_t bb_spectrogram_scratch(const bb_spectrogram_plan *plan, int64_t samples);

/* Multiplications and additions that one window takes. */
BB_API double bb_spectrogram_flop(const bb_spectrogram_plan *plan, int64_t samples);

/* How the logarithms of one channel's magnitudes lie over its session. */
typedef struct bb_session_scale {
    double floor_uv;         /* bb_session_floor of the channel */
    const double *mean, *sd; /* [F] of log(magnitude + floor_uv) */
} bb_session_scale;

/* window[samples] in uV -> out [T,F], T = bb_spectrogram_frames. `session` is the channel's where the recipe
 * normalises by session, and not looked at otherwise. `scratch` is 64-byte aligned and belongs to the caller,
 * one per thread. BB_ERR_ARGUMENT when the window is too short or `session` is missing. What is not finite
 * comes out as zeros where it is normalised. */
BB_API bb_status bb_spectrogram_compute(const bb_spectrogram_plan *plan, const double *window,
                                        int64_t samples, const bb_session_scale *session, void *scratch,
                                        float *out, bb_error *err);

/* Many of them: `count` windows `stride` samples apart -> out [count,T,F], on `threads` threads, 1 or more,
 * with threads x bb_spectrogram_scratch bytes of scratch. sessions[i] is window i's; NULL where no session
 * counts. The same bytes for any number of threads. */
BB_API bb_status bb_spectrogram_compute_many(const bb_spectrogram_plan *plan, const double *windows,
                                             int64_t stride, int64_t count, int64_t samples,
                                             const bb_session_scale *sessions, int threads, void *scratch,
                                             float *out, bb_error *err);

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

BB_API bb_moments bb_moments_of(const double *x, int64_t count);
BB_API void bb_moments_add(bb_moments *sum, const bb_moments *more);
/* Population standard deviation; 1 where it would be 0. */
BB_API double bb_moments_sd(const bb_moments *moments);

/* magnitudes [T,F] (BB_NORMALIZE_NONE) of one window, added to moments [F]. */
BB_API void bb_session_gather(const float *magnitudes, int64_t frames, int bins, double floor,
                              bb_moments *moments);

/* magnitudes [T,F] -> normalised, in place. */
BB_API void bb_session_normalize(float *magnitudes, int64_t frames, int bins, const bb_session_scale *scale);

#ifdef __cplusplus
}
#endif
#endif
