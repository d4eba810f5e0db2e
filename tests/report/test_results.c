#include "report/results.h"

#include <math.h>

#include "support.h"

static void read_one(const char *text, bb_results *out) { assert_ok(bb_results_read(&text, 1, out, e)); }

static void what_is_absent_or_null_is_not_known(void **state) {
    (void)state;
    bb_results r;
    read_one(
        "{\"tasks\": [{\"chance\": null, \"results\": [{\"roc_auc\": null, \"position\": [1, null, 3]}]}]}",
        &r);
    const bb_task *task = &r.documents[0].tasks[0];
    assert_true(isnan(task->chance) && isnan(task->window_s) && isnan(task->results[0].score));
    assert_null(task->name);
    assert_string_equal(task->measure, "roc_auc");
    assert_false(task->electrodes[0].placed);
    assert_int_equal(task->summary_count, 0);
    assert_false(r.documents[0].dimension.present);
    bb_results_free(&r);
}

static void electrodes_are_merged_by_name(void **state) {
    (void)state;
    bb_results r;
    read_one("{\"tasks\": [{\"results\": [{\"features\": \"a\", \"electrode\": \"X1\"}, {\"features\": \"a\","
             "\"electrode\": \"A1\"}, {\"features\": \"b\", \"electrode\": \"X1\", \"group\": \"X\", "
             "\"region\": \"r\","
             "\"position\": [1, 2, 3]}, {\"features\": \"b\", \"electrode\": \"A1\"}]}]}",
             &r);
    const bb_task *task = &r.documents[0].tasks[0];
    assert_int_equal(r.feature_count, 2);
    assert_int_equal(task->electrode_count, 2);
    assert_string_equal(task->electrodes[0].name, "X1"); /* in the order of the results */
    assert_string_equal(task->electrodes[0].group, "X"); /* what a later result says */
    assert_true(task->electrodes[0].placed && task->electrodes[0].position[2] == 3);
    assert_false(task->electrodes[1].placed);
    const size_t expected[] = {0, 1, 0, 1};
    for (size_t i = 0; i < 4; ++i) assert_int_equal(task->results[i].electrode, expected[i]);
    bb_results_free(&r);
}

/* One name at two subjects, whatever the order of the features. */
static void subjects_have_electrodes_of_their_own(void **state) {
    (void)state;
    bb_results r;
    read_one("{\"tasks\": [{\"results\": [{\"features\": \"a\", \"electrode\": \"X1\", \"subject\": \"1\"},"
             "{\"features\": \"b\", \"electrode\": \"X1\", \"subject\": \"2\"},"
             "{\"features\": \"a\", \"electrode\": \"X1\", \"subject\": \"2\"}]}]}",
             &r);
    const bb_task *task = &r.documents[0].tasks[0];
    assert_int_equal(task->electrode_count, 2);
    assert_string_equal(task->electrodes[1].subject, "2");
    const size_t expected[] = {0, 1, 1};
    for (size_t i = 0; i < 3; ++i) assert_int_equal(task->results[i].electrode, expected[i]);
    bb_results_free(&r);
}

static void means_are_taken_where_there_are_none(void **state) {
    (void)state;
    bb_results r;
    read_one("{\"tasks\": [{\"results\": [{\"features\": \"low\", \"electrode\": \"1\", \"roc_auc\": 0.5},"
             "{\"features\": \"high\", \"electrode\": \"1\", \"roc_auc\": 0.6},"
             "{\"features\": \"high\", \"electrode\": \"2\", \"roc_auc\": 0.8},"
             "{\"features\": \"high\", \"electrode\": \"3\", \"roc_auc\": null}]}]}",
             &r);
    const bb_task *task = &r.documents[0].tasks[0];
    assert_true(task->summary_is_ours);
    assert_int_equal(task->summary_count, 2);
    assert_string_equal(r.features[task->summary[0].features], "high");
    assert_true(task->summary[0].electrodes == 2);
    /* of two numbers, exact to rounding; the population's deviation */
    assert_at_most(fabs(task->summary[0].mean - 0.7), 1e-12);
    assert_at_most(fabs(task->summary[0].sd - 0.1), 1e-7);
    assert_true(isnan(task->summary[0].low));
    bb_results_free(&r);
}

static void summaries_are_sorted_by_mean(void **state) {
    (void)state;
    bb_results r;
    read_one("{\"tasks\": [{\"summary\": [{\"features\": \"none\", \"mean\": null}, {\"features\": \"b\", "
             "\"mean\": 0.6},"
             "{\"features\": \"a\", \"mean\": 0.9}, {\"features\": \"c\", \"mean\": 0.6}]}]}",
             &r);
    const bb_task *task = &r.documents[0].tasks[0];
    const char *const expected[] = {"a", "b", "c", "none"};
    assert_false(task->summary_is_ours);
    for (size_t i = 0; i < 4; ++i) assert_string_equal(r.features[task->summary[i].features], expected[i]);
    bb_results_free(&r);
}

static void dimension_curves_count_components(void **state) {
    (void)state;
    bb_results r;
    read_one("{\"dimension\": {\"share\": 0.95, \"rows\": [{\"electrode\": \"A\", \"embedding_curve\": [0.5, "
             "0.75, 1]}]}}",
             &r);
    const bb_dimension *d = &r.documents[0].dimension;
    assert_true(d->present && d->share == 0.95);
    assert_int_equal(d->rows[0].curves[0].count, 3);
    assert_true(d->rows[0].curves[0].x[0] == 1 && d->rows[0].curves[0].x[2] == 3);
    assert_int_equal(d->rows[0].curves[1].count, 0);
    bb_results_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_absent_or_null_is_not_known),
        cmocka_unit_test(electrodes_are_merged_by_name),
        cmocka_unit_test(subjects_have_electrodes_of_their_own),
        cmocka_unit_test(means_are_taken_where_there_are_none),
        cmocka_unit_test(summaries_are_sorted_by_mean),
        cmocka_unit_test(dimension_curves_count_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
