/* Session statistics of a recording's channels, which session normalisation (brainbert/spectrogram.h) needs
 * before the first window. */
#ifndef BRAINBERT_SESSION_H
#define BRAINBERT_SESSION_H

#include "brainbert/progress.h"
#include "brainbert/spectrogram.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_session_scales bb_session_scales;

/* Reads all of the recording twice, in back-to-back windows of the options' length, whatever stride or onsets
 * they say: once for each channel's standard deviation, once for the logarithms of its magnitudes. Windows
 * with something unsound in them do not count, unless a channel has no others. What `prepare` of the same
 * recording keeps of back-to-back windows of that length is the same to the rounding of its samples.
 * `progress` (windows x channels, twice) may be NULL. The result does not depend on the number of threads. */
BB_API bb_status bb_session_measure(bb_recording *recording, const bb_window_options *options,
                                    const bb_spectrogram_recipe *recipe, bb_progress progress,
                                    void *progress_context, bb_session_scales **out, bb_error *err);

/* The same for a recording whose channels are trials of one electrode: all windows of all channels count as
 * that electrode's, so that every channel has the same scale. */
BB_API bb_status bb_session_measure_pooled(bb_recording *recording, const bb_window_options *options,
                                           const bb_spectrogram_recipe *recipe, bb_progress progress,
                                           void *progress_context, bb_session_scales **out, bb_error *err);
BB_API void bb_session_scales_destroy(bb_session_scales *scales);

/* [channels] in the order of the windows'. */
BB_API const bb_session_scale *bb_session_scales_get(const bb_session_scales *scales);

#ifdef __cplusplus
}
#endif
#endif
