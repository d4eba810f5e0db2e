#include <cairo.h>
#include <math.h>
#include <string.h>

#include "brainbert/plot.h"
#include "support.h"

enum { X = 112, Y = 64, WIDTH = 1048, HEIGHT = 584, WITH_LEGEND = WIDTH - 260 };
static const uint32_t white = 0xFFFFFF, blue = 0x0072B2, vermilion = 0xD55E00;

/* The picture at `path`, which must be 1200 x 720. */
static cairo_surface_t *load(const char *path) {
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(picture), 1200);
    assert_int_equal(cairo_image_surface_get_height(picture), 720);
    return picture;
}

static uint32_t pixel(cairo_surface_t *picture, int x, int y) {
    uint32_t value;
    memcpy(&value,
           cairo_image_surface_get_data(picture) + y * cairo_image_surface_get_stride(picture) + 4 * x, 4);
    return value & 0xFFFFFF;
}

/* Two level lines at a quarter and three quarters of the axis, the second after a gap in the middle. */
static void curves_lie_where_their_values_are(void **state) {
    (void)state;
    const double low[2] = {0.25, 0.25}, high[5] = {0.75, 0.75, NAN, 0.75, 0.75}, at[2] = {0, 4}, chance = 0.5;
    const bb_curve curves[2] = {{.x = at, .y = low, .count = 2}, {.y = high, .count = 5, .color = 0}};
    const bb_curves_figure figure = {.title = "A1",
                                     .curves = curves,
                                     .curve_count = 2,
                                     .x_high = 4,
                                     .y_high = 1,
                                     .levels = &chance,
                                     .level_count = 1};
    const char *path = bb_temp_path("curves.png");
    assert_ok(bb_plot_curves(&figure, path, e));
    cairo_surface_t *picture = load(path);
    for (int i = 1; i < 8; i += 2) {
        const int x = X + i * WIDTH / 8;
        assert_int_equal(pixel(picture, x, Y + 3 * HEIGHT / 4), blue);
        assert_int_equal(pixel(picture, x, Y + HEIGHT / 4), i > 2 && i < 6 ? white : blue);
        assert_int_equal(pixel(picture, x, Y + HEIGHT / 2), 0xB0B0B0);
        assert_int_equal(pixel(picture, x, Y + HEIGHT / 3), white);
    }
    cairo_surface_destroy(picture);
}

/* What lies outside the axes stays outside the panel, and what is faint is pale and behind. */
static void curves_are_clipped_and_faint_ones_pale(void **state) {
    (void)state;
    const double steep[2] = {-3, 4}, level[2] = {0.5, 0.5};
    const bb_curve curves[2] = {{.label = "bold", .y = level, .count = 2, .color = 1},
                                {.label = "faint", .y = steep, .count = 2, .color = 0, .faint = true}};
    const bb_curves_figure figure = {.curves = curves, .curve_count = 2, .x_high = 1, .y_high = 1};
    const char *path = bb_temp_path("clipped.png");
    assert_ok(bb_plot_curves(&figure, path, e));
    cairo_surface_t *picture = load(path);
    assert_int_equal(pixel(picture, X + WITH_LEGEND / 2 + 200, Y - 10), white);
    assert_int_equal(pixel(picture, X + WITH_LEGEND / 2 - 200, Y + HEIGHT + 30), white);
    int bold = 0, pale = 0;
    for (int x = X; x < X + WITH_LEGEND; ++x) {
        bold += pixel(picture, x, Y + HEIGHT / 2) == vermilion;
        const uint32_t c = pixel(picture, x, Y + HEIGHT / 4);
        pale += c != white && (c >> 16) > 0x80;
    }
    assert_true(bold > WITH_LEGEND / 2 && bold < WITH_LEGEND); /* dashes */
    assert_true(pale >= 1 && pale <= 4);
    int legend = 0; /* two samples at the right of the panel */
    for (int x = X + WITH_LEGEND + 24; x < X + WITH_LEGEND + 58; ++x)
        legend += pixel(picture, x, Y + 14) == vermilion;
    assert_true(legend > 10);
    cairo_surface_destroy(picture);
}

/* A level line with dots in the second panel of a row: thicker where its points are. */
static void a_grid_has_its_panels_side_by_side(void **state) {
    (void)state;
    enum { COLUMN = 440, TOP = 98, ROW_WIDTH = 300, ROW_HEIGHT = 250, BESIDE = 2 };
    const double at[3] = {0, 2, 4}, level[3] = {0.5, 0.5, 0.5};
    const bb_curve empty = {.label = "nothing"}, curve = {.x = at, .y = level, .count = 3, .dots = true};
    const bb_curves_figure figures[2] = {
        {.title = "A", .curves = &empty, .curve_count = 1, .x_high = 4, .y_high = 1},
        {.title = "B", .curves = &curve, .curve_count = 1, .x_high = 4, .y_high = 1}};
    const char *path = bb_temp_path("grid.png");
    assert_ok(bb_plot_curves_grid("both", figures, 2, 4, path, e));
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_image_surface_get_width(picture), 30 + 2 * COLUMN);
    const int middle = TOP + ROW_HEIGHT / 2, left = X + COLUMN;
    assert_int_equal(pixel(picture, X + ROW_WIDTH / 2, middle), white);
    assert_int_equal(pixel(picture, left + ROW_WIDTH / 4, middle), blue);
    assert_int_equal(pixel(picture, left + ROW_WIDTH / 4, middle + BESIDE), white);
    assert_int_equal(pixel(picture, left + ROW_WIDTH / 2, middle + BESIDE), blue);
    cairo_surface_destroy(picture);
    assert_fails(bb_plot_curves_grid("none", figures, 0, 4, path, e), BB_ERR_ARGUMENT, "found 0 in 4");
    assert_fails(bb_plot_curves_grid("many", figures, 13, 4, path, e), BB_ERR_ARGUMENT, "found 13 in 4");
}

static void figures_of_nothing_are_drawn(void **state) {
    (void)state;
    const double none[2] = {NAN, NAN}, one[1] = {7}, huge[2] = {-1e300, 1e300};
    const bb_curve curves[3] = {{.y = none, .count = 2}, {.y = one, .count = 1}, {.y = huge, .count = 2}};
    bb_curves_figure figure = {.curves = curves};
    for (int k = 0; k < 4; ++k) {
        figure.curve_count = k;
        assert_ok(bb_plot_curves(&figure, bb_temp_path("none.png"), e));
    }
}

static void wrong_figures_are_refused(void **state) {
    (void)state;
    const double y[2] = {0, 1};
    bb_curve curve = {.y = y, .count = 2, .color = BB_CURVE_COLORS};
    bb_curves_figure figure = {.curves = &curve, .curve_count = 1};
    assert_fails(bb_plot_curves(&figure, bb_temp_path("x.png"), e), BB_ERR_ARGUMENT, "colour from 0 to 6");
    curve.color = 0;
    figure.y_low = NAN;
    assert_fails(bb_plot_curves(&figure, bb_temp_path("x.png"), e), BB_ERR_ARGUMENT, "axis");
    figure.y_low = 2;
    assert_fails(bb_plot_curves(&figure, bb_temp_path("x.png"), e), BB_ERR_ARGUMENT, "axis");
    figure.y_low = 0;
    assert_fails(bb_plot_curves(&figure, bb_temp_path("no/x.png"), e), BB_ERR_IO, "no/x.png");
}

/* Read by the leak sanitizer: fontconfig keeps its caches to the end of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig"; }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_lie_where_their_values_are),
        cmocka_unit_test(curves_are_clipped_and_faint_ones_pale),
        cmocka_unit_test(a_grid_has_its_panels_side_by_side),
        cmocka_unit_test(figures_of_nothing_are_drawn),
        cmocka_unit_test(wrong_figures_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
