#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "plot/curves.h"

static const bb_panel wide_panel = {112, 64, 1048, 584};
enum { LEGEND_WIDTH = 260, LEGEND_ROW = 26, DOT = 4 };

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

/* cairo's numbers end at 2^23 pixels. */
static double kept_near(double pixel) { return fmin(fmax(pixel, -1e5), 1e5); }

static void draw_dots(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y, const bb_curve *c) {
    for (int64_t i = 0; i < c->count; ++i) {
        if (!is_point(c, i)) continue;
        cairo_new_sub_path(canvas->cr);
        cairo_arc(canvas->cr, kept_near(bb_axis_x(panel, x, x_at(c, i))),
                  kept_near(bb_axis_y(panel, y, c->y[i])), DOT, 0, 6.283185307179586);
    }
    cairo_fill(canvas->cr);
}

static void draw_curve(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y, const bb_curve *c) {
    choose_style(canvas, c->color, c->faint);
    if (c->dots) draw_dots(canvas, panel, x, y, c);
    for (int64_t i = 0; i < c->count; ++i) {
        if (!is_point(c, i)) continue;
        const double px = kept_near(bb_axis_x(panel, x, x_at(c, i))),
                     py = kept_near(bb_axis_y(panel, y, c->y[i]));
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
        const int at = (int)kept_near(bb_axis_y(panel, y, figure->levels[k]));
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

double bb_curves_sample(bb_canvas *canvas, double x, double y, double room, const bb_curve *c) {
    enum { SAMPLE = 34, GAP = 8 };
    const bb_text_style style = {.size = 15, .room = room - SAMPLE - GAP};
    cairo_save(canvas->cr);
    choose_style(canvas, c->color, c->faint);
    cairo_move_to(canvas->cr, x, y);
    cairo_line_to(canvas->cr, x + SAMPLE, y);
    cairo_stroke(canvas->cr);
    cairo_restore(canvas->cr);
    bb_canvas_text(canvas, x + SAMPLE + GAP, y + 5, style, c->label);
    return SAMPLE + GAP + fmin(bb_canvas_text_width(canvas, style, c->label), style.room);
}

/* As many rows as there is room for. */
static void draw_legend(bb_canvas *canvas, bb_panel panel, const bb_curves_figure *figure) {
    double y = panel.y + 14;
    for (int64_t k = 0; k < figure->curve_count && y < panel.y + panel.height; ++k) {
        if (!figure->curves[k].label) continue;
        bb_curves_sample(canvas, panel.x + panel.width + 24, y, LEGEND_WIDTH - 36, &figure->curves[k]);
        y += LEGEND_ROW;
    }
}

bb_status bb_curves_check(const bb_curves_figure *figure, bb_error *err) {
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

void bb_curves_draw(bb_canvas *canvas, bb_panel panel, const bb_curves_figure *figure, int x_ticks) {
    const bb_range x =
        figure->x_low < figure->x_high ? (bb_range){figure->x_low, figure->x_high} : needed(figure, false);
    const bb_range y =
        figure->y_low < figure->y_high ? (bb_range){figure->y_low, figure->y_high} : needed(figure, true);
    draw_curves(canvas, panel, x, y, figure);
    bb_panel_frame(canvas, panel);
    bb_axis_draw_x(canvas, panel, x, x_ticks, 1, figure->x_label);
    bb_axis_draw_y(canvas, panel, y, 8, figure->y_label);
}

bb_status bb_plot_curves(const bb_curves_figure *figure, const char *path, bb_error *err) {
    BB_TRY(bb_curves_check(figure, err));
    bb_panel panel = wide_panel;
    if (legend_rows(figure) > 0) panel.width -= LEGEND_WIDTH;
    bb_canvas canvas;
    BB_TRY(bb_canvas_open(&canvas, BB_CANVAS_WIDTH, BB_CANVAS_HEIGHT, err));
    bb_title_draw(&canvas, panel, figure->title);
    bb_curves_draw(&canvas, panel, figure, 10);
    draw_legend(&canvas, panel, figure);
    const bb_status status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}
