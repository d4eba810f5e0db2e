#include <cairo.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/plot.h"
#include "plot/colormap.h"
#include "support.h"

enum { X = 112, Y = 64, WIDTH = 930, HEIGHT = 584 }; /* the panel of a figure without a trace */

/* Pixel (x, y) of a picture that must be 1200 x 720. */
static uint32_t pixel(const char *path, int x, int y) {
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(picture), 1200);
    assert_int_equal(cairo_image_surface_get_height(picture), 720);
    uint32_t value;
    memcpy(&value,
           cairo_image_surface_get_data(picture) + y * cairo_image_surface_get_stride(picture) + 4 * x, 4);
    cairo_surface_destroy(picture);
    return value & 0xFFFFFF;
}

static bb_spectrogram_figure plain_figure(const float *values, int64_t frames, int bins) {
    return (bb_spectrogram_figure){.title = "A1",
                                   .value_label = "magnitude (uV)",
                                   .values = values,
                                   .frames = frames,
                                   .bins = bins,
                                   .first_frame_s = 0.5,
                                   .frame_step_s = 1,
                                   .first_bin_hz = 0,
                                   .bin_step_hz = 5};
}

static void cells_have_the_maps_colours_with_low_frequencies_below(void **state) {
    (void)state;
    /* 3 frames of 2 bins; the percentiles of six values are their ends. */
    const float values[6] = {0, 1, 2, NAN, 4, 5};
    const char *path = bb_temp_path("cells.png");
    const bb_spectrogram_figure figure = plain_figure(values, 3, 2);
    assert_ok(bb_plot_spectrogram(&figure, path, e));
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, 0, 5);
    for (int t = 0; t < 3; ++t)
        for (int f = 0; f < 2; ++f)
            for (int side = 0; side < 2;
                 ++side) { /* the cell's first and its last pixel: nothing is blurred */
                const int x = X + t * WIDTH / 3 + side * (WIDTH / 3 - 1);
                const int y = Y + (1 - f) * HEIGHT / 2 + side * (HEIGHT / 2 - 1);
                assert_int_equal(pixel(path, x, y), bb_colormap_pick(&map, (double)values[t * 2 + f]));
            }
    assert_int_equal(pixel(path, X + WIDTH / 2, Y + HEIGHT / 4), map.missing);
    assert_int_equal(pixel(path, 5, 5), 0xFFFFFF);
}

static void diverging_colours_are_centred_on_zero(void **state) {
    (void)state;
    const float values[4] = {0, -1, 4, -4};
    const char *path = bb_temp_path("diverging.png");
    bb_spectrogram_figure figure = plain_figure(values, 4, 1);
    figure.diverging = 1;
    assert_ok(bb_plot_spectrogram(&figure, path, e));
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_DIVERGING, -4, 4);
    for (int t = 0; t < 4; ++t)
        assert_int_equal(pixel(path, X + t * WIDTH / 4 + 100, Y + 9),
                         bb_colormap_pick(&map, (double)values[t]));
    const uint32_t red = bb_colormap_pick(&map, 4), blue = bb_colormap_pick(&map, -4),
                   centre = map.colors[128];
    assert_true((red >> 16) > 2 * (red & 255) && (blue & 255) > 2 * (blue >> 16));
    assert_true((centre & 255) > 240 && (centre >> 16) > 240);
}

/* Rec. 709 luma of the linearised colour grows with the value, so the order survives in grey. */
static void sequential_map_is_ordered_by_luminance(void **state) {
    (void)state;
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, 0, 1);
    double last = -1;
    for (int i = 0; i < BB_COLORMAP_STEPS; i += 5) {
        const uint32_t c = map.colors[i];
        const double luma = 0.2126 * pow((c >> 16) / 255.0, 2.2) + 0.7152 * pow((c >> 8 & 255) / 255.0, 2.2) +
                            0.0722 * pow((c & 255) / 255.0, 2.2);
        assert_true(luma > last);
        last = luma;
    }
}

static void trace_shares_the_time_axis(void **state) {
    (void)state;
    /* Frames cover 1 .. 3 s of a trace of 4 s: the lower panel is white before and after them. */
    const float values[2] = {1, 2};
    double trace[4000];
    for (int i = 0; i < 4000; ++i) trace[i] = i == 2000 ? NAN : 50 * sin(i * 0.01);
    bb_spectrogram_figure figure = plain_figure(values, 2, 1);
    figure.first_frame_s = 1.5;
    figure.trace = trace;
    figure.trace_samples = 4000;
    figure.trace_rate_hz = 1000;
    const char *path = bb_temp_path("trace.png");
    assert_ok(bb_plot_spectrogram(&figure, path, e));
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, 1, 2);
    assert_int_equal(pixel(path, X + WIDTH / 4 - 3, 400), 0xFFFFFF);
    assert_int_equal(pixel(path, X + WIDTH / 4 + 3, 400), map.colors[0]);
    assert_int_equal(pixel(path, X + WIDTH * 3 / 4 - 3, 400), map.colors[255]);
    assert_int_equal(pixel(path, X + WIDTH * 3 / 4 + 3, 400), 0xFFFFFF);
}

static void many_cells_are_averaged_into_pixels(void **state) {
    (void)state;
    /* 9300 rows on 930 pixels: ten rows each, alternating 0 and 1 in the first half, then 1 alone. */
    static float values[9300];
    for (int i = 0; i < 9300; ++i) values[i] = i < 4650 ? (float)(i % 2) : 1;
    const bb_matrix_figure figure = {
        .x_label = "t", .values = values, .rows = 9300, .columns = 1, .x_step = 1};
    const char *path = bb_temp_path("many.png");
    assert_ok(bb_plot_matrix(&figure, path, e));
    const bb_colormap map = bb_colormap_make(BB_COLORMAP_SEQUENTIAL, 0, 1);
    assert_int_equal(pixel(path, X + 100, Y + 100), bb_colormap_pick(&map, 0.5));
    assert_int_equal(pixel(path, X + 900, Y + 100), bb_colormap_pick(&map, 1));
}

static void odd_values_and_texts_are_drawn_all_the_same(void **state) {
    (void)state;
    const float nothing[4] = {NAN, INFINITY, -INFINITY, NAN}, same[2] = {7, 7}, huge[2] = {-3e38f, 3e38f};
    char title[2000];
    memset(title, '\xFF', sizeof title - 1); /* no UTF-8, and wider than the picture */
    title[sizeof title - 1] = '\0';
    bb_matrix_figure figure = {.title = title, .values = nothing, .rows = 2, .columns = 2, .x_step = 1};
    assert_ok(bb_plot_matrix(&figure, bb_temp_path("odd.png"), e));
    assert_int_equal(pixel(bb_temp_path("odd.png"), X + 3, Y + 3), 0xB8B8B8);
    figure = (bb_matrix_figure){.title = "\xE2\x82", .values = same, .rows = 2, .columns = 1, .x_step = 1e-9};
    assert_ok(bb_plot_matrix(&figure, bb_temp_path("odd.png"), e));
    figure.values = huge;
    figure.x_start = 1e12;
    figure.x_step = 1e6;
    assert_ok(bb_plot_matrix(&figure, bb_temp_path("odd.png"), e));
}

static void wrong_figures_are_refused(void **state) {
    (void)state;
    const float value = 1;
    const double sample = 1;
    const char *path = bb_temp_path("wrong.png");
    bb_spectrogram_figure figure = plain_figure(&value, 0, 1);
    assert_fails(bb_plot_spectrogram(&figure, path, e), BB_ERR_ARGUMENT, "found 0 x 1");
    figure = plain_figure(NULL, 1, 1);
    assert_fails(bb_plot_spectrogram(&figure, path, e), BB_ERR_ARGUMENT, "NULL");
    figure = plain_figure(&value, 1, 1);
    figure.frame_step_s = 0;
    assert_fails(bb_plot_spectrogram(&figure, path, e), BB_ERR_ARGUMENT, "positive steps");
    figure = plain_figure(&value, 1, 1);
    figure.trace = &sample;
    assert_fails(bb_plot_spectrogram(&figure, path, e), BB_ERR_ARGUMENT, "at least 1 sample");
    figure.trace_samples = 1;
    assert_fails(bb_plot_spectrogram(&figure, path, e), BB_ERR_ARGUMENT, "positive rate");
    const bb_matrix_figure matrix = {.values = &value, .rows = INT64_MAX, .columns = 4, .x_step = 1};
    assert_fails(bb_plot_matrix(&matrix, path, e), BB_ERR_ARGUMENT, "matrix figure");
}

static void unwritable_path_leaves_nothing(void **state) {
    (void)state;
    const float value = 1;
    const bb_spectrogram_figure figure = plain_figure(&value, 1, 1);
    assert_fails(bb_plot_spectrogram(&figure, bb_temp_path("no/such/folder.png"), e), BB_ERR_IO,
                 "folder.png");
    const char *file = bb_temp_file("taken", "x", 1);
    char inside[4200];
    snprintf(inside, sizeof inside, "%s/figure.png", file);
    assert_fails(bb_plot_spectrogram(&figure, inside, e), BB_ERR_IO, "figure.png");
    DIR *directory = opendir(bb_temp_path(""));
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) assert_null(strstr(entry->d_name, ".tmp."));
    closedir(directory);
}

/* Read by the leak sanitizer: fontconfig keeps a few hundred bytes of its caches to the end of the process,
 * the same for one figure and for fifty. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig"; }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_the_maps_colours_with_low_frequencies_below),
        cmocka_unit_test(diverging_colours_are_centred_on_zero),
        cmocka_unit_test(sequential_map_is_ordered_by_luminance),
        cmocka_unit_test(trace_shares_the_time_axis),
        cmocka_unit_test(many_cells_are_averaged_into_pixels),
        cmocka_unit_test(odd_values_and_texts_are_drawn_all_the_same),
        cmocka_unit_test(wrong_figures_are_refused),
        cmocka_unit_test(unwritable_path_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
