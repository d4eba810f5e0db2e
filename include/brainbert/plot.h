/* Figures, as PNG pictures. */
#ifndef BRAINBERT_PLOT_H
#define BRAINBERT_PLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One spectrogram under its trace. */
typedef struct bb_spectrogram_figure {
    const char *title;       /* "LA3 - sample_seeg.edf, 0.0-5.0 s" */
    const char *value_label; /* the colour bar's: "z-score", "magnitude (uV)" */
    const float *values;     /* [T,F] */
    int64_t frames;          /* T */
    int bins;                /* F */
    double first_frame_s;    /* centre of frame 0 on the time axis */
    double frame_step_s;
    double first_bin_hz;
    double bin_step_hz;
    int diverging;       /* colours centred on 0 (z-scores) instead of running from the minimum */
    const double *trace; /* uV, drawn above; may be NULL */
    int64_t trace_samples;
    double trace_start_s; /* of trace[0] on the time axis */
    double trace_rate_hz;
} bb_spectrogram_figure;

/* Writes a PNG, whole or not at all. */
BB_API bb_status bb_plot_spectrogram(const bb_spectrogram_figure *figure, const char *path, bb_error *err);

/* Up to 12 of them in rows of up to `columns`, their own titles as headings, `title` above all. */
BB_API bb_status bb_plot_spectrograms(const char *title, const bb_spectrogram_figure *figures, int count,
                                      int columns, const char *path, bb_error *err);

/* Values over two axes: features [rows, columns] as a heat map, rows (windows) along x. */
typedef struct bb_matrix_figure {
    const char *title, *x_label, *y_label, *value_label;
    const float *values; /* [rows, columns] */
    int64_t rows, columns;
    double x_start, x_step; /* axis value of row 0, and between rows */
} bb_matrix_figure;

BB_API bb_status bb_plot_matrix(const bb_matrix_figure *figure, const char *path, bb_error *err);

/* One line of a figure of curves. Points that are not finite interrupt it. */
typedef struct bb_curve {
    const char *label; /* in the legend; NULL: not there */
    const double *x;   /* [count]; NULL: x_start, x_start + 1, .. */
    const double *y;   /* [count] */
    int64_t count;
    double x_start;
    int color;  /* which of the BB_CURVE_COLORS, each with dashes of its own, so that print without colours
                   tells them apart */
    bool faint; /* thin and pale, without dashes: one of many behind the others */
    bool dots;  /* a dot at each point */
} bb_curve;

enum { BB_CURVE_COLORS = 7 };

typedef struct bb_curves_figure {
    const char *title, *x_label, *y_label;
    const bb_curve *curves; /* drawn in this order, faint ones first */
    int64_t curve_count;
    double x_low, x_high, y_low, y_high; /* of the axes; low == high: what the curves need */
    const double *levels;                /* [level_count] grey lines across, such as chance; may be NULL */
    int level_count;
} bb_curves_figure;

/* Writes a PNG, whole or not at all. The legend stands at the right. */
BB_API bb_status bb_plot_curves(const bb_curves_figure *figure, const char *path, bb_error *err);

/* Up to 12 of them in rows of up to `columns`, their own titles as headings, `title` above all and the first
 * one's legend beside it. */
BB_API bb_status bb_plot_curves_grid(const char *title, const bb_curves_figure *figures, int count,
                                     int columns, const char *path, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
