/* Curves on a panel, for figures of one panel or many. */
#ifndef BB_PLOT_CURVES_H
#define BB_PLOT_CURVES_H

#include "brainbert/plot.h"
#include "plot/axes.h"

/* Colours there are, and axes that are finite and rise. */
bb_status bb_curves_check(const bb_curves_figure *figure, bb_error *err);

/* The curves, the frame and both axes, about `x_ticks` numbers along x; neither title nor legend. */
void bb_curves_draw(bb_canvas *canvas, bb_panel panel, const bb_curves_figure *figure, int x_ticks);

/* A legend's entry, its line's height at y, within `room` pixels; returns how many it takes. */
double bb_curves_sample(bb_canvas *canvas, double x, double y, double room, const bb_curve *curve);

#endif
