/* The prepared corpus: windows of many recordings, preprocessed, in one HDF5 file that is read at random.
 * The layout is docs/corpus.md. */
#ifndef BRAINBERT_CORPUS_H
#define BRAINBERT_CORPUS_H

#include "brainbert/model.h"
#include "brainbert/progress.h"
#include "brainbert/ranks.h"
#include "brainbert/sources.h"
#include "brainbert/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- reading */

typedef enum bb_sample_encoding {
    BB_SAMPLES_INT16,  /* a scale for each window: off by at most 1/65534 of its largest value */
    BB_SAMPLES_FLOAT32 /* as they are */
} bb_sample_encoding;

typedef struct bb_corpus_session {              /* one recording */
    const char *dataset;                        /* it lies in; NULL: in no tree */
    const char *subject, *session, *task, *run; /* NULL: not said */
    const char *source;                         /* path of the recording, as it was given */
    const char *recipe_json;                    /* what was done to its signal */
    double duration_s;                          /* s; of the recording */
    size_t first_channel, channel_count;        /* its channels among the corpus's */
    int64_t first_window, windows;              /* its windows among the corpus's */
    size_t event_count;
    const bb_event *events;
} bb_corpus_session;

typedef struct bb_corpus_channel {
    const char *name;
    bb_channel_type type;
    bool bad;                   /* used though its recording marks it bad */
    const char *group, *region; /* NULL: not said */
    bool has_position;
    double position[3];     /* in the unit and system that the recording's tables state */
    size_t session;         /* which one it belongs to */
    int64_t windows;        /* stored */
    int64_t left_out;       /* windows in which it was missing, flat or clipped, or pieces meet */
    double mean_uv, sd_uv;  /* over all stored windows */
    const double *log_mean; /* [F] over all stored windows' frames: mean of log(magnitude + 1e-6 sd_uv) */
    const double *log_sd;   /* [F] and its standard deviation */
} bb_corpus_channel;

typedef struct bb_corpus_info {
    const char *path, *program; /* the program that wrote it: "brainbert 0.1.0" */
    /* What the call asked for; what all sessions agree on is theirs, and where they differ (the mains of
     * their recordings) each one's recipe_json counts. The spectrogram is the one log_mean is of. */
    bb_recipe recipe;
    bb_sample_encoding encoding;
    bool compressed;
    double rate_hz, window_s;
    int64_t samples; /* of a window */
    int64_t windows; /* of one channel each, in order of session, time and channel */
    double hours;    /* windows x window_s, in hours of one channel */
    size_t session_count, channel_count;
    size_t subject_count; /* two of one name in two datasets are two */
    const bb_corpus_session *sessions;
    const bb_corpus_channel *channels;
} bb_corpus_info;

typedef struct bb_corpus bb_corpus;

/* Opens a corpus and checks that all of it is there. Errors: BB_ERR_UNSUPPORTED for what is no corpus,
 * BB_ERR_FORMAT for a damaged one. */
BB_API bb_status bb_corpus_open(const char *path, bb_corpus **out, bb_error *err);
BB_API void bb_corpus_close(bb_corpus *corpus);
BB_API const bb_corpus_info *bb_corpus_get_info(const bb_corpus *corpus);

/* Where window `window` comes from: its channel, and its first sample in seconds of the recording. */
BB_API size_t bb_corpus_window_channel(const bb_corpus *corpus, int64_t window);
BB_API double bb_corpus_window_start(const bb_corpus *corpus, int64_t window);

/* Windows windows[0 .. count) in any order, the more at once the fewer waits for the disk, to out[i * samples
 * + t], in uV. Any number of threads may read one corpus at once. A window whose bytes are not those that
 * were written is BB_ERR_FORMAT. */
BB_API bb_status bb_corpus_read(const bb_corpus *corpus, const int64_t *windows, size_t count, double *out,
                                bb_error *err);

/* ---------------------------------------------------------------- preparing */

typedef struct bb_prepare_options {
    bb_recipe recipe; /* the published one; window_s is the windows' length */
    bb_signal_wishes wishes;
    double stride_s;                /* s from window to window; 0: back to back */
    const char *channels, *bads;    /* names; of several recordings each may lack some, but not all of them */
    bb_recording_options recording; /* for files that do not say everything themselves */
    bb_sample_encoding encoding;    /* BB_SAMPLES_INT16 */
    bool compress;
    bool append; /* to a corpus that is there already */
    bool skip; /* recordings that can't be used (damaged, of no format known, no channel left, shorter than a
                  window, a copy of another) are left out, not a failure; what the call or the system is to
                  blame for stays one */
    int threads;           /* 0: one per processor */
    const bb_ranks *ranks; /* that share the recordings; NULL: this process alone */
    /* Remarks on single recordings, one sentence each, of rank 0 alone; may be NULL. */
    void (*remark)(void *context, const char *path, const char *text);
    void *remark_context;
} bb_prepare_options;

BB_API bb_prepare_options bb_prepare_options_default(void);

typedef struct bb_prepare_report {
    size_t sessions, reused, skipped; /* prepared now; found finished; left out */
    int64_t windows, left_out;        /* stored in the whole corpus; left out of what was prepared now */
    double channel_hours;             /* prepared now: hours of one channel read */
    double prepare_s, join_s;         /* time taken */
} bb_prepare_report;                  /* rank 0's; other ranks have zeros */

/* Recordings to the corpus at `path`. Every recording is first made a part of its own in the folder
 * PATH.parts, whole or not at all; when all are there they are joined into the corpus, which appears whole or
 * not at all. After an interruption the same call goes on with the parts that are missing; recordings a
 * corpus holds already are not added again. Memory does not grow with the recordings' length, but for the
 * tables: 32 bytes for each window stored, 80 while they are joined.
 *
 * Ranks share the recordings, each made by one of them, and rank 0 joins them: the same bytes at any number
 * of ranks, which may be another one when the call goes on.
 *
 * Errors beside those of recordings: BB_ERR_ARGUMENT for a recording whose data the corpus holds under
 * another treatment (another stride, reference or events table), BB_ERR_IO for a source that changes while it
 * is read, or that ranks do not see alike. */
BB_API bb_status bb_prepare(const bb_sources *sources, const bb_prepare_options *options, const char *path,
                            bb_progress progress, void *progress_context, bb_prepare_report *report,
                            bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
