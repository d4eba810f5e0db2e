#include "plot/axes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const bb_text_style number_style = {.size = 15};
static const bb_text_style label_style = {.size = 17, .align = BB_ALIGN_CENTER};
static const uint32_t ink = 0x1A1A1A;
enum { TICK = 6 };

bb_ticks bb_ticks_nice(bb_range range, int wanted) {
    bb_ticks ticks = {0};
    const double raw = (range.high - range.low) / wanted;
    if (!(raw > 0) || !isfinite(raw)) return ticks;
    const double power = pow(10, floor(log10(raw)));
    const double rest = raw / power;
    ticks.step = power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
    /* The ends may be off by rounding alone: 0.30000000000000004 is a tick of [0, 0.3]. */
    const double slack = 1e-9;
    const double first = ceil(range.low / ticks.step - slack), last = floor(range.high / ticks.step + slack);
    if (!(ticks.step > 0) || fabs(first) > 1e12 || fabs(last) > 1e12) return (bb_ticks){0};
    for (double k = first; k <= last && ticks.count < BB_TICKS_MAX; ++k)
        ticks.values[ticks.count++] = k * ticks.step;
    return ticks;
}

void bb_tick_label(const bb_ticks *ticks, int tick, char text[32]) {
    const double value = ticks->values[tick], size = fabs(value);
    double largest = 0;
    for (int i = 0; i < ticks->count; ++i) largest = fmax(largest, fabs(ticks->values[i]));
    char digits[32];
    const int decimals = (int)fmax(0, ceil(-log10(ticks->step) - 1e-9));
    if (largest >= 1e6 || decimals > 4)
        snprintf(digits, sizeof digits, "%.6g", size);
    else
        snprintf(digits, sizeof digits, "%.*f", decimals, size);
    snprintf(text, 32, "%s%.24s", value < 0 ? "\xE2\x88\x92" : "", digits);
}

double bb_axis_x(bb_panel panel, bb_range range, double value) {
    return panel.x + (value - range.low) / (range.high - range.low) * panel.width;
}

double bb_axis_y(bb_panel panel, bb_range range, double value) {
    return panel.y + panel.height - (value - range.low) / (range.high - range.low) * panel.height;
}

/* The pixel of an axis position, kept on the panel: the last tick of a range lies one beyond its last pixel.
 */
static int pixel_of(double position, int first, int size) {
    return (int)fmin(fmax(floor(position), first), first + size - 1);
}

void bb_axis_draw_x(bb_canvas *canvas, bb_panel panel, bb_range range, int wanted, int numbers,
                    const char *label) {
    const bb_ticks ticks = bb_ticks_nice(range, wanted);
    const int y = panel.y + panel.height;
    for (int i = 0; i < ticks.count; ++i) {
        const int x = pixel_of(bb_axis_x(panel, range, ticks.values[i]), panel.x, panel.width);
        bb_canvas_line(canvas, x, y, x, y + TICK, ink);
        if (!numbers) continue;
        char text[32];
        bb_tick_label(&ticks, i, text);
        bb_text_style style = number_style;
        style.align = BB_ALIGN_CENTER;
        bb_canvas_text(canvas, x + 0.5, y + TICK + 17, style, text);
    }
    bb_text_style style = label_style;
    style.room = panel.width;
    bb_canvas_text(canvas, panel.x + panel.width / 2.0, y + 50, style, label);
}

/* Ticks and numbers at one side; returns the widest number. */
static double draw_side(bb_canvas *canvas, bb_panel panel, bb_range range, int wanted, int right) {
    const bb_ticks ticks = bb_ticks_nice(range, wanted);
    const int x = right ? panel.x + panel.width : panel.x - 1, outwards = right ? TICK : -TICK;
    double widest = 0;
    for (int i = 0; i < ticks.count; ++i) {
        const int y = pixel_of(bb_axis_y(panel, range, ticks.values[i]), panel.y, panel.height);
        bb_canvas_line(canvas, x, y, x + outwards, y, ink);
        char text[32];
        bb_tick_label(&ticks, i, text);
        bb_text_style style = number_style;
        style.align = right ? BB_ALIGN_LEFT : BB_ALIGN_RIGHT;
        bb_canvas_text(canvas, x + outwards * 5 / 3, y + 5.5, style, text);
        widest = fmax(widest, bb_canvas_text_width(canvas, style, text));
    }
    return widest;
}

void bb_axis_draw_y(bb_canvas *canvas, bb_panel panel, bb_range range, int wanted, const char *label) {
    draw_side(canvas, panel, range, wanted, 0);
    bb_text_style style = label_style;
    style.upwards = 1;
    style.room = panel.height + 20;
    /* One column for all panels, whatever the width of their numbers. */
    bb_canvas_text(canvas, panel.x - 82, panel.y + panel.height / 2.0, style, label);
}

void bb_panel_frame(bb_canvas *canvas, bb_panel panel) {
    const int x0 = panel.x - 1, y0 = panel.y - 1, x1 = panel.x + panel.width, y1 = panel.y + panel.height;
    bb_canvas_line(canvas, x0, y0, x1, y0, ink);
    bb_canvas_line(canvas, x0, y1, x1, y1, ink);
    bb_canvas_line(canvas, x0, y0, x0, y1, ink);
    bb_canvas_line(canvas, x1, y0, x1, y1, ink);
}

void bb_colorbar_draw(bb_canvas *canvas, bb_panel panel, const bb_colormap *map, const char *label) {
    int stride;
    uint32_t *pixels = bb_canvas_begin_pixels(canvas, &stride);
    for (int y = 0; y < panel.height; ++y) {
        const uint32_t color = map->colors[(panel.height - 1 - y) * BB_COLORMAP_STEPS / panel.height];
        for (int x = 0; x < panel.width; ++x) pixels[(panel.y + y) * stride + panel.x + x] = color;
    }
    bb_canvas_end_pixels(canvas);
    bb_panel_frame(canvas, panel);
    const double widest = draw_side(canvas, panel, (bb_range){map->low, map->high}, 7, 1);
    bb_text_style style = label_style;
    style.upwards = 1;
    style.room = panel.height;
    bb_canvas_text(canvas, fmin(panel.x + panel.width + 18 + widest + 20, canvas->width - 8),
                   panel.y + panel.height / 2.0, style, label);
}

void bb_title_draw(bb_canvas *canvas, bb_panel below, const char *title) {
    const bb_text_style style = {
        .size = 20, .bold = 1, .align = BB_ALIGN_LEFT, .room = canvas->width - 2 * 20.0};
    const double width = title ? fmin(bb_canvas_text_width(canvas, style, title), style.room) : 0;
    /* Over the panel's left edge; a title too long for that moves left. */
    const double x = fmax(20, fmin(below.x, canvas->width - 20 - width));
    bb_canvas_text(canvas, x, below.y - 20, style, title);
}
