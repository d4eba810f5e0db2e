/* The results that a report shows, read from JSON. Numbers that are not known are NaN, texts NULL; all texts
 * lie in the JSON and stay good until bb_results_free. */
#ifndef BB_REPORT_RESULTS_H
#define BB_REPORT_RESULTS_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "brainbert/report.h"
#include "report/fields.h"

typedef struct bb_curve {
    double *x, *y;
    size_t count;
} bb_curve;

/* An electrode of a task. Those of one name count as several where the same features have several scores. */
typedef struct bb_electrode {
    const char *name, *subject, *group, *region;
    double position[3];
    bool placed;
} bb_electrode;

/* One decoder: what it scored with one kind of features at one electrode. */
typedef struct bb_result {
    size_t electrode; /* in the task's list */
    int features;     /* in the list of the whole report */
    double windows, score, low, high, control_mean, control_low, control_high, f1, accuracy;
    bb_curve roc;
} bb_result;

/* One kind of features over all electrodes. */
typedef struct bb_summary {
    int features;
    double electrodes, mean, sd, low, high, control_mean, control_low, control_high;
} bb_summary;

typedef struct bb_few_shot_point {
    double windows, mean, sd, low, high;
} bb_few_shot_point;

typedef struct bb_few_shot {
    int features;
    bb_few_shot_point *points;
    size_t count;
} bb_few_shot;

typedef struct bb_class {
    const char *name;
    double windows;
} bb_class;

typedef struct bb_split {
    const char *kind;
    double folds, gap_s, seed;
} bb_split;

typedef struct bb_document bb_document;

typedef struct bb_task {
    const bb_document *document;
    const char *name, *measure, *decoder;
    double chance, window_s, offset_s, few_shot_target, control_runs;
    bb_split split;
    bb_class *classes;
    bb_electrode *electrodes;
    bb_result *results;
    bb_summary *summary; /* from the highest mean to the lowest */
    bb_few_shot *few_shot;
    size_t class_count, electrode_count, result_count, summary_count, few_shot_count;
    bool summary_is_ours; /* the means were not in the results */
    const cJSON *warnings;
} bb_task;

typedef struct bb_dimension_row {
    const char *electrode, *region;
    double embeddings, spectrogram, windows, electrodes;
    bb_curve curves[2]; /* share of variance by components 1, 2, ...: embeddings, spectrogram */
} bb_dimension_row;

typedef struct bb_dimension {
    bool present;
    double share;
    bb_dimension_row *rows, *regions;
    size_t row_count, region_count;
} bb_dimension;

/* One text of results. */
struct bb_document {
    cJSON *root;
    const char *program, *model, *coordinate_system, *coordinate_unit;
    const cJSON *recordings, *warnings;
    bb_task *tasks;
    size_t task_count;
    bb_dimension dimension;
};

typedef struct bb_results {
    bb_document *documents;
    size_t document_count;
    const char *features[BB_REPORT_FEATURES]; /* in the order in which they appear */
    int feature_count;
} bb_results;

/* Free with bb_results_free, also after a failure. */
bb_status bb_results_read(const char *const *texts, size_t count, bb_results *out, bb_error *err);
void bb_results_free(bb_results *results);

/* The parts, each in its file. */
bb_status bb_results_read_task(const cJSON *json, const bb_document *document, bb_results *all, bb_task *out,
                               const bb_place *place, bb_error *err);
bb_status bb_results_read_dimension(const cJSON *json, bb_dimension *out, const bb_place *place,
                                    bb_error *err);
void bb_results_free_task(bb_task *task);
void bb_results_free_dimension(bb_dimension *dimension);

/* Merges task->electrodes, one a result until then, by name, and numbers them in the results. */
bb_status bb_results_number_electrodes(bb_task *task, bb_error *err);

/* The summary in `json`, or where there is none the means of the results. */
bb_status bb_results_read_summary(const cJSON *json, bb_task *task, bb_results *all, const bb_place *place,
                                  bb_error *err);

/* The number of the features that `json` names, which are added to the list when they are new. */
bb_status bb_results_features(const cJSON *json, bb_results *all, int *out, const bb_place *place,
                              bb_error *err);

#endif
