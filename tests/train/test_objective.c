/* Losses of labelled windows: known values, and their gradients against slopes. */
#include "train/objective.h"

#include <math.h>

#include "made_targets.h"

enum { COUNT = 40 };

static void known_values(void **state) {
    (void)state;
    static const int labels[] = {1, 0, 1, 0};
    static const int64_t all[] = {0, 1, 2, 3};
    static const float z[] = {0, 2, 800, -800};
    bb_targets t = {4, 2, labels, NULL, all, all, all, 4, 4, 4};
    bb_objective o = bb_objective_of(&t);
    float d[4];
    assert_int_equal(o.outputs, 1);
    /* log 2 + log(1 + e^2) + 0 + 0, without an overflow at e^800. */
    assert_at_most(fabs(bb_objective_add(&o, all, 4, 4, z, d) - (log(2) + log(1 + exp(2))) / 4), 1e-15);
    assert_at_most(fabs(d[0] - (0.5 - 1) / 4), 1e-7);
    assert_at_most(fabs(d[1] - 1 / (1 + exp(-2)) / 4), 1e-7);
    assert_true(d[2] == 0 && d[3] == 0);
    static const int three[] = {2};
    static const float logits[] = {1, 2, 1000};
    t = (bb_targets){1, 3, three, NULL, all, all, all, 1, 1, 1};
    o = bb_objective_of(&t);
    assert_int_equal(o.outputs, 3);
    assert_at_most(fabs(bb_objective_add(&o, all, 1, 1, logits, NULL)), 1e-12);
}

/* Numbers are learned in units of the training part's sd, and scored in their own. */
static void numbers_keep_their_unit(void **state) {
    (void)state;
    static const double numbers[] = {100, 300, 1e6};
    static const int64_t train[] = {0, 1}, other[] = {2};
    const bb_targets t = {3, 0, NULL, numbers, train, other, other, 2, 1, 1};
    const bb_objective o = bb_objective_of(&t);
    static const float z[] = {-1, 0.5F};
    double scores[2];
    assert_at_most(fabs(o.mean - 200) + fabs(o.sd - 100), 1e-12);
    assert_at_most(fabs(bb_objective_add(&o, train, 2, 2, z, NULL) - 0.25 / 2), 1e-15);
    bb_objective_scores(&o, z, 2, scores);
    assert_at_most(fabs(scores[0] - 100) + fabs(scores[1] - 250), 1e-12);
}

static void check_slopes(int classes) {
    made_targets m;
    make_targets(&m, COUNT, classes);
    const bb_objective o = bb_objective_of(&m.targets);
    const int64_t numbers = m.targets.train_count * o.outputs;
    float z[4 * COUNT], d[4 * COUNT];
    for (int64_t i = 0; i < numbers; ++i) z[i] = (float)bb_random_normal(5, 0, (uint64_t)i);
    bb_objective_add(&o, m.lists[0], m.targets.train_count, m.targets.train_count, z, d);
    for (int64_t i = 0; i < numbers; ++i) {
        const float before = z[i], step = 0x1p-8F;
        double side[2];
        for (int s = 0; s < 2; ++s) {
            z[i] = before + (s ? step : -step);
            side[s] = bb_objective_add(&o, m.lists[0], m.targets.train_count, m.targets.train_count, z, NULL);
        }
        z[i] = before;
        /* An error of the step's square, 1.5e-5, by a third derivative of up to 0.1, over some 24 windows;
         * and z +- step rounded to float32. */
        assert_at_most(fabs((side[1] - side[0]) / (2 * (double)step) - d[i]), 2e-6);
    }
}

static void gradients_are_slopes(void **state) {
    (void)state;
    check_slopes(0);
    check_slopes(2);
    check_slopes(4);
}

/* A batch in two parts is the batch. */
static void parts_add_up(void **state) {
    (void)state;
    made_targets m;
    make_targets(&m, COUNT, 3);
    const bb_objective o = bb_objective_of(&m.targets);
    const int64_t n = m.targets.train_count;
    float z[3 * COUNT], whole[3 * COUNT], parts[3 * COUNT];
    for (int64_t i = 0; i < 3 * n; ++i) z[i] = (float)bb_random_normal(6, 0, (uint64_t)i);
    const double one = bb_objective_add(&o, m.lists[0], n, n, z, whole);
    const double two = bb_objective_add(&o, m.lists[0], 5, n, z, parts) +
                       bb_objective_add(&o, m.lists[0] + 5, n - 5, n, z + 15, parts + 15);
    assert_at_most(fabs(one - two), 1e-14);
    assert_memory_equal(whole, parts, (size_t)(3 * n) * sizeof *whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(numbers_keep_their_unit),
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(parts_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
