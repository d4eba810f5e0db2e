#include "report/svg.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

double bb_scale_at(const bb_scale *scale, double value) {
    const bb_range r = scale->range;
    const double span = scale->log ? log(r.high / r.low) : r.high - r.low;
    const double share = (scale->log ? log(fmax(value, r.low) / r.low) : value - r.low) / span;
    return scale->from + fmin(1, fmax(0, share)) * (scale->to - scale->from);
}

/* 1, 2 and 5 times the powers of ten. */
static bb_ticks log_ticks(bb_range range) {
    static const double steps[] = {1, 2, 5};
    bb_ticks ticks = {.step = 1};
    for (double power = pow(10, floor(log10(range.low))); power <= range.high; power *= 10)
        for (int i = 0; i < 3; ++i) {
            const double value = power * steps[i];
            if (value >= range.low && value <= range.high && ticks.count < BB_TICKS_MAX)
                ticks.values[ticks.count++] = value;
        }
    return ticks;
}

bb_ticks bb_scale_ticks(const bb_scale *scale, int wanted) {
    return scale->log ? log_ticks(scale->range) : bb_ticks_nice(scale->range, wanted);
}

bb_range bb_range_none(void) { return (bb_range){INFINITY, -INFINITY}; }

void bb_range_hold(bb_range *range, double value) {
    if (!isfinite(value)) return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

bb_range bb_range_round(bb_range range, bb_range limits) {
    if (range.low > range.high) range = (bb_range){0, 1};
    const double room = fmax((range.high - range.low) * 0.04, 1e-3 * fmax(1, fabs(range.high)));
    range = (bb_range){range.low - room, range.high + room};
    const double step = bb_ticks_nice(range, 5).step;
    range = (bb_range){floor(range.low / step) * step, ceil(range.high / step) * step};
    const bb_range inside = {fmax(range.low, limits.low), fmin(range.high, limits.high)};
    return inside.low < inside.high ? inside : range;
}

void bb_svg_begin(bb_markup *m, double width, double height, const char *label) {
    bb_markup_printf(
        m, "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-label=\"", width,
        height, width, height);
    bb_markup_text(m, label, BB_SHOWN_NAME);
    bb_markup_raw(m, "\">\n");
}

void bb_svg_end(bb_markup *m) { bb_markup_raw(m, "</svg>\n"); }

void bb_svg_line(bb_markup *m, const char *class, double x0, double y0, double x1, double y1) {
    bb_markup_printf(m, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x0,
                     y0, x1, y1);
}

void bb_svg_rect(bb_markup *m, const char *class, double x, double y, double width, double height) {
    bb_markup_printf(m, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", class,
                     x, y, width, height);
}

/* An average width in a sans serif at the size of the pictures' text; characters beyond the alphabets, such
 * as ideographs, are twice as wide. */
static double character_width(size_t bytes) { return bytes > 2 ? 13 : 7.4; }

/* How many characters of `text` fit into `room`, and how wide those are; measured to some length only. */
static size_t measure(const char *text, double room, double *width) {
    const unsigned char *at = (const unsigned char *)text;
    size_t count = 0;
    *width = 0;
    for (size_t left = strnlen(text, 4096); left > 0; ++count) {
        const size_t n = bb_utf8_length(at, left), bytes = n ? n : 1;
        if (*width + character_width(n) > room) return count;
        *width += character_width(n);
        at += bytes;
        left -= bytes;
    }
    return SIZE_MAX;
}

double bb_svg_text_width(const char *text) {
    double width;
    measure(text, 1e9, &width);
    return width;
}

void bb_svg_text(bb_markup *m, const char *class, double x, double y, double room, const char *text) {
    if (!text) return;
    double width;
    size_t shown = room > 0 ? measure(text, room, &width) : BB_SHOWN_NAME;
    const bool cut = shown != SIZE_MAX && room > 0;
    /* One place is the ellipsis's. */
    shown = cut ? (shown > 2 ? shown - 1 : 1) : BB_SHOWN_NAME;
    bb_markup_printf(m, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    bb_markup_text(m, text, shown);
    if (cut) bb_markup_element(m, "title", text);
    bb_markup_raw(m, "</text>\n");
}

void bb_svg_mark(bb_markup *m, int series, double x, double y) {
    static const char *const shapes[BB_SERIES_SHAPES] = {
        "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",                /* disc */
        "M-4-4H4V4H-4z",                                               /* square */
        "M0-5.8L5.8 0L0 5.8L-5.8 0z",                                  /* diamond */
        "M0-5.5L5.2 4H-5.2z",                                          /* triangle */
        "M0 5.5L5.2-4H-5.2z",                                          /* on its tip */
        "M-1.8-5.4H1.8V-1.8H5.4V1.8H1.8V5.4H-1.8V1.8H-5.4V-1.8H-1.8z", /* plus */
        "M-2.6-4.6H2.6L5.2 0L2.6 4.6H-2.6L-5.2 0z",                    /* hexagon */
    };
    bb_markup_printf(m, "<path class=\"m s%d\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>\n",
                     series % BB_SERIES_COLORS, x, y, shapes[series % BB_SERIES_SHAPES]);
}

void bb_svg_whisker(bb_markup *m, int series, double x0, double x1, double y) {
    bb_markup_printf(m, "<path class=\"w s%d\" d=\"M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6\"/>\n",
                     series % BB_SERIES_COLORS, x0, y, x1, x0, y - 3, x1, y - 3);
}

void bb_svg_polyline(bb_markup *m, const char *class, int series, const bb_scale *x, const bb_scale *y,
                     const double *xs, const double *ys, size_t count, double step) {
    double last_x = -1e9, last_y = -1e9;
    bool begun = false, drawn = false;
    for (size_t i = 0; i < count; ++i) {
        if (!isfinite(xs[i]) || !isfinite(ys[i])) {
            drawn = false;
            continue;
        }
        const double at_x = bb_scale_at(x, xs[i]), at_y = bb_scale_at(y, ys[i]);
        if (drawn && i + 1 < count && hypot(at_x - last_x, at_y - last_y) < step) continue;
        if (!begun) bb_markup_printf(m, "<path class=\"%s s%d\" d=\"", class, series % BB_SERIES_COLORS);
        bb_markup_printf(m, "%c%.1f %.1f", drawn ? 'L' : 'M', at_x, at_y);
        begun = drawn = true;
        last_x = at_x;
        last_y = at_y;
    }
    if (begun) bb_markup_raw(m, "\"/>\n");
}

/* Numbers nearer than this on a logarithmic axis would run into each other. */
enum { TICK_ROOM = 26 };

void bb_svg_axis_x(bb_markup *m, const bb_scale *x, double top, double bottom, const char *label) {
    const bb_ticks ticks = bb_scale_ticks(x, 5);
    double last = -1e9;
    for (int i = 0; i < ticks.count; ++i) {
        char text[32];
        const double at = bb_scale_at(x, ticks.values[i]);
        bb_tick_label(&ticks, i, text);
        bb_svg_line(m, "grid", at, top, at, bottom);
        if (at - last < TICK_ROOM) continue;
        bb_svg_text(m, "tick c", at, bottom + 15, 0, text);
        last = at;
    }
    if (label) bb_svg_text(m, "axis c", (x->from + x->to) / 2, bottom + 34, x->to - x->from, label);
}

void bb_svg_axis_y(bb_markup *m, const bb_scale *y, double left, double right, const char *label) {
    const bb_ticks ticks = bb_scale_ticks(y, 5);
    for (int i = 0; i < ticks.count; ++i) {
        char text[32];
        const double at = bb_scale_at(y, ticks.values[i]);
        bb_tick_label(&ticks, i, text);
        bb_svg_line(m, "grid", left, at, right, at);
        bb_svg_text(m, "tick e", left - 7, at + 4, 0, text);
    }
    /* Above the axis and not turned: easier to read, and it needs no room beside the numbers. */
    if (label) bb_svg_text(m, "axis", 4, fmin(y->from, y->to) - 10, right - 4, label);
}
