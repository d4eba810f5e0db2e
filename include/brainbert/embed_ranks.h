/* `embed` over ranks: the windows of many recordings in chunks, which ranks make, to one file of features. */
#ifndef BRAINBERT_EMBED_RANKS_H
#define BRAINBERT_EMBED_RANKS_H

#include "brainbert/embed.h"
#include "brainbert/events.h"
#include "brainbert/ranks.h"

#ifdef __cplusplus
extern "C" {
#endif

/* bb_encoder_create for each of the ranks: BB_PRECISION_AUTO is what rank 0 makes of it. Collective; NULL is
 * one process by itself. */
BB_API bb_status bb_embed_encoder(const bb_model *model, bb_precision precision, int threads,
                                  const bb_ranks *ranks, bb_encoder **out, bb_error *err);

/* One of the recordings, opened. */
typedef struct bb_embed_source {
    bb_recording *recording;
    bb_window_stream *stream;
    const bb_session_scale *sessions; /* [channels] where the plan normalises by session; else NULL */
    const bb_event *events;           /* that the stream's onsets are of; NULL: it has none */
    void *own;                        /* of whoever opened it */
} bb_embed_source;

typedef struct bb_embed_job {
    size_t recordings;
    /* Opens recording `index` of them: with what embedding it needs, or for a look at it (sessions NULL).
     * close() comes after each call of open(), also one that failed; *out starts as zeros. */
    bb_status (*open)(void *context, size_t index, bool to_embed, bb_embed_source *out, bb_error *err);
    void (*close)(void *context, bb_embed_source *source);
    /* On rank 0, in order, once a recording's features are in the file: the samples that were not finite, and
     * the unsound seconds of each channel that is read, as the stream would tell them. */
    void (*tell)(void *context, const bb_embed_source *source, int64_t repaired,
                 const bb_unsound_seconds *unsound, size_t count);
    void *context;
    const bb_model *model;
    bb_encoder *encoder;
    const bb_spectrogram_plan *plan;
    bb_pooling pooling;
    int threads;
    /* What features depend on beside the model, the layout's recipe and the files' sizes and times: how the
     * call has the files read. */
    const char *asked;
    const bb_ranks *ranks;
} bb_embed_job;

typedef struct bb_embed_report {
    bb_embed_stats stats;   /* this rank's; total_s is the whole call's */
    int64_t chunks, reused; /* in all; of these, made by an earlier call */
} bb_embed_report;

/* The features of all windows to the file at `path` (bb_feature_file), the same bytes as one process writes,
 * whatever the number of ranks. Windows are cut into chunks of about 1,024 windows x channels, each of one
 * recording. A rank reads a recording from its start, since filters have a memory, but computes spectrograms
 * and features of its own chunks alone; each appears in the folder PATH.parts, whole or not at all, and once
 * all are there rank 0 writes the file and removes the folder. After an interruption the same call, at any
 * number of ranks, goes on with the chunks that are missing: what belongs to another model, recipe,
 * precision, processor level (brainbert/cpu.h) or state of the recordings is removed and made again. Progress
 * is of this rank's chunks, in windows x channels. Errors beside those of recordings: BB_ERR_IO where another
 * call is making the same file, or a recording changes meanwhile. */
BB_API bb_status bb_embed_spread(const bb_embed_job *job, const bb_feature_layout *layout, const char *path,
                                 bb_progress progress, void *progress_context, bb_embed_report *report,
                                 bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
