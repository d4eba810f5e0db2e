/* Scores by the number of training windows. */
#include <math.h>

#include "report/page.h"

enum { WIDTH = 440, HEIGHT = 320, LEFT = 46, RIGHT = 16, TOP = 30, BOTTOM = 46 };

typedef struct axes {
    bb_scale x, y;
} axes;

static axes axes_of(const bb_task *task) {
    bb_range x = bb_range_none(), y = bb_range_none();
    bb_range_hold(&y, task->chance);
    bb_range_hold(&y, task->few_shot_target);
    for (size_t i = 0; i < task->few_shot_count; ++i)
        for (size_t k = 0; k < task->few_shot[i].count; ++k) {
            const bb_few_shot_point *p = &task->few_shot[i].points[k];
            bb_range_hold(&x, p->windows);
            bb_range_hold(&y, p->mean);
            bb_range_hold(&y, p->low);
            bb_range_hold(&y, p->high);
        }
    /* Steps of one size are drawn evenly; powers of two, say, on a logarithmic axis. */
    const bool log = x.low > 0 && x.high / x.low > 40;
    if (!log) x = bb_range_round((bb_range){0, x.high}, (bb_range){0, INFINITY});
    y = bb_range_round(y, bb_measure_limits(task->measure));
    return (axes){{x, LEFT, WIDTH - RIGHT, log}, {y, HEIGHT - BOTTOM, TOP, false}};
}

/* Along the upper ends and back along the lower ones. */
static void ribbon(bb_markup *m, const axes *a, const bb_few_shot *curve) {
    bool begun = false;
    for (size_t i = 0; i < 2 * curve->count; ++i) {
        const bool upper = i < curve->count;
        const bb_few_shot_point *p = &curve->points[upper ? i : 2 * curve->count - 1 - i];
        if (!isfinite(p->windows) || !isfinite(p->low) || !isfinite(p->high)) continue;
        if (!begun)
            bb_markup_printf(m, "<path class=\"ribbon s%d\" d=\"", curve->features % BB_SERIES_COLORS);
        bb_markup_printf(m, "%c%.1f %.1f", begun ? 'L' : 'M', bb_scale_at(&a->x, p->windows),
                         bb_scale_at(&a->y, upper ? p->high : p->low));
        begun = true;
    }
    if (begun) bb_markup_raw(m, "z\"/>\n");
}

static void curve_line(bb_markup *m, const axes *a, const bb_few_shot *curve) {
    const bb_few_shot_point *last = NULL;
    for (size_t i = 0; i < curve->count; ++i) {
        const bb_few_shot_point *p = &curve->points[i];
        if (!isfinite(p->windows) || !isfinite(p->mean)) continue;
        if (last) {
            const double xs[] = {last->windows, p->windows}, ys[] = {last->mean, p->mean};
            bb_svg_polyline(m, "l", curve->features, &a->x, &a->y, xs, ys, 2, 0);
        }
        last = p;
    }
    for (size_t i = 0; i < curve->count; ++i)
        if (isfinite(curve->points[i].windows) && isfinite(curve->points[i].mean))
            bb_svg_mark(m, curve->features, bb_scale_at(&a->x, curve->points[i].windows),
                        bb_scale_at(&a->y, curve->points[i].mean));
}

/* Where the line between two points first reaches the target; NaN where none does. */
static double windows_for(const bb_few_shot *curve, double target) {
    const bb_few_shot_point *last = NULL;
    for (size_t i = 0; i < curve->count; ++i) {
        const bb_few_shot_point *p = &curve->points[i];
        if (!isfinite(p->windows) || !isfinite(p->mean)) continue;
        if (p->mean >= target) {
            if (!last) return p->windows;
            return last->windows +
                   (p->windows - last->windows) * (target - last->mean) / (p->mean - last->mean);
        }
        last = p;
    }
    return NAN;
}

static void target_words(bb_markup *m, const bb_results *results, const bb_task *task) {
    if (isnan(task->few_shot_target)) return;
    bb_markup_raw(m, "<br>Long dashes: the target, ");
    bb_markup_number(m, task->few_shot_target, 3);
    bb_markup_raw(m, ".");
    for (size_t i = 0; i < task->few_shot_count; ++i) {
        const double windows = windows_for(&task->few_shot[i], task->few_shot_target);
        bb_markup_raw(m, " <b>");
        bb_markup_text(m, results->features[task->few_shot[i].features], BB_SHOWN_NAME);
        bb_markup_raw(m, "</b> ");
        if (isfinite(windows)) {
            bb_markup_raw(m, "reaches it with about ");
            bb_markup_number(m, windows, 0);
            bb_markup_raw(m, " windows.");
        } else
            bb_markup_raw(m, "does not reach it.");
    }
}

static void draw_panel(bb_markup *m, const bb_task *task) {
    const axes a = axes_of(task);
    bb_svg_begin(m, WIDTH, HEIGHT, "Scores by number of training windows");
    bb_svg_axis_x(m, &a.x, TOP, HEIGHT - BOTTOM,
                  a.x.log ? "training windows (logarithmic)" : "training windows");
    bb_svg_axis_y(m, &a.y, LEFT, WIDTH - RIGHT, bb_measure_name(task->measure));
    if (isfinite(task->chance)) {
        const double y = bb_scale_at(&a.y, task->chance);
        bb_svg_line(m, "chance", LEFT, y, WIDTH - RIGHT, y);
    }
    if (isfinite(task->few_shot_target)) {
        const double y = bb_scale_at(&a.y, task->few_shot_target);
        bb_svg_line(m, "target", LEFT, y, WIDTH - RIGHT, y);
    }
    for (size_t i = 0; i < task->few_shot_count; ++i) ribbon(m, &a, &task->few_shot[i]);
    for (size_t i = 0; i < task->few_shot_count; ++i) curve_line(m, &a, &task->few_shot[i]);
    bb_svg_end(m);
}

void bb_draw_few_shot(bb_markup *m, const bb_results *results, const bb_task *task) {
    int features[BB_REPORT_FEATURES], count = 0;
    bool has[BB_REPORT_FEATURES] = {false};
    for (size_t i = 0; i < task->few_shot_count; ++i)
        if (task->few_shot[i].count > 0) has[task->few_shot[i].features] = true;
    for (int f = 0; f < BB_REPORT_FEATURES; ++f)
        if (has[f]) features[count++] = f;
    if (count == 0) return;
    bb_figure_begin(m, "With few training windows");
    bb_legend_draw(m, results->features, features, count);
    bb_figure_panels(m);
    draw_panel(m, task);
    bb_figure_caption(m,
                      "Marks: mean over runs and electrodes. Bands: their interval. Short dashes: chance.");
    target_words(m, results, task);
    bb_figure_end(m);
    bb_table_few_shot(m, results, task);
}
