/* A table of values as coloured cells. */
#ifndef BB_PLOT_HEAT_H
#define BB_PLOT_HEAT_H

#include <stdint.h>

#include "plot/axes.h"

/* values[rows, columns]: row i covers x_start + (i -+ 1/2) x_step, column j likewise on the y axis, upwards.
 */
typedef struct bb_heat {
    const float *values;
    int64_t rows, columns;
    double x_start, x_step, y_start, y_step;
} bb_heat;

/* The stretch of an axis that `count` cells cover. */
bb_range bb_heat_range(double start, double step, int64_t count);

/* The range of the colours: the 1st to the 99th percentile of the finite values; with `diverging`, from minus
 * to plus the 99th percentile of their size. Widened when it would be empty. Needs a copy of the values. */
bb_status bb_heat_limits(const bb_heat *heat, int diverging, bb_range *limits, bb_error *err);

/* Every pixel takes one cell's colour, without interpolation; where several cells share a pixel it takes the
 * mean of the finite ones. Pixels outside the table keep theirs. */
void bb_heat_draw(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y, const bb_heat *heat,
                  const bb_colormap *map);

/* BB_ERR_ARGUMENT for tables no picture can be made of; `what` begins the message. */
bb_status bb_heat_check(const bb_heat *heat, const char *what, bb_error *err);

#endif
