/* A probe under way. */
#ifndef BB_PROBE_PROBE_H
#define BB_PROBE_PROBE_H

#include <cJSON.h>

#include "brainbert/features.h"
#include "brainbert/probe.h"

enum { BB_PROBE_SPECS = 32, BB_SPEC_NAME = 64 };

/* One kind of features in the results. */
typedef struct bb_probe_spec {
    bb_feature_spec spec;
    char name[BB_SPEC_NAME];
    bool baseline; /* no encoder's */
    bool shown;    /* false: made to rank electrodes, and for nothing else */
} bb_probe_spec;

/* A contact, or what re-referencing makes of it; the same one in all recordings of its subject. */
typedef struct bb_electrode {
    char *name, *subject, *group, *region; /* NULL: not said */
    bool has_position;
    double position[3];
    int subject_id;
    int64_t spoilt; /* windows passed over */
} bb_electrode;

typedef struct bb_probe_recording {
    char *path, *subject, *session;
    int subject_id, session_id;
    double *onsets; /* [onset_count] starts of its windows */
    size_t onset_count;
    bb_feature_set *sets[BB_PROBE_SPECS];
    int64_t
        *channel_of; /* [channel_of_count], by electrode: channel of the sets; -1, and beyond: it has none */
    size_t channel_of_count;
    int64_t *trial_channel; /* [channels of the recording]: channel of the sets; -1; of trials alone */
    size_t channel_count;   /* of the recording */
} bb_probe_recording;

typedef struct bb_probe_run {
    const bb_probe_options *o;
    const bb_sources *sources;
    bb_probe_spec specs[BB_PROBE_SPECS];
    size_t spec_count;
    bb_task *task;
    const bb_task_info *info;
    bb_probe_recording *recordings;
    size_t recording_count;
    bb_electrode *electrodes;
    size_t electrode_count, electrode_room;
    char *coordinate_system, *coordinate_unit; /* of the first recording that states them */
    size_t *onset_of;                          /* [trials] row in its recording's sets */
    cJSON *json, *warnings;                    /* results so far */
} bb_probe_run;

/* ---- its stages */

/* Names -> specs (specs.c). */
bb_status bb_probe_specs(bb_probe_run *run, bb_error *err);

/* Recordings -> trials, then features of them (gather.c). */
bb_status bb_probe_gather(bb_probe_run *run, bb_error *err);

/* The windows as a decoder sees them (view.c): rows are a subject's trials, of one matrix for each of its
 * electrodes; or where subjects are held out, the trials of all electrodes below each other, in one matrix.
 */
typedef struct bb_view {
    const bb_probe_run *run;
    int subject; /* whose trials and electrodes; -1: of all, stacked */
    bool stacked;
    bb_electrode_use use; /* of the chosen electrodes; each, where stacked */
    int64_t rows;
    size_t *trial;  /* [rows] */
    int *electrode; /* [rows], where stacked */
    double *start_s, *values;
    int *recording, *label;
    int64_t *group, *event;
    bb_decoding_task task;
    size_t *chosen; /* [matrices] electrodes that are decoded; where stacked of its parts */
    size_t chosen_count;
    bb_decoding_plan *plan; /* the view's own, or NULL */
} bb_view;

/* Of several subjects each has its own folds: one's windows teach nothing about another's electrodes. */
typedef struct bb_views {
    bb_view *list;
    size_t count;
} bb_views;

bb_status bb_view_create(const bb_probe_run *run, int subject, bb_view *out, bb_error *err);
void bb_view_free(bb_view *view);
/* Its subject's name; NULL: without one, or of several. */
const char *bb_view_subject(const bb_view *view);
/* How many matrices it has; electrodes that a matrix's results are of, -1: several. */
int64_t bb_view_matrices(const bb_view *view);

/* The channel of a recording's sets that an electrode is; -1: none. */
int64_t bb_probe_channel(const bb_probe_recording *recording, size_t electrode);

/* Features `spec` of matrix `matrix` -> rows of `dim` numbers [rows, dim], spoilt [rows]. */
int64_t bb_view_dim(const bb_view *view, size_t spec);
void bb_view_fill(const bb_view *view, size_t spec, int64_t matrix, float *data, unsigned char *spoilt);

/* Decodings of a view: its matrices times its parts. */
int64_t bb_view_decodings(const bb_view *view);
int64_t bb_views_decodings(const bb_views *views);

/* Decodes features `spec` of all views, by plans of these options or, without, by their own -> *out
 * [bb_views_decodings], one view's behind the other's (decode.c). bb_decodings_free, also after an error. */
bb_status bb_views_decode(const bb_views *views, const bb_decoding_options *options, size_t spec,
                          const char *stage, bb_decoding **out, bb_error *err);
void bb_decodings_free(bb_decoding *decodings, int64_t count);

/* The plan's options for this run (decode.c). */
bb_decoding_options bb_probe_decoding(const bb_probe_run *run);

/* Keeps the electrodes at which the voltage decodes best, where that was asked for (ranking.c). */
bb_status bb_probe_rank(bb_probe_run *run, bb_views *views, bb_error *err);

/* Curves over windows to learn from (few_shot.c). */
bb_status bb_probe_few_shots(bb_probe_run *run, const bb_views *views, bb_error *err);

/* Every protocol that was asked for, into the results. */
bb_status bb_probe_protocols(bb_probe_run *run, bb_error *err);

/* ---- results (results.c) */
bb_status bb_results_begin(bb_probe_run *run, bb_error *err);
cJSON *bb_results_task(const bb_probe_run *run); /* the one that the results are of */
void bb_results_warn(bb_probe_run *run, const char *format, ...) BB_PRINTF(2, 3);
/* Where true labels come in an order that shuffled ones do not have; `whose` stands before it (order.c). */
bb_status bb_results_warn_of_order(bb_probe_run *run, const char *whose, const bb_decoding_plan *plan,
                                   bb_error *err);
/* What was done: split, windows of classes, overlaps (describe.c). */
bb_status bb_results_describe(bb_probe_run *run, const bb_views *views, bb_error *err);
/* Decodings [bb_views_decodings] of features `spec`. */
bb_status bb_results_add(bb_probe_run *run, const bb_views *views, size_t spec, const bb_decoding *decodings,
                         bb_error *err);
void bb_results_add_point(bb_probe_run *run, size_t spec, int64_t windows, double mean, double sd,
                          bb_interval range);

/* NaN becomes null. */
void bb_json_add_score(cJSON *object, const char *key, double value);

/* "roc_auc" or "pearson_r". */
const char *bb_probe_measure(const bb_probe_run *run);

#endif
