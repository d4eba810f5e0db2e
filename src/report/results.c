#include "report/results.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"

bb_status bb_results_features(const cJSON *json, bb_results *all, int *out, const bb_place *place,
                              bb_error *err) {
    const char *name;
    BB_TRY(bb_field_text(json, "features", &name, place, err));
    if (!name) name = "features";
    for (*out = 0; *out < all->feature_count; ++*out)
        if (strcmp(all->features[*out], name) == 0) return BB_OK;
    if (all->feature_count == BB_REPORT_FEATURES)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: \"features\": expected at most %d kinds, found another, '%.60s'", place->path,
                       BB_REPORT_FEATURES, name);
    all->features[all->feature_count++] = name;
    return BB_OK;
}

static bb_status read_tasks(const cJSON *root, bb_document *doc, bb_results *all, const bb_place *place,
                            bb_error *err) {
    const cJSON *item;
    void *tasks = NULL;
    const bb_status status =
        bb_field_records(root, "tasks", sizeof(bb_task), &item, &tasks, &doc->task_count, place, err);
    doc->tasks = tasks;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, "tasks", i);
        BB_TRY(bb_results_read_task(item, doc, all, &doc->tasks[i], &at, err));
    }
    return status;
}

static bb_status read_document(const char *text, bb_document *doc, bb_results *all, const bb_place *place,
                               bb_error *err) {
    const cJSON *dimension;
    if (strnlen(text, (size_t)BB_REPORT_TEXT + 1) > BB_REPORT_TEXT)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected at most %d bytes, found more", place->path,
                       BB_REPORT_TEXT);
    BB_TRY(bb_json_parse(text, place->path, &doc->root, err));
    if (!cJSON_IsObject(doc->root))
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected an object with \"tasks\" or \"dimension\"",
                       place->path);
    BB_TRY(bb_field_text(doc->root, "program", &doc->program, place, err));
    BB_TRY(bb_field_text(doc->root, "model", &doc->model, place, err));
    BB_TRY(bb_field_text(doc->root, "coordinate_system", &doc->coordinate_system, place, err));
    BB_TRY(bb_field_text(doc->root, "coordinate_unit", &doc->coordinate_unit, place, err));
    BB_TRY(bb_field_texts(doc->root, "recordings", &doc->recordings, place, err));
    BB_TRY(bb_field_texts(doc->root, "warnings", &doc->warnings, place, err));
    BB_TRY(read_tasks(doc->root, doc, all, place, err));
    BB_TRY(bb_field_object(doc->root, "dimension", &dimension, place, err));
    /* `dimension --json` prints the object itself. */
    if (!dimension && cJSON_HasObjectItem(doc->root, "rows")) dimension = doc->root;
    return dimension ? bb_results_read_dimension(dimension, &doc->dimension, place, err) : BB_OK;
}

bb_status bb_results_read(const char *const *texts, size_t count, bb_results *out, bb_error *err) {
    *out = (bb_results){0};
    out->documents = bb_calloc(count, sizeof *out->documents);
    if (!out->documents) return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu results", count);
    out->document_count = count;
    for (size_t i = 0; i < count; ++i) {
        bb_place place = {"results"};
        if (count > 1) snprintf(place.path, sizeof place.path, "results %zu", i + 1);
        BB_TRY(read_document(texts[i], &out->documents[i], out, &place, err));
    }
    return BB_OK;
}

void bb_results_free(bb_results *results) {
    for (size_t i = 0; i < results->document_count; ++i) {
        bb_document *doc = &results->documents[i];
        for (size_t k = 0; doc->tasks && k < doc->task_count; ++k) bb_results_free_task(&doc->tasks[k]);
        bb_free(doc->tasks);
        bb_results_free_dimension(&doc->dimension);
        cJSON_Delete(doc->root);
    }
    bb_free(results->documents);
    *results = (bb_results){0};
}
