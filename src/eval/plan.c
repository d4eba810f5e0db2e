#include "eval/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/groups.h"
#include "eval/targets.h"

bb_decoding_options bb_decoding_options_default(void) {
    return (bb_decoding_options){.split = bb_split_options_default(),
                                 .repeats = 1,
                                 .inner_folds = 4,
                                 .tolerance = 1e-4,
                                 .controls = 20,
                                 .draws = 1000,
                                 .steps = 1000};
}

static const char *const kind_names[] = {"convex", "unit", "mlp", "finetuned"};

const char *bb_decoder_kind_name(bb_decoder_kind kind) { return kind_names[kind]; }

int bb_decoder_kind_from_name(const char *name, bb_decoder_kind *out) {
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; ++i)
        if (strcmp(name, kind_names[i]) == 0) return *out = (bb_decoder_kind)i, 1;
    return 0;
}

bb_decoder_targets bb_plan_targets(const bb_decoding_plan *p, int version) {
    bb_decoder_targets t = p->task.targets;
    t.labels = p->labels ? p->labels + version * p->task.items.count : NULL;
    t.values = p->values ? p->values + version * p->task.items.count : NULL;
    return t;
}

bool bb_plan_is_of_part(const bb_decoding_plan *p, int64_t i, int part) {
    return part < 0 || !p->task.part || p->task.part[i] == part;
}

int64_t bb_plan_part_windows(const bb_decoding_plan *p, int part) {
    int64_t count = 0;
    for (int64_t i = 0; i < p->task.items.count; ++i) count += bb_plan_is_of_part(p, i, part);
    return count;
}

/* ---------------------------------------------------------------- folds */

/* The strength is chosen as the outer split is made, but that leaving out one group at a time, or random
 * windows, becomes leaving out some groups, or blocks of time. */
static bb_status split_again(bb_decoding_plan *p, bb_plan_fold *f) {
    bb_split_options o = p->options.split;
    bb_error never; /* too little to split again is no failure: the strength then is the middle one */
    o.folds = p->options.inner_folds;
    o.seed += (uint64_t)f->repeat;
    if (o.kind == BB_SPLIT_LEAVE_GROUP_OUT) o.kind = BB_SPLIT_GROUPED;
    if (o.kind == BB_SPLIT_PUBLISHED) o.kind = BB_SPLIT_BLOCKED;
    for (; o.folds >= 2 && !f->inner; --o.folds)
        bb_split_create_subset(&p->task.items, f->train, f->train_count, &o, &f->inner, &never);
    return BB_OK;
}

static bb_status take_fold(bb_decoding_plan *p, int repeat, int own, int k, bb_error *err) {
    const bb_fold *from = bb_split_fold(p->splits[repeat], own);
    bb_plan_fold *f = &p->fold[k];
    f->repeat = repeat;
    f->train_count = from->train_count + from->validation_count;
    f->test_count = from->test_count;
    f->train = bb_calloc((size_t)f->train_count, sizeof *f->train);
    f->test = bb_calloc((size_t)f->test_count, sizeof *f->test);
    if (!f->train || !f->test) return bb_fail(err, BB_ERR_MEMORY, "no memory for a fold");
    memcpy(f->train, from->train, (size_t)from->train_count * sizeof *f->train);
    if (from->validation_count > 0)
        memcpy(f->train + from->train_count, from->validation,
               (size_t)from->validation_count * sizeof *f->train);
    memcpy(f->test, from->test, (size_t)f->test_count * sizeof *f->test);
    BB_TRY(bb_few_shots(&p->task, p->options.seed + (uint64_t)(1000 * p->options.shot_run + k),
                        p->options.shots, f->train, &f->train_count, err));
    return split_again(p, f);
}

static bb_status make_folds(bb_decoding_plan *p, bb_error *err) {
    p->splits = bb_calloc((size_t)p->repeats, sizeof(bb_split *));
    if (!p->splits) return bb_fail(err, BB_ERR_MEMORY, "no memory for splits");
    for (int r = 0; r < p->repeats; ++r) {
        bb_split_options o = p->options.split;
        o.seed += (uint64_t)r;
        BB_TRY(bb_split_create(&p->task.items, &o, &p->splits[r], err));
        p->folds += bb_split_folds(p->splits[r]);
    }
    p->fold = bb_calloc((size_t)p->folds, sizeof *p->fold);
    if (!p->fold) return bb_fail(err, BB_ERR_MEMORY, "no memory for %d folds", p->folds);
    for (int r = 0, k = 0; r < p->repeats; ++r)
        for (int own = 0; own < bb_split_folds(p->splits[r]); ++own, ++k)
            BB_TRY(take_fold(p, r, own, k, err));
    return BB_OK;
}

/* ---------------------------------------------------------------- labels and draws */

static bb_status make_versions(bb_decoding_plan *p, bb_error *err) {
    const bb_decoder_targets *t = &p->task.targets;
    const int64_t n = p->task.items.count;
    const size_t all = (size_t)(p->versions * n);
    if (t->kind == BB_SQUARES)
        p->values = bb_calloc(all, sizeof *p->values);
    else
        p->labels = bb_calloc(all, sizeof *p->labels);
    if (!p->values && !p->labels) return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu labels", all);
    if (p->values) memcpy(p->values, t->values, (size_t)n * sizeof *p->values);
    for (int64_t i = 0; i < n && p->labels; ++i)
        p->labels[i] = t->kind == BB_LOGISTIC ? t->labels[i] == 0 : t->labels[i];
    for (int v = 1; v < p->versions; ++v) {
        if (p->values)
            BB_TRY(bb_shuffle(&p->task, p->options.seed, v, p->values, sizeof *p->values, p->values + v * n,
                              err));
        else
            BB_TRY(bb_shuffle(&p->task, p->options.seed, v, p->labels, sizeof *p->labels, p->labels + v * n,
                              err));
    }
    return BB_OK;
}

static bb_status make_draws(bb_decoding_plan *p, bb_error *err) {
    const int64_t n = p->task.items.count;
    p->trial_of = bb_calloc((size_t)n, sizeof *p->trial_of);
    if (!p->trial_of) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows", (long long)n);
    BB_TRY(bb_rank_ids(p->task.trial, n, p->trial_of, &p->trials, err));
    p->draws = bb_calloc((size_t)(p->options.draws * p->trials), sizeof *p->draws);
    if (!p->draws) return bb_fail(err, BB_ERR_MEMORY, "no memory for %d draws", p->options.draws);
    for (int d = 0; d < p->options.draws; ++d)
        BB_TRY(bb_bootstrap_weights(p->options.seed, (uint64_t)d, NULL, p->trials, p->draws + d * p->trials,
                                    err));
    return BB_OK;
}

static bb_status check(const bb_decoding_task *t, const bb_decoding_options *o, bb_error *err) {
    if (o->repeats < 1 || o->repeats > 1000 || o->inner_folds < 2 || o->inner_folds > 100 ||
        o->controls < 0 || o->controls > 10000 || o->draws < 0 || o->draws > 100000 || o->shots < 0 ||
        !(o->tolerance > 0 && o->tolerance < 1) || o->steps < 1 ||
        (t->targets.kind == BB_SOFTMAX && t->targets.classes > BB_CLASSES_MOST))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "decoding: expected 1 to 1000 repeats, 2 to 100 inner folds, up to 10,000 controls and 100,000 "
            "draws, a "
            "tolerance below 1, 1 step or more, up to %d classes; found %d, %d, %d, %d, %g, %d, %d",
            BB_CLASSES_MOST, o->repeats, o->inner_folds, o->controls, o->draws, o->tolerance, o->steps,
            t->targets.classes);
    if (o->decoder == BB_DECODER_FINETUNED && (!o->model || !o->finetune))
        return bb_fail(err, BB_ERR_ARGUMENT, "decoding: fine-tuning wants a model and its options");
    for (int64_t i = 0; t->part && i < t->items.count; ++i)
        if (t->part[i] < 0 || t->part[i] >= t->parts)
            return bb_fail(err, BB_ERR_ARGUMENT, "decoding: window %lld: expected a part below %d, found %d",
                           (long long)i, t->parts, t->part[i]);
    return bb_check_targets(&t->targets, NULL, t->items.count, err);
}

static bb_status make(bb_decoding_plan *p, bb_error *err) {
    BB_TRY(check(&p->task, &p->options, err));
    p->versions = 1 + p->options.controls;
    p->repeats = p->options.split.kind == BB_SPLIT_GROUPED ? p->options.repeats : 1;
    p->outputs = p->task.targets.kind == BB_SOFTMAX ? p->task.targets.classes : 1;
    BB_TRY(make_folds(p, err));
    BB_TRY(make_versions(p, err));
    return make_draws(p, err);
}

bb_status bb_decoding_plan_create(const bb_decoding_task *task, const bb_decoding_options *options,
                                  bb_decoding_plan **out, bb_error *err) {
    *out = NULL;
    bb_decoding_plan *p = bb_calloc(1, sizeof *p);
    if (!p) return bb_fail(err, BB_ERR_MEMORY, "no memory for a plan of decoding");
    p->task = *task;
    p->options = *options;
    if (p->task.parts < 1) p->task.parts = 1;
    const bb_status status = make(p, err);
    if (status == BB_OK)
        *out = p;
    else
        bb_decoding_plan_destroy(p);
    return status;
}

void bb_decoding_plan_destroy(bb_decoding_plan *p) {
    if (!p) return;
    for (int k = 0; k < p->folds && p->fold; ++k) {
        bb_free(p->fold[k].train);
        bb_free(p->fold[k].test);
        bb_split_destroy(p->fold[k].inner);
    }
    bb_free(p->fold);
    for (int r = 0; r < p->repeats && p->splits; ++r) bb_split_destroy(p->splits[r]);
    bb_free(p->splits);
    bb_free(p->labels);
    bb_free(p->values);
    bb_free(p->trial_of);
    bb_free(p->draws);
    bb_free(p);
}

int bb_decoding_plan_folds(const bb_decoding_plan *plan) { return plan->folds; }

const bb_split *bb_decoding_plan_split(const bb_decoding_plan *plan) { return plan->splits[0]; }
