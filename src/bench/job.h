/* A recording to a file of features by the calls that `embed` makes, and recordings to do that with. */
#ifndef BB_BENCH_JOB_H
#define BB_BENCH_JOB_H

#include "brainbert/embed.h"

/* Writes an EDF file of noise at the recipe's rate, with so many contacts on one shaft that `channels` are
 * left by its reference. The length is rounded to whole windows of `window_s`, at least one. */
bb_status bb_job_make_recording(const char *path, const bb_signal_recipe *recipe, int channels,
                                double seconds, double window_s, bb_error *err);

typedef struct bb_job {
    const char *recording, *features; /* paths */
    const bb_model *model;
    bb_encoder *encoder;
    double window_s; /* s; 0: the recipe's */
    int threads;
    bb_progress progress; /* NULL: none */
    void *progress_context;
} bb_job;

typedef struct bb_job_result {
    double seconds; /* from opening the recording to closing the features */
    double window_s;
    int64_t windows; /* of all channels together */
    int channels;
    double flop; /* of the encoder, by count */
    bb_embed_stats stats;
} bb_job_result;

bb_status bb_job_run(const bb_job *job, bb_job_result *out, bb_error *err);

#endif
