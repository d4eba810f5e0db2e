#include "brainbert/metrics.h"

#include <float.h>
#include <math.h>

#include "support.h"

/* By hand: TP 2, FP 1, FN 2, TN 3. */
static const int predicted[8] = {1, 1, 1, 0, 0, 0, 0, 0}, labels[8] = {1, 1, 0, 1, 1, 0, 0, 0};

static void decisions_by_hand(void **state) {
    (void)state;
    assert_at_most(fabs(bb_f1_score(predicted, labels, NULL, 8) - 4.0 / 7), 1e-15);
    assert_at_most(fabs(bb_accuracy(predicted, labels, NULL, 8) - 5.0 / 8), 1e-15);
    assert_at_most(fabs(bb_balanced_accuracy(predicted, labels, NULL, 8, 2) - (2.0 / 4 + 3.0 / 4) / 2),
                   1e-15);
    const double weights[8] = {1, 0, 2, 1, 0, 3, 0, 0}; /* TP 1, FP 2, FN 1, TN 3 */
    assert_at_most(fabs(bb_f1_score(predicted, labels, weights, 8) - 2.0 / 5), 1e-15);
    assert_at_most(fabs(bb_accuracy(predicted, labels, weights, 8) - 4.0 / 7), 1e-15);
    assert_at_most(fabs(bb_balanced_accuracy(predicted, labels, weights, 8, 2) - (1.0 / 2 + 3.0 / 5) / 2),
                   1e-15);
}

static void classes_that_are_not_there_do_not_count(void **state) {
    (void)state;
    const int said[5] = {0, 2, 2, 1, 0}, truth[5] = {0, 2, 0, 2, -1};
    assert_at_most(fabs(bb_balanced_accuracy(said, truth, NULL, 5, 4) - (1.0 / 2 + 1.0 / 2) / 2), 1e-15);
    assert_true(isnan(bb_balanced_accuracy(said, truth, NULL, 0, 4)));
    assert_true(isnan(bb_accuracy(said, truth, NULL, 0)));
    const int no[3] = {0, 0, 0};
    assert_true(bb_f1_score(no, no, NULL, 3) == 0);
}

static void log_loss_by_hand(void **state) {
    (void)state;
    const double p[3] = {0.5, 0.8, 0.25};
    const int y[3] = {1, 0, 0};
    const double expected = -(log(0.5) + log(0.2) + log(0.75)) / 3; /* equal but for 1 - 0.8 */
    assert_at_most(fabs(bb_log_loss(p, y, NULL, 3) - expected), 1e-15);
    const double weights[3] = {0, 3, 1};
    assert_at_most(fabs(bb_log_loss(p, y, weights, 3) + (3 * log(0.2) + log(0.75)) / 4), 1e-15);
    const double rows[6] = {0.5, 0.5, 0.2, 0.8, 0.75, 0.25};
    assert_at_most(fabs(bb_log_loss_classes(rows, y, NULL, 3, 2) - expected), 1e-15);
    /* What is certain and wrong costs as much as the clip allows. */
    const double sure[1] = {0};
    assert_at_most(fabs(bb_log_loss(sure, y, NULL, 1) + log(DBL_EPSILON)), 1e-12);
    const double odd[1] = {NAN};
    const int beyond[1] = {2};
    assert_true(isnan(bb_log_loss(odd, y, NULL, 1)));
    assert_true(isnan(bb_log_loss_classes(rows, beyond, NULL, 1, 2)));
}

static void correlation_by_hand(void **state) {
    (void)state;
    const double x[4] = {1, 2, 3, 4}, line[4] = {-3, -5, -7, -9}, y[4] = {1, 3, 2, 4},
                 flat[4] = {.1, .1, .1, .1};
    assert_at_most(fabs(bb_pearson(x, line, NULL, 4) + 1), 1e-15);
    assert_at_most(fabs(bb_pearson(x, y, NULL, 4) - 0.8), 1e-15); /* 4 / 5 */
    assert_true(isnan(bb_pearson(x, flat, NULL, 4)));
    assert_true(isnan(bb_r_squared(flat, x, NULL, 4)));
    const double alone[4] = {0, 1, 0, 0}, pair[4] = {0, 1, 1, 0};
    assert_true(isnan(bb_pearson(x, y, alone, 4)));
    assert_at_most(fabs(bb_pearson(x, y, pair, 4) + 1), 1e-15);
}

static void explained_variance_by_hand(void **state) {
    (void)state;
    const double truth[4] = {1, 2, 3, 4}, said[4] = {1, 2, 3, 3}, mean[4] = {2.5, 2.5, 2.5, 2.5},
                 wrong[4] = {4, 3, 2, 1};
    assert_at_most(fabs(bb_r_squared(truth, said, NULL, 4) - (1 - 1 / 5.0)), 1e-15);
    assert_true(bb_r_squared(truth, truth, NULL, 4) == 1 && bb_r_squared(truth, mean, NULL, 4) == 0);
    assert_at_most(fabs(bb_r_squared(truth, wrong, NULL, 4) + 3), 1e-15);
    const double last[4] = {0, 0, 1, 1}; /* mean 3.5, total 1/2, residual 1 */
    assert_at_most(fabs(bb_r_squared(truth, said, last, 4) + 1), 1e-15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_by_hand),
        cmocka_unit_test(classes_that_are_not_there_do_not_count),
        cmocka_unit_test(log_loss_by_hand),
        cmocka_unit_test(correlation_by_hand),
        cmocka_unit_test(explained_variance_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
