#include <stdlib.h>
#include <string.h>

#include "brainbert/plot.h"
#include "dimension_result.h"
#include "options.h"

/* Cumulated shares: of each electrode and kind, and of each kind the mean over electrodes. */
typedef struct drawing {
    bb_curve *curves;
    int64_t count;
    double **values; /* [count] */
} drawing;

static double *add_curve(drawing *d, int64_t length, int kind) {
    double *y = calloc((size_t)length, sizeof *y);
    if (!y) return NULL;
    d->values[d->count] = y;
    d->curves[d->count++] = (bb_curve){.y = y, .count = length, .x_start = 1, .color = kind};
    return y;
}

static int64_t longest(const dimension_result *r, int kind) {
    int64_t most = 0;
    for (size_t i = 0; i < r->count; ++i)
        most = r->found[i].count[kind] > most ? r->found[i].count[kind] : most;
    return most;
}

/* Behind its last component a curve stays at 1. */
static bool draw_kind(drawing *d, const dimension_result *r, int kind, const char *label) {
    const int64_t length = longest(r, kind);
    if (length == 0) return true;
    int64_t electrodes = 0;
    double *mean = add_curve(d, length, kind);
    if (!mean) return false;
    d->curves[d->count - 1].label = label;
    for (size_t i = 0; i < r->count; ++i) {
        const bb_dimension *found = &r->found[i];
        if (found->count[kind] == 0) continue;
        double *y = add_curve(d, length, kind), sum = 0;
        if (!y) return false;
        d->curves[d->count - 1].faint = true;
        for (int64_t k = 0; k < length; ++k) {
            sum += k < found->count[kind] ? found->ratios[kind][k] : 0;
            mean[k] += y[k] = sum;
        }
        ++electrodes;
    }
    for (int64_t k = 0; k < length; ++k) mean[k] /= (double)electrodes;
    return true;
}

/* As many components as the means need for all but half a per cent. */
static double last_component(const drawing *d) {
    int64_t most = 10;
    for (int64_t i = 0; i < d->count; ++i) {
        int64_t k = 0;
        while (!d->curves[i].faint && k < d->curves[i].count && d->values[i][k] < 0.995) ++k;
        most = k + 1 > most ? k + 1 : most;
    }
    return (double)most;
}

static bb_status write_picture(const drawing *d, const dimension_result *r, const char *path, bb_error *err) {
    const bb_curves_figure figure = {.title = "Variance held by the first principal components",
                                     .x_label = "components",
                                     .y_label = "share of variance",
                                     .curves = d->curves,
                                     .curve_count = d->count,
                                     .x_low = 1,
                                     .x_high = last_component(d),
                                     .y_low = 0,
                                     .y_high = 1,
                                     .levels = &r->share,
                                     .level_count = 1};
    return bb_plot_curves(&figure, path, err);
}

bb_status dimension_draw(const dimension_result *r, const char *path, bb_error *err) {
    static const char *const labels[BB_DIMENSIONS] = {"embeddings", "spectrogram, mean",
                                                      "spectrogram, all frames"};
    drawing d = {.curves = calloc(BB_DIMENSIONS * (r->count + 1), sizeof *d.curves),
                 .values = calloc(BB_DIMENSIONS * (r->count + 1), sizeof *d.values)};
    bool made = d.curves && d.values;
    for (int k = 0; k < BB_DIMENSIONS && made; ++k) made = draw_kind(&d, r, k, labels[k]);
    const bb_status status = made ? write_picture(&d, r, path, err)
                                  : fail(err, BB_ERR_MEMORY, "%s: no memory for a picture", path);
    for (int64_t i = 0; i < d.count; ++i) free(d.values[i]);
    free(d.values);
    free(d.curves);
    return status;
}
