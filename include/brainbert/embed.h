/* The main job: recordings -> windows -> spectrograms -> encoder -> features, as a stream. */
#ifndef BRAINBERT_EMBED_H
#define BRAINBERT_EMBED_H

#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where features go: `features` [channels, size] of one window, in order of windows, counted from 0 in each
 * call, and what was unsound in it, bits [channels] as bb_window_stream_unsound gives them. Return BB_OK to
 * go on. Called from a thread of bb_embed's own, not from the one that called it. */
typedef bb_status (*bb_feature_sink)(void *context, int64_t window, const float *features,
                                     const unsigned char *unsound, bb_error *err);

/* Where the time of a call went. What the second thread does meanwhile is no part of the sum. */
typedef struct bb_embed_stats {
    double total_s; /* the call; the next four, and little else */
    double spectrogram_s;
    double encode_s;       /* encode_s / total_s: the encoder's busy share */
    double wait_input_s;   /* for a batch to be read */
    double wait_output_s;  /* for the sink */
    double read_s;         /* second thread: reading, filtering, cutting */
    double write_s;        /* second thread: in the sink */
    double first_window_s; /* from the call to the first window in the sink */
} bb_embed_stats;

/* Adds the times of one call to those of others; first_window_s stays the first call's, total_s grows. */
BB_API void bb_embed_stats_add(bb_embed_stats *sum, const bb_embed_stats *one);

/* Windows of `stream` through `plan` and `encoder`, pooled. `sessions` [channels] (bb_session_measure) where
 * the plan normalises by session; NULL otherwise. `threads` for the spectrograms (0: one per processor), best
 * as many as the encoder's; `stats` and `progress` (in units of windows x channels) may be NULL.
 *
 * The encoder gets batches of 16 spectrograms (two for each thread, where that is more) whatever windows they
 * are of: of few channels, a window is in the sink once the batch is full that ends it. Memory holds four
 * batches, their samples and features, however long the recording is.
 *
 * The calling thread computes spectrograms, encodes and tells the progress. A second thread, there for the
 * length of the call, reads the stream up to four batches ahead and calls the sink: one or the other, never
 * both at once, and windows in their order. Stream and sink may thus share what is not thread-safe (HDF5),
 * while the progress callback, and any other thread, must leave that alone until the call returns.
 *
 * A call that fails, or is stopped by its progress callback, has given the sink the windows of the batches
 * before that place, as far as the sink took them, and none behind it. */
BB_API bb_status bb_embed(bb_window_stream *stream, const bb_spectrogram_plan *plan,
                          const bb_session_scale *sessions, bb_encoder *encoder, const bb_pooling *pooling,
                          int threads, bb_feature_sink sink, void *sink_context, bb_progress progress,
                          void *progress_context, bb_embed_stats *stats, bb_error *err);

/* How many threads a stream for bb_embed should have (bb_window_options) beside an encoder of `threads` (0:
 * one per processor): as few as keep up with it, as they take from it what they use. */
BB_API int bb_embed_stream_threads(int threads);

/* A file of features: `.npy` [windows, channels, D] (K D or T, D by the pooling) with a `.tsv` beside it, one
 * line for each window and channel, and a `.json` that says how they were made and where the electrodes are;
 * or an `.h5` that holds all of it (docs/features.md). */
typedef struct bb_feature_file bb_feature_file;

typedef struct bb_feature_layout {
    int64_t windows, channels;
    int64_t frames; /* T, with BB_POOL_NONE; 0 otherwise */
    int64_t dim;    /* floats of the last dimension */
    const char *const *channel_names;
    const bb_channel *const *electrodes; /* [channels] what each stands for: type, region, position; NULL */
    const char *coordinate_system, *coordinate_unit; /* of the positions; NULL: not said */
    double window_s;
    const char *recipe_json;                 /* the recipe that was followed, kept with the features */
    const char *model, *precision, *pooling; /* their names, kept with the features; NULL: not said */
} bb_feature_layout;

/* By the path's ending. Nothing appears before bb_feature_file_close. */
BB_API bb_status bb_feature_file_create(const char *path, const bb_feature_layout *layout,
                                        bb_feature_file **out, bb_error *err);

/* Window `window` of the whole file: where it came from, features [channels, (frames,) dim], and what was
 * unsound, bits [channels]. `event` and `unsound` may be NULL: no event, all sound. */
BB_API bb_status bb_feature_file_write(bb_feature_file *file, int64_t window, const char *recording,
                                       double start_s, const char *event, const float *features,
                                       const unsigned char *unsound, bb_error *err);

/* Puts the finished file in place; every window must have been written. Frees the handle, whatever comes
 * back. */
BB_API bb_status bb_feature_file_close(bb_feature_file *file, bb_error *err);
/* Frees the handle and removes what it wrote. NULL is fine. */
BB_API void bb_feature_file_abandon(bb_feature_file *file);

#ifdef __cplusplus
}
#endif
#endif
