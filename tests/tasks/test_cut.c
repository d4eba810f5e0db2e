/* Numbers, and classes made of them. */
#include "made_info.h"

/* 0 to 8: mean 4, population sd sqrt(60 / 9) = 2.58; the order of the rows is mixed. */
static const char numbers[] = "onset\ttrial_type\trms\n1\ta\t4\n2\ta\t0\n3\tb\t8\n4\ta\t1\n5\ta\t7\n6\tb\t2\n"
                              "7\ta\t6\n8\ta\t3\n9\ta\t5\n10\ta\tnan\n11\ta\tn/a\n12\ta\t\n";

static bb_task *task_of(const char *cut, double seconds) {
    bb_task_options o = from_onset();
    o.value = "rms";
    o.cut = cut;
    return made_task(o, seconds, numbers);
}

static void the_number_itself_is_kept(void **state) {
    (void)state;
    for (int stated = 0; stated < 2; ++stated) {
        bb_task *task = task_of(stated ? "none" : NULL, 20);
        const bb_task_info *info = bb_task_get_info(task);
        assert_int_equal(info->kind, BB_TASK_NUMBER);
        assert_true(info->class_count == 0 && info->classes == NULL);
        assert_int_equal(info->trial_count, 9);
        assert_int_equal(info->left_out.no_value, 3);
        assert_true(info->trials[2].value == 8 && info->trials[2].label == -1);
        assert_true(info->value_mean == 4 && isnan(info->cut_low));
        /* rounding of a sum of nine squares */
        assert_true(fabs(info->value_sd - sqrt(60.0 / 9)) < 1e-14);
        assert_string_equal(info->value, "rms");
        bb_task_destroy(task);
    }
}

static void cuts_are_quantiles_and_deviations(void **state) {
    (void)state;
    static const struct {
        const char *cut, *high, *low;
        double cut_high, cut_low;
        size_t ambiguous;
    } cases[] = {
        {"median", "3,5,7,9", "2,4,6,8", 4, 4, 1},
        {"0.5", "3,5,7,9", "2,4,6,8", 4, 4, 1},
        {"sd", "3,5", "2,4", 4 + 2.581988897471611, 4 - 2.581988897471611, 5},
        {"0.25", "3,5,7", "2,4,6", 6, 2, 3}, /* quantiles lie on numbers */
        {"0.2", "3,5", "2,4", 6.4, 1.6, 5},  /* and between them */
        {"0.01", "3", "2", 7.92, 0.08, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_task *task = task_of(cases[i].cut, 20);
        const bb_task_info *info = bb_task_get_info(task);
        assert_int_equal(info->kind, BB_TASK_CLASSES);
        assert_string_equal(info->classes[0], "high");
        assert_string_equal(info->classes[1], "low");
        assert_starts(task, 0, cases[i].high);
        assert_starts(task, 1, cases[i].low);
        assert_int_equal(info->left_out.ambiguous, cases[i].ambiguous);
        /* Rounding of decimals. */
        assert_true(fabs(info->cut_high - cases[i].cut_high) < 1e-12);
        assert_true(fabs(info->cut_low - cases[i].cut_low) < 1e-12);
        bb_task_destroy(task);
    }
}

/* One cut for all recordings, and the numbers of windows outside count. */
static void cuts_are_over_all_recordings(void **state) {
    (void)state;
    const bb_event events[] = {{1, 0, "a", 2}, {2, 0, "b", 3}, {30, 0, "b", 4}};
    bb_recording_info first = made_info(20), second = made_info(20);
    bb_task_options o = from_onset();
    bb_task *task;
    o.value = "rms";
    o.cut = "median";
    first.events = second.events = events;
    first.event_count = 3;
    second.event_count = 2;
    first.events_path = put_table("one.tsv", "onset\trms\n1\t1\n2\t2\n30\t9\n");
    second.events_path = put_table("two.tsv", "onset\trms\n1\t7\n2\t8\n");
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &first, e));
    assert_ok(bb_task_add(task, &second, e));
    assert_ok(bb_task_finish(task, e));
    const bb_task_info *info = bb_task_get_info(task);
    assert_true(info->cut_low == 7);
    assert_classes(task, "high,low", "1,2");
    assert_int_equal(info->trials[3 - 1].recording, 1);
    assert_int_equal(info->left_out.outside, 1);
    assert_int_equal(info->left_out.ambiguous, 1);
    bb_task_destroy(task);
}

static void classes_choose_the_events(void **state) {
    (void)state;
    bb_task_options o = from_onset();
    o.value = "rms";
    o.classes = "a";
    bb_task *task = made_task(o, 20, numbers);
    assert_int_equal(bb_task_get_info(task)->trial_count, 7);
    assert_int_equal(bb_task_get_info(task)->left_out.unwanted, 2);
    /* 0 to 8 without 8 and 2 */
    assert_true(fabs(bb_task_get_info(task)->value_mean - 26.0 / 7) < 1e-14);
    bb_task_destroy(task);
}

/* The long event counts once: of 1, 2, 3 and 4 the mean is 2.5. */
static void events_count_once(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.window_s = o.every_s = 1;
    o.value = "rms";
    bb_task *task = made_task(o, 99, "onset\tduration\trms\n1\t50\t4\n60\t1\t3\n62\t1\t2\n64\t1\t1\n");
    assert_int_equal(bb_task_get_info(task)->trial_count, 53);
    assert_true(bb_task_get_info(task)->value_mean == 2.5);
    bb_task_destroy(task);
}

static void what_is_no_number_is_told(void **state) {
    (void)state;
    bb_task_options o = from_onset();
    o.value = "rms";
    assert_no_task(o, 10, "onset\trms\n1\tloud\n", BB_ERR_FORMAT,
                   "line 2: expected a number under 'rms', found 'loud'");
    assert_no_task(o, 10, "onset\trms\n1\t1,5\n", BB_ERR_FORMAT, "found '1,5'");
    assert_no_task(o, 10, "onset\trms\n1\tn/a\n", BB_ERR_ARGUMENT,
                   "expected numbers under 'rms', found none");
    assert_no_task(o, 10, "onset\trms\n20\t5\n", BB_ERR_ARGUMENT,
                   "expected trials, found none: of windows of 1 s 1 leave");
    o.cut = "sd";
    assert_no_task(o, 10, "onset\trms\n1\t5\n2\t5\n", BB_ERR_ARGUMENT,
                   "expected trials, found none: of windows of 1 s 0 leave the recording, 0 events are "
                   "shorter; 0 have no label, "
                   "0 no number, 0 another label, 2 a number between the cuts");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_itself_is_kept),
        cmocka_unit_test(cuts_are_quantiles_and_deviations),
        cmocka_unit_test(cuts_are_over_all_recordings),
        cmocka_unit_test(classes_choose_the_events),
        cmocka_unit_test(events_count_once),
        cmocka_unit_test(what_is_no_number_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
