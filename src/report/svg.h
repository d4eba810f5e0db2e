/* Pictures in the page: scales, and marks on them. Coordinates are pixels of a panel at its full width, y
 * down. Colours are classes of the page's style (style.c), so that they follow light, dark and print. */
#ifndef BB_REPORT_SVG_H
#define BB_REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>

#include "plot/axes.h"
#include "report/markup.h"

/* Three panels stand side by side on a wide screen, one fills a telephone's. */
enum { BB_PANEL_WIDTH = 352 };

/* An axis from pixel `from` to pixel `to`. */
typedef struct bb_scale {
    bb_range range;
    double from, to;
    bool log; /* range.low > 0 */
} bb_scale;

/* Values outside the range lie on its ends. */
double bb_scale_at(const bb_scale *scale, double value);
bb_ticks bb_scale_ticks(const bb_scale *scale, int wanted);

/* An empty range, and one that takes in a value; what is not finite changes nothing. */
bb_range bb_range_none(void);
void bb_range_hold(bb_range *range, double value);
/* Room around the values, then outwards to multiples of a round step within `limits`. */
bb_range bb_range_round(bb_range range, bb_range limits);

/* `label` is read aloud in place of the picture. */
void bb_svg_begin(bb_markup *m, double width, double height, const char *label);
void bb_svg_end(bb_markup *m);

/* `class` is one of the page's own. */
void bb_svg_line(bb_markup *m, const char *class, double x0, double y0, double x1, double y1);
void bb_svg_rect(bb_markup *m, const char *class, double x, double y, double width, double height);

/* `class` has "c" for text around x, "e" for text that ends there. Text too long for `room` is cut (0: never)
 * and whole in its tooltip. */
void bb_svg_text(bb_markup *m, const char *class, double x, double y, double room, const char *text);

/* About how wide the text is. */
double bb_svg_text_width(const char *text);

/* The colour class of the series ("s3") goes with each mark; the shape too tells them apart. */
void bb_svg_mark(bb_markup *m, int series, double x, double y);
void bb_svg_whisker(bb_markup *m, int series, double x0, double x1, double y);

/* Points that are not finite interrupt the line; those nearer than `step` pixels to the last are passed over.
 */
void bb_svg_polyline(bb_markup *m, const char *class, int series, const bb_scale *x, const bb_scale *y,
                     const double *xs, const double *ys, size_t count, double step);

/* Grid lines over the panel between the two pixels, numbers at its edge. */
void bb_svg_axis_x(bb_markup *m, const bb_scale *x, double top, double bottom, const char *label);
void bb_svg_axis_y(bb_markup *m, const bb_scale *y, double left, double right, const char *label);

/* Colours and shapes, after which they repeat in other pairs. */
enum { BB_SERIES_COLORS = 8, BB_SERIES_SHAPES = 7 };

#endif
