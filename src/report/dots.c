#include "report/dots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT_LEAST = 84,
    LEFT_MOST = 168,
    RIGHT = 14,
    TOP = 10,
    BOTTOM = 46,
    HEADING = 22,
    LANE = 11,
    ROW_LEAST = 22
};
/* Above this a chart becomes several panels, none of which is higher than a printed page. */
enum { COMFORTABLE = 380, HIGHEST = 860 };

static int by_row(const void *left, const void *right) {
    const bb_dot *a = left, *b = right;
    if (a->row != b->row) return (a->row > b->row) - (a->row < b->row);
    return a->series != b->series ? a->series - b->series : (a->value > b->value) - (a->value < b->value);
}

/* Where the scale begins: as far right as the longest name needs, within bounds. */
static double left_of(const bb_dot_chart *chart) {
    double left = LEFT_LEAST;
    for (size_t r = 0; r < chart->row_count; ++r)
        if (chart->rows[r].label) left = fmax(left, bb_svg_text_width(chart->rows[r].label) + 18);
    return fmin(LEFT_MOST, left);
}

static double row_height(const bb_dot_chart *chart) {
    return fmax(ROW_LEAST, LANE * (double)chart->series_count + 8);
}

static bool same_group(const bb_dot_chart *chart, size_t a, size_t b) {
    const char *x = chart->rows[a].group, *y = chart->rows[b].group;
    return x && y ? strcmp(x, y) == 0 : x == y;
}

/* Headings help where groups have several rows; else they only take room. */
static bool has_headings(const bb_dot_chart *chart) {
    size_t groups = 1;
    for (size_t r = 1; r < chart->row_count; ++r) groups += !same_group(chart, r, r - 1);
    return groups * 2 <= chart->row_count && (groups > 1 || chart->rows[0].group);
}

/* A panel: rows [first, end) at `height` pixels. */
typedef struct panel {
    size_t first, end;
    double height;
} panel;

/* The rows of the group that begins at `first`, in pixels with its heading. */
static double group_height(const bb_dot_chart *chart, size_t first) {
    size_t end = first + 1;
    while (end < chart->row_count && same_group(chart, end, first)) ++end;
    return HEADING + (double)(end - first) * row_height(chart);
}

/* The rows that fit `most` pixels. A group that would be cut begins a panel of its own where this one is half
 * full. */
static panel panel_from(const bb_dot_chart *chart, size_t first, double most, bool headings) {
    panel p = {first, first, 0};
    for (size_t r = first; r < chart->row_count; ++r) {
        const bool starts = headings && (r == first || !same_group(chart, r, r - 1));
        const double needed = row_height(chart) + (starts ? HEADING : 0);
        if (r > first && p.height + needed > most) break;
        if (r > first && starts && p.height > most / 2 && p.height + group_height(chart, r) > most) break;
        p.height += needed;
        p.end = r + 1;
    }
    return p;
}

static double panel_height(const bb_dot_chart *chart, bool headings) {
    const panel whole = panel_from(chart, 0, INFINITY, headings);
    if (whole.height <= COMFORTABLE) return COMFORTABLE;
    const double columns = whole.height <= 2 * COMFORTABLE ? 2 : 3;
    /* A heading may be repeated, and groups are kept whole: a little more than an even share. */
    return fmin(HIGHEST, whole.height / columns + HEADING + row_height(chart));
}

static void tooltip(bb_markup *m, const bb_dot_chart *chart, const bb_dot *dot) {
    bb_markup_raw(m, "<title>");
    bb_markup_text(m, chart->rows[dot->row].label, BB_SHOWN_NAME);
    if (chart->rows[dot->row].note) {
        bb_markup_raw(m, ", ");
        bb_markup_text(m, chart->rows[dot->row].note, BB_SHOWN_NAME);
    }
    bb_markup_raw(m, " \xC2\xB7 ");
    bb_markup_text(m, chart->names[dot->series], BB_SHOWN_NAME);
    bb_markup_raw(m, ": ");
    bb_markup_number(m, dot->value, chart->decimals);
    if (isfinite(dot->low) && isfinite(dot->high)) {
        bb_markup_raw(m, " (");
        bb_markup_number(m, dot->low, chart->decimals);
        bb_markup_raw(m, " to ");
        bb_markup_number(m, dot->high, chart->decimals);
        bb_markup_raw(m, ")");
    }
    bb_markup_raw(m, "</title>\n");
}

static void draw_dot(bb_markup *m, const bb_dot_chart *chart, const bb_scale *x, const bb_dot *dot,
                     double y) {
    bb_markup_raw(m, "<g>");
    tooltip(m, chart, dot);
    if (isfinite(dot->low) && isfinite(dot->high))
        bb_svg_whisker(m, dot->series, bb_scale_at(x, dot->low), bb_scale_at(x, dot->high), y);
    if (isfinite(dot->value)) bb_svg_mark(m, dot->series, bb_scale_at(x, dot->value), y);
    bb_markup_raw(m, "</g>\n");
}

static void draw_control(bb_markup *m, const bb_dot_chart *chart, const bb_scale *x, const bb_dot *dot,
                         double y) {
    (void)chart;
    if (!isfinite(dot->control_low) || !isfinite(dot->control_high)) return;
    const double low = bb_scale_at(x, dot->control_low), high = bb_scale_at(x, dot->control_high);
    bb_svg_rect(m, "control", low, y - LANE / 2.0, fmax(1, high - low), LANE - 1);
}

static double lane_of(const bb_dot_chart *chart, int series) {
    int lane = 0;
    while (lane < chart->series_count && chart->series[lane] != series) ++lane;
    return lane - (chart->series_count - 1) / 2.0;
}

/* Whether the row stands under a heading of its own. */
static bool is_headed(const bb_dot_chart *chart, panel p, size_t row, bool headings) {
    return headings && (row == p.first || !same_group(chart, row, row - 1));
}

/* Names and rules between the rows. */
static void draw_names(bb_markup *m, const bb_dot_chart *chart, panel p, bool headings, double left) {
    const double row = row_height(chart);
    double y = TOP;
    for (size_t r = p.first; r < p.end; ++r, y += row) {
        const char *label = chart->rows[r].label;
        if (is_headed(chart, p, r, headings)) {
            bb_svg_text(m, "group", 4, y + 16, BB_PANEL_WIDTH - 8, chart->rows[r].group);
            y += HEADING;
            bb_svg_line(m, "rule", 4, y - 1, BB_PANEL_WIDTH - RIGHT, y - 1);
        } else if (r > p.first)
            bb_svg_line(m, "grid", left, y, BB_PANEL_WIDTH - RIGHT, y);
        bb_svg_text(m, "name e", left - 10, y + row / 2 + 4, left - 14, label ? label : "?");
    }
}

typedef void draw_one(bb_markup *m, const bb_dot_chart *chart, const bb_scale *x, const bb_dot *dot,
                      double y);

/* One layer of the panel's dots, of which the first is `dot`; returns the first of the next panel. */
static size_t draw_layer(bb_markup *m, const bb_dot_chart *chart, const bb_scale *x, panel p, bool headings,
                         size_t dot, draw_one *draw) {
    const double row = row_height(chart);
    double y = TOP;
    for (size_t r = p.first; r < p.end; ++r, y += row) {
        if (is_headed(chart, p, r, headings)) y += HEADING;
        for (; dot < chart->dot_count && chart->dots[dot].row == r; ++dot)
            draw(m, chart, x, &chart->dots[dot],
                 y + row / 2 + LANE * lane_of(chart, chart->dots[dot].series));
    }
    return dot;
}

static size_t draw_panel(bb_markup *m, const bb_dot_chart *chart, panel p, bool headings, double left,
                         size_t dot) {
    const bb_scale x = {chart->range, left, BB_PANEL_WIDTH - RIGHT, false};
    const double bottom = TOP + p.height, chance = bb_scale_at(&x, chart->chance);
    bb_svg_begin(m, BB_PANEL_WIDTH, bottom + BOTTOM, chart->title);
    bb_svg_axis_x(m, &x, TOP, bottom, chart->axis);
    draw_names(m, chart, p, headings, left);
    draw_layer(m, chart, &x, p, headings, dot, draw_control);
    if (chart->chance >= x.range.low && chart->chance <= x.range.high)
        bb_svg_line(m, "chance", chance, TOP, chance, bottom);
    dot = draw_layer(m, chart, &x, p, headings, dot, draw_dot);
    bb_svg_end(m);
    return dot;
}

void bb_dots_draw(bb_markup *m, const bb_dot_chart *chart) {
    if (chart->row_count == 0) return;
    const bool headings = has_headings(chart);
    const double most = panel_height(chart, headings), left = left_of(chart);
    qsort(chart->dots, chart->dot_count, sizeof *chart->dots, by_row);
    for (size_t first = 0, dot = 0; first < chart->row_count;) {
        const panel p = panel_from(chart, first, most, headings);
        dot = draw_panel(m, chart, p, headings, left, dot);
        first = p.end;
    }
}
