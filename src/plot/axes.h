/* Axes: ranges, tick values that are round numbers, frames, colour bars. */
#ifndef BB_PLOT_AXES_H
#define BB_PLOT_AXES_H

#include "plot/canvas.h"
#include "plot/colormap.h"

enum { BB_TICKS_MAX = 24 };

typedef struct bb_range {
    double low, high;
} bb_range;

typedef struct bb_ticks {
    int count;
    double step;
    double values[BB_TICKS_MAX];
} bb_ticks;

/* The multiples of 1, 2 or 5 times a power of ten in `range`, about `wanted` of them. A range that doubles
 * cannot tell apart has none. */
bb_ticks bb_ticks_nice(bb_range range, int wanted);

/* One tick's number, with as many digits as the step needs and a true minus sign. */
void bb_tick_label(const bb_ticks *ticks, int tick, char text[32]);

/* Pixel row or column of `value` on an axis over `size` pixels that starts at `origin`; y axes run upwards.
 */
double bb_axis_x(bb_panel panel, bb_range range, double value);
double bb_axis_y(bb_panel panel, bb_range range, double value);

/* Ticks, numbers (where asked) and the label below or to the left of a panel. */
void bb_axis_draw_x(bb_canvas *canvas, bb_panel panel, bb_range range, int wanted, int numbers,
                    const char *label);
void bb_axis_draw_y(bb_canvas *canvas, bb_panel panel, bb_range range, int wanted, const char *label);

/* A line around the panel, just outside it, so that no value is covered. */
void bb_panel_frame(bb_canvas *canvas, bb_panel panel);

/* The map from bottom to top, with its own axis on the right. */
void bb_colorbar_draw(bb_canvas *canvas, bb_panel panel, const bb_colormap *map, const char *label);

void bb_title_draw(bb_canvas *canvas, bb_panel below, const char *title);

#endif
