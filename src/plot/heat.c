#include "plot/heat.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

bb_status bb_heat_check(const bb_heat *heat, const char *what, bb_error *err) {
    int64_t count;
    if (!heat->values) return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected values, found NULL", what);
    if (heat->rows < 1 || heat->columns < 1 || __builtin_mul_overflow(heat->rows, heat->columns, &count))
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a table of at least 1 x 1, found %lld x %lld",
                       what, (long long)heat->rows, (long long)heat->columns);
    const bb_range x = bb_heat_range(heat->x_start, heat->x_step, heat->rows);
    const bb_range y = bb_heat_range(heat->y_start, heat->y_step, heat->columns);
    if (!(x.low < x.high) || !(y.low < y.high) || !isfinite(x.high - x.low) || !isfinite(y.high - y.low))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: axes: expected finite starts and positive steps, found %g by %g and %g by %g",
                       what, heat->x_start, heat->x_step, heat->y_start, heat->y_step);
    return BB_OK;
}

bb_range bb_heat_range(double start, double step, int64_t count) {
    return (bb_range){start - step / 2, start + ((double)count - 0.5) * step};
}

static int compare_floats(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(const float *sorted, size_t count, double part) {
    return (double)sorted[(size_t)lround(part * (double)(count - 1))];
}

bb_status bb_heat_limits(const bb_heat *heat, int diverging, bb_range *limits, bb_error *err) {
    const size_t total = (size_t)(heat->rows * heat->columns);
    float *kept = bb_calloc(total, sizeof *kept);
    if (!kept) return bb_fail(err, BB_ERR_MEMORY, "no memory to sort %zu values", total);
    size_t count = 0;
    for (size_t i = 0; i < total; ++i)
        if (isfinite(heat->values[i])) kept[count++] = diverging ? fabsf(heat->values[i]) : heat->values[i];
    qsort(kept, count, sizeof *kept, compare_floats);
    *limits = (bb_range){0, 1};
    if (count > 0) *limits = (bb_range){percentile(kept, count, 0.01), percentile(kept, count, 0.99)};
    bb_free(kept);
    if (diverging) {
        if (!(limits->high > 0)) limits->high = 1;
        limits->low = -limits->high;
    } else if (!(limits->low < limits->high)) {
        const double half = fmax(1, fabs(limits->low)) / 2;
        *limits = (bb_range){limits->low - half, limits->low + half};
    }
    return BB_OK;
}

typedef struct axis_cells {
    bb_range range;
    double start, step;
    int64_t count;
    int pixels;
} axis_cells;

/* The cell that covers an axis value, or one just outside the table. */
static int64_t cell_at(const axis_cells *axis, double pixel) {
    const double value = axis->range.low + (axis->range.high - axis->range.low) * pixel / axis->pixels;
    return (int64_t)fmin(fmax(floor((value - axis->start) / axis->step + 0.5), -1), (double)axis->count);
}

/* The cells [first, end) that a pixel shows; none when it lies outside the table. */
static void cells_of(const axis_cells *axis, int pixel, int64_t *first, int64_t *end) {
    const double pixels_per_cell = axis->step / (axis->range.high - axis->range.low) * axis->pixels;
    *first = cell_at(axis, pixels_per_cell >= 1 ? pixel + 0.5 : pixel);
    *end = pixels_per_cell >= 1 ? *first + 1 : cell_at(axis, pixel + 1);
    if (*end <= *first) *end = *first + 1;
    if (*first < 0) *first = 0;
    if (*end > axis->count) *end = axis->count;
}

static double mean_of_finite(const bb_heat *heat, int64_t row, int64_t row_end, int64_t column,
                             int64_t column_end) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = row; i < row_end; ++i)
        for (int64_t j = column; j < column_end; ++j) {
            const float value = heat->values[i * heat->columns + j];
            if (!isfinite(value)) continue;
            sum += (double)value;
            ++count;
        }
    return count > 0 ? sum / (double)count : (double)NAN;
}

void bb_heat_draw(bb_canvas *canvas, bb_panel panel, bb_range x, bb_range y, const bb_heat *heat,
                  const bb_colormap *map) {
    const axis_cells across = {x, heat->x_start, heat->x_step, heat->rows, panel.width};
    const axis_cells up = {y, heat->y_start, heat->y_step, heat->columns, panel.height};
    int stride;
    uint32_t *pixels = bb_canvas_begin_pixels(canvas, &stride);
    for (int px = 0; px < panel.width; ++px) {
        int64_t row, row_end;
        cells_of(&across, px, &row, &row_end);
        for (int py = 0; row < row_end && py < panel.height; ++py) {
            int64_t column, column_end;
            cells_of(&up, py, &column, &column_end);
            if (column >= column_end) continue;
            const double value = mean_of_finite(heat, row, row_end, column, column_end);
            pixels[(panel.y + panel.height - 1 - py) * stride + panel.x + px] = bb_colormap_pick(map, value);
        }
    }
    bb_canvas_end_pixels(canvas);
}
