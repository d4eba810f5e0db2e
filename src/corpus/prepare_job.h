/* A call of bb_prepare under way. */
#ifndef BB_CORPUS_PREPARE_JOB_H
#define BB_CORPUS_PREPARE_JOB_H

#include "base/parts_folder.h"
#include "corpus/session.h"

/* Windows are written, looked at for statistics, and joined. */
enum { BB_PREPARE_PASSES = 3 };

/* What the rank whose recording it was has made of it. */
typedef struct bb_share {
    bb_session identity; /* its key and files alone; no files: it has not got that far */
    bool is_there;       /* the part */
    bool is_new;         /* made by this call */
    int64_t left_out;    /* windows */
    double channel_hours;
} bb_share;

typedef struct bb_prepare_job {
    const bb_sources *sources;
    const bb_prepare_options *options;
    const char *path;
    bb_row_format format;
    bb_parts_folder folder;
    bb_piece *pieces; /* the corpus that is there already, if it is, then the parts */
    size_t piece_count;
    bool existing;    /* pieces[0] is a corpus */
    bool *usable;     /* [sources] */
    int64_t *work;    /* [sources]: windows x channels */
    bb_share *shares; /* [sources], of many ranks: this one's; on rank 0, in the end, all of them */
    bb_progress progress;
    void *progress_context;
    int64_t done, total; /* windows x channels, of all sources, BB_PREPARE_PASSES times */
    bb_prepare_report report;
} bb_prepare_job;

/* Of several recordings each may lack a channel that is named. */
bb_status bb_prepare_open_session(const bb_prepare_job *job, size_t source, bb_session *out, bb_error *err);

/* A bb_progress for one recording, told of the whole job's. */
int bb_prepare_pass_on(void *job, int64_t done, int64_t total);

/* Whether a failure may be the recording's own fault, and the caller allows such to be left out. */
bool bb_prepare_may_skip(const bb_prepare_job *job, bb_status status);

/* BB_ERR_ARGUMENT for a recording that the corpus which is there does not hold by its key, and cannot take:
 * the call does not append, or it holds the data under another treatment. */
bb_status bb_prepare_check_new(const bb_prepare_job *job, const bb_session *session, bb_error *err);

/* Whether an earlier call finished the part of that key at `path`; its rows' checksums have been compared. */
bool bb_prepare_open_finished(const bb_prepare_job *job, const char *path, const char *key, bb_piece *out);

/* Where the part of that key lies, freshly allocated (bb_free): its name holds the beginning of the key. */
char *bb_prepare_part_path(const bb_prepare_job *job, const char *key);

double bb_prepare_channel_hours(const bb_session *session);

/* The parts of all recordings that can have one, by all ranks: each identifies and makes those that it is
 * dealt, and what came of them is told to rank 0 (job->shares). A recording that fails as
 * bb_prepare_may_skip allows, or whose data another one before it is made of, is left to rank 0. */
bb_status bb_prepare_spread(bb_prepare_job *job, bb_error *err);

#endif
