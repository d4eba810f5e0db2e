/* What was done, as results say it: the task, its classes, the split, and what to beware of. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "probe/probe.h"

/* "loud - soft", "value of pitch", or the task's own name. */
static void add_name(const bb_probe_run *run, cJSON *task) {
    const bb_task_info *t = run->info;
    char name[256];
    if (t->name)
        snprintf(name, sizeof name, "%s", t->name);
    else if (t->kind == BB_TASK_NUMBER)
        snprintf(name, sizeof name, "%s", t->value);
    else if (t->class_count == 2)
        snprintf(name, sizeof name, "%s against %s", t->classes[0], t->classes[1]);
    else
        snprintf(name, sizeof name, "%zu classes", t->class_count);
    cJSON_AddStringToObject(task, "name", name);
}

static void add_classes(const bb_probe_run *run, cJSON *task) {
    const bb_task_info *t = run->info;
    if (t->kind == BB_TASK_NUMBER) {
        bb_json_add_score(task, "value_mean", t->value_mean);
        bb_json_add_score(task, "value_sd", t->value_sd);
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(task, "classes");
    for (size_t k = 0; k < t->class_count; ++k) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", t->classes[k]);
        cJSON_AddNumberToObject(item, "windows", (double)t->class_trials[k]);
        cJSON_AddItemToArray(list, item);
    }
}

static void add_left_out(const bb_probe_run *run, cJSON *task) {
    const bb_task_left_out *l = &run->info->left_out;
    const struct {
        const char *key;
        size_t count;
    } reasons[] = {{"outside_recording", l->outside}, {"event_too_short", l->short_event},
                   {"no_onset", l->no_onset},         {"no_label", l->no_label},
                   {"no_value", l->no_value},         {"unwanted_label", l->unwanted},
                   {"between_cuts", l->ambiguous},    {"balancing", l->balancing}};
    cJSON *object = cJSON_AddObjectToObject(task, "left_out");
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; ++i)
        if (reasons[i].count > 0) cJSON_AddNumberToObject(object, reasons[i].key, (double)reasons[i].count);
}

static bb_status add_overlaps(const bb_view *v, int64_t *overlaps, int64_t *tested, bb_error *err) {
    const bb_split *split = bb_decoding_plan_split(v->plan);
    for (int k = 0; k < bb_split_folds(split); ++k) {
        int64_t own;
        BB_TRY(bb_split_overlaps(&v->task.items, bb_split_fold(split, k), &own, err));
        *overlaps += own;
        *tested += bb_split_fold(split, k)->test_count;
    }
    return BB_OK;
}

/* "subject 01: " where there are several. */
enum { WHOSE = 64 };
static const char *whose(const bb_views *views, size_t i, char out[WHOSE]) {
    const char *name = bb_view_subject(&views->list[i]);
    snprintf(out, WHOSE, views->count > 1 ? "subject %.40s: " : "", name ? name : "without a name");
    return out;
}

static bb_status warn_of_overlaps(bb_probe_run *run, const bb_views *views, bb_error *err) {
    char subject[WHOSE];
    int64_t overlaps = 0, tested = 0;
    for (size_t i = 0; i < views->count; ++i) BB_TRY(add_overlaps(&views->list[i], &overlaps, &tested, err));
    if (overlaps > 0)
        bb_results_warn(
            run,
            "%lld of %lld tested windows overlap in time with windows that were learned from: scores are "
            "too high. A blocked split, or --gap, keeps them apart",
            (long long)overlaps, (long long)tested);
    for (size_t i = 0; i < views->count; ++i) {
        const char *note = bb_split_note(bb_decoding_plan_split(views->list[i].plan));
        if (note) bb_results_warn(run, "%s%s", whose(views, i, subject), note);
    }
    return BB_OK;
}

static void warn_of_few(bb_probe_run *run) {
    enum { FEW = 10 };
    for (size_t k = 0; k < run->info->class_count; ++k)
        if (run->info->class_trials[k] < FEW)
            bb_results_warn(run, "class %s has %zu windows: expect scores anywhere", run->info->classes[k],
                            run->info->class_trials[k]);
}

/* Of several subjects the most. */
static int most_folds(const bb_views *views) {
    int most = 0;
    for (size_t i = 0; i < views->count; ++i) {
        const int own = bb_split_folds(bb_decoding_plan_split(views->list[i].plan));
        if (own > most) most = own;
    }
    return most;
}

static void add_split(const bb_probe_run *run, const bb_views *views, cJSON *task) {
    const bb_split_options *o = &run->o->decoding.split;
    cJSON *split = cJSON_AddObjectToObject(task, "split");
    cJSON_AddStringToObject(split, "kind", run->o->split);
    cJSON_AddNumberToObject(split, "folds", most_folds(views));
    if (strcmp(run->o->split, "trial") == 0)
        cJSON_AddNumberToObject(split, "repeats", run->o->decoding.repeats);
    const bool blocked = strcmp(run->o->split, "blocked") == 0;
    if (blocked || o->gap_s > 0)
        cJSON_AddNumberToObject(split, "gap_s", isnan(o->gap_s) ? run->info->window_s : o->gap_s);
    cJSON_AddNumberToObject(split, "seed", (double)run->o->decoding.seed);
}

static const char *decoder_name(const bb_probe_run *run) {
    if (run->o->finetune) return "fine-tuned model";
    if (run->o->decoding.decoder == BB_DECODER_UNIT) return "linear unit, AdamW";
    if (run->o->decoding.decoder == BB_DECODER_MLP) return "MLP 1024-512-256-128, AdamW";
    if (run->info->kind == BB_TASK_NUMBER) return "ridge regression";
    return run->info->class_count > 2 ? "softmax regression" : "logistic regression";
}

bb_status bb_results_describe(bb_probe_run *run, const bb_views *views, bb_error *err) {
    cJSON *task = bb_results_task(run);
    add_name(run, task);
    cJSON_AddStringToObject(task, "measure", bb_probe_measure(run));
    cJSON_AddNumberToObject(task, "chance", run->info->kind == BB_TASK_NUMBER ? 0 : 0.5);
    cJSON_AddStringToObject(task, "decoder", decoder_name(run));
    cJSON_AddNumberToObject(task, "window_s", run->info->window_s);
    bb_json_add_score(task, "offset_s", run->o->task.offset_s);
    cJSON_AddNumberToObject(task, "windows", (double)run->info->trial_count);
    cJSON_AddNumberToObject(task, "control_runs", run->o->decoding.controls);
    cJSON_AddNumberToObject(task, "bootstrap_draws", run->o->decoding.draws);
    add_split(run, views, task);
    add_classes(run, task);
    add_left_out(run, task);
    warn_of_few(run);
    char subject[WHOSE];
    for (size_t i = 0; i < views->count; ++i)
        BB_TRY(bb_results_warn_of_order(run, whose(views, i, subject), views->list[i].plan, err));
    return warn_of_overlaps(run, views, err);
}
