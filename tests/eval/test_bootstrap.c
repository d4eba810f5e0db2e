#include "brainbert/bootstrap.h"

#include <math.h>

#include "base/random.h"
#include "support.h"

enum { ITEMS = 60, GROUPS = 20, DRAWS = 20000 };

static void make_groups(int64_t group[ITEMS]) {
    for (int i = 0; i < ITEMS; ++i) group[i] = 1000 - 7 * (i % GROUPS);
}

static void groups_are_drawn_whole(void **state) {
    (void)state;
    int64_t group[ITEMS];
    double weights[ITEMS];
    make_groups(group);
    for (uint64_t draw = 0; draw < 50; ++draw) {
        assert_ok(bb_bootstrap_weights(1, draw, group, ITEMS, weights, e));
        double sum = 0;
        for (int i = 0; i < GROUPS; ++i) {
            sum += weights[i];
            for (int k = 1; k < 3; ++k) assert_true(weights[i] == weights[i + k * GROUPS]);
        }
        assert_true(sum == GROUPS);
    }
}

/* A group's weight is binomial of GROUPS trials of chance 1 / GROUPS: mean 1, variance 1 - 1 / GROUPS,
 * covariance of two -1 / GROUPS. Bounds are five standard errors of a mean of DRAWS; the seed is fixed. */
static void weights_have_their_moments(void **state) {
    (void)state;
    double weights[GROUPS], first = 0, square = 0, product = 0, empty = 0;
    for (uint64_t draw = 0; draw < DRAWS; ++draw) {
        assert_ok(bb_bootstrap_weights(5, draw, NULL, GROUPS, weights, e));
        first += weights[3] / DRAWS;
        square += (weights[3] - 1) * (weights[3] - 1) / DRAWS;
        product += (weights[3] - 1) * (weights[11] - 1) / DRAWS;
        empty += (weights[3] == 0) / (double)DRAWS;
    }
    const double variance = 1 - 1.0 / GROUPS, none = pow(variance, GROUPS);
    assert_at_most(fabs(first - 1), 5 * sqrt(variance / DRAWS));
    /* The fourth central moment is near 4, as a Poisson's of mean 1. */
    assert_at_most(fabs(square - variance), 5 * sqrt(4.0 / DRAWS));
    assert_at_most(fabs(product + 1.0 / GROUPS), 5 * sqrt(1.0 / DRAWS));
    assert_at_most(fabs(empty - none), 5 * sqrt(none / DRAWS));
}

/* The bootstrap's standard error of a mean is sqrt(sum (x - mean)^2) / n. */
static void standard_error_of_a_mean(void **state) {
    (void)state;
    double x[ITEMS], weights[ITEMS], mean = 0, squares = 0, sum = 0, sum_squares = 0;
    for (int i = 0; i < ITEMS; ++i) mean += (x[i] = bb_random_normal(2, 0, (uint64_t)i)) / ITEMS;
    for (int i = 0; i < ITEMS; ++i) squares += (x[i] - mean) * (x[i] - mean);
    for (uint64_t draw = 0; draw < DRAWS; ++draw) {
        double of_draw = 0;
        assert_ok(bb_bootstrap_weights(8, draw, NULL, ITEMS, weights, e));
        for (int i = 0; i < ITEMS; ++i) of_draw += weights[i] * (x[i] - mean) / ITEMS;
        sum += of_draw / DRAWS;
        sum_squares += of_draw * of_draw / DRAWS;
    }
    const double expected = sqrt(squares) / ITEMS;
    /* A standard deviation of m normal draws is off by sd / sqrt(2 m): five of these. */
    assert_at_most(fabs(sqrt(sum_squares - sum * sum) / expected - 1), 5 / sqrt(2.0 * DRAWS));
}

static void order_and_repetition_do_not_matter(void **state) {
    (void)state;
    int64_t group[ITEMS], other[GROUPS];
    double weights[ITEMS], fewer[GROUPS];
    make_groups(group);
    for (int i = 0; i < GROUPS; ++i) other[i] = group[GROUPS - 1 - i];
    for (uint64_t draw = 0; draw < 20; ++draw) {
        assert_ok(bb_bootstrap_weights(1, draw, group, ITEMS, weights, e));
        assert_ok(bb_bootstrap_weights(1, draw, other, GROUPS, fewer, e));
        for (int i = 0; i < GROUPS; ++i) assert_true(fewer[i] == weights[GROUPS - 1 - i]);
    }
    assert_ok(bb_bootstrap_weights(1, 0, group, ITEMS, weights, e));
    assert_ok(bb_bootstrap_weights(2, 0, other, GROUPS, fewer, e));
    int same = 0;
    for (int i = 0; i < GROUPS; ++i) same += fewer[i] == weights[GROUPS - 1 - i];
    assert_true(same < GROUPS); /* another seed is another draw */
}

static void percentiles_interpolate(void **state) {
    (void)state;
    const double values[6] = {4, NAN, 0, 1, 3, 2}, none[1] = {NAN};
    bb_interval i;
    assert_ok(bb_percentile_interval(values, 6, 0.95, &i, e)); /* at 0.1 and 3.9 of 0 .. 4 */
    assert_at_most(fabs(i.low - 0.1) + fabs(i.high - 3.9), 1e-14);
    assert_ok(bb_percentile_interval(values, 1, 0.95, &i, e));
    assert_true(i.low == 4 && i.high == 4);
    assert_ok(bb_percentile_interval(none, 1, 0.95, &i, e));
    assert_true(isnan(i.low) && isnan(i.high));
    assert_fails(bb_percentile_interval(values, 6, 1, &i, e), BB_ERR_ARGUMENT, "between 0 and 1");
}

/* Two scores +-1 about 5: sd sqrt 2, 1 degree of freedom. */
static void prediction_by_hand(void **state) {
    (void)state;
    const double scores[2] = {4, 6};
    const bb_interval i = bb_prediction_interval(scores, 2, 0.95);
    const double reach = tan(M_PI * 0.475) * sqrt(2) * sqrt(1.5);
    assert_at_most(fabs(i.low - (5 - reach)) + fabs(i.high - (5 + reach)), 1e-11);
    assert_true(isnan(bb_prediction_interval(scores, 1, 0.95).low));
}

/* The next normal score lies in the interval of five others as often as it says; within five standard errors
 * of the count. */
static void prediction_covers(void **state) {
    (void)state;
    int inside = 0;
    for (uint64_t draw = 0; draw < DRAWS; ++draw) {
        double x[6];
        for (uint64_t k = 0; k < 6; ++k) x[k] = bb_random_normal(3, draw, k);
        const bb_interval i = bb_prediction_interval(x, 5, 0.9);
        inside += x[5] > i.low && x[5] < i.high;
    }
    assert_at_most(fabs(inside / (double)DRAWS - 0.9), 5 * sqrt(0.09 / DRAWS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_drawn_whole),   cmocka_unit_test(weights_have_their_moments),
        cmocka_unit_test(standard_error_of_a_mean), cmocka_unit_test(order_and_repetition_do_not_matter),
        cmocka_unit_test(percentiles_interpolate),  cmocka_unit_test(prediction_by_hand),
        cmocka_unit_test(prediction_covers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
