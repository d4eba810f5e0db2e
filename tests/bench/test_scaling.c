/* A step over ranks, by the model: against sums done by hand. And the measurement, of one rank alone. */
#include <math.h>

#include "brainbert/scaling.h"
#include "support.h"

/* 8 windows: 1 s, then 2 s of which the first bucket is there at 0.5 and the second at the end; 0.3 s. */
static const bb_scaling_work work = {.windows = 8,
                                     .threads = 2,
                                     .forward_s = 1,
                                     .backward_s = 2,
                                     .optimizer_s = 0.3,
                                     .bucket_count = 2,
                                     .buckets = {{0.5, 100e6}, {2, 20e6}}};

static void near(double found, double expected) { assert_at_most(fabs(found - expected), 1e-12); }

static void test_alone(void **state) {
    (void)state;
    const bb_scaling_link link = {"slow", 1, 1, 1};
    near(bb_scaling_predict(&work, &link, 1, 8, false).step_s, 3.3);
    near(bb_scaling_predict(&work, &link, 1, 4, false).step_s, 1.8);
    near(bb_scaling_predict(&work, &link, 1, 4, true).exposed_s, 0);
}

static void test_hidden_and_not(void **state) {
    (void)state;
    const bb_scaling_link link = {"100 MB/s", 0.01, 100e6, 0};
    /* Two ranks: 2 (0.01 + 0.5) = 1.02 s, done at 1.52, and 2 (0.01 + 0.1) = 0.22 s, all after the backward
     * pass. */
    bb_scaling_step s = bb_scaling_predict(&work, &link, 2, 8, false);
    near(s.exchange_s, 1.24);
    near(s.exposed_s, 0.22);
    near(s.step_s, 3.52);
    /* Half the windows: the first sets out at 0.25 and arrives at 1.27, after the backward pass's 1 s. */
    s = bb_scaling_predict(&work, &link, 2, 4, false);
    near(s.exposed_s, 0.27 + 0.22);
    near(s.step_s, 1.5 + 0.49 + 0.3);
    /* Four: 6 (0.01 + 0.25) = 1.56 s, and 6 (0.01 + 0.05) = 0.36 s. */
    s = bb_scaling_predict(&work, &link, 4, 8, false);
    near(s.exchange_s, 1.92);
    near(s.exposed_s, 0.06 + 0.36);
}

static void test_shares(void **state) {
    (void)state;
    const bb_scaling_link link = {"100 MB/s", 0.01, 100e6, 0};
    const bb_scaling_step s = bb_scaling_predict(&work, &link, 2, 8, true);
    near(s.exposed_s, 0.22 + 1.24);
    near(s.step_s, 3 + 0.22 + 0.15 + 1.24);
}

/* The exchange's own work: 1 ns a byte of 100 MB beside the backward pass, on two threads, is 0.05 s of it.
 */
static void test_processor(void **state) {
    (void)state;
    const bb_scaling_link link = {"100 MB/s", 0, 100e6, 1e-9};
    const bb_scaling_step s = bb_scaling_predict(&work, &link, 2, 8, false);
    near(s.exposed_s, 0.2);
    near(s.step_s, 1 + 2.05 + 0.2 + 0.3);
    /* Ten times as many of them: a tenth of the time, of which the exchange takes as much less. */
    const bb_scaling_work faster = bb_scaling_faster(&work, 10);
    const bb_scaling_link wide = {"no bytes", 0, 1e30, 1e-9};
    assert_int_equal(faster.threads, 20);
    near(bb_scaling_predict(&faster, &wide, 1, 8, false).step_s, 0.33);
}

static void test_measured_alone(void **state) {
    (void)state;
    bb_model *model;
    bb_scaling found;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    bb_scaling_options o = {.model = model, .windows = 2, .threads = 1, .rounds = 2};
    assert_ok(bb_scaling_measure(&o, NULL, NULL, &found, e));
    assert_int_equal(found.ranks, 1);
    assert_int_equal(found.parameters, bb_model_get_info(model)->parameters);
    assert_true(found.work.forward_s > 0 && found.work.backward_s > 0 && found.work.optimizer_s > 0);
    double bytes = 0, ready = 0;
    for (int i = 0; i < found.work.bucket_count; ++i) {
        assert_true(found.work.buckets[i].ready_s >= ready);
        ready = found.work.buckets[i].ready_s;
        bytes += found.work.buckets[i].bytes;
    }
    assert_true(bytes >= 4.0 * (double)found.parameters);
    o.windows = 0;
    assert_fails(bb_scaling_measure(&o, NULL, NULL, &found, e), BB_ERR_ARGUMENT, "1 to 64 windows");
    bb_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_alone), cmocka_unit_test(test_hidden_and_not),
                                       cmocka_unit_test(test_shares), cmocka_unit_test(test_processor),
                                       cmocka_unit_test(test_measured_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
