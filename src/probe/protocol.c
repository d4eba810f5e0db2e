/* The protocols: every electrode or the best of them, all labels or few, each with every kind of features. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* Features of so many electrodes at once as take this many bytes. */
static const double matrix_bytes = 5e8;

bb_decoding_options bb_probe_decoding(const bb_probe_run *run) {
    static const struct {
        const char *word;
        bb_split_kind kind;
    } splits[] = {{"blocked", BB_SPLIT_BLOCKED},
                  {"trial", BB_SPLIT_GROUPED},
                  {"session", BB_SPLIT_LEAVE_GROUP_OUT},
                  {"subject", BB_SPLIT_LEAVE_GROUP_OUT},
                  {"published", BB_SPLIT_PUBLISHED}};
    bb_decoding_options o = run->o->decoding;
    for (size_t i = 0; i < sizeof splits / sizeof *splits; ++i)
        if (strcmp(run->o->split, splits[i].word) == 0) o.split.kind = splits[i].kind;
    if (run->o->finetune) {
        o.decoder = BB_DECODER_FINETUNED;
        o.model = run->o->model;
        o.finetune = run->o->finetune;
    }
    return o;
}

/* ---------------------------------------------------------------- decoding */

typedef struct stage {
    const bb_probe_run *run;
    const char *name;
    int64_t before, all; /* electrodes done and in all, in folds */
    int64_t folds;
} stage;

static int tell(void *context, int64_t done, int64_t total) {
    const stage *s = context;
    (void)total;
    return s->run->o->progress ? s->run->o->progress(s->run->o->context, s->name, s->before * s->folds + done,
                                                     s->all * s->folds)
                               : 0;
}

/* Of an electrode's folder of runs: subjects have electrodes of the same names. */
static void run_name(const bb_view *v, size_t electrode, char out[BB_SPEC_NAME]) {
    const bb_electrode *e = &v->run->electrodes[electrode];
    bool one = true;
    for (size_t i = 0; i < v->run->electrode_count; ++i)
        one = one && v->run->electrodes[i].subject_id == e->subject_id;
    if (one)
        snprintf(out, BB_SPEC_NAME, "%s", e->name);
    else
        snprintf(out, BB_SPEC_NAME, "sub-%s_%s", e->subject ? e->subject : "none", e->name);
}

static bb_status decode_some(const bb_view *v, const bb_decoding_plan *plan, size_t spec, int64_t first,
                             int64_t count, stage *s, bb_decoding *out, bb_error *err) {
    const int64_t width = bb_view_dim(v, spec), size = v->rows * width;
    float *data = bb_calloc((size_t)(count * size), sizeof *data);
    unsigned char *spoilt = bb_calloc((size_t)(count * v->rows), 1);
    bb_decoding_features *features = bb_calloc((size_t)count, sizeof *features);
    char(*names)[BB_SPEC_NAME] = bb_calloc((size_t)count, sizeof *names);
    bb_status status =
        data && spoilt && features && names
            ? BB_OK
            : bb_fail(err, BB_ERR_MEMORY, "no memory for features of %lld windows", (long long)v->rows);
    for (int64_t m = 0; m < count && status == BB_OK; ++m) {
        bb_view_fill(v, spec, first + m, data + m * size, spoilt + m * v->rows);
        features[m] = (bb_decoding_features){{data + m * size, v->rows, width, width},
                                             spoilt + m * v->rows,
                                             v->run->o->finetune ? names[m] : NULL};
        if (v->run->o->finetune) run_name(v, v->chosen[first + m], names[m]);
    }
    s->before = first;
    if (status == BB_OK) status = bb_decode(plan, features, count, tell, s, out, err);
    bb_free(data);
    bb_free(spoilt);
    bb_free(features);
    bb_free(names);
    return status;
}

bb_status bb_probe_decode(const bb_view *v, const bb_decoding_plan *plan, size_t spec, const char *name,
                          bb_decoding *out, bb_error *err) {
    const int64_t matrices = bb_view_matrices(v), parts = v->task.parts;
    const double one = (double)v->rows * (double)bb_view_dim(v, spec) * sizeof(float);
    const int64_t fit = (int64_t)fmax(1, floor(matrix_bytes / one)), some = fit < matrices ? fit : matrices;
    stage s = {.run = v->run, .name = name, .all = matrices, .folds = bb_decoding_plan_folds(plan)};
    for (int64_t m = 0; m < matrices; m += some) {
        const int64_t count = matrices - m < some ? matrices - m : some;
        BB_TRY(decode_some(v, plan, spec, m, count, &s, out + m * parts, err));
    }
    return BB_OK;
}

static int64_t decodings_of(const bb_view *v) { return bb_view_matrices(v) * v->task.parts; }

static void free_all(bb_decoding *d, int64_t count) {
    for (int64_t i = 0; i < count && d; ++i) bb_decoding_free(&d[i]);
    bb_free(d);
}

static bb_status decode_spec(const bb_view *v, const bb_decoding_options *o, size_t spec, const char *name,
                             bb_decoding_plan **plan, bb_decoding **out, bb_error *err) {
    *out = NULL;
    BB_TRY(bb_decoding_plan_create(&v->task, o, plan, err));
    *out = bb_calloc((size_t)decodings_of(v), sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "no memory for results");
    return bb_probe_decode(v, *plan, spec, name, *out, err);
}

/* ---------------------------------------------------------------- the best electrodes */

typedef struct ranked {
    double score;
    size_t electrode;
} ranked;

static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->electrode < y->electrode ? -1 : x->electrode > y->electrode;
}

static int compare_places(const void *a, const void *b) {
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/* By the whole window's voltage, the last of the specs, of each by itself. */
static bb_status keep_best(bb_probe_run *run, bb_view *v, bb_error *err) {
    const size_t best = (size_t)run->o->best;
    if (best == 0 || best >= v->chosen_count || v->stacked) return BB_OK;
    bb_decoding_options o = bb_probe_decoding(run);
    bb_decoding_plan *plan = NULL;
    bb_decoding *d = NULL;
    ranked *list = bb_calloc(v->chosen_count, sizeof *list);
    o.decoder = BB_DECODER_CONVEX;
    o.controls = o.draws = 0;
    v->use = BB_ELECTRODES_EACH;
    o.repeats = 1;
    bb_status status = list ? decode_spec(v, &o, run->spec_count - 1, "ranking electrodes", &plan, &d, err)
                            : bb_fail(err, BB_ERR_MEMORY, "no memory to rank electrodes");
    if (status == BB_OK) {
        for (size_t e = 0; e < v->chosen_count; ++e)
            list[e] = (ranked){isnan(d[e].score) ? -INFINITY : d[e].score, v->chosen[e]};
        qsort(list, v->chosen_count, sizeof *list, compare_ranked);
        for (size_t e = 0; e < best; ++e) v->chosen[e] = list[e].electrode;
        qsort(v->chosen, best, sizeof *v->chosen, compare_places);
        bb_results_warn(
            run,
            "the %zu of %zu electrodes at which the voltage decodes best, as found on the windows that "
            "are scored here: their scores are too high for a new session",
            best, v->chosen_count);
    }
    free_all(d, (int64_t)v->chosen_count);
    if (status == BB_OK) v->chosen_count = best;
    v->use = run->o->electrodes;
    bb_decoding_plan_destroy(plan);
    bb_free(list);
    return status;
}

/* ---------------------------------------------------------------- few shots */

/* Windows to learn from in the smallest fold. */
static int64_t most_shots(const bb_decoding_plan *plan) {
    const bb_split *split = bb_decoding_plan_split(plan);
    int64_t least = INT64_MAX;
    for (int k = 0; k < bb_split_folds(split); ++k) {
        const bb_fold *f = bb_split_fold(split, k);
        const int64_t count = f->train_count + f->validation_count;
        if (count < least) least = count;
    }
    return least;
}

typedef struct curve_point {
    double mean, squares; /* over runs, of the mean over electrodes */
    double *draws;        /* [draws] */
} curve_point;

static bb_status run_shots(const bb_view *v, size_t spec, int64_t shots, int run, int draws, curve_point *p,
                           bb_error *err) {
    bb_decoding_options o = bb_probe_decoding(v->run);
    bb_decoding_plan *plan = NULL;
    bb_decoding *d;
    bb_decoding_mean mean;
    o.shots = shots;
    o.controls = 0;
    o.draws = draws;
    o.shot_run = run;
    bb_status status = decode_spec(v, &o, spec, "learning from few", &plan, &d, err);
    const int64_t count = decodings_of(v);
    if (status == BB_OK) status = bb_decoding_average(d, count, draws, 0, &mean, err);
    if (status == BB_OK) {
        p->mean += mean.score;
        p->squares += mean.score * mean.score;
        for (int k = 0; k < draws; ++k)
            for (int64_t e = 0; e < count; ++e) p->draws[k] += d[e].draws[k] / (double)count;
    }
    free_all(d, count);
    bb_decoding_plan_destroy(plan);
    return status;
}

static bb_status add_point(bb_probe_run *run, const bb_view *v, size_t spec, int64_t shots, bb_error *err) {
    enum { DRAWS = 200 };
    const int runs = run->o->runs;
    curve_point p = {.draws = bb_calloc(DRAWS, sizeof *p.draws)};
    bb_status status = p.draws ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a curve");
    for (int r = 0; r < runs && status == BB_OK; ++r) status = run_shots(v, spec, shots, r, DRAWS, &p, err);
    bb_interval range;
    for (int k = 0; k < DRAWS && status == BB_OK; ++k) p.draws[k] /= runs;
    if (status == BB_OK) status = bb_percentile_interval(p.draws, DRAWS, 0.95, &range, err);
    if (status == BB_OK) {
        const double mean = p.mean / runs;
        bb_results_add_point(run, spec, shots, mean, sqrt(fmax(0, p.squares / runs - mean * mean)), range);
    }
    bb_free(p.draws);
    return status;
}

static bb_status few_shots(bb_probe_run *run, const bb_view *v, const bb_decoding_plan *plan, bb_error *err) {
    const int64_t most = most_shots(plan);
    for (size_t s = 0; s < run->spec_count; ++s)
        for (int k = 0; k < run->o->shot_count && run->specs[s].shown; ++k)
            if (run->o->shots[k] <= most) BB_TRY(add_point(run, v, s, run->o->shots[k], err));
    int beyond = 0;
    for (int k = 0; k < run->o->shot_count; ++k) beyond += run->o->shots[k] > most;
    if (beyond > 0)
        bb_results_warn(run,
                        "few-shot curves end at %lld windows: that is all there is to learn from in a fold",
                        (long long)most);
    return BB_OK;
}

/* ---------------------------------------------------------------- all of them */

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

static bb_status decode_all(bb_probe_run *run, bb_view *v, bb_error *err) {
    const bb_decoding_options o = bb_probe_decoding(run);
    bb_decoding_plan *plan = NULL;
    bb_status status = check_shared(v, err);
    if (status == BB_OK) status = bb_decoding_plan_create(&v->task, &o, &plan, err);
    if (status == BB_OK) status = bb_results_describe(run, v, plan, err);
    for (size_t s = 0; s < run->spec_count && status == BB_OK; ++s) {
        if (!run->specs[s].shown) continue;
        const int64_t count = decodings_of(v);
        bb_decoding *d = bb_calloc((size_t)count, sizeof *d);
        status = d ? bb_probe_decode(v, plan, s, "decoding", d, err)
                   : bb_fail(err, BB_ERR_MEMORY, "no memory for results");
        if (status == BB_OK) status = bb_results_add(run, v, plan, s, d, count, err);
        free_all(d, count);
    }
    if (status == BB_OK && run->o->shot_count > 0) status = few_shots(run, v, plan, err);
    bb_decoding_plan_destroy(plan);
    return status;
}

bb_status bb_probe_protocols(bb_probe_run *run, bb_error *err) {
    bb_view view;
    bb_status status = bb_view_create(run, &view, err);
    if (status == BB_OK) status = keep_best(run, &view, err);
    if (status == BB_OK) status = decode_all(run, &view, err);
    bb_view_free(&view);
    return status;
}
