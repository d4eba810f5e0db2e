#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/results.h"

/* Bounds that nothing real reaches: they keep pictures and sums finite. */
static const double huge_count = 1e12, huge_value = 1e6;

#define FIELD(record, key, member, least, most)                                                              \
    { key, offsetof(record, member), least, most }

static double most_of(const char *measure) {
    return strcmp(measure, "roc_auc") == 0 || strcmp(measure, "pearson_r") == 0 ? 1 : huge_value;
}
static double least_of(const char *measure) {
    return strcmp(measure, "roc_auc") == 0 ? 0 : -most_of(measure);
}

static bb_status read_curve(const cJSON *json, bb_curve *out, const bb_place *place, bb_error *err) {
    const cJSON *curve;
    size_t ys = 0;
    BB_TRY(bb_field_object(json, "roc_curve", &curve, place, err));
    if (!curve) return BB_OK;
    BB_TRY(bb_field_list(curve, "false_positive", 0, 1, &out->x, &out->count, place, err));
    BB_TRY(bb_field_list(curve, "true_positive", 0, 1, &out->y, &ys, place, err));
    if (ys != out->count)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: \"roc_curve\": expected two lists of one length, found %zu and %zu", place->path,
                       out->count, ys);
    for (size_t i = 0; i < ys; ++i) {
        if (isnan(out->x[i]) || isnan(out->y[i]) || (i > 0 && out->x[i] < out->x[i - 1]))
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: \"roc_curve\": expected rising rates, found another at %zu", place->path, i);
    }
    return BB_OK;
}

static bb_status read_electrode(const cJSON *json, bb_electrode *out, const bb_place *place, bb_error *err) {
    double *position;
    size_t count;
    BB_TRY(bb_field_text(json, "electrode", &out->name, place, err));
    BB_TRY(bb_field_text(json, "subject", &out->subject, place, err));
    BB_TRY(bb_field_text(json, "group", &out->group, place, err));
    BB_TRY(bb_field_text(json, "region", &out->region, place, err));
    bb_status status =
        bb_field_list(json, "position", -huge_value, huge_value, &position, &count, place, err);
    if (status == BB_OK && count != 0 && count != 3)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: \"position\": expected x, y and z, found %zu numbers",
                         place->path, count);
    if (status == BB_OK && count == 3) memcpy(out->position, position, sizeof out->position);
    out->placed = status == BB_OK && count == 3 && isfinite(position[0] + position[1] + position[2]);
    bb_free(position);
    return status;
}

static bb_status read_result(const cJSON *json, const bb_task *task, bb_results *all, bb_result *out,
                             const bb_place *place, bb_error *err) {
    const bb_number_field fields[] = {
        FIELD(bb_result, "windows", windows, 0, huge_count),
        FIELD(bb_result, task->measure, score, least_of(task->measure), most_of(task->measure)),
        FIELD(bb_result, "ci_low", low, -huge_value, huge_value),
        FIELD(bb_result, "ci_high", high, -huge_value, huge_value),
        FIELD(bb_result, "control_mean", control_mean, -huge_value, huge_value),
        FIELD(bb_result, "control_low", control_low, -huge_value, huge_value),
        FIELD(bb_result, "control_high", control_high, -huge_value, huge_value),
        FIELD(bb_result, "f1", f1, 0, 1),
        FIELD(bb_result, "accuracy", accuracy, 0, 1),
    };
    BB_TRY(bb_results_features(json, all, &out->features, place, err));
    BB_TRY(bb_field_numbers(json, fields, sizeof fields / sizeof *fields, out, place, err));
    return read_curve(json, &out->roc, place, err);
}

/* Results and their electrodes; those are merged by name afterwards. */
static bb_status read_results(const cJSON *json, bb_task *task, bb_results *all, const bb_place *place,
                              bb_error *err) {
    const cJSON *item;
    void *results = NULL;
    const bb_status status = bb_field_records(json, "results", sizeof(bb_result), &item, &results,
                                              &task->result_count, place, err);
    task->results = results;
    task->electrodes = bb_calloc(task->result_count, sizeof *task->electrodes);
    if (status == BB_OK && !task->electrodes)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", place->path);
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "results", i);
        BB_TRY(read_result(item, task, all, &task->results[i], &at, err));
        BB_TRY(read_electrode(item, &task->electrodes[i], &at, err));
    }
    return status == BB_OK ? bb_results_number_electrodes(task, err) : status;
}

static bb_status read_classes(const cJSON *json, bb_task *task, const bb_place *place, bb_error *err) {
    const cJSON *item;
    void *classes = NULL;
    const bb_status status =
        bb_field_records(json, "classes", sizeof(bb_class), &item, &classes, &task->class_count, place, err);
    task->classes = classes;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "classes", i);
        BB_TRY(bb_field_text(item, "name", &task->classes[i].name, &at, err));
        BB_TRY(bb_field_number(item, "windows", 0, huge_count, &task->classes[i].windows, &at, err));
    }
    return status;
}

static bb_status read_split(const cJSON *json, bb_split *out, const bb_place *place, bb_error *err) {
    static const bb_number_field fields[] = {
        FIELD(bb_split, "folds", folds, 0, 1e12),
        FIELD(bb_split, "gap_s", gap_s, 0, 1e12),
        FIELD(bb_split, "seed", seed, -1e20, 1e20),
    };
    const cJSON *split;
    BB_TRY(bb_field_object(json, "split", &split, place, err));
    BB_TRY(bb_field_text(split, "kind", &out->kind, place, err));
    return bb_field_numbers(split, fields, sizeof fields / sizeof *fields, out, place, err);
}

static bb_status read_points(const cJSON *json, bb_few_shot *out, const bb_place *place, bb_error *err) {
    static const bb_number_field fields[] = {
        FIELD(bb_few_shot_point, "windows", windows, 0, 1e12),
        FIELD(bb_few_shot_point, "mean", mean, -1e6, 1e6),
        FIELD(bb_few_shot_point, "sd", sd, 0, 1e6),
        FIELD(bb_few_shot_point, "low", low, -1e6, 1e6),
        FIELD(bb_few_shot_point, "high", high, -1e6, 1e6),
    };
    const cJSON *item;
    void *points = NULL;
    const bb_status status =
        bb_field_records(json, "points", sizeof *out->points, &item, &points, &out->count, place, err);
    out->points = points;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "points", i);
        BB_TRY(bb_field_numbers(item, fields, sizeof fields / sizeof *fields, &out->points[i], &at, err));
    }
    return status;
}

static bb_status read_few_shot(const cJSON *json, bb_task *task, bb_results *all, const bb_place *place,
                               bb_error *err) {
    const cJSON *item;
    void *curves = NULL;
    const bb_status status = bb_field_records(json, "few_shot", sizeof *task->few_shot, &item, &curves,
                                              &task->few_shot_count, place, err);
    task->few_shot = curves;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "few_shot", i);
        BB_TRY(bb_results_features(item, all, &task->few_shot[i].features, &at, err));
        BB_TRY(read_points(item, &task->few_shot[i], &at, err));
    }
    return status;
}

bb_status bb_results_read_task(const cJSON *json, const bb_document *document, bb_results *all, bb_task *out,
                               const bb_place *place, bb_error *err) {
    static const bb_number_field fields[] = {
        FIELD(bb_task, "chance", chance, -1e6, 1e6),
        FIELD(bb_task, "window_s", window_s, 0, 1e12),
        FIELD(bb_task, "offset_s", offset_s, -1e12, 1e12),
        FIELD(bb_task, "few_shot_target", few_shot_target, -1e6, 1e6),
        FIELD(bb_task, "control_runs", control_runs, 0, 1e12),
    };
    out->document = document;
    BB_TRY(bb_field_text(json, "name", &out->name, place, err));
    BB_TRY(bb_field_text(json, "measure", &out->measure, place, err));
    BB_TRY(bb_field_text(json, "decoder", &out->decoder, place, err));
    if (!out->measure) out->measure = "roc_auc";
    BB_TRY(bb_field_numbers(json, fields, sizeof fields / sizeof *fields, out, place, err));
    BB_TRY(bb_field_texts(json, "warnings", &out->warnings, place, err));
    BB_TRY(read_split(json, &out->split, place, err));
    BB_TRY(read_classes(json, out, place, err));
    BB_TRY(read_results(json, out, all, place, err));
    BB_TRY(bb_results_read_summary(json, out, all, place, err));
    return read_few_shot(json, out, all, place, err);
}

void bb_results_free_task(bb_task *task) {
    for (size_t i = 0; task->results && i < task->result_count; ++i) {
        bb_free(task->results[i].roc.x);
        bb_free(task->results[i].roc.y);
    }
    for (size_t i = 0; task->few_shot && i < task->few_shot_count; ++i) bb_free(task->few_shot[i].points);
    bb_free(task->classes);
    bb_free(task->electrodes);
    bb_free(task->results);
    bb_free(task->summary);
    bb_free(task->few_shot);
}
