/* Dots on rows with a name each: one colour and shape per series, whiskers, the control as a box behind. Long
 * charts are cut into panels side by side. */
#ifndef BB_REPORT_DOTS_H
#define BB_REPORT_DOTS_H

#include "report/svg.h"

typedef struct bb_dot {
    size_t row;
    int series;
    double value, low, high, control_low, control_high;
} bb_dot;

typedef struct bb_dot_row {
    const char *label, *group, *note; /* the note goes into tooltips; NULL: none */
} bb_dot_row;

typedef struct bb_dot_chart {
    const char *title;      /* for readers who do not see it */
    const bb_dot_row *rows; /* neighbours of one group stand under its heading */
    bb_dot *dots;           /* sorted by the chart */
    size_t row_count, dot_count;
    const int *series; /* those that have dots, in the order of their lanes in a row */
    int series_count;
    const char *const *names; /* of series 0, 1, ...: for tooltips */
    bb_range range;
    double chance; /* a line there; NaN: none */
    const char *axis;
    int decimals; /* of values in tooltips */
} bb_dot_chart;

void bb_dots_draw(bb_markup *m, const bb_dot_chart *chart);

#endif
