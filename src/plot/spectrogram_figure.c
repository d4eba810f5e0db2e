#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "brainbert/plot.h"
#include "plot/heat.h"

static const bb_panel full_panel = {112, 64, 930, 584};
static const bb_panel trace_panel = {112, 64, 930, 150};
static const bb_panel lower_panel = {112, 242, 930, 406};
enum { BAR_GAP = 20, BAR_WIDTH = 20 };

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
static void draw_envelope(bb_canvas *canvas, const bb_spectrogram_figure *figure, bb_range x, bb_range y) {
    int64_t i = 0;
    for (int px = 0; px < trace_panel.width && i < figure->trace_samples; ++px) {
        const double until = x.low + (x.high - x.low) * (px + 1) / trace_panel.width;
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
        cairo_move_to(canvas->cr, trace_panel.x + px + 0.5, bb_axis_y(trace_panel, y, high) - 0.5);
        cairo_line_to(canvas->cr, trace_panel.x + px + 0.5, bb_axis_y(trace_panel, y, low) + 0.5);
    }
}

/* A gap wherever a sample is not a number. */
static void draw_polyline(bb_canvas *canvas, const bb_spectrogram_figure *figure, bb_range x, bb_range y) {
    int pen_down = 0;
    for (int64_t i = 0; i < figure->trace_samples; ++i) {
        if (!isfinite(figure->trace[i])) {
            pen_down = 0;
            continue;
        }
        const double px = bb_axis_x(trace_panel, x, sample_time(figure, i));
        const double py = bb_axis_y(trace_panel, y, figure->trace[i]);
        if (pen_down)
            cairo_line_to(canvas->cr, px, py);
        else
            cairo_move_to(canvas->cr, px, py);
        pen_down = 1;
    }
}

static void draw_trace(bb_canvas *canvas, const bb_spectrogram_figure *figure, bb_range x) {
    const bb_range y = trace_range(figure);
    bb_panel_frame(canvas, trace_panel);
    cairo_save(canvas->cr);
    cairo_rectangle(canvas->cr, trace_panel.x, trace_panel.y, trace_panel.width, trace_panel.height);
    cairo_clip(canvas->cr);
    bb_canvas_color(canvas, 0x24476B);
    cairo_set_line_width(canvas->cr, 1);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    const double per_pixel = figure->trace_rate_hz * (x.high - x.low) / trace_panel.width;
    if (per_pixel > 3)
        draw_envelope(canvas, figure, x, y);
    else
        draw_polyline(canvas, figure, x, y);
    cairo_stroke(canvas->cr);
    cairo_restore(canvas->cr);
    bb_axis_draw_x(canvas, trace_panel, x, 10, 0, NULL);
    bb_axis_draw_y(canvas, trace_panel, y, 4, "voltage (µV)");
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

static void draw(bb_canvas *canvas, const bb_spectrogram_figure *figure, const bb_heat *heat,
                 bb_range limits) {
    const bb_panel panel = figure->trace ? lower_panel : full_panel;
    const bb_panel bar = {panel.x + panel.width + BAR_GAP, panel.y, BAR_WIDTH, panel.height};
    const bb_range x = time_range(figure, heat),
                   y = bb_heat_range(heat->y_start, heat->y_step, heat->columns);
    const bb_colormap map = bb_colormap_make(
        figure->diverging ? BB_COLORMAP_DIVERGING : BB_COLORMAP_SEQUENTIAL, limits.low, limits.high);
    bb_title_draw(canvas, figure->trace ? trace_panel : full_panel, figure->title);
    if (figure->trace) draw_trace(canvas, figure, x);
    bb_heat_draw(canvas, panel, x, y, heat, &map);
    bb_panel_frame(canvas, panel);
    bb_axis_draw_x(canvas, panel, x, 10, 1, "time (s)");
    bb_axis_draw_y(canvas, panel, y, 8, "frequency (Hz)");
    bb_colorbar_draw(canvas, bar, &map, figure->value_label);
}

bb_status bb_plot_spectrogram(const bb_spectrogram_figure *figure, const char *path, bb_error *err) {
    const bb_heat heat = {figure->values,        figure->frames,       figure->bins,
                          figure->first_frame_s, figure->frame_step_s, figure->first_bin_hz,
                          figure->bin_step_hz};
    bb_range limits;
    bb_canvas canvas;
    BB_TRY(bb_heat_check(&heat, "spectrogram figure", err));
    BB_TRY(check_trace(figure, err));
    BB_TRY(bb_heat_limits(&heat, figure->diverging, &limits, err));
    BB_TRY(bb_canvas_open(&canvas, err));
    draw(&canvas, figure, &heat, limits);
    const bb_status status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}
