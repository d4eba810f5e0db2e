/* The score at every electrode. */
#include "base/memory.h"
#include "report/dots.h"
#include "report/page.h"

static void fill(const bb_task *task, bb_dot_row *rows, bb_dot *dots) {
    const bool subjects = bb_task_has_subjects(task); /* then these are the headings */
    for (size_t i = 0; i < task->electrode_count; ++i) {
        const bb_electrode *e = &task->electrodes[i];
        rows[i] = (bb_dot_row){e->name, subjects ? e->subject : e->group, e->region};
    }
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        dots[i] =
            (bb_dot){r->electrode, r->features, r->score, r->low, r->high, r->control_low, r->control_high};
    }
}

static void draw(bb_markup *m, const bb_results *results, const bb_task *task, bb_dot_row *rows,
                 bb_dot *dots) {
    int features[BB_REPORT_FEATURES];
    const int count = bb_task_features(task, features);
    fill(task, rows, dots);
    bb_figure_begin(m, "Score by electrode");
    bb_legend_draw(m, results->features, features, count);
    bb_figure_panels(m);
    bb_dots_draw(m, &(bb_dot_chart){.title = "Score by electrode",
                                    .rows = rows,
                                    .dots = dots,
                                    .row_count = task->electrode_count,
                                    .dot_count = task->result_count,
                                    .series = features,
                                    .series_count = count,
                                    .names = results->features,
                                    .range = bb_task_range(task),
                                    .chance = task->chance,
                                    .axis = bb_measure_name(task->measure),
                                    .decimals = 3});
    bb_figure_caption(
        m, "Whiskers: interval of the score. Grey boxes: interval of the control. Dashed: chance.");
    bb_figure_end(m);
}

void bb_draw_electrodes(bb_markup *m, const bb_results *results, const bb_task *task) {
    if (task->result_count == 0) return;
    bb_dot_row *rows = bb_calloc(task->electrode_count, sizeof *rows);
    bb_dot *dots = bb_calloc(task->result_count, sizeof *dots);
    if (rows && dots)
        draw(m, results, task, rows, dots);
    else
        m->failed = true;
    bb_free(rows);
    bb_free(dots);
}
