#include "brainbert/plot.h"
#include "plot/heat.h"

static const bb_panel panel = {112, 64, 930, 584};
static const bb_panel bar = {1062, 64, 20, 584};

/* No tick between two neighbouring cells. */
static int few(int64_t cells, int most) { return cells < most ? (int)cells : most; }

static void draw(bb_canvas *canvas, const bb_matrix_figure *figure, const bb_heat *heat, bb_range limits) {
    const bb_range x = bb_heat_range(heat->x_start, heat->x_step, heat->rows);
    const bb_range y = bb_heat_range(heat->y_start, heat->y_step, heat->columns);
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, limits.low, limits.high);
    bb_title_draw(canvas, panel, figure->title);
    bb_heat_draw(canvas, panel, x, y, heat, &map);
    bb_panel_frame(canvas, panel);
    bb_axis_draw_x(canvas, panel, x, few(figure->rows, 10), 1, figure->x_label);
    bb_axis_draw_y(canvas, panel, y, few(figure->columns, 8), figure->y_label);
    bb_colorbar_draw(canvas, bar, &map, figure->value_label);
}

bb_status bb_plot_matrix(const bb_matrix_figure *figure, const char *path, bb_error *err) {
    const bb_heat heat = {
        figure->values, figure->rows, figure->columns, figure->x_start, figure->x_step, 0, 1};
    bb_range limits;
    bb_canvas canvas;
    bb_status status = bb_heat_check(&heat, "matrix figure", err);
    if (status == BB_OK) status = bb_heat_limits(&heat, 0, &limits, err);
    if (status == BB_OK) status = bb_canvas_open(&canvas, BB_CANVAS_WIDTH, BB_CANVAS_HEIGHT, err);
    if (status != BB_OK) return status;
    draw(&canvas, figure, &heat, limits);
    status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}
