/* Receiver operating characteristics: one panel for each kind of features. The mean curve is the mean of true
 * positive rates at one false positive rate (vertical averaging: T. Fawcett, "An introduction to ROC
 * analysis", 2006). */
#include <math.h>
#include <stdio.h>

#include "report/page.h"

enum { SIDE = BB_PANEL_WIDTH, LEFT = 44, RIGHT = 12, TOP = 28, BOTTOM = 46, GRID = 101 };
static const double thin_step = 2.5, exact_step = 0.4; /* pixels */

/* The curve's height over x; at a step its upper end. */
static double height_at(const bb_curve *c, double x) {
    size_t low = 0, high = c->count; /* the first point right of x */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->x[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return 0;
    if (low == c->count) return c->y[low - 1];
    const double width = c->x[low] - c->x[low - 1];
    return c->y[low - 1] + (c->y[low] - c->y[low - 1]) * (x - c->x[low - 1]) / width;
}

static bool is_shown(const bb_result *r, int features) { return r->features == features && r->roc.count > 1; }

static const bb_result *best_of(const bb_task *task, int features) {
    const bb_result *best = NULL;
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        if (is_shown(r, features) && (!best || r->score > best->score || isnan(best->score))) best = r;
    }
    return best;
}

static void mean_curve(const bb_task *task, int features, double x[GRID], double y[GRID]) {
    size_t curves = 0;
    for (int g = 0; g < GRID; ++g) {
        x[g] = g / (GRID - 1.0);
        y[g] = 0;
    }
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        if (!is_shown(r, features)) continue;
        ++curves;
        for (int g = 0; g < GRID; ++g) y[g] += height_at(&r->roc, x[g]);
    }
    for (int g = 0; g < GRID && curves > 0; ++g) y[g] /= (double)curves;
}

static void draw_lines(bb_markup *m, const bb_task *task, int features, const bb_result *best,
                       const bb_scale *x, const bb_scale *y) {
    double mean_x[GRID], mean_y[GRID];
    const char *thin = task->electrode_count > 40 ? "thin many" : "thin";
    for (size_t i = 0; i < task->result_count; ++i) {
        const bb_result *r = &task->results[i];
        if (!is_shown(r, features) || r == best) continue;
        bb_markup_raw(m, "<g>");
        bb_markup_element(m, "title", task->electrodes[r->electrode].name);
        bb_svg_polyline(m, thin, features, x, y, r->roc.x, r->roc.y, r->roc.count, thin_step);
        bb_markup_raw(m, "</g>\n");
    }
    mean_curve(task, features, mean_x, mean_y);
    bb_svg_polyline(m, "l", features, x, y, best->roc.x, best->roc.y, best->roc.count, exact_step);
    bb_svg_polyline(m, "mean", features, x, y, mean_x, mean_y, GRID, exact_step);
}

static void draw_panel(bb_markup *m, const bb_results *results, const bb_task *task, int features) {
    const bb_result *best = best_of(task, features);
    const bb_scale x = {{0, 1}, LEFT, SIDE - RIGHT, false}, y = {{0, 1}, SIDE - BOTTOM, TOP, false};
    if (!best) return;
    bb_panel_begin(m, results->features[features], features);
    bb_svg_begin(m, SIDE, SIDE, "ROC curves");
    bb_svg_axis_x(m, &x, TOP, SIDE - BOTTOM, "false positive rate");
    bb_svg_axis_y(m, &y, LEFT, SIDE - RIGHT, "true positive rate");
    bb_svg_line(m, "chance", x.from, y.from, x.to, y.to);
    draw_lines(m, task, features, best, &x, &y);
    const char *name = task->electrodes[best->electrode].name;
    char score[32];
    snprintf(score, sizeof score, isfinite(best->score) ? "best: %.3f at" : "best:", best->score);
    bb_svg_text(m, "tick e", SIDE - RIGHT - 8, SIDE - BOTTOM - 26, 0, score);
    bb_svg_text(m, "e", SIDE - RIGHT - 8, SIDE - BOTTOM - 10, 150, name);
    bb_svg_end(m);
    bb_panel_end(m);
}

void bb_draw_roc(bb_markup *m, const bb_results *results, const bb_task *task) {
    int features[BB_REPORT_FEATURES];
    bool begun = false;
    const int count = bb_task_features(task, features);
    for (int i = 0; i < count; ++i) {
        if (!best_of(task, features[i])) continue;
        if (!begun) {
            bb_figure_begin(m, "ROC curves");
            bb_figure_panels(m);
        }
        begun = true;
        draw_panel(m, results, task, features[i]);
    }
    if (!begun) return;
    bb_figure_caption(
        m, "Bold: the electrode with the highest score. Dashed: mean of all electrodes at one false "
           "positive rate. Thin: the others.");
    bb_figure_end(m);
}
