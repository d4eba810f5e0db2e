/* Windows: a recording through the signal chain, cut into equal stretches of all its channels, as a stream
 * whose memory does not grow with the recording. */
#ifndef BRAINBERT_WINDOWS_H
#define BRAINBERT_WINDOWS_H

#include "brainbert/recording.h"
#include "brainbert/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the caller wants done otherwise than the recipe says. */
typedef struct bb_signal_wishes {
    double notch_hz, highpass_hz;             /* Hz; 0: none; NaN: as the recipe says */
    double bandpass_low_hz, bandpass_high_hz; /* Hz; both 0: none; NaN: as the recipe says */
    int harmonics;                            /* 0: as the recipe says */
    int reference;                            /* a bb_reference; -1: as the recipe says */
} bb_signal_wishes;

/* No wishes. */
BB_API bb_signal_wishes bb_signal_wishes_none(void);

/* The recipe for this recording: a bare array counts as filtered and re-referenced already; the notch goes to
 * the mains frequency that the recording states; wishes come last. */
BB_API bb_signal_recipe bb_signal_recipe_for(const bb_signal_recipe *recipe, const bb_signal_wishes *wishes,
                                             const bb_recording_info *info);

/* What the user should be told of that recipe: that its notch lies at the recipe's own mains frequency
 * because neither the recording nor the wishes state one. A line into text[room]; false where there is
 * nothing to tell. */
BB_API bool bb_mains_remark(const bb_signal_recipe *recipe, const bb_signal_wishes *wishes,
                            const bb_recording_info *info, char *text, size_t room);

typedef struct bb_window_options {
    bb_signal_recipe signal;
    double window_s;         /* s; 0: default_window_s, or the whole recording where that is shorter */
    double default_window_s; /* s; 5 */
    double stride_s;         /* s from window to window; 0: back to back */
    const double
        *onsets_s; /* s; windows at these times (in any order) instead of every stride; NULL: stride */
    size_t onset_count;
    double offset_s; /* s from an onset to its window's first sample */
    const char
        *channels; /* comma-separated names, of those that come out of the chain; NULL: all brain channels */
    const char *bads; /* comma-separated names of channels to count as bad beside those the recording marks;
                         "none": use those too */
    bool pass_absent; /* names in either list that are not there are passed over, not a failure */
    int threads;      /* 0: one per processor */
} bb_window_options;

BB_API bb_window_options bb_window_options_default(void);

typedef struct bb_window_info {
    int64_t windows;
    int64_t samples; /* per window and channel */
    double rate_hz;
    double window_s; /* samples / rate_hz */
    size_t channel_count;
    const char *const *channels;
    const size_t
        *sources; /* [channel_count]: the recording's channel that each stands for (the first of a pair) */
    const double *start_s; /* [windows], rising: first sample of each window in seconds of the recording */
    const size_t *onset_index; /* [windows]: which of onsets_s; NULL without onsets */
    size_t dropped_onsets;     /* windows that would leave the recording */
    bool whole_recording;      /* shorter than the default window: one window of all of it */
} bb_window_info;

typedef struct bb_window_stream bb_window_stream;

/* The recording stays the caller's and is read by the stream alone until it is destroyed. Errors:
 * BB_ERR_ARGUMENT for names that are not there, BB_ERR_UNSUPPORTED for a recording that is shorter than the
 * window or of which no channel is left. */
BB_API bb_status bb_window_stream_create(bb_recording *recording, const bb_window_options *options,
                                         bb_window_stream **out, bb_error *err);
BB_API void bb_window_stream_destroy(bb_window_stream *stream);
BB_API const bb_window_info *bb_window_stream_info(const bb_window_stream *stream);

/* The next window: *data[channel * *stride + t] for t < info->samples, valid until the next call. *data is
 * NULL after the last one. */
BB_API bb_status bb_window_stream_next(bb_window_stream *stream, const double **data, int64_t *stride,
                                       bb_error *err);

/* From now on gives windows [first, end) alone, by their index in info->windows: those before `first` are
 * passed over, and nothing is read behind the last. The signal on the way there is read and filtered all the
 * same, so that every window is what it would be without this. Goes forward only; may be called again. */
BB_API void bb_window_stream_pass_to(bb_window_stream *stream, int64_t first, int64_t end);

/* What can be wrong with a stretch of a channel as it was recorded; a set of bits (docs/signal.md). */
enum {
    BB_UNSOUND_MISSING = 1, /* NaN, infinite, or beyond any voltage */
    BB_UNSOUND_FLAT = 2,    /* the same value for a tenth of a second or longer */
    BB_UNSOUND_CLIPPED = 4, /* at an end of the range its file can hold */
    BB_UNSOUND_SEAM = 8     /* pieces recorded at different times meet in it (all channels) */
};

/* Of the window that bb_window_stream_next gave last: the bits of each of its channels [channel_count], of
 * the contact itself and of those it is referenced to (neighbours on its shaft; not the common average). */
BB_API const unsigned char *bb_window_stream_unsound(const bb_window_stream *stream);

/* Seconds of a channel that were found missing, flat and clipped so far. */
typedef struct bb_unsound_seconds {
    const char *channel; /* as the recording names it */
    double missing_s, flat_s, clipped_s;
} bb_unsound_seconds;

/* Of each channel that is read, *count of them; owned by the stream. */
BB_API const bb_unsound_seconds *bb_window_stream_unsound_seconds(bb_window_stream *stream, size_t *count);

/* Samples that were not finite and were replaced by the channel's last finite value, so far. */
BB_API int64_t bb_window_stream_repaired(const bb_window_stream *stream);

#ifdef __cplusplus
}
#endif
#endif
