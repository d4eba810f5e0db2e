#include <stddef.h>

#include "base/error.h"
#include "plot/curves.h"

enum { MOST = 12, LEFT = 112, TOP = 64, COLUMN = 440, WIDTH = 300, ROW = 380, HEADING = 34, HEIGHT = 250 };

static bb_panel panel_of(int index, int columns) {
    return (bb_panel){LEFT + index % columns * COLUMN, TOP + HEADING + index / columns * ROW, WIDTH, HEIGHT};
}

/* In one line at the right of the title's. */
static void draw_legend(bb_canvas *canvas, const bb_curves_figure *figure) {
    enum { ENTRY = 240 };
    int64_t labels = 0;
    for (int64_t k = 0; k < figure->curve_count; ++k) labels += figure->curves[k].label != NULL;
    double x = canvas->width - (double)(labels * ENTRY);
    for (int64_t k = 0; k < figure->curve_count; ++k) {
        if (!figure->curves[k].label) continue;
        bb_curves_sample(canvas, x, TOP - 26, ENTRY - 16, &figure->curves[k]);
        x += ENTRY;
    }
}

bb_status bb_plot_curves_grid(const char *title, const bb_curves_figure *figures, int count, int columns,
                              const char *path, bb_error *err) {
    if (count < 1 || count > MOST || columns < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "curves figure: expected 1 to %d of them in 1 column or more, found %d in %d", MOST,
                       count, columns);
    const int wide = columns < count ? columns : count, rows = (count + columns - 1) / columns;
    bb_canvas canvas;
    for (int i = 0; i < count; ++i) BB_TRY(bb_curves_check(&figures[i], err));
    BB_TRY(bb_canvas_open(&canvas, LEFT - 82 + wide * COLUMN, TOP + rows * ROW, err));
    bb_title_draw(&canvas, (bb_panel){.x = LEFT, .y = TOP}, title);
    draw_legend(&canvas, &figures[0]);
    for (int i = 0; i < count; ++i) {
        const bb_panel panel = panel_of(i, columns);
        const bb_text_style heading = {.size = 17, .bold = 1, .room = WIDTH + 40};
        bb_canvas_text(&canvas, panel.x, panel.y - 12, heading, figures[i].title);
        bb_curves_draw(&canvas, panel, &figures[i], 4);
    }
    const bb_status status = bb_canvas_save(&canvas, path, err);
    bb_canvas_close(&canvas);
    return status;
}
