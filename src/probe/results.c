/* Results as JSON (docs/probe.md): the one form in which they leave, for people's tables and pages as for
 * machines. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/probe.h"

enum { CURVE = 51 }; /* points of a ROC curve */

const char *bb_probe_measure(const bb_probe_run *run) {
    return run->info->kind == BB_TASK_NUMBER ? "pearson_r" : "roc_auc";
}

void bb_json_add_score(cJSON *object, const char *key, double value) {
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_text(cJSON *object, const char *key, const char *text) {
    if (text) cJSON_AddStringToObject(object, key, text);
}

static cJSON *task_of(const bb_probe_run *run) {
    return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(run->json, "tasks"), 0);
}

void bb_results_warn(bb_probe_run *run, const char *format, ...) {
    char text[BB_ERROR_LENGTH];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    cJSON_AddItemToArray(run->warnings, cJSON_CreateString(text));
}

bb_status bb_results_begin(bb_probe_run *run, bb_error *err) {
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    run->json = cJSON_CreateObject();
    cJSON_AddStringToObject(run->json, "program", program);
    cJSON *recordings = cJSON_AddArrayToObject(run->json, "recordings");
    for (size_t r = 0; r < run->recording_count; ++r)
        cJSON_AddItemToArray(recordings, cJSON_CreateString(run->recordings[r].path));
    add_text(run->json, "model", run->o->model ? bb_model_get_info(run->o->model)->path : NULL);
    add_text(run->json, "coordinate_system", run->coordinate_system);
    add_text(run->json, "coordinate_unit", run->coordinate_unit);
    cJSON *tasks = cJSON_AddArrayToObject(run->json, "tasks"), *task = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(tasks, task)) return bb_fail(err, BB_ERR_MEMORY, "no memory for results");
    run->warnings = cJSON_CreateArray();
    return BB_OK;
}

/* ---------------------------------------------------------------- what was done */

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

static bb_status warn_of_overlaps(bb_probe_run *run, const bb_view *v, const bb_decoding_plan *plan,
                                  bb_error *err) {
    const bb_split *split = bb_decoding_plan_split(plan);
    int64_t overlaps = 0, tested = 0;
    for (int k = 0; k < bb_split_folds(split); ++k) {
        int64_t own;
        BB_TRY(bb_split_overlaps(&v->task.items, bb_split_fold(split, k), &own, err));
        overlaps += own;
        tested += bb_split_fold(split, k)->test_count;
    }
    if (overlaps > 0)
        bb_results_warn(
            run,
            "%lld of %lld tested windows overlap in time with windows that were learned from: scores are "
            "too high. A blocked split, or --gap, keeps them apart",
            (long long)overlaps, (long long)tested);
    if (bb_split_note(split)) bb_results_warn(run, "%s", bb_split_note(split));
    return BB_OK;
}

static void warn_of_few(bb_probe_run *run) {
    enum { FEW = 10 };
    for (size_t k = 0; k < run->info->class_count; ++k)
        if (run->info->class_trials[k] < FEW)
            bb_results_warn(run, "class %s has %zu windows: expect scores anywhere", run->info->classes[k],
                            run->info->class_trials[k]);
}

static void warn_of_spoilt(bb_probe_run *run, const bb_view *v, int64_t spoilt) {
    if (spoilt > 0)
        bb_results_warn(
            run, "%lld of %lld windows of electrodes were passed over: unsound, or not recorded there",
            (long long)spoilt, (long long)(v->rows * (v->stacked ? 1 : (int64_t)v->chosen_count)));
}

static void add_split(const bb_probe_run *run, const bb_decoding_plan *plan, cJSON *task) {
    const bb_split_options *o = &run->o->decoding.split;
    cJSON *split = cJSON_AddObjectToObject(task, "split");
    cJSON_AddStringToObject(split, "kind", run->o->split);
    cJSON_AddNumberToObject(split, "folds", bb_split_folds(bb_decoding_plan_split(plan)));
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

bb_status bb_results_describe(bb_probe_run *run, const bb_view *v, const bb_decoding_plan *plan,
                              bb_error *err) {
    cJSON *task = task_of(run);
    add_name(run, task);
    cJSON_AddStringToObject(task, "measure", bb_probe_measure(run));
    cJSON_AddNumberToObject(task, "chance", run->info->kind == BB_TASK_NUMBER ? 0 : 0.5);
    cJSON_AddStringToObject(task, "decoder", decoder_name(run));
    cJSON_AddNumberToObject(task, "window_s", run->info->window_s);
    bb_json_add_score(task, "offset_s", run->o->task.offset_s);
    cJSON_AddNumberToObject(task, "windows", (double)run->info->trial_count);
    cJSON_AddNumberToObject(task, "control_runs", run->o->decoding.controls);
    cJSON_AddNumberToObject(task, "bootstrap_draws", run->o->decoding.draws);
    add_split(run, plan, task);
    add_classes(run, task);
    add_left_out(run, task);
    warn_of_few(run);
    BB_TRY(bb_results_warn_of_order(run, plan, err));
    return warn_of_overlaps(run, v, plan, err);
}

/* ---------------------------------------------------------------- scores */

static cJSON *list_of(const bb_probe_run *run, const char *key) {
    cJSON *task = task_of(run), *list = cJSON_GetObjectItemCaseSensitive(task, key);
    return list ? list : cJSON_AddArrayToObject(task, key);
}

static void add_interval(cJSON *object, const char *low, const char *high, bb_interval interval) {
    bb_json_add_score(object, low, interval.low);
    bb_json_add_score(object, high, interval.high);
}

/* Which electrode decoding `i` of the view is of; its name, or of what it is made of several. */
static void add_electrode(const bb_probe_run *run, const bb_view *v, int64_t i, cJSON *item) {
    if (!v->stacked && run->o->electrodes != BB_ELECTRODES_EACH) {
        char name[64];
        snprintf(name, sizeof name, "%zu %s", v->chosen_count,
                 run->o->electrodes == BB_ELECTRODES_TOGETHER ? "together" : "pooled");
        cJSON_AddStringToObject(item, "electrode", name);
        return;
    }
    const bb_electrode *e = &run->electrodes[v->stacked ? (size_t)i : v->chosen[i]];
    add_text(item, "subject", e->subject);
    cJSON_AddStringToObject(item, "electrode", e->name);
    add_text(item, "group", e->group);
    add_text(item, "region", e->region);
    if (e->has_position) cJSON_AddItemToObject(item, "position", cJSON_CreateDoubleArray(e->position, 3));
}

static bb_status add_curve(const bb_decoding_plan *plan, const bb_decoding *d, cJSON *item, bb_error *err) {
    double rates[CURVE], curve[CURVE];
    BB_TRY(bb_decoding_roc(plan, d, CURVE, curve, err));
    for (int i = 0; i < CURVE; ++i) rates[i] = (double)i / (CURVE - 1);
    cJSON *object = cJSON_AddObjectToObject(item, "roc_curve");
    cJSON_AddItemToObject(object, "false_positive", cJSON_CreateDoubleArray(rates, CURVE));
    cJSON *list = cJSON_AddArrayToObject(object, "true_positive");
    for (int i = 0; i < CURVE; ++i)
        cJSON_AddItemToArray(list, isfinite(curve[i]) ? cJSON_CreateNumber(curve[i]) : cJSON_CreateNull());
    return BB_OK;
}

static bb_status add_result(bb_probe_run *run, const bb_view *v, const bb_decoding_plan *plan, size_t spec,
                            const bb_decoding *d, int64_t i, bb_error *err) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(list_of(run, "results"), item);
    cJSON_AddStringToObject(item, "features", run->specs[spec].name);
    add_electrode(run, v, i, item);
    cJSON_AddNumberToObject(item, "windows", (double)d->windows);
    bb_json_add_score(item, bb_probe_measure(run), d->score);
    add_interval(item, "ci_low", "ci_high", d->interval);
    bb_json_add_score(item, "control_mean", d->control_mean);
    add_interval(item, "control_low", "control_high", d->control);
    if (run->info->kind == BB_TASK_NUMBER) {
        bb_json_add_score(item, "r_squared", d->r_squared);
        return BB_OK;
    }
    if (run->info->class_count == 2) bb_json_add_score(item, "f1", d->f1);
    bb_json_add_score(item, "accuracy", d->accuracy);
    return run->info->class_count == 2 ? add_curve(plan, d, item, err) : BB_OK;
}

static bb_status add_summary(bb_probe_run *run, size_t spec, const bb_decoding *decodings, int64_t count,
                             bb_error *err) {
    bb_decoding_mean m;
    BB_TRY(bb_decoding_average(decodings, count, run->o->decoding.draws, run->o->decoding.controls, &m, err));
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(list_of(run, "summary"), item);
    cJSON_AddStringToObject(item, "features", run->specs[spec].name);
    cJSON_AddNumberToObject(item, "electrodes", (double)m.electrodes);
    bb_json_add_score(item, "mean", m.score);
    bb_json_add_score(item, "sd", m.sd);
    add_interval(item, "ci_low", "ci_high", m.interval);
    bb_json_add_score(item, "control_mean", m.control_mean);
    add_interval(item, "control_low", "control_high", m.control);
    /* What few labels are to reach: the best that needs no encoder. */
    cJSON *task = task_of(run), *target = cJSON_GetObjectItemCaseSensitive(task, "few_shot_target");
    if (run->specs[spec].baseline && isfinite(m.score) && run->o->shot_count > 0) {
        if (!target)
            cJSON_AddNumberToObject(task, "few_shot_target", m.score);
        else if (m.score > target->valuedouble)
            cJSON_SetNumberValue(target, m.score);
    }
    return BB_OK;
}

bb_status bb_results_add(bb_probe_run *run, const bb_view *v, const bb_decoding_plan *plan, size_t spec,
                         const bb_decoding *decodings, int64_t count, bb_error *err) {
    int64_t tested = 0, all = 0;
    const bb_split *split = bb_decoding_plan_split(plan);
    for (int k = 0; k < bb_split_folds(split); ++k) all += bb_split_fold(split, k)->test_count;
    for (int64_t i = 0; i < count; ++i) {
        BB_TRY(add_result(run, v, plan, spec, &decodings[i], i, err));
        tested += decodings[i].windows;
    }
    if (!cJSON_GetObjectItemCaseSensitive(task_of(run), "summary"))
        warn_of_spoilt(run, v, (v->stacked ? all : all * count) - tested);
    return add_summary(run, spec, decodings, count, err);
}

void bb_results_add_point(bb_probe_run *run, size_t spec, int64_t windows, double mean, double sd,
                          bb_interval range) {
    cJSON *curves = list_of(run, "few_shot"), *curve = NULL, *item;
    cJSON_ArrayForEach(item,
                       curves) if (strcmp(cJSON_GetObjectItemCaseSensitive(item, "features")->valuestring,
                                          run->specs[spec].name) == 0) curve = item;
    if (!curve) {
        curve = cJSON_CreateObject();
        cJSON_AddStringToObject(curve, "features", run->specs[spec].name);
        cJSON_AddArrayToObject(curve, "points");
        cJSON_AddItemToArray(curves, curve);
    }
    cJSON *point = cJSON_CreateObject();
    cJSON_AddNumberToObject(point, "windows", (double)windows);
    bb_json_add_score(point, "mean", mean);
    bb_json_add_score(point, "sd", sd);
    add_interval(point, "low", "high", range);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(curve, "points"), point);
}
