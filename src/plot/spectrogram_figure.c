#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "brainbert/plot.h"
#include "plot/heat.h"

/* One figure's place: its trace above its spectrogram, or the spectrogram alone, and the colour bar. */
typedef struct place {
    bb_panel trace, values, bar;
} place;

enum { LEFT = 112, TOP = 64, HEIGHT = 584, TRACE_HEIGHT = 150, BETWEEN = 28, BAR_GAP = 20, BAR_WIDTH = 20 };
/* A figure alone fills the usual picture; several stand side by side, each this wide in all, under a heading.
 * Rows, where there is more than one, are lower than a picture. */
enum { ALONE = 930, COLUMN = 680, AMONG_OTHERS = 440, HEADING = 34, ROW = 400, BELOW = 72 };

typedef struct grid {
    int columns, rows;
} grid;

static place place_of(const bb_spectrogram_figure *figure, int index, grid g) {
    const bool many = g.columns * g.rows > 1;
    const int x = LEFT + index % g.columns * COLUMN, width = many ? AMONG_OTHERS : ALONE;
    const int heading = many ? HEADING : 0, y = TOP + heading + index / g.columns * ROW;
    const int height = (g.rows > 1 ? ROW - BELOW : HEIGHT) - heading;
    const int above = figure->trace ? TRACE_HEIGHT + BETWEEN : 0;
    const bb_panel values = {x, y + above, width, height - above};
    return (place){.trace = {x, y, width, TRACE_HEIGHT},
                   .values = values,
                   .bar = {x + width + BAR_GAP, values.y, BAR_WIDTH, values.height}};
}

static bb_status check_trace(const bb_spectrogram_figure *figure, bb_error *err) {
    if (!figure->trace) return BB_OK;
    if (figure->trace_samples < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram figure: trace: expected at least 1 sample, found %lld",
                       (long long)figure->trace_samples);
    if (!(figure->trace_rate_hz > 0) || !isfinite(figure->trace_rate_hz) || !isfinite(figure->trace_start_s))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "spectrogram figure: trace: expected a positive rate and a finite start, found %g Hz from %g s",
            figure->trace_rate_hz, figure->trace_start_s);
    return BB_OK;
}

static double sample_time(const bb_spectrogram_figure *figure, int64_t sample) {
    return figure->trace_start_s + (double)sample / figure->trace_rate_hz;
}

/* From the lowest to the highest finite sample and a twentieth more at both ends. */
static bb_range trace_range(const bb_spectrogram_figure *figure) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < figure->trace_samples; ++i) {
        if (!isfinite(figure->trace[i])) continue;
        low = fmin(low, figure->trace[i]);
        high = fmax(high, figure->trace[i]);
    }
    if (low > high) return (bb_range){-1, 1};
    const double margin = high > low ? (high - low) / 20 : fmax(1, fabs(low)) / 2;
    return (bb_range){low - margin, high + margin};
}

/* Several samples per pixel: an upright stroke from the lowest to the highest of each pixel's, which keeps
 * every peak and costs no more for a long trace. It starts where the last pixel ended, so that the line stays
 * whole. */
static void draw_envelope(bb_canvas *canvas, bb_panel panel, const bb_spectrogram_figure *figure, bb_range x,
                          bb_range y) {
    int64_t i = 0;
    for (int px = 0; px < panel.width && i < figure->trace_samples; ++px) {
        const double until = x.low + (x.high - x.low) * (px + 1) / panel.width;
        double low = INFINITY, high = -INFINITY;
        for (int64_t k = i > 0 ? i - 1 : 0; k < figure->trace_samples; ++k) {
            if (k >= i && sample_time(figure, k) >= until) {
                i = k;
                break;
            }
            if (k + 1 == figure->trace_samples) i = k + 1;
            if (!isfinite(figure->trace[k])) continue;
            low = fmin(low, figure->trace[k]);
            high = fmax(high, figure->trace[k]);
        }
        if (low > high) continue;
        cairo_move_to(canvas->cr, panel.x + px + 0.5, bb_axis_y(panel, y, high) - 0.5);
        cairo_line_to(canvas->cr, panel.x + px + 0.5, bb_axis_y(panel, y, low) + 0.5);
    }
}

/* A gap wherever a sample is not a number. */
static void draw_polyline(bb_canvas *canvas, bb_panel panel, const bb_spectrogram_figure *figure, bb_range x,
                          bb_range y) {
    int pen_down = 0;
    for (int64_t i = 0; i < figure->trace_samples; ++i) {
        if (!isfinite(figure->trace[i])) {
            pen_down = 0;
            continue;
        }
        const double px = bb_axis_x(panel, x, sample_time(figure, i));
        const double py = bb_axis_y(panel, y, figure->trace[i]);
        if (pen_down)
            cairo_line_to(canvas->cr, px, py);
        else
            cairo_move_to(canvas->cr, px, py);
        pen_down = 1;
    }
}

static void draw_trace(bb_canvas *canvas, bb_panel panel, const bb_spectrogram_figure *figure, bb_range x) {
    const bb_range y = trace_range(figure);
    bb_panel_frame(canvas, panel);
    cairo_save(canvas->cr);
    cairo_rectangle(canvas->cr, panel.x, panel.y, panel.width, panel.height);
    cairo_clip(canvas->cr);
    bb_canvas_color(canvas, 0x24476B);
    cairo_set_line_width(canvas->cr, 1);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    const double per_pixel = figure->trace_rate_hz * (x.high - x.low) / panel.width;
    if (per_pixel > 3)
        draw_envelope(canvas, panel, figure, x, y);
    else
        draw_polyline(canvas, panel, figure, x, y);
    cairo_stroke(canvas->cr);
    cairo_restore(canvas->cr);
    bb_axis_draw_x(canvas, panel, x, 10, 0, NULL);
    bb_axis_draw_y(canvas, panel, y, 4, "voltage (µV)");
}

/* The stretch that the frames and the trace cover together. */
static bb_range time_range(const bb_spectrogram_figure *figure, const bb_heat *heat) {
    bb_range x = bb_heat_range(heat->x_start, heat->x_step, heat->rows);
    if (figure->trace) {
        x.low = fmin(x.low, figure->trace_start_s);
        x.high = fmax(x.high, sample_time(figure, figure->trace_samples));
    }
    return x;
}

/* What is to be drawn, checked. */
typedef struct part {
    const bb_spectrogram_figure *figure;
    bb_heat heat;
    bb_range limits;
} part;

static void draw_part(bb_canvas *canvas, const part *p, place at, double heading_size) {
    const bb_range x = time_range(p->figure, &p->heat),
                   y = bb_heat_range(p->heat.y_start, p->heat.y_step, p->heat.columns);
    const bb_colormap map = bb_colormap_make(
        p->figure->diverging ? BB_COLORMAP_DIVERGING : BB_COLORMAP_SEQUENTIAL, p->limits.low, p->limits.high);
    const bb_panel top = p->figure->trace ? at.trace : at.values;
    const int ticks = at.values.width > 500 ? 10 : 5;
    if (heading_size > 0) {
        const bb_text_style style = {.size = heading_size, .bold = 1, .room = COLUMN - BAR_GAP};
        bb_canvas_text(canvas, top.x, top.y - 12, style, p->figure->title);
    } else {
        bb_title_draw(canvas, top, p->figure->title);
    }
    if (p->figure->trace) draw_trace(canvas, at.trace, p->figure, x);
    bb_heat_draw(canvas, at.values, x, y, &p->heat, &map);
    bb_panel_frame(canvas, at.values);
    bb_axis_draw_x(canvas, at.values, x, ticks, 1, "time (s)");
    bb_axis_draw_y(canvas, at.values, y, 8, "frequency (Hz)");
    bb_colorbar_draw(canvas, at.bar, &map, p->figure->value_label);
}

static bb_status check(const bb_spectrogram_figure *figure, part *out, bb_error *err) {
    out->figure = figure;
    out->heat =
        (bb_heat){figure->values,       figure->frames,       figure->bins,       figure->first_frame_s,
                  figure->frame_step_s, figure->first_bin_hz, figure->bin_step_hz};
    BB_TRY(bb_heat_check(&out->heat, "spectrogram figure", err));
    BB_TRY(check_trace(figure, err));
    return bb_heat_limits(&out->heat, figure->diverging, &out->limits, err);
}

bb_status bb_plot_spectrograms(const char *title, const bb_spectrogram_figure *figures, int count,
                               int columns, const char *path, bb_error *err) {
    enum { MOST = 12 };
    part parts[MOST];
    bb_canvas canvas;
    if (count < 1 || count > MOST || columns < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "spectrogram figure: expected 1 to %d of them in 1 column or more, found %d in %d",
                       MOST, count, columns);
    const grid g = {columns < count ? columns : count, (count + columns - 1) / columns};
    for (int i = 0; i < count; ++i) BB_TRY(check(&figures[i], &parts[i], err));
    BB_TRY(bb_canvas_open(&canvas, count > 1 ? g.columns * COLUMN : BB_CANVAS_WIDTH,
                          g.rows > 1 ? TOP + g.rows * ROW : BB_CANVAS_HEIGHT, err));
    const bb_panel below_title = {.x = LEFT, .y = TOP};
    if (count > 1) bb_title_draw(&canvas, below_title, title);
    for (int i = 0; i < count; ++i)
        draw_part(&canvas, &parts[i], place_of(&figures[i], i, g), count > 1 ? 17 : 0);
    const bb_status status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}

bb_status bb_plot_spectrogram(const bb_spectrogram_figure *figure, const char *path, bb_error *err) {
    return bb_plot_spectrograms(NULL, figure, 1, 1, path, err);
}
