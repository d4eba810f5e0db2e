#include <math.h>

#include "brainbert/bootstrap.h"
#include "support.h"

static void assert_near(double value, double expected, double relative) {
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g, expected %.17g", value, expected);
}

/* Distributions whose quantiles have a closed form: 1 degree (Cauchy), 2, and 4 (W. T. Shaw, J. Comput.
 * Finance 9, 2006). The bound is what the header promises. */
static void closed_forms(void **state) {
    (void)state;
    const double ps[] = {1e-4, 0.025, 0.3, 0.6, 0.9, 0.975, 0.999, 1 - 1e-4};
    for (size_t i = 0; i < sizeof ps / sizeof *ps; ++i) {
        const double p = ps[i], a = 4 * p * (1 - p);
        assert_near(bb_student_quantile(p, 1), tan(M_PI * (p - 0.5)), 1e-12);
        assert_near(bb_student_quantile(p, 2), 2 * (p - 0.5) * sqrt(2 / a), 1e-12);
        const double q = cos(acos(sqrt(a)) / 3) / sqrt(a);
        assert_near(bb_student_quantile(p, 4), (p < 0.5 ? -2 : 2) * sqrt(q - 1), 1e-12);
    }
}

/* Printed tables of t at 0.975, to their last digit. */
static void tables(void **state) {
    (void)state;
    const struct {
        int64_t degrees;
        double t;
    } rows[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},  {5, 2.571},  {9, 2.262},   {10, 2.228},
                {19, 2.093}, {29, 2.045}, {30, 2.042}, {60, 2.000}, {120, 1.980}, {1000, 1.962}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
        assert_at_most(fabs(bb_student_quantile(0.975, rows[i].degrees) - rows[i].t), 0.0005);
}

/* With many degrees of freedom it is the normal's, to about (z^3 + z) / (4 degrees). */
static void tends_to_the_normal(void **state) {
    (void)state;
    const double z = 1.959963984540054;
    assert_at_most(fabs(bb_student_quantile(0.975, 1000000) - z - (z * z * z + z) / 4e6), 1e-10);
    assert_at_most(fabs(bb_student_quantile(0.975, 1000001) - z - (z * z * z + z) / 4e6), 1e-10);
}

static void symmetric_and_bounded(void **state) {
    (void)state;
    for (int64_t k = 1; k < 40; ++k) {
        /* 1 - 0.1 is not exactly 0.9. */
        assert_near(bb_student_quantile(0.1, k), -bb_student_quantile(0.9, k), 1e-13);
        assert_true(bb_student_quantile(0.5, k) == 0);
        assert_true(bb_student_quantile(0.975, k) > bb_student_quantile(0.975, k + 1));
    }
    assert_true(isnan(bb_student_quantile(0, 3)) && isnan(bb_student_quantile(1, 3)));
    assert_true(isnan(bb_student_quantile(0.9, 0)) && isnan(bb_student_quantile(NAN, 3)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(tables),
        cmocka_unit_test(tends_to_the_normal),
        cmocka_unit_test(symmetric_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
