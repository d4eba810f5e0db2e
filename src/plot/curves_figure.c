#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "brainbert/plot.h"
#include "plot/axes.h"

static const bb_panel wide_panel = {112, 64, 1048, 584};
enum { LEGEND_WIDTH = 260, LEGEND_ROW = 26, SAMPLE = 34 };

/* Okabe and Ito, "Color universal design", 2008: told apart by the colour-blind too. */
static const uint32_t colors[BB_CURVE_COLORS] = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                                 0xE69F00, 0x56B4E9, 0x333333};
static const struct {
    int count;
    double lengths[4];
} dashes[BB_CURVE_COLORS] = {{0, {0}},     {2, {10, 5}},      {2, {3, 4}},      {4, {12, 4, 3, 4}},
                             {2, {18, 4}}, {4, {6, 3, 6, 8}}, {4, {3, 3, 3, 9}}};

static double x_at(const bb_curve *c, int64_t i) { return c->x ? c->x[i] : c->x_start + (double)i; }

static bool is_point(const bb_curve *c, int64_t i) { return isfinite(x_at(c, i)) && isfinite(c->y[i]); }

/* What all curves need of an axis, with a little air; something where there is no extent. */
static bb_range needed(const bb_curves_figure *figure, bool y) {
    bb_range r = {INFINITY, -INFINITY};
    for (int64_t k = 0; k < figure->curve_count; ++k)
        for (int64_t i = 0; i < figure->curves[k].count; ++i) {
            const bb_curve *c = &figure->curves[k];
            if (!is_point(c, i)) continue;
            const double value = y ? c->y[i] : x_at(c, i);
            r.low = fmin(r.low, value);
            r.high = fmax(r.high, value);
        }
    for (int k = 0; y && k < figure->level_count; ++k) {
        r.low = fmin(r.low, figure->levels[k]);
        r.high = fmax(r.high, figure->levels[k]);
    }
    if (!(r.low <= r.high)) return (bb_range){0, 1};
    const double air = r.high > r.low ? 0.04 * (r.high - r.low) : fmax(0.5, 1e-3 * fabs(r.high));
    return y || r.low == r.high ? (bb_range){r.low - air, r.high + air} : r;
}

static void choose_style(bb_canvas *canvas, int color, bool faint) {
    const uint32_t rgb = colors[color];
    cairo_set_source_rgba(canvas->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, faint ? 0.25 : 1);
    cairo_set_line_width(canvas->cr, faint ? 1 : 2.5);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(canvas->cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_dash(canvas->cr, dashes[color].lengths, faint ? 0 : dashes[color].count, 0);
}

static void draw_curve(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y, const bb_curve *c) {
    choose_style(canvas, c->color, c->faint);
    for (int64_t i = 0; i < c->count; ++i) {
        if (!is_point(c, i)) continue;
        /* cairo's numbers end at 2^23 pixels. */
        const double px = fmin(fmax(bb_axis_x(panel, x, x_at(c, i)), -1e5), 1e5),
                     py = fmin(fmax(bb_axis_y(panel, y, c->y[i]), -1e5), 1e5);
        if (i > 0 && is_point(c, i - 1))
            cairo_line_to(canvas->cr, px, py);
        else
            cairo_move_to(canvas->cr, px, py);
    }
    cairo_stroke(canvas->cr);
}

static void draw_curves(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y,
                        const bb_curves_figure *figure) {
    cairo_save(canvas->cr);
    cairo_rectangle(canvas->cr, panel.x, panel.y, panel.width, panel.height);
    cairo_clip(canvas->cr);
    for (int k = 0; k < figure->level_count; ++k) {
        const int at = (int)fmin(fmax(bb_axis_y(panel, y, figure->levels[k]), -1e5), 1e5);
        bb_canvas_line(canvas, panel.x, at, panel.x + panel.width, at, 0xB0B0B0);
    }
    for (int pass = 0; pass < 2; ++pass)
        for (int64_t k = 0; k < figure->curve_count; ++k)
            if (figure->curves[k].faint == (pass == 0)) draw_curve(canvas, panel, x, y, &figure->curves[k]);
    cairo_restore(canvas->cr);
}

static int legend_rows(const bb_curves_figure *figure) {
    int rows = 0;
    for (int64_t k = 0; k < figure->curve_count; ++k) rows += figure->curves[k].label != NULL;
    return rows;
}

/* As many rows as there is room for. */
static void draw_legend(bb_canvas *canvas, bb_panel panel, const bb_curves_figure *figure) {
    const double left = panel.x + panel.width + 24;
    const bb_text_style style = {.size = 15, .room = LEGEND_WIDTH - SAMPLE - 24 - 12};
    double y = panel.y + 14;
    for (int64_t k = 0; k < figure->curve_count && y < panel.y + panel.height; ++k) {
        const bb_curve *c = &figure->curves[k];
        if (!c->label) continue;
        cairo_save(canvas->cr);
        choose_style(canvas, c->color, c->faint);
        cairo_move_to(canvas->cr, left, y);
        cairo_line_to(canvas->cr, left + SAMPLE, y);
        cairo_stroke(canvas->cr);
        cairo_restore(canvas->cr);
        bb_canvas_text(canvas, left + SAMPLE + 8, y + 5, style, c->label);
        y += LEGEND_ROW;
    }
}

static bb_status check(const bb_curves_figure *figure, bb_error *err) {
    for (int64_t k = 0; k < figure->curve_count; ++k)
        if (figure->curves[k].color < 0 || figure->curves[k].color >= BB_CURVE_COLORS)
            return bb_fail(err, BB_ERR_ARGUMENT, "curves figure: expected a colour from 0 to %d, found %d",
                           BB_CURVE_COLORS - 1, figure->curves[k].color);
    const double ends[4] = {figure->x_low, figure->x_high, figure->y_low, figure->y_high};
    for (int i = 0; i < 4; ++i)
        if (!isfinite(ends[i]) || ends[i & ~1] > ends[i | 1])
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "curves figure: expected a finite, rising axis, found %g to %g", ends[i & ~1],
                           ends[i | 1]);
    return BB_OK;
}

bb_status bb_plot_curves(const bb_curves_figure *figure, const char *path, bb_error *err) {
    BB_TRY(check(figure, err));
    const bb_range x =
        figure->x_low < figure->x_high ? (bb_range){figure->x_low, figure->x_high} : needed(figure, false);
    const bb_range y =
        figure->y_low < figure->y_high ? (bb_range){figure->y_low, figure->y_high} : needed(figure, true);
    bb_panel panel = wide_panel;
    if (legend_rows(figure) > 0) panel.width -= LEGEND_WIDTH;
    bb_canvas canvas;
    BB_TRY(bb_canvas_open(&canvas, BB_CANVAS_WIDTH, BB_CANVAS_HEIGHT, err));
    bb_title_draw(&canvas, panel, figure->title);
    draw_curves(&canvas, panel, x, y, figure);
    bb_panel_frame(&canvas, panel);
    bb_axis_draw_x(&canvas, panel, x, 10, 1, figure->x_label);
    bb_axis_draw_y(&canvas, panel, y, 8, figure->y_label);
    draw_legend(&canvas, panel, figure);
    const bb_status status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}
