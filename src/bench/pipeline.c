#include "bench/pipeline.h"

#include <math.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench/job.h"
#include "bench/scratch.h"
#include "bench/statistics.h"

static const double usual_s = 6, least = 5, most = 50;

typedef struct runs {
    double seconds[BB_PIPELINE_RUNS], busy[BB_PIPELINE_RUNS];
    bb_job_result last;
} runs;

/* The same of every precision, so that float32, the slowest, says how long; within bounds that a slow
 * moment's measure does not leave. */
static double recording_seconds(const bb_pipelines *p) {
    const double run_s = p->options->pipeline_s > 0 ? p->options->pipeline_s : usual_s;
    const double windows = run_s * 1e3 / p->ms / BB_WORK_CHANNELS;
    return fmin(fmax(windows * p->work->model->recipe.window_s, least * run_s), most * run_s);
}

static bb_status run_one(const bb_pipelines *p, const char *recording, const char *features, int precision,
                         int r, runs *all, bb_error *err) {
    const bb_job job = {.recording = recording,
                        .features = features,
                        .model = p->options->model,
                        .encoder = p->work->encoders[precision],
                        .threads = p->work->threads};
    BB_TRY(bb_job_run(&job, &all->last, err));
    all->seconds[r] = all->last.seconds;
    all->busy[r] = all->last.stats.encode_s / all->last.seconds;
    return BB_OK;
}

/* One precision after the other, again and again. */
static bb_status run_all(const bb_pipelines *p, const char *recording, const char *features,
                         runs all[BB_BENCH_PRECISIONS], bb_error *err) {
    int64_t done = 0, total = 0;
    for (int k = 0; k < BB_BENCH_PRECISIONS; ++k) total += p->work->encoders[k] ? p->runs : 0;
    for (int r = 0; r < p->runs; ++r)
        for (int k = 0; k < BB_BENCH_PRECISIONS; ++k) {
            if (!p->work->encoders[k]) continue;
            BB_TRY(run_one(p, recording, features, k, r, &all[k], err));
            if (p->progress && p->progress(p->progress_context, ++done, total) != 0)
                return bb_fail(err, BB_ERR_CANCELLED, "stopped");
        }
    return BB_OK;
}

static bb_bench_pipeline summary(int precision, runs *all, int count) {
    const bb_job_result *last = &all->last;
    const double seconds = bb_median(all->seconds, count);
    return (bb_bench_pipeline){.precision = (bb_precision)precision,
                               .recording_s = (double)last->windows / last->channels * last->window_s,
                               .channels = last->channels,
                               .windows = last->windows,
                               .seconds = seconds,
                               .windows_per_s = (double)last->windows / seconds,
                               .real_time = (double)last->windows * last->window_s / seconds,
                               .encoder_busy = bb_median(all->busy, count)};
}

static bb_status measure_in(const bb_pipelines *p, const char *folder, runs all[BB_BENCH_PRECISIONS],
                            bb_error *err) {
    char *recording = bb_path_join(folder, "recording.edf"), *features = bb_path_join(folder, "features.h5");
    const bb_recipe *recipe = &p->work->model->recipe;
    bb_status status = recording && features
                           ? bb_job_make_recording(recording, &recipe->signal, BB_WORK_CHANNELS,
                                                   recording_seconds(p), recipe->window_s, err)
                           : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for paths", folder);
    if (status == BB_OK) status = run_all(p, recording, features, all, err);
    bb_free(recording);
    bb_free(features);
    return status;
}

bb_status bb_pipelines_measure(const bb_pipelines *p, bb_bench_pipeline *out, int *count, bb_error *err) {
    runs all[BB_BENCH_PRECISIONS];
    char *folder;
    *count = 0;
    BB_TRY(bb_scratch_make(p->options->folder, &folder, err));
    const bb_status status = measure_in(p, folder, all, err);
    bb_scratch_remove(folder);
    for (int k = 0; k < BB_BENCH_PRECISIONS && status == BB_OK; ++k)
        if (p->work->encoders[k]) out[(*count)++] = summary(k, &all[k], p->runs);
    return status;
}
