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

cJSON *bb_results_task(const bb_probe_run *run) {
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
    if (run->o->model || run->o->untrained)
        cJSON_AddStringToObject(run->json, "precision", bb_precision_name(run->o->precision));
    add_text(run->json, "coordinate_system", run->coordinate_system);
    add_text(run->json, "coordinate_unit", run->coordinate_unit);
    cJSON *tasks = cJSON_AddArrayToObject(run->json, "tasks"), *task = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(tasks, task)) return bb_fail(err, BB_ERR_MEMORY, "no memory for results");
    run->warnings = cJSON_CreateArray();
    return BB_OK;
}

/* ---------------------------------------------------------------- scores */

static cJSON *list_of(const bb_probe_run *run, const char *key) {
    cJSON *task = bb_results_task(run), *list = cJSON_GetObjectItemCaseSensitive(task, key);
    return list ? list : cJSON_AddArrayToObject(task, key);
}

static void add_interval(cJSON *object, const char *low, const char *high, bb_interval interval) {
    bb_json_add_score(object, low, interval.low);
    bb_json_add_score(object, high, interval.high);
}

/* Which electrode decoding `i` of the view is of; its name, or of what it is made of several. */
static void add_electrode(const bb_probe_run *run, const bb_view *v, int64_t i, cJSON *item) {
    if (!v->stacked && v->use != BB_ELECTRODES_EACH) {
        char name[64];
        snprintf(name, sizeof name, "%zu %s", v->chosen_count,
                 v->use == BB_ELECTRODES_TOGETHER ? "together" : "pooled");
        add_text(item, "subject", run->electrodes[v->chosen[0]].subject);
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
    cJSON_AddItemToObject(object, "true_positive", cJSON_CreateDoubleArray(curve, CURVE));
    return BB_OK;
}

static bb_status add_result(bb_probe_run *run, const bb_view *v, size_t spec, const bb_decoding *d, int64_t i,
                            bb_error *err) {
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
    const bool curve = run->info->class_count == 2 && isfinite(d->score); /* else it has no points */
    return curve ? add_curve(v->plan, d, item, err) : BB_OK;
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
    cJSON *task = bb_results_task(run), *target = cJSON_GetObjectItemCaseSensitive(task, "few_shot_target");
    if (run->specs[spec].baseline && isfinite(m.score) && run->o->shot_count > 0) {
        if (!target)
            cJSON_AddNumberToObject(task, "few_shot_target", m.score);
        else if (m.score > target->valuedouble)
            cJSON_SetNumberValue(target, m.score);
    }
    return BB_OK;
}

static void warn_of_spoilt(bb_probe_run *run, int64_t spoilt, int64_t all) {
    if (spoilt > 0)
        bb_results_warn(run,
                        "%lld of %lld windows of electrodes were passed over: unsound, or not recorded there",
                        (long long)spoilt, (long long)all);
}

/* Windows of the view that each of its decodings could have been tested on; of stacked ones all together. */
static int64_t windows_to_test(const bb_view *v) {
    int64_t all = 0;
    const bb_split *split = bb_decoding_plan_split(v->plan);
    for (int k = 0; k < bb_split_folds(split); ++k) all += bb_split_fold(split, k)->test_count;
    return v->stacked ? all : all * bb_view_decodings(v);
}

bb_status bb_results_add(bb_probe_run *run, const bb_views *views, size_t spec, const bb_decoding *decodings,
                         bb_error *err) {
    const bool first = !cJSON_GetObjectItemCaseSensitive(bb_results_task(run), "summary");
    const bb_decoding *d = decodings;
    int64_t tested = 0, all = 0;
    for (size_t k = 0; k < views->count; ++k) {
        const bb_view *v = &views->list[k];
        all += windows_to_test(v);
        for (int64_t i = 0; i < bb_view_decodings(v); ++i, ++d) {
            BB_TRY(add_result(run, v, spec, d, i, err));
            tested += d->windows;
        }
    }
    if (first) warn_of_spoilt(run, all - tested, all);
    return add_summary(run, spec, decodings, bb_views_decodings(views), err);
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
