/* Perceptrons: a network small enough to be calculated by hand, gradients against slopes, and fits. */
#include "train/perceptron.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "made_targets.h"

/* ---------------------------------------------------------------- the passes */

/* Two inputs, two hidden units, one output, two rows:
 *
 * x = (1, 2), (-1, 1);  W0 = ((1, -1), (2, 1)), b0 = (0.5, -1);  W1 = (3, -2), b1 = 0.25
 * hidden before ReLU: (-0.5, 3), (-1.5, -2); after: (0, 3), (0, 0)
 * outputs: -6 + 0.25 = -5.75, 0.25
 * with d = (1, -2): dW1 = (0, 3), db1 = -1; d hidden = (0, -2), (0, 0) behind ReLU
 * dW0 = ((0, 0), (-2, -4)), db0 = (0, -2); dx = -2 (2, 1) = (-4, -2), (0, 0) */
static void by_hand(void **state) {
    (void)state;
    static const float x[] = {1, 2, -1, 1}, w0[] = {1, -1, 2, 1}, b0[] = {0.5F, -1}, w1[] = {3, -2},
                       b1[] = {0.25F}, d[] = {1, -2};
    static const float dw0[] = {0, 0, -2, -4}, db0[] = {0, -2}, dw1[] = {0, 3}, db1[] = {-1},
                       d_in[] = {-4, -2, 0, 0};
    const float *weights[] = {w0, b0, w1, b1}, *gradients[] = {dw0, db0, dw1, db1};
    static const int hidden[] = {2};
    float dx[4];
    bb_perceptron p;
    assert_ok(bb_perceptron_create(2, hidden, 1, 1, 2, 0, &p, e));
    for (size_t i = 0; i < 4; ++i)
        memcpy(p.weights + p.parameters.at[i], weights[i], (size_t)p.parameters.sizes[i] * sizeof(float));
    assert_ok(bb_perceptron_forward(&p, x, 2, e));
    assert_true(p.outputs[1][0] == -5.75F && p.outputs[1][1] == 0.25F);
    for (int times = 1; times <= 2; ++times) { /* gradients add up, dx does not */
        assert_ok(bb_perceptron_backward(&p, x, 2, d, dx, e));
        for (size_t i = 0; i < 4; ++i)
            for (int64_t k = 0; k < p.parameters.sizes[i]; ++k)
                assert_true(p.gradients[p.parameters.at[i] + k] == (float)times * gradients[i][k]);
        assert_memory_equal(dx, d_in, sizeof dx);
    }
    bb_perceptron_free(&p);
}

enum { ROWS = 9, WIDTH = 13, OUTPUTS = 3 };

/* The sum of outputs weighted by d, whose slopes are what the backward pass gives, and which hidden units are
 * on, as a number. */
static double weighted(bb_perceptron *p, const float *x, const float *d, uint64_t *on) {
    double sum = 0;
    assert_ok(bb_perceptron_forward(p, x, ROWS, e));
    for (int i = 0; i < ROWS * OUTPUTS; ++i) sum += (double)d[i] * p->outputs[p->layers - 1][i];
    *on = 0;
    for (int l = 0; l + 1 < p->layers; ++l)
        for (int64_t i = 0; i < ROWS * p->widths[l + 1]; ++i)
            *on = bb_random_mix(*on + (p->outputs[l][i] > 0) + 1);
    return sum;
}

/* Along one weight the sum is a straight line, but for where a hidden unit goes on or off: false there. */
static bool check_slope(bb_perceptron *p, float *place, const float *x, const float *d, double gradient) {
    const float before = *place, step = 0x1p-7F;
    double side[2];
    uint64_t on[2];
    for (int s = 0; s < 2; ++s) {
        *place = before + (s ? step : -step);
        side[s] = weighted(p, x, d, &on[s]);
    }
    *place = before;
    if (on[0] != on[1]) return false;
    /* 27 outputs of about 1, float32's rounding over some 30 sums each, by the step. */
    assert_at_most(fabs((side[1] - side[0]) / (2 * (double)step) - gradient), 2e-4 * fmax(1, fabs(gradient)));
    return true;
}

static void gradients_are_slopes(void **state) {
    (void)state;
    static const int hidden[] = {11, 7};
    float x[ROWS * WIDTH], d[ROWS * OUTPUTS], dx[ROWS * WIDTH];
    bb_perceptron p;
    uint64_t on;
    int64_t checked = 0, all = 0;
    for (int i = 0; i < ROWS * WIDTH; ++i) x[i] = (float)bb_random_normal(1, 0, (uint64_t)i);
    for (int i = 0; i < ROWS * OUTPUTS; ++i) d[i] = (float)bb_random_normal(2, 0, (uint64_t)i);
    assert_ok(bb_perceptron_create(WIDTH, hidden, 2, OUTPUTS, ROWS, 5, &p, e));
    weighted(&p, x, d, &on);
    assert_ok(bb_perceptron_backward(&p, x, ROWS, d, dx, e));
    for (size_t i = 0; i < p.parameters.count; ++i)
        for (int64_t k = 0; k < p.parameters.sizes[i]; ++k, ++all)
            checked += check_slope(&p, p.weights + p.parameters.at[i] + k, x, d,
                                   p.gradients[p.parameters.at[i] + k]);
    for (int i = 0; i < ROWS * WIDTH; ++i, ++all) checked += check_slope(&p, x + i, x, d, dx[i]);
    assert_true(checked > all * 2 / 3);
    bb_perceptron_free(&p);
}

/* Uniform within 1 / sqrt(in): variance 1 / (3 in). */
static void first_weights(void **state) {
    (void)state;
    static const int hidden[] = {64};
    bb_perceptron p;
    double squares = 0, most = 0;
    assert_ok(bb_perceptron_create(400, hidden, 1, 1, 1, 3, &p, e));
    for (int64_t k = 0; k < p.parameters.sizes[0]; ++k) {
        squares += (double)p.weights[k] * p.weights[k];
        most = fmax(most, fabs((double)p.weights[k]));
    }
    assert_true(most <= 0.05 && most > 0.0499);
    /* The mean of 25,600 squares is within 5 of its standard errors, sqrt(4/5) / 160 of it. */
    assert_at_most(fabs(squares / (double)p.parameters.sizes[0] * 1200 - 1), 5 * 0.0056);
    bb_perceptron_free(&p);
}

/* ---------------------------------------------------------------- fits */

enum { WINDOWS = 400, STRIDE = 10, COLUMNS = 8 };

typedef struct table {
    made_targets made;
    float x[WINDOWS * STRIDE];
    bb_perceptron_options options;
} table;

static void make_table(table *t, int classes) {
    make_targets(&t->made, WINDOWS, classes);
    for (int i = 0; i < WINDOWS * STRIDE; ++i)
        t->x[i] = i % STRIDE < COLUMNS ? (float)bb_random_normal(21, 0, (uint64_t)i) : NAN; /* never read */
    t->options = bb_perceptron_options_default();
    t->options.threads = 1;
    t->options.steps = 300;
    t->options.batch = 32;
    t->options.rate = 1e-2;
}

static bb_fit_result fitted(const table *t) {
    bb_fit_result r;
    assert_ok(
        bb_perceptron_fit_predict(t->x, STRIDE, COLUMNS, &t->made.targets, &t->options, NULL, NULL, &r, e));
    return r;
}

static void classes_that_a_line_parts(void **state) {
    (void)state;
    for (int classes = 2; classes <= 4; ++classes) {
        static table t;
        make_table(&t, classes);
        for (int w = 0; w < WINDOWS; ++w) t.x[w * STRIDE + t.made.labels[w]] += 6;
        bb_fit_result r = fitted(&t);
        assert_int_equal(r.outputs, classes == 2 ? 1 : classes);
        assert_true(told(&t.made, &r) > 0.97); /* 6 sd apart: all but the one or other */
        bb_fit_result_free(&r);
    }
}

/* Whether two numbers have the same sign: chance for a linear unit, and not for one with a hidden layer. */
static void classes_that_no_line_parts(void **state) {
    (void)state;
    static table t;
    make_table(&t, 2);
    for (int w = 0; w < WINDOWS; ++w) t.made.labels[w] = t.x[w * STRIDE] * t.x[w * STRIDE + 1] > 0;
    bb_fit_result r = fitted(&t);
    assert_true(told(&t.made, &r) < 0.7);
    bb_fit_result_free(&r);
    t.options.hidden_count = 2;
    t.options.hidden[0] = 32;
    t.options.hidden[1] = 16;
    r = fitted(&t);
    assert_true(told(&t.made, &r) > 0.8);
    bb_fit_result_free(&r);
}

/* Least squares is where AdamW ends too, but for its decay: the target is a column's number. */
static void numbers(void **state) {
    (void)state;
    static table t;
    make_table(&t, 0);
    for (int w = 0; w < WINDOWS; ++w) t.made.numbers[w] = -3e4 + 1e3 * t.x[w * STRIDE + 2];
    bb_fit_result r = fitted(&t);
    for (int64_t i = 0; i < t.made.targets.test_count; ++i)
        assert_at_most(fabs(r.scores[i] - t.made.numbers[t.made.lists[2][i]]), 100); /* a tenth of the sd */
    bb_fit_result_free(&r);
}

/* Columns are standardised by the training windows: units and constant columns do not matter. */
static void units_do_not_matter(void **state) {
    (void)state;
    static table t;
    make_table(&t, 2);
    for (int w = 0; w < WINDOWS; ++w) {
        t.x[w * STRIDE] += (float)(2 * t.made.labels[w]);
        t.x[w * STRIDE + 3] = 1e6F;
    }
    bb_fit_result before = fitted(&t);
    for (int w = 0; w < WINDOWS; ++w) {
        t.x[w * STRIDE] = 4096 * t.x[w * STRIDE] + 65536;
        t.x[w * STRIDE + 3] = -7;
    }
    bb_fit_result after = fitted(&t);
    for (int64_t i = 0; i < t.made.targets.test_count; ++i) /* float32's rounding, over 300 steps */
        assert_at_most(fabs(before.scores[i] - after.scores[i]), 1e-2);
    bb_fit_result_free(&before);
    bb_fit_result_free(&after);
}

/* The same call gives the same bytes; another seed does not. */
static void seeds(void **state) {
    (void)state;
    static table t;
    make_table(&t, 2);
    t.options.hidden_count = 1;
    t.options.hidden[0] = 8;
    bb_fit_result r[3];
    for (int i = 0; i < 3; ++i) {
        t.options.seed = i < 2 ? 1 : 2;
        r[i] = fitted(&t);
    }
    const size_t bytes = (size_t)t.made.targets.test_count * sizeof *r[0].scores;
    assert_memory_equal(r[0].scores, r[1].scores, bytes);
    assert_true(memcmp(r[0].scores, r[2].scores, bytes) != 0);
    for (int i = 0; i < 3; ++i) bb_fit_result_free(&r[i]);
}

static int stop_at_third(void *context, const bb_fit_step *s) {
    *(int64_t *)context = s->step;
    return s->step == 3;
}

static void a_listener_stops_it(void **state) {
    (void)state;
    static table t;
    int64_t seen = 0;
    bb_fit_result none;
    make_table(&t, 2);
    assert_fails(bb_perceptron_fit_predict(t.x, STRIDE, COLUMNS, &t.made.targets, &t.options, stop_at_third,
                                           &seen, &none, e),
                 BB_ERR_CANCELLED, "step 3 of 300");
    assert_int_equal(seen, 3);
    assert_null(none.scores);
}

static void wrong_calls(void **state) {
    (void)state;
    static table t;
    bb_fit_result none;
    make_table(&t, 2);
#define FIT(width)                                                                                           \
    bb_perceptron_fit_predict(t.x, STRIDE, width, &t.made.targets, &t.options, NULL, NULL, &none, e)
    assert_fails(FIT(0), BB_ERR_ARGUMENT, "1 number or more");
    assert_fails(FIT(STRIDE + 1), BB_ERR_ARGUMENT, "rows no nearer");
    assert_fails(FIT(STRIDE), BB_ERR_ARGUMENT, "finite");
    t.options.hidden_count = BB_PERCEPTRON_HIDDEN + 1;
    assert_fails(FIT(COLUMNS), BB_ERR_ARGUMENT, "up to 8 hidden layers");
    t.options.hidden_count = 1;
    t.options.hidden[0] = 0;
    assert_fails(FIT(COLUMNS), BB_ERR_ARGUMENT, "1 to 65536 units");
    t.options.hidden_count = 0;
    t.options.batch = 0;
    assert_fails(FIT(COLUMNS), BB_ERR_ARGUMENT, "batches of 1");
#undef FIT
}

/* The linear baseline on 5 s of voltage, as fast as it has to be for hundreds of electrodes. */
static void a_linear_unit_on_voltage_is_quick(void **state) {
    (void)state;
    enum { SAMPLES = 10240, TRIALS = 100 };
    static made_targets m;
    make_targets(&m, TRIALS, 2);
    float *x = malloc((size_t)SAMPLES * TRIALS * sizeof *x);
    for (int64_t i = 0; i < (int64_t)SAMPLES * TRIALS; ++i)
        x[i] = (float)(bb_random_normal(31, 0, (uint64_t)i) + 0.2 * m.labels[i / SAMPLES]);
    bb_perceptron_options o = bb_perceptron_options_default();
    o.threads = 1;
    o.steps = 200;
    bb_fit_result r;
    const clock_t begun = clock();
    assert_ok(bb_perceptron_fit_predict(x, SAMPLES, SAMPLES, &m.targets, &o, NULL, NULL, &r, e));
    const double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
    print_message("200 steps on 10,240 samples: %.2f s of one processor\n", seconds);
    assert_true(told(&m, &r) > 0.9);
    assert_true(seconds < 20); /* some 0.2 s; sanitizers take ten times that */
    bb_fit_result_free(&r);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(first_weights),
        cmocka_unit_test(classes_that_a_line_parts),
        cmocka_unit_test(classes_that_no_line_parts),
        cmocka_unit_test(numbers),
        cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(seeds),
        cmocka_unit_test(a_listener_stops_it),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(a_linear_unit_on_voltage_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
