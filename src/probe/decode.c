/* Decoding of views, some electrodes at a time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

/* Features and scores of so many electrodes at once as take this many bytes. */
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
    o.ranks = run->o->ranks;
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
    int64_t before, all; /* matrices done and in all */
    int64_t folds;
    double score_bytes; /* of a window in all repeats, true labels and shuffled */
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
    if (status == BB_OK) status = bb_decode(plan, features, count, tell, s, out, err);
    bb_free(data);
    bb_free(spoilt);
    bb_free(features);
    bb_free(names);
    return status;
}

static bb_status decode_view(const bb_view *v, const bb_decoding_plan *plan, size_t spec, stage *s,
                             bb_decoding *out, bb_error *err) {
    const int64_t matrices = bb_view_matrices(v), parts = v->task.parts;
    const double width = (double)bb_view_dim(v, spec),
                 one = (double)v->rows * (width * sizeof(float) + s->score_bytes);
    const int64_t fit = (int64_t)fmax(1, floor(matrix_bytes / one)), some = fit < matrices ? fit : matrices;
    s->folds = bb_decoding_plan_folds(plan);
    for (int64_t m = 0; m < matrices; m += some) {
        const int64_t count = matrices - m < some ? matrices - m : some;
        BB_TRY(decode_some(v, plan, spec, m, count, s, out + m * parts, err));
        s->before += count;
    }
    return BB_OK;
}

static bb_status decode_with(const bb_view *v, const bb_decoding_options *o, size_t spec, stage *s,
                             bb_decoding *out, bb_error *err) {
    bb_decoding_plan *plan;
    BB_TRY(bb_decoding_plan_create(&v->task, o, &plan, err));
    const bb_status status = decode_view(v, plan, spec, s, out, err);
    bb_decoding_plan_destroy(plan);
    return status;
}

static double score_bytes(const bb_probe_run *run, const bb_decoding_options *o) {
    const double outputs = run->info->class_count > 2 ? (double)run->info->class_count : 1;
    return (1.0 + o->controls) * o->repeats * outputs * sizeof(double);
}

bb_status bb_views_decode(const bb_views *views, const bb_decoding_options *o, size_t spec, const char *name,
                          bb_decoding **out, bb_error *err) {
    const bb_probe_run *run = views->list[0].run;
    const bb_decoding_options own = bb_probe_decoding(run);
    stage s = {.run = run, .name = name, .score_bytes = score_bytes(run, o ? o : &own)};
    for (size_t i = 0; i < views->count; ++i) s.all += bb_view_matrices(&views->list[i]);
    *out = bb_calloc((size_t)bb_views_decodings(views), sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "no memory for results");
    bb_decoding *at = *out;
    for (size_t i = 0; i < views->count; ++i) {
        const bb_view *v = &views->list[i];
        BB_TRY(o ? decode_with(v, o, spec, &s, at, err) : decode_view(v, v->plan, spec, &s, at, err));
        at += bb_view_decodings(v);
    }
    return BB_OK;
}

void bb_decodings_free(bb_decoding *d, int64_t count) {
    for (int64_t i = 0; i < count && d; ++i) bb_decoding_free(&d[i]);
    bb_free(d);
}
