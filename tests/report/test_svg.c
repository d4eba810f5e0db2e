#include "report/svg.h"

#include <math.h>
#include <string.h>

#include "support.h"

static void values_find_their_pixel(void **state) {
    (void)state;
    const bb_scale even = {{0, 10}, 100, 200, false}, log = {{1, 100}, 0, 200, true},
                   up = {{0, 1}, 300, 0, false};
    /* exact but for the rounding of a division or a logarithm */
    assert_at_most(fabs(bb_scale_at(&even, 2.5) - 125), 1e-9);
    assert_at_most(fabs(bb_scale_at(&log, 10) - 100), 1e-9);
    assert_at_most(fabs(bb_scale_at(&up, 0.25) - 225), 1e-9);
    /* outside: the ends */
    assert_true(bb_scale_at(&even, -5) == 100 && bb_scale_at(&even, 1e300) == 200);
    assert_true(bb_scale_at(&log, 0) == 0 && bb_scale_at(&log, -3) == 0);
}

static void logarithmic_ticks_are_1_2_5(void **state) {
    (void)state;
    const bb_scale scale = {{2, 60}, 0, 100, true};
    const bb_ticks ticks = bb_scale_ticks(&scale, 5);
    const double expected[] = {2, 5, 10, 20, 50};
    assert_int_equal(ticks.count, 5);
    for (int i = 0; i < 5; ++i)
        assert_at_most(fabs(ticks.values[i] - expected[i]), 1e-9); /* rounding of pow */
}

static void ranges_are_round_and_stay_inside(void **state) {
    (void)state;
    const bb_range everything = {-INFINITY, INFINITY};
    bb_range range = bb_range_none();
    bb_range_hold(&range, NAN);
    bb_range_hold(&range, 0.43);
    bb_range_hold(&range, 0.97);
    bb_range_hold(&range, INFINITY);
    const bb_range round = bb_range_round(range, (bb_range){0, 1});
    assert_at_most(fabs(round.low - 0.4), 1e-9); /* multiples of 0.1, rounded */
    assert_true(round.high == 1);
    const bb_range none = bb_range_round(bb_range_none(), everything);
    assert_true(none.low < none.high);
    const double same[] = {0, 1, -1e6, 1e12, 1e-300};
    for (size_t i = 0; i < sizeof same / sizeof *same; ++i) {
        const bb_range one = bb_range_round((bb_range){same[i], same[i]}, everything);
        assert_true(one.low < same[i] && one.high > same[i] && isfinite(one.low) && isfinite(one.high));
    }
}

static void lines_have_gaps_where_values_do(void **state) {
    (void)state;
    bb_markup m = {0};
    const bb_scale x = {{0, 4}, 0, 400, false}, y = {{0, 1}, 100, 0, false};
    const double xs[] = {0, 1, 2, 3, 4}, ys[] = {0, 1, NAN, 1, 0};
    bb_svg_polyline(&m, "l", 9, &x, &y, xs, ys, 5, 0);
    assert_string_equal(m.text, "<path class=\"l s1\" d=\"M0.0 100.0L100.0 0.0M300.0 0.0L400.0 100.0\"/>\n");
    bb_markup_free(&m);
    bb_svg_polyline(&m, "l", 0, &x, &y, xs, ys + 2, 1, 0);
    assert_null(m.text);
    /* near points are passed over, the last never */
    const double near[] = {0, 0.001, 0.002}, level[] = {0, 0, 0};
    bb_svg_polyline(&m, "l", 0, &x, &y, near, level, 3, 5);
    assert_string_equal(m.text, "<path class=\"l s0\" d=\"M0.0 100.0L0.2 100.0\"/>\n");
    bb_markup_free(&m);
}

static void text_is_cut_to_its_room(void **state) {
    (void)state;
    bb_markup m = {0};
    bb_svg_text(&m, "name", 1, 2, 60, "LA1");
    assert_string_equal(m.text, "<text class=\"name\" x=\"1.0\" y=\"2.0\">LA1</text>\n");
    bb_markup_free(&m);
    bb_svg_text(&m, "name", 1, 2, 60, "superior temporal <gyrus>");
    assert_non_null(strstr(m.text, "\xE2\x80\xA6<title>superior temporal &lt;gyrus&gt;</title></text>"));
    bb_markup_free(&m);
    bb_svg_text(&m, "name", 1, 2, 60, NULL);
    assert_null(m.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_find_their_pixel),          cmocka_unit_test(logarithmic_ticks_are_1_2_5),
        cmocka_unit_test(ranges_are_round_and_stay_inside), cmocka_unit_test(lines_have_gaps_where_values_do),
        cmocka_unit_test(text_is_cut_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
