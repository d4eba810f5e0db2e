#include <math.h>

#include "bench/statistics.h"
#include "support.h"

static void the_median_is_the_middle(void **state) {
    (void)state;
    double one[] = {7}, odd[] = {3, 9, 1}, even[] = {4, 1, 3, 10};
    assert_true(bb_median(one, 1) == 7);
    assert_true(bb_median(odd, 3) == 3);
    assert_true(bb_median(even, 4) == 3.5);
    assert_true(odd[0] == 1 && odd[1] == 3 && odd[2] == 9); /* sorted, as callers count on */
}

static void a_power_has_its_exponent_as_slope(void **state) {
    (void)state;
    const double x[] = {0.25, 0.5, 1, 2, 4};
    double y[5];
    for (int p = -1; p <= 3; ++p) {
        for (int i = 0; i < 5; ++i) y[i] = 7 * pow(x[i], p);
        assert_at_most(fabs(bb_log_slope(x, y, 5) - p), 1e-14); /* roundings of some ten operations */
    }
}

/* By hand: log2 y of 0, 0, 3 over log2 x of 0, 1, 2 has the slope (-1 x 0 + 1 x 3) / 2. */
static void points_off_the_line_count_by_least_squares(void **state) {
    (void)state;
    const double x[] = {1, 2, 4}, y[] = {1, 1, 8}, same[] = {3, 3, 3};
    assert_at_most(fabs(bb_log_slope(x, y, 3) - 1.5), 1e-14); /* as above */
    assert_true(bb_log_slope(same, y, 3) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_the_middle),
        cmocka_unit_test(a_power_has_its_exponent_as_slope),
        cmocka_unit_test(points_off_the_line_count_by_least_squares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
