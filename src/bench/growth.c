#include <math.h>
#include <omp.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "bench/count.h"
#include "bench/growth_jobs.h"
#include "bench/scratch.h"
#include "bench/statistics.h"
#include "brainbert/bench.h"

/* The model that was asked for, and the sizes. */
enum { ASKED, FIRST_SIZE, MODELS = FIRST_SIZE + 3, ALL = BB_GROWTH_KINDS * BB_GROWTH_POINTS };

/* A job that is measured, and what its runs gave. */
typedef struct point {
    bb_growth_kind kind;
    double size;
    int model; /* of growth's models */
    int channels;
    double recording_s, window_s;
    char *recording;
    bb_job_result last;
    double seconds[BB_BENCH_ROUNDS], peak_bytes[BB_BENCH_ROUNDS];
} point;

typedef struct growth {
    const bb_growth_options *options;
    int threads;
    const char *folder; /* for all that is written */
    char *features;
    char *model_paths[MODELS];
    bb_growth_model models[MODELS];
    int count;
    point points[ALL];
    bb_progress progress;
    void *progress_context;
} growth;

/* ---------------------------------------------------------------- what is measured */

static point *add(growth *g, bb_growth_kind kind, double size, int model) {
    point *p = &g->points[g->count++];
    *p = (point){.kind = kind,
                 .size = size,
                 .model = model,
                 .channels = 1,
                 .window_s = g->models[model].recipe.window_s};
    return p;
}

static void list_points(growth *g) {
    const double hours = g->options->hours, windows = fmax(2, round(24 * hours));
    for (double part = 0.125; part <= 1; part *= 2) {
        point *p = add(g, BB_GROWTH_HOURS, part * hours, ASKED);
        p->recording_s = 3600 * p->size;
    }
    for (int channels = 1; channels <= 32; channels *= 2) {
        point *p = add(g, BB_GROWTH_CHANNELS, channels, ASKED);
        p->channels = channels;
        p->recording_s = 60 * hours;
    }
    for (double window_s = 2.5; window_s <= 40; window_s *= 2) {
        point *p = add(g, BB_GROWTH_WINDOW, window_s, ASKED);
        p->window_s = window_s;
        p->recording_s = windows * window_s;
    }
    for (int m = FIRST_SIZE; m < MODELS; ++m) {
        point *p = add(g, BB_GROWTH_MODEL, 1e-6 * g->models[m].parameters, m);
        p->recording_s = windows * p->window_s;
    }
}

/* What a run is likely to take of the whole, in steps of 10 MFLOP and one for its start. */
static int64_t weight(const growth *g, const point *p) {
    const bb_growth_model *m = &g->models[p->model];
    const double frames = p->window_s * m->recipe.spectrogram.rate_hz / m->recipe.spectrogram.hop;
    const double windows = fmax(1, p->recording_s / p->window_s) * p->channels;
    return 1 + (int64_t)(1e-7 * windows * bb_center_flop(&m->config, (int64_t)frames));
}

/* Whether the caller wants no more, after `done` of the steps. */
static bool stopped(const growth *g, int64_t done) {
    int64_t all = 0;
    for (int i = 0; i < g->count; ++i) all += g->options->rounds * weight(g, &g->points[i]);
    return g->progress && g->progress(g->progress_context, done, all) != 0;
}

/* ---------------------------------------------------------------- what the jobs read */

static bb_status prepare_models(growth *g, bb_error *err) {
    const char *const names[MODELS] = {g->options->model, "untrained:small", "untrained:base",
                                       "untrained:large"};
    for (int m = 0; m < MODELS; ++m) {
        char name[16];
        snprintf(name, sizeof name, "model-%d", m);
        char *saved = bb_path_join(g->folder, name);
        if (!saved) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a path", g->folder);
        g->model_paths[m] = saved;
        BB_TRY(bb_growth_model_prepare(names[m], saved, &g->models[m], err));
        if (bb_is_directory(saved)) continue;
        bb_free(saved);
        g->model_paths[m] = bb_strdup(names[m]);
        if (!g->model_paths[m]) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a path", names[m]);
    }
    return BB_OK;
}

static bb_status prepare_recordings(growth *g, bb_error *err) {
    for (int i = 0; i < g->count; ++i) {
        point *p = &g->points[i];
        char name[32];
        snprintf(name, sizeof name, "recording-%d.edf", i);
        p->recording = bb_path_join(g->folder, name);
        if (!p->recording) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a path", g->folder);
        BB_TRY(bb_job_make_recording(p->recording, &g->models[p->model].recipe.signal, p->channels,
                                     p->recording_s, p->window_s, err));
        if (stopped(g, 0)) return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- measuring */

static bb_status run_point(growth *g, point *p, int round, bb_error *err) {
    const bb_growth_job job = {.model = g->model_paths[p->model],
                               .recording = p->recording,
                               .features = g->features,
                               .window_s = p->window_s,
                               .threads = g->threads};
    BB_TRY(bb_growth_job_run(&job, &p->last, &p->peak_bytes[round], err));
    p->seconds[round] = p->last.seconds;
    return BB_OK;
}

static bb_status run_points(growth *g, bb_error *err) {
    int64_t done = 0;
    for (int r = 0; r < g->options->rounds; ++r)
        for (int i = 0; i < g->count; ++i) {
            const bb_status status = run_point(g, &g->points[i], r, err);
            done += weight(g, &g->points[i]);
            /* Ctrl-C ends the child too, whose end is then no failure. */
            if (stopped(g, done)) return bb_fail(err, BB_ERR_CANCELLED, "stopped");
            if (status != BB_OK) return status;
        }
    return BB_OK;
}

/* ---------------------------------------------------------------- what comes out */

static void fit(bb_growth_series *s) {
    double size[BB_GROWTH_POINTS], seconds[BB_GROWTH_POINTS], flop[BB_GROWTH_POINTS], bytes[BB_GROWTH_POINTS];
    double log_rate = 0;
    for (int i = 0; i < s->count; ++i) {
        size[i] = s->points[i].size;
        seconds[i] = s->points[i].seconds;
        flop[i] = s->points[i].flop;
        bytes[i] = s->points[i].peak_bytes;
        log_rate += log(flop[i] / seconds[i]) / s->count;
    }
    for (int i = 0; i < s->count; ++i) s->points[i].counted_s = flop[i] / exp(log_rate);
    s->time_exponent = bb_log_slope(size, seconds, s->count);
    s->counted_exponent = bb_log_slope(size, flop, s->count);
    s->memory_exponent = bb_log_slope(size, bytes, s->count);
}

static void summarize(growth *g, bb_growth *out) {
    *out = (bb_growth){.threads = g->threads, .rounds = g->options->rounds};
    for (int i = 0; i < g->count; ++i) {
        point *p = &g->points[i];
        bb_growth_series *s = &out->series[p->kind];
        s->points[s->count++] = (bb_growth_point){.size = p->size,
                                                  .windows = p->last.windows,
                                                  .flop = p->last.flop,
                                                  .seconds = bb_median(p->seconds, g->options->rounds),
                                                  .peak_bytes = bb_median(p->peak_bytes, g->options->rounds)};
    }
    for (int k = 0; k < BB_GROWTH_KINDS; ++k) fit(&out->series[k]);
}

static bb_status measure(growth *g, bb_growth *out, bb_error *err) {
    g->features = bb_path_join(g->folder, "features.h5");
    if (!g->features) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a path", g->folder);
    BB_TRY(prepare_models(g, err));
    list_points(g);
    BB_TRY(prepare_recordings(g, err));
    BB_TRY(run_points(g, err));
    summarize(g, out);
    return BB_OK;
}

static bb_status check(const bb_growth_options *o, bb_error *err) {
    if (!(o->hours >= 0.02 && o->hours <= 24))
        return bb_fail(err, BB_ERR_ARGUMENT, "growth: expected 0.02 to 24 hours, found %g", o->hours);
    if (o->rounds < 1 || o->rounds > BB_BENCH_ROUNDS)
        return bb_fail(err, BB_ERR_ARGUMENT, "growth: expected 1 to %d rounds, found %d", BB_BENCH_ROUNDS,
                       o->rounds);
    return BB_OK;
}

bb_status bb_growth_measure(const bb_growth_options *options, bb_progress progress, void *progress_context,
                            bb_growth *out, bb_error *err) {
    char *folder;
    BB_TRY(check(options, err));
    BB_TRY(bb_scratch_make(options->folder, &folder, err));
    growth g = {.options = options,
                .threads = options->threads > 0 ? options->threads : omp_get_num_procs(),
                .folder = folder,
                .progress = progress,
                .progress_context = progress_context};
    const bb_status status = measure(&g, out, err);
    for (int m = 0; m < MODELS; ++m) bb_free(g.model_paths[m]);
    for (int i = 0; i < g.count; ++i) bb_free(g.points[i].recording);
    bb_free(g.features);
    bb_scratch_remove(folder);
    return status;
}
