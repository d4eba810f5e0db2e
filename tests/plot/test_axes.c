#include <math.h>
#include <string.h>

#include "plot/axes.h"
#include "support.h"

static void assert_ticks(bb_range range, int wanted, const char *labels) {
    const bb_ticks ticks = bb_ticks_nice(range, wanted);
    char all[800] = "";
    for (int i = 0; i < ticks.count; ++i) {
        char text[32];
        bb_tick_label(&ticks, i, text);
        strcat(strcat(all, i ? " " : ""), text);
    }
    assert_string_equal(all, labels);
}

static void ticks_are_round_numbers(void **state) {
    (void)state;
    assert_ticks((bb_range){0, 5}, 10, "0.0 0.5 1.0 1.5 2.0 2.5 3.0 3.5 4.0 4.5 5.0");
    assert_ticks((bb_range){-2.56, 202.24}, 5, "0 50 100 150 200");
    assert_ticks((bb_range){-2.4, 2.4}, 5,
                 "\xE2\x88\x92"
                 "2 \xE2\x88\x92"
                 "1 0 1 2");
    assert_ticks((bb_range){0, 0.3}, 3, "0.0 0.1 0.2 0.3");
    assert_ticks((bb_range){0, 3e7}, 3, "0 1e+07 2e+07 3e+07");
    assert_ticks((bb_range){0, 3e-7}, 3, "0 1e-07 2e-07 3e-07");
}

static void ranges_without_ticks_have_none(void **state) {
    (void)state;
    assert_int_equal(bb_ticks_nice((bb_range){1, 1}, 5).count, 0);
    assert_int_equal(bb_ticks_nice((bb_range){0, NAN}, 5).count, 0);
    assert_int_equal(bb_ticks_nice((bb_range){-1e308, 1e308}, 1).count, 0);
    assert_int_equal(bb_ticks_nice((bb_range){1e300, 1e300 * (1 + 1e-15)}, 5).count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers),
        cmocka_unit_test(ranges_without_ticks_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
