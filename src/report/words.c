/* What was done, in plain words, from what the results say about it. */
#include <math.h>
#include <string.h>

#include "report/page.h"

static void put(bb_markup *m, const char *text) { bb_markup_text(m, text, BB_SHOWN_NAME); }

/* The first of a list, and how many more there are. */
static void list_texts(bb_markup *m, const cJSON *list) {
    enum { SHOWN = 12 };
    const cJSON *item;
    int count = 0;
    cJSON_ArrayForEach(item, list) {
        if (count++ >= SHOWN) continue;
        bb_markup_raw(m, count > 1 ? ", <code>" : "<code>");
        put(m, item->valuestring);
        bb_markup_raw(m, "</code>");
    }
    if (count > SHOWN) bb_markup_printf(m, " and %d more", count - SHOWN);
}

static void term(bb_markup *m, const char *name) { bb_markup_printf(m, "<dt>%s</dt><dd>", name); }
static void end_term(bb_markup *m) { bb_markup_raw(m, "</dd>\n"); }

void bb_words_document(bb_markup *m, const bb_document *doc) {
    const int recordings = cJSON_GetArraySize(doc->recordings);
    bb_markup_raw(m, "<dl class=\"facts\">\n");
    if (recordings > 0) {
        term(m, recordings == 1 ? "Recording" : "Recordings");
        list_texts(m, doc->recordings);
        end_term(m);
    }
    if (doc->model) {
        term(m, "Model");
        bb_markup_element(m, "code", doc->model);
        end_term(m);
    }
    if (doc->program) {
        term(m, "Made with");
        put(m, doc->program);
        end_term(m);
    }
    bb_markup_raw(m, "</dl>\n");
}

/* All windows of the classes; without classes as many as results have, where those agree. */
static double windows_of(const bb_task *task) {
    double total = 0;
    for (size_t i = 0; i < task->class_count; ++i) total += task->classes[i].windows;
    if (task->class_count > 0) return total;
    const double first = task->result_count > 0 ? task->results[0].windows : NAN;
    for (size_t i = 1; i < task->result_count; ++i)
        if (task->results[i].windows != first) return NAN;
    return first;
}

static void words_windows(bb_markup *m, const bb_task *task) {
    const double total = windows_of(task);
    const bool counted = isfinite(total);
    if (!counted && isnan(task->window_s)) return;
    term(m, "Windows");
    if (counted) bb_markup_quantity(m, total);
    if (isfinite(task->window_s)) {
        bb_markup_raw(m, counted ? " of " : "");
        bb_markup_quantity(m, task->window_s);
        bb_markup_raw(m, " s");
    }
    if (isfinite(task->offset_s)) {
        bb_markup_raw(m, ", beginning ");
        if (task->offset_s != 0) {
            bb_markup_quantity(m, fabs(task->offset_s));
            bb_markup_raw(m, task->offset_s < 0 ? " s before their event" : " s after their event");
        } else
            bb_markup_raw(m, "at their event");
    }
    end_term(m);
}

static void words_classes(bb_markup *m, const bb_task *task) {
    if (task->class_count == 0) return;
    term(m, "Classes");
    for (size_t i = 0; i < task->class_count; ++i) {
        if (i > 0) bb_markup_raw(m, ", ");
        bb_markup_element(m, "b", task->classes[i].name);
        bb_markup_raw(m, " (");
        bb_markup_quantity(m, task->classes[i].windows);
        bb_markup_raw(m, ")");
    }
    end_term(m);
}

/* What keeps test windows apart from training windows. */
static const char *split_meaning(const char *kind) {
    static const char *const known[][2] = {
        {"blocked", "parts are stretches of time, so that a test window has no neighbour in training"},
        {"trial", "all windows of a trial are in one part"},
        {"session",
         "all windows of a session are in one part: decoders are tested on sessions that they did not see"},
        {"subject",
         "all windows of a subject are in one part: decoders are tested on subjects that they did not see"},
        {"published",
         "windows are drawn at random, as in the published code: neighbours that overlap may lie on "
         "both sides, which flatters scores"},
    };
    for (size_t i = 0; kind && i < sizeof known / sizeof *known; ++i)
        if (strcmp(kind, known[i][0]) == 0) return known[i][1];
    return NULL;
}

static void words_split(bb_markup *m, const bb_split *split) {
    const char *meaning = split_meaning(split->kind);
    if (!split->kind) return;
    term(m, "Split");
    put(m, split->kind);
    if (split->folds > 1) {
        bb_markup_raw(m, ", ");
        bb_markup_quantity(m, split->folds);
        bb_markup_raw(m, " folds");
    }
    if (split->gap_s > 0) {
        bb_markup_raw(m, ", a gap of ");
        bb_markup_quantity(m, split->gap_s);
        bb_markup_raw(m, " s between training and test");
    }
    if (isfinite(split->seed)) {
        bb_markup_raw(m, ", seed ");
        bb_markup_quantity(m, split->seed);
    }
    if (meaning) bb_markup_printf(m, "; %s", meaning);
    end_term(m);
}

static bool has_control(const bb_task *task) {
    for (size_t i = 0; i < task->result_count; ++i)
        if (isfinite(task->results[i].control_mean) || isfinite(task->results[i].control_low)) return true;
    for (size_t i = 0; i < task->summary_count; ++i)
        if (isfinite(task->summary[i].control_mean) || isfinite(task->summary[i].control_low)) return true;
    return false;
}

void bb_words_task(bb_markup *m, const bb_task *task) {
    bb_markup_raw(m, "<dl class=\"facts\">\n");
    words_windows(m, task);
    words_classes(m, task);
    if (task->decoder) {
        term(m, "Decoder");
        put(m, task->decoder);
        bb_markup_raw(m, ", one for each electrode and kind of features");
        end_term(m);
    }
    words_split(m, &task->split);
    term(m, "Score");
    put(m, bb_measure_name(task->measure));
    if (isfinite(task->chance)) {
        bb_markup_raw(m, "; chance is ");
        bb_markup_quantity(m, task->chance);
    }
    end_term(m);
    if (has_control(task)) {
        term(m, "Control");
        bb_markup_raw(m, "the same decoders with labels shuffled over trials");
        if (isfinite(task->control_runs)) {
            bb_markup_raw(m, ", ");
            bb_markup_quantity(m, task->control_runs);
            bb_markup_raw(m, " times");
        }
        end_term(m);
    }
    bb_markup_raw(m, "</dl>\n");
}

static void warn(bb_markup *m, const cJSON *list, const char *task) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        bb_markup_raw(m, "<li>");
        bb_markup_element(m, "b", task);
        bb_markup_raw(m, task && *task ? ": " : "");
        bb_markup_text(m, item->valuestring, BB_SHOWN_WORDS);
        bb_markup_raw(m, "</li>\n");
    }
}

void bb_words_warnings(bb_markup *m, const bb_results *results) {
    int count = 0;
    for (size_t d = 0; d < results->document_count; ++d) {
        const bb_document *doc = &results->documents[d];
        count += cJSON_GetArraySize(doc->warnings);
        for (size_t t = 0; t < doc->task_count; ++t) count += cJSON_GetArraySize(doc->tasks[t].warnings);
    }
    if (count == 0) return;
    bb_markup_printf(m, "<aside class=\"warnings\"><h2>%s</h2><ul>\n", count == 1 ? "A warning" : "Warnings");
    for (size_t d = 0; d < results->document_count; ++d) {
        const bb_document *doc = &results->documents[d];
        warn(m, doc->warnings, NULL);
        for (size_t t = 0; t < doc->task_count; ++t) warn(m, doc->tasks[t].warnings, doc->tasks[t].name);
    }
    bb_markup_raw(m, "</ul></aside>\n");
}

void bb_words_notes(bb_markup *m, const bb_results *results) {
    bool roc = false, pearson = false;
    for (size_t d = 0; d < results->document_count; ++d)
        for (size_t t = 0; t < results->documents[d].task_count; ++t) {
            roc |= strcmp(results->documents[d].tasks[t].measure, "roc_auc") == 0;
            pearson |= strcmp(results->documents[d].tasks[t].measure, "pearson_r") == 0;
        }
    bb_markup_raw(m, "<footer>\n");
    if (roc)
        bb_markup_raw(
            m, "<p>ROC-AUC: the probability that a decoder ranks a window of the one class above one of the "
               "other. 0.5 is chance, 1 is perfect.</p>\n");
    if (pearson)
        bb_markup_raw(
            m,
            "<p>Pearson r: the correlation of predicted and true values. 0 is chance, 1 is perfect.</p>\n");
    bb_markup_raw(
        m, "<p>A click on a table's heading sorts it. This page needs no other file.</p>\n</footer>\n");
}
