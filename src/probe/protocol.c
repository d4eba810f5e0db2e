/* The protocols: every electrode or the best of them, all labels or few, each with every kind of features. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* ---------------------------------------------------------------- views */

/* One decoder of several electrodes learns from windows that have all of them. */
static bb_status check_shared(const bb_view *v, bb_error *err) {
    const bb_probe_run *run = v->run;
    const bb_probe_recording *lacking = NULL;
    const char *name = "";
    for (size_t r = 0; r < run->recording_count && v->use != BB_ELECTRODES_EACH; ++r) {
        const bb_probe_recording *own = &run->recordings[r];
        size_t k = 0;
        if (own->onset_count == 0) continue;
        while (k < v->chosen_count && bb_probe_channel(own, v->chosen[k]) >= 0) ++k;
        if (k == v->chosen_count) return BB_OK;
        if (!lacking) name = run->electrodes[v->chosen[k]].name;
        lacking = lacking ? lacking : own;
    }
    if (!lacking) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "electrodes together or pooled: expected a recording of all %zu, found none (%s lacks %s)",
                   v->chosen_count, lacking->path, name);
}

static bb_status plan_view(bb_view *v, bb_error *err) {
    const bb_decoding_options o = bb_probe_decoding(v->run);
    BB_TRY(check_shared(v, err));
    return bb_decoding_plan_create(&v->task, &o, &v->plan, err);
}

/* What has no part in this view's decoding, without which that of other subjects goes on. */
static void leave_out(bb_probe_run *run, const bb_view *v, const bb_error *why) {
    const char *name = bb_view_subject(v);
    bb_results_warn(run, "subject %s is left out: %s", name ? name : "without a name", why->message);
}

static int count_subjects(const bb_probe_run *run) {
    int count = 0;
    for (size_t r = 0; r < run->recording_count; ++r)
        if (run->recordings[r].subject_id >= count) count = run->recordings[r].subject_id + 1;
    return count;
}

/* One for each subject with trials that can be split; the reason why not where there is none. */
static bb_status create_views(bb_probe_run *run, bb_views *views, bb_error *err) {
    const bool stacked = strcmp(run->o->split, "subject") == 0;
    const int subjects = stacked ? 1 : count_subjects(run);
    bb_status refused = BB_OK;
    views->list = bb_calloc((size_t)subjects, sizeof *views->list);
    if (!views->list) return bb_fail(err, BB_ERR_MEMORY, "no memory for %d subjects", subjects);
    for (int s = 0; s < subjects; ++s) {
        bb_view *v = &views->list[views->count];
        bb_error why = {0};
        bb_status status = bb_view_create(run, stacked ? -1 : s, v, &why);
        const bool empty = status == BB_OK && (v->rows == 0 || v->chosen_count == 0);
        if (status == BB_OK && !empty) status = plan_view(v, &why);
        if (status == BB_OK && !empty) {
            ++views->count;
            continue;
        }
        if (status != BB_OK) {
            *err = why;
            refused = status;
        }
        if (status == BB_ERR_ARGUMENT && subjects > 1) leave_out(run, v, &why);
        bb_view_free(v);
        if (status != BB_OK && status != BB_ERR_ARGUMENT) return status;
    }
    if (views->count > 0) return BB_OK;
    return refused != BB_OK ? refused : bb_fail(err, BB_ERR_ARGUMENT, "expected electrodes, found none");
}

static void free_views(bb_views *views) {
    for (size_t i = 0; i < views->count; ++i) bb_view_free(&views->list[i]);
    bb_free(views->list);
}

/* ---------------------------------------------------------------- all of them */

static bb_status decode_all(bb_probe_run *run, const bb_views *views, bb_error *err) {
    bb_status status = bb_results_describe(run, views, err);
    for (size_t s = 0; s < run->spec_count && status == BB_OK; ++s) {
        bb_decoding *d;
        if (!run->specs[s].shown) continue;
        status = bb_views_decode(views, NULL, s, "decoding", &d, err);
        if (status == BB_OK) status = bb_results_add(run, views, s, d, err);
        bb_decodings_free(d, bb_views_decodings(views));
    }
    return status == BB_OK && run->o->shot_count > 0 ? bb_probe_few_shots(run, views, err) : status;
}

bb_status bb_probe_protocols(bb_probe_run *run, bb_error *err) {
    bb_views views = {0};
    bb_status status = create_views(run, &views, err);
    if (status == BB_OK) status = bb_probe_rank(run, &views, err);
    if (status == BB_OK) status = decode_all(run, &views, err);
    free_views(&views);
    return status;
}
