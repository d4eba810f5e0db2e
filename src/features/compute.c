/* The one pass: look at the windows, look into the cache, and make what is not there. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "features/job.h"
#include "features/key.h"
#include "model/model.h"
#include "ranks/collective.h"

typedef struct computation {
    bb_recording *recording;
    bb_window_options windows;
    const bb_feature_options *options;
    int threads;
    bb_survey survey;
    int64_t first, end; /* windows that this rank makes features of */
    bb_spectra spectra;
    bb_job *jobs; /* [count] */
    size_t count;
    bb_encoder **encoders; /* [count]: of a job whose encoder no job before it has */
    size_t encoder_jobs;   /* that have to run */
    /* Progress: units of one session measured, of how many, of those finished; of the pass. */
    int64_t session_units;
    size_t sessions, measured;
    int64_t done;
} computation;

/* ---------------------------------------------------------------- progress */

static int64_t pass_units(const computation *c) {
    return (c->end - c->first) * c->survey.channels * (int64_t)(c->encoder_jobs > 0 ? c->encoder_jobs : 1);
}

static int tell(const computation *c, int64_t done) {
    const bb_feature_options *o = c->options;
    const int64_t total = (int64_t)c->sessions * c->session_units + pass_units(c);
    return o->progress ? o->progress(o->progress_context, done, total) : 0;
}

static int tell_session(void *context, int64_t done, int64_t total) {
    computation *c = context;
    c->session_units = total;
    return tell(c, (int64_t)c->measured * total + done);
}

static bb_status tell_pass(void *context, int64_t more, bb_error *err) {
    computation *c = context;
    c->done += more;
    return tell(c, (int64_t)c->sessions * c->session_units + c->done) == 0
               ? BB_OK
               : bb_fail(err, BB_ERR_CANCELLED, "stopped");
}

/* ---------------------------------------------------------------- before the pass */

static bb_status plan_jobs(computation *c, const bb_feature_spec *specs, bb_error *err) {
    for (size_t i = 0; i < c->count; ++i) {
        bb_job *j = &c->jobs[i];
        BB_TRY(bb_job_plan(&specs[i], &c->survey, &c->spectra, j, err));
        BB_TRY(bb_feature_set_create(&c->survey, bb_recording_get_info(c->recording), &j->spec, j->dim,
                                     &j->set, err));
    }
    return BB_OK;
}

/* The first job with the same encoder. */
static size_t first_of_encoder(const computation *c, size_t job) {
    const bb_feature_spec *own = &c->jobs[job].spec;
    size_t first = 0;
    while (c->jobs[first].spec.model != own->model || c->jobs[first].spec.precision != own->precision)
        ++first;
    return first;
}

static bb_status find_keys(computation *c, const char *call, bb_error *err) {
    char(*digests)[BB_SHA256_TEXT] = bb_calloc(c->count, sizeof *digests);
    bb_status status = digests ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for checksums");
    for (size_t i = 0; i < c->count && status == BB_OK; ++i) {
        bb_job *j = &c->jobs[i];
        const bb_model *model = j->spec.model;
        const size_t first = first_of_encoder(c, i);
        if (model && first == i) status = bb_model_digest(model, digests[i], err);
        if (status == BB_OK)
            status = bb_key_of_spec(call, &j->spec, &j->spec.recipe, model ? digests[first] : NULL,
                                    c->options->one_electrode, j->key, err);
    }
    bb_free(digests);
    return status;
}

/* Where the features of this call are kept: rank 0 reads the recording's files for all, and keeps their
 * checksums. */
static bb_status agree_on_keys(computation *c, bb_error *err) {
    const bb_ranks *ranks = c->options->ranks;
    if (bb_ranks_me(ranks) == 0) {
        char *call;
        BB_TRY(bb_make_directories(c->options->cache, err));
        BB_TRY(bb_key_of_call(c->recording, c->options, &c->survey, &call, err));
        const bb_status status = find_keys(c, call, err);
        free(call);
        BB_TRY(status);
    }
    for (size_t i = 0; i < c->count; ++i) bb_ranks_broadcast(ranks, 0, c->jobs[i].key, sizeof c->jobs[i].key);
    return BB_OK;
}

static bool is_cached(const bb_job *j) { return bb_feature_set_get_info(j->set)->cached; }

/* Two specs that mean the same would write the same file: the first of them does. */
static void part_files(computation *c) {
    for (size_t i = 1; i < c->count; ++i)
        for (size_t k = 0; k < i && !is_cached(&c->jobs[i]); ++k) {
            bb_job *own = &c->jobs[i];
            if (!own->path || strcmp(own->key, c->jobs[k].key) != 0) continue;
            bb_free(own->path);
            own->path = NULL;
        }
}

/* What one rank does not find all ranks make anew, and rank 0 writes it. */
static bb_status look_up(const computation *c, bb_job *j, bb_error *err) {
    char name[BB_SHA256_TEXT + sizeof ".features"];
    snprintf(name, sizeof name, "%s.features", j->key);
    if (!(j->path = bb_path_join(c->options->cache, name)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a path");
    const bool found = bb_feature_set_recall(j->set, j->path, j->key);
    if (bb_ranks_any(c->options->ranks, !found) && found) bb_feature_set_forget(j->set);
    if (bb_ranks_me(c->options->ranks) == 0) return BB_OK;
    bb_free(j->path);
    j->path = NULL;
    return BB_OK;
}

static bb_status search_cache(computation *c, bb_error *err) {
    if (!c->options->cache) return BB_OK;
    BB_TRY(agree_on_keys(c, err));
    for (size_t i = 0; i < c->count; ++i) BB_TRY(look_up(c, &c->jobs[i], err));
    part_files(c);
    return BB_OK;
}

static bb_status measure_sessions(computation *c, bb_error *err) {
    const bb_spectra *s = &c->spectra;
    c->sessions = bb_spectra_sessions(s);
    for (size_t i = 0; i < s->count; ++i) {
        bb_spectrum *x = &s->list[i];
        if (!x->wanted || x->recipe.normalization != BB_NORMALIZE_SESSION) continue;
        BB_TRY((c->options->one_electrode ? bb_session_measure_pooled : bb_session_measure)(
            c->recording, &c->windows, &x->recipe, tell_session, c, &x->scales, err));
        ++c->measured;
    }
    return BB_OK;
}

static bb_status open_job(computation *c, size_t i, bb_error *err) {
    bb_job *j = &c->jobs[i];
    const size_t first = j->spec.model ? first_of_encoder(c, i) : i;
    if (is_cached(j)) return BB_OK;
    if (j->spec.model && !c->encoders[first])
        BB_TRY(bb_encoder_create(j->spec.model, j->spec.precision, c->windows.threads, &c->encoders[first],
                                 err));
    j->first_window = c->first;
    j->watch = tell_pass;
    j->watch_context = c;
    return bb_job_open(j, j->spec.model ? c->encoders[first] : NULL, c->threads, err);
}

/* What has to be made, and what that needs. */
static bb_status open_jobs(computation *c, bb_error *err) {
    for (size_t i = 0; i < c->count; ++i) {
        const bb_job *j = &c->jobs[i];
        if (is_cached(j)) continue;
        c->encoder_jobs += j->spec.model != NULL;
        if (bb_feature_spec_has_spectrogram(&j->spec)) c->spectra.list[j->spectrum].wanted = true;
    }
    BB_TRY(measure_sessions(c, err));
    BB_TRY(bb_spectra_prepare(&c->spectra, &c->survey, c->threads, err));
    for (size_t i = 0; i < c->count; ++i) BB_TRY(open_job(c, i, err));
    return BB_OK;
}

/* ---------------------------------------------------------------- the pass */

/* Windows before this rank's own are passed over: the signal chain's filters have to see them. */
static bb_status take_window(computation *c, bb_window_stream *stream, int64_t index, bb_error *err) {
    const double *data;
    int64_t stride;
    BB_TRY(bb_window_stream_next(stream, &data, &stride, err));
    if (index < c->first) return tell_pass(c, 0, err);
    BB_TRY(bb_spectra_compute(&c->spectra, &c->survey, data, stride, c->threads, err));
    for (size_t i = 0; i < c->count; ++i)
        if (!is_cached(&c->jobs[i]))
            BB_TRY(bb_job_take(&c->jobs[i], index, data, stride, bb_window_stream_unsound(stream), c->threads,
                               err));
    return c->encoder_jobs == 0 ? tell_pass(c, c->survey.channels, err) : BB_OK;
}

static bb_status take_windows(computation *c, bb_error *err) {
    bb_window_stream *stream;
    if (c->first == c->end) return BB_OK;
    BB_TRY(bb_window_stream_create(c->recording, &c->windows, &stream, err));
    bb_status status = BB_OK;
    for (int64_t index = 0; index < c->end && status == BB_OK; ++index)
        status = take_window(c, stream, index, err);
    for (size_t i = 0; i < c->count && status == BB_OK; ++i) status = bb_job_flush(&c->jobs[i], err);
    bb_window_stream_destroy(stream);
    return status;
}

static bb_status pass(computation *c, bb_error *err) {
    BB_TRY(take_windows(c, err));
    for (size_t i = 0; i < c->count; ++i) {
        if (is_cached(&c->jobs[i])) continue;
        BB_TRY(bb_job_share(&c->jobs[i], c->options->ranks, err));
        BB_TRY(bb_job_finish(&c->jobs[i], err));
    }
    return BB_OK;
}

static bb_status compute(computation *c, const bb_feature_spec *specs, bb_error *err) {
    c->jobs = bb_calloc(c->count, sizeof *c->jobs);
    c->encoders = bb_calloc(c->count, sizeof *c->encoders);
    if (!c->jobs || !c->encoders) return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu features", c->count);
    BB_TRY(bb_survey_take(c->recording, &c->windows, &c->survey, err));
    c->windows.window_s = c->survey.window_s; /* the session's too, where the length was left open */
    bb_ranks_part(c->survey.windows, bb_ranks_count(c->options->ranks), bb_ranks_me(c->options->ranks),
                  &c->first, &c->end);
    BB_TRY(plan_jobs(c, specs, err));
    BB_TRY(search_cache(c, err));
    BB_TRY(open_jobs(c, err));
    bool all_cached = true;
    for (size_t i = 0; i < c->count; ++i) all_cached = all_cached && is_cached(&c->jobs[i]);
    return all_cached ? BB_OK : pass(c, err);
}

bb_status bb_features_compute(bb_recording *recording, const bb_feature_options *options,
                              const bb_feature_spec *specs, size_t spec_count, bb_feature_set **sets,
                              bb_error *err) {
    const int threads = options->windows.threads;
    computation c = {.recording = recording,
                     .windows = options->windows,
                     .options = options,
                     .threads = threads > 0 ? threads : omp_get_num_procs(),
                     .count = spec_count};
    for (size_t i = 0; i < spec_count; ++i) sets[i] = NULL;
    const bb_status status = compute(&c, specs, err);
    for (size_t i = 0; c.jobs && i < spec_count; ++i) {
        if (status == BB_OK) {
            sets[i] = c.jobs[i].set;
            c.jobs[i].set = NULL;
        }
        bb_job_free(&c.jobs[i]);
    }
    for (size_t i = 0; c.encoders && i < spec_count; ++i) bb_encoder_destroy(c.encoders[i]);
    bb_free(c.jobs);
    bb_free(c.encoders);
    bb_spectra_free(&c.spectra);
    bb_survey_free(&c.survey);
    return status;
}
