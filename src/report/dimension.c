/* How many components hold most of the variance: embeddings beside the spectrograms that they were made of.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/dots.h"
#include "report/page.h"

enum { SIDE = 352, HEIGHT = 320, LEFT = 46, RIGHT = 12, TOP = 30, BOTTOM = 46 };
static const char *const names[] = {"embeddings", "spectrogram"};
static const int both[] = {0, 1};

static double most_components(const bb_dimension *d) {
    double most = 1;
    for (size_t i = 0; i < d->row_count; ++i)
        for (int c = 0; c < 2; ++c) most = fmax(most, (double)d->rows[i].curves[c].count);
    return most;
}

static bool has_curves(const bb_dimension *d, int which) {
    for (size_t i = 0; i < d->row_count; ++i)
        if (d->rows[i].curves[which].count > 1) return true;
    return false;
}

static void draw_curves(bb_markup *m, const bb_dimension *d, int which) {
    const double most = most_components(d);
    const bb_scale x = {{1, most}, LEFT, SIDE - RIGHT, most > 20}, y = {{0, 1}, HEIGHT - BOTTOM, TOP, false};
    if (!has_curves(d, which)) return;
    bb_panel_begin(m, names[which], which);
    bb_svg_begin(m, SIDE, HEIGHT, "Share of variance by number of components");
    bb_svg_axis_x(m, &x, TOP, HEIGHT - BOTTOM, x.log ? "components (logarithmic)" : "components");
    bb_svg_axis_y(m, &y, LEFT, SIDE - RIGHT, "share of variance");
    for (size_t i = 0; i < d->row_count; ++i) {
        const bb_curve *curve = &d->rows[i].curves[which];
        bb_markup_raw(m, "<g>");
        bb_markup_element(m, "title", d->rows[i].electrode);
        bb_svg_polyline(m,
                        d->row_count > 40  ? "thin many"
                        : d->row_count > 8 ? "thin"
                                           : "w",
                        which, &x, &y, curve->x, curve->y, curve->count, 1);
        bb_markup_raw(m, "</g>\n");
    }
    if (isfinite(d->share)) {
        const double at = bb_scale_at(&y, d->share);
        bb_svg_line(m, "target", LEFT, at, SIDE - RIGHT, at);
    }
    bb_svg_end(m);
    bb_panel_end(m);
}

static int by_region(const void *left, const void *right) {
    const bb_dimension_row *a = *(const bb_dimension_row *const *)left,
                           *b = *(const bb_dimension_row *const *)right;
    const int regions = strcmp(a->region ? a->region : "", b->region ? b->region : "");
    return regions != 0 ? regions : (a > b) - (a < b);
}

/* Rows of a chart with two dots each; returns the range of those. */
static bb_range fill(const bb_dimension_row *const *order, size_t count, bool regions, bb_dot_row *rows,
                     bb_dot *dots) {
    bb_range range = bb_range_none();
    for (size_t i = 0; i < count; ++i) {
        const bb_dimension_row *r = order[i];
        const double values[] = {r->embeddings, r->spectrogram};
        rows[i] = (bb_dot_row){regions ? r->region : r->electrode, regions ? NULL : r->region, NULL};
        for (int c = 0; c < 2; ++c) {
            dots[2 * i + (size_t)c] = (bb_dot){i, c, values[c], NAN, NAN, NAN, NAN};
            bb_range_hold(&range, values[c]);
        }
    }
    return bb_range_round((bb_range){fmin(0, range.low), range.high}, (bb_range){0, INFINITY});
}

/* Electrodes in the order of their regions, regions as they come. */
static void draw_rows(bb_markup *m, const bb_dimension_row *list, size_t count, bool regions) {
    const bb_dimension_row **order = bb_calloc(count, sizeof *order);
    bb_dot_row *rows = bb_calloc(count, sizeof *rows);
    bb_dot *dots = bb_calloc(count, 2 * sizeof *dots);
    const bool fits = order && rows && dots;
    m->failed |= !fits;
    for (size_t i = 0; fits && i < count; ++i) order[i] = &list[i];
    if (fits && !regions) qsort(order, count, sizeof *order, by_region);
    if (fits)
        bb_dots_draw(m, &(bb_dot_chart){.title = regions ? "Components by region" : "Components by electrode",
                                        .rows = rows,
                                        .dots = dots,
                                        .row_count = count,
                                        .dot_count = 2 * count,
                                        .series = both,
                                        .series_count = 2,
                                        .names = names,
                                        .range = fill(order, count, regions, rows, dots),
                                        .chance = NAN,
                                        .axis = "components",
                                        .decimals = 1});
    bb_free(order);
    bb_free(rows);
    bb_free(dots);
}

static void draw_figure(bb_markup *m, const char *heading, const bb_dimension_row *rows, size_t count,
                        bool regions) {
    if (count == 0) return;
    bb_figure_begin(m, heading);
    bb_legend_draw(m, names, both, 2);
    bb_figure_panels(m);
    draw_rows(m, rows, count, regions);
    bb_figure_caption(m, regions ? "Means over the electrodes of a region."
                                 : "Electrodes stand under their region.");
    bb_figure_end(m);
}

void bb_draw_dimension(bb_markup *m, const bb_dimension *d) {
    bb_markup_raw(
        m,
        "<section class=\"dimension\"><h2>Intrinsic dimension</h2>\n<p>How many principal components hold ");
    if (isfinite(d->share)) {
        bb_markup_quantity(m, 100 * d->share);
        bb_markup_raw(m, " %");
    } else
        bb_markup_raw(m, "a given share");
    bb_markup_raw(
        m, " of the variance of an electrode's windows: of their embeddings, and of the raw spectrograms as "
           "the control.</p>\n");
    if (has_curves(d, 0) || has_curves(d, 1)) {
        bb_figure_begin(m, "Variance by number of components");
        bb_figure_panels(m);
        for (int c = 0; c < 2; ++c) draw_curves(m, d, c);
        bb_figure_caption(
            m, "A line for each electrode. Long dashes: the share at which components are counted.");
        bb_figure_end(m);
    }
    draw_figure(m, "Components by region", d->regions, d->region_count, true);
    draw_figure(m, "Components by electrode", d->rows, d->row_count, false);
    bb_table_dimension(m, d);
    bb_markup_raw(m, "</section>\n");
}
