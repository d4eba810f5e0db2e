/* What the pictures of a task share: frames, legends, ranges. */
#include <math.h>
#include <string.h>

#include "report/page.h"

void bb_figure_begin(bb_markup *m, const char *heading) {
    bb_markup_printf(m, "<figure><h3>%s</h3>\n", heading);
}

void bb_figure_panels(bb_markup *m) { bb_markup_raw(m, "<div class=\"panels\">\n"); }

void bb_figure_caption(bb_markup *m, const char *caption) {
    bb_markup_raw(m, "</div>\n<figcaption>");
    if (caption) bb_markup_raw(m, caption);
}

void bb_figure_end(bb_markup *m) { bb_markup_raw(m, "</figcaption></figure>\n"); }

void bb_legend_mark(bb_markup *m, int series) {
    bb_markup_raw(
        m, "<svg class=\"key\" width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\">");
    bb_svg_mark(m, series, 0, 0);
    bb_markup_raw(m, "</svg>");
}

void bb_legend_draw(bb_markup *m, const char *const *names, const int *series, int count) {
    bb_markup_raw(m, "<ul class=\"legend\">\n");
    for (int i = 0; i < count; ++i) {
        bb_markup_raw(m, "<li>");
        bb_legend_mark(m, series[i]);
        bb_markup_raw(m, "<span>");
        bb_markup_text(m, names[series[i]], BB_SHOWN_NAME);
        bb_markup_raw(m, "</span></li>\n");
    }
    bb_markup_raw(m, "</ul>\n");
}

void bb_panel_begin(bb_markup *m, const char *name, int series) {
    bb_markup_raw(m, "<div class=\"panel\"><h4>");
    bb_legend_mark(m, series);
    bb_markup_raw(m, "<span>");
    bb_markup_text(m, name, BB_SHOWN_NAME);
    bb_markup_raw(m, "</span></h4>\n");
}

void bb_panel_end(bb_markup *m) { bb_markup_raw(m, "</div>\n"); }

int bb_task_features(const bb_task *task, int out[BB_REPORT_FEATURES]) {
    bool has[BB_REPORT_FEATURES] = {false};
    int count = 0;
    for (size_t i = 0; i < task->result_count; ++i) has[task->results[i].features] = true;
    for (int f = 0; f < BB_REPORT_FEATURES; ++f)
        if (has[f]) out[count++] = f;
    return count;
}

bool bb_task_has_subjects(const bb_task *task) {
    for (size_t i = 1; i < task->electrode_count; ++i) {
        const char *a = task->electrodes[i].subject, *b = task->electrodes[0].subject;
        if (a && b ? strcmp(a, b) != 0 : a != b) return true;
    }
    return false;
}

const char *bb_measure_name(const char *measure) {
    return strcmp(measure, "roc_auc") == 0     ? "ROC-AUC"
           : strcmp(measure, "pearson_r") == 0 ? "Pearson r"
                                               : measure;
}

bb_range bb_measure_limits(const char *measure) {
    return strcmp(measure, "roc_auc") == 0     ? (bb_range){0, 1}
           : strcmp(measure, "pearson_r") == 0 ? (bb_range){-1, 1}
                                               : (bb_range){-INFINITY, INFINITY};
}

bb_range bb_task_range(const bb_task *task) {
    bb_range range = bb_range_none();
    bb_range_hold(&range, task->chance);
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        const double values[] = {r->score, r->low, r->high, r->control_low, r->control_high};
        for (size_t k = 0; k < sizeof values / sizeof *values; ++k) bb_range_hold(&range, values[k]);
    }
    return bb_range_round(range, bb_measure_limits(task->measure));
}
