#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* ---------------------------------------------------------------- what a trial has at an electrode */

int64_t bb_probe_channel(const bb_probe_recording *r, size_t electrode) {
    return electrode < r->channel_of_count ? r->channel_of[electrode] : -1;
}

/* The channel of its recording's sets; -1: none. */
static int64_t channel_of(const bb_probe_run *run, size_t trial, size_t electrode) {
    const bb_trial *t = &run->info->trials[trial];
    const bb_probe_recording *r = &run->recordings[t->recording];
    const int64_t channel = bb_probe_channel(r, electrode);
    return channel >= 0 && t->channel >= 0 ? r->trial_channel[t->channel] : channel;
}

/* Features of a trial at an electrode; NULL: there are none, or of something unsound. */
static const float *features_of(const bb_probe_run *run, size_t spec, size_t trial, size_t electrode) {
    const int64_t c = channel_of(run, trial, electrode);
    if (c < 0) return NULL;
    const bb_probe_recording *r = &run->recordings[run->info->trials[trial].recording];
    const bb_feature_set_info *set = bb_feature_set_get_info(r->sets[spec]);
    const int64_t w = (int64_t)run->onset_of[trial];
    if (!set->kept[w] || set->unsound[c * set->windows + w]) return NULL;
    return set->data + (c * set->windows + w) * set->dim;
}

/* ---------------------------------------------------------------- rows */

static bb_status reserve(bb_view *v, int64_t rows, bb_error *err) {
    const size_t n = (size_t)rows;
    v->trial = bb_calloc(n, sizeof *v->trial);
    v->electrode = bb_calloc(n, sizeof *v->electrode);
    v->start_s = bb_calloc(n, sizeof *v->start_s);
    v->values = bb_calloc(n, sizeof *v->values);
    v->recording = bb_calloc(n, sizeof *v->recording);
    v->label = bb_calloc(n, sizeof *v->label);
    v->group = bb_calloc(n, sizeof *v->group);
    v->event = bb_calloc(n, sizeof *v->event);
    v->chosen = bb_calloc(v->run->electrode_count, sizeof *v->chosen);
    return v->trial && v->electrode && v->start_s && v->values && v->recording && v->label && v->group &&
                   v->event && v->chosen
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows", (long long)rows);
}

static int64_t group_of(const bb_probe_run *run, const bb_trial *t) {
    const bb_probe_recording *r = &run->recordings[t->recording];
    if (strcmp(run->o->split, "session") == 0) return r->session_id;
    if (strcmp(run->o->split, "subject") == 0) return r->subject_id;
    return t->event;
}

static void add_row(bb_view *v, size_t trial, int electrode) {
    const bb_trial *t = &v->run->info->trials[trial];
    const int64_t i = v->rows++;
    v->trial[i] = trial;
    v->electrode[i] = electrode;
    v->start_s[i] = t->start_s;
    v->values[i] = t->value;
    v->label[i] = t->label;
    /* Channels that are trials have clocks of their own. */
    v->recording[i] =
        (int)t->recording + (t->channel >= 0 ? (int)(t->channel * (int64_t)v->run->recording_count) : 0);
    v->group[i] = group_of(v->run, t);
    v->event[i] = t->event;
}

/* Whether the trial is a row of the electrode; where not stacked, of all of the subject's. */
static bool is_row(const bb_view *v, size_t trial, size_t electrode) {
    const bb_probe_run *run = v->run;
    if (v->stacked) return channel_of(run, trial, electrode) >= 0;
    return run->recordings[run->info->trials[trial].recording].subject_id == v->subject;
}

static void add_rows(bb_view *v) {
    const bb_probe_run *run = v->run;
    for (size_t e = 0; e < (v->stacked ? run->electrode_count : 1); ++e)
        for (size_t t = 0; t < run->info->trial_count; ++t)
            if (is_row(v, t, e)) add_row(v, t, v->stacked ? (int)e : -1);
}

static int64_t count_rows(const bb_view *v) {
    const bb_probe_run *run = v->run;
    int64_t rows = 0;
    for (size_t e = 0; e < (v->stacked ? run->electrode_count : 1); ++e)
        for (size_t t = 0; t < run->info->trial_count; ++t) rows += is_row(v, t, e);
    return rows;
}

static void describe(bb_view *v) {
    const bb_task_info *info = v->run->info;
    const bool numbers = info->kind == BB_TASK_NUMBER;
    v->task = (bb_decoding_task){.items = {.count = v->rows,
                                           .start_s = v->start_s,
                                           .window_s = info->window_s,
                                           .recording = v->recording,
                                           .group = v->group,
                                           .label = numbers ? NULL : v->label},
                                 .trial = v->event,
                                 .targets = {.kind = numbers                 ? BB_SQUARES
                                                     : info->class_count > 2 ? BB_SOFTMAX
                                                                             : BB_LOGISTIC,
                                             .classes = (int)info->class_count,
                                             .labels = v->label,
                                             .values = v->values},
                                 .part = v->stacked ? v->electrode : NULL,
                                 .parts = v->stacked ? (int)v->run->electrode_count : 1};
}

bb_status bb_view_create(const bb_probe_run *run, int subject, bb_view *v, bb_error *err) {
    *v = (bb_view){.run = run, .subject = subject, .stacked = subject < 0, .use = run->o->electrodes};
    BB_TRY(reserve(v, count_rows(v), err));
    add_rows(v);
    describe(v);
    for (size_t e = 0; e < run->electrode_count; ++e)
        if (v->stacked || run->electrodes[e].subject_id == subject) v->chosen[v->chosen_count++] = e;
    return BB_OK;
}

void bb_view_free(bb_view *v) {
    bb_free(v->trial);
    bb_free(v->electrode);
    bb_free(v->start_s);
    bb_free(v->values);
    bb_free(v->recording);
    bb_free(v->label);
    bb_free(v->group);
    bb_free(v->event);
    bb_free(v->chosen);
    bb_decoding_plan_destroy(v->plan);
    *v = (bb_view){0};
}

const char *bb_view_subject(const bb_view *v) {
    const bb_probe_run *run = v->run;
    for (size_t r = 0; r < run->recording_count && !v->stacked; ++r)
        if (run->recordings[r].subject_id == v->subject) return run->recordings[r].subject;
    return NULL;
}

/* ---------------------------------------------------------------- matrices */

int64_t bb_view_matrices(const bb_view *v) {
    return v->stacked || v->use != BB_ELECTRODES_EACH ? 1 : (int64_t)v->chosen_count;
}

int64_t bb_view_decodings(const bb_view *v) { return bb_view_matrices(v) * v->task.parts; }

int64_t bb_views_decodings(const bb_views *views) {
    int64_t count = 0;
    for (size_t i = 0; i < views->count; ++i) count += bb_view_decodings(&views->list[i]);
    return count;
}

static int64_t dim_of(const bb_probe_run *run, size_t spec) {
    for (size_t r = 0; r < run->recording_count; ++r)
        if (run->recordings[r].sets[spec]) return bb_feature_set_get_info(run->recordings[r].sets[spec])->dim;
    return 0;
}

int64_t bb_view_dim(const bb_view *v, size_t spec) {
    const bool together = !v->stacked && v->use == BB_ELECTRODES_TOGETHER;
    return dim_of(v->run, spec) * (together ? (int64_t)v->chosen_count : 1);
}

/* Side by side, or added up. */
static bool fill_all(const bb_view *v, size_t spec, int64_t row, int64_t dim, float *out) {
    const bool together = v->use == BB_ELECTRODES_TOGETHER;
    for (size_t k = 0; k < v->chosen_count; ++k) {
        const float *x = features_of(v->run, spec, v->trial[row], v->chosen[k]);
        if (!x) return false;
        for (int64_t j = 0; j < dim; ++j)
            if (together)
                out[(int64_t)k * dim + j] = x[j];
            else
                out[j] += x[j] / (float)v->chosen_count;
    }
    return true;
}

void bb_view_fill(const bb_view *v, size_t spec, int64_t matrix, float *data, unsigned char *spoilt) {
    const int64_t dim = dim_of(v->run, spec), width = bb_view_dim(v, spec);
    memset(data, 0, (size_t)(v->rows * width) * sizeof *data);
    for (int64_t i = 0; i < v->rows; ++i) {
        float *out = data + i * width;
        if (!v->stacked && v->use != BB_ELECTRODES_EACH) {
            spoilt[i] = !fill_all(v, spec, i, dim, out);
            continue;
        }
        const size_t electrode = v->stacked ? (size_t)v->electrode[i] : v->chosen[matrix];
        const float *x = features_of(v->run, spec, v->trial[i], electrode);
        spoilt[i] = !x;
        if (x) memcpy(out, x, (size_t)dim * sizeof *out);
    }
}
