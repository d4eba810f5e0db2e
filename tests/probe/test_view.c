#include "made_run.h"

static void a_view_has_a_subjects_trials(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "blocked");
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    assert_int_equal(v.rows, 2 * MADE_EACH);
    assert_int_equal(v.chosen_count, 2);
    assert_int_equal(bb_view_matrices(&v), 2);
    assert_int_equal(bb_view_decodings(&v), 2);
    assert_null(v.task.part);
    for (int i = 0; i < v.rows; ++i) {
        assert_int_equal(v.trial[i], i);
        assert_int_equal(v.task.items.recording[i], i / MADE_EACH);
        assert_true(v.task.items.start_s[i] == i % MADE_EACH * 2);
        assert_int_equal(v.task.targets.labels[i], i % 2);
        assert_int_equal(v.task.trial[i], i / 2);
        assert_int_equal(v.task.items.group[i], i / 2); /* what stays together by trial */
    }
    bb_view_free(&v);
    assert_ok(bb_view_create(&m.run, 1, &v, e));
    assert_int_equal(v.rows, MADE_EACH);
    assert_int_equal(v.chosen_count, 1);
    assert_int_equal(v.chosen[0], 2);
    assert_int_equal(v.trial[0], 2 * MADE_EACH);
    assert_string_equal(bb_view_subject(&v), "B");
    bb_view_free(&v);
}

static void groups_are_what_is_left_out(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "session");
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    for (int i = 0; i < v.rows; ++i) assert_int_equal(v.task.items.group[i], i / MADE_EACH);
    bb_view_free(&v);
}

/* One decoder for all electrodes: the trials of each where it was recorded, one below the other. */
static void subjects_are_stacked(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "subject");
    assert_ok(bb_view_create(&m.run, -1, &v, e));
    assert_int_equal(v.rows, (2 + 1 + 1) * MADE_EACH);
    assert_int_equal(bb_view_matrices(&v), 1);
    assert_int_equal(bb_view_decodings(&v), MADE_ELECTRODES);
    assert_int_equal(v.task.parts, MADE_ELECTRODES);
    assert_null(bb_view_subject(&v));
    for (int i = 0; i < v.rows; ++i) {
        const int electrode = i < 2 * MADE_EACH ? 0 : i < 3 * MADE_EACH ? 1 : 2;
        assert_int_equal(v.task.part[i], electrode);
        assert_int_equal(v.task.items.group[i], electrode == 2);
    }
    bb_view_free(&v);
}

static void several_electrodes_are_one_matrix(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "blocked");
    m.o.electrodes = BB_ELECTRODES_POOLED;
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    assert_int_equal(bb_view_matrices(&v), 1);
    assert_int_equal(v.chosen_count, 2);
    bb_view_free(&v);
    assert_int_equal(bb_probe_channel(&m.recordings[1], 0), 3);
    assert_int_equal(bb_probe_channel(&m.recordings[1], 1), -1);
    assert_int_equal(bb_probe_channel(&m.recordings[1], MADE_ELECTRODES), -1); /* one met later */
}

static void numbers_and_trials_of_channels(void **state) {
    (void)state;
    made_run m;
    bb_view v;
    make_run(&m, "blocked");
    m.info.kind = BB_TASK_NUMBER;
    m.info.class_count = 0;
    for (int i = 0; i < MADE_TRIALS; ++i) {
        m.trials[i].label = -1;
        m.trials[i].value = i;
        m.trials[i].channel = i % MADE_EACH;
    }
    assert_ok(bb_view_create(&m.run, 0, &v, e));
    assert_int_equal(v.task.targets.kind, BB_SQUARES);
    assert_null(v.task.items.label);
    for (int i = 0; i < v.rows; ++i) {
        assert_true(v.task.targets.values[i] == i);
        for (int k = 0; k < i; ++k) /* each channel has a clock of its own */
            assert_int_not_equal(v.task.items.recording[i], v.task.items.recording[k]);
    }
    bb_view_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_has_a_subjects_trials),   cmocka_unit_test(groups_are_what_is_left_out),
        cmocka_unit_test(subjects_are_stacked),           cmocka_unit_test(several_electrodes_are_one_matrix),
        cmocka_unit_test(numbers_and_trials_of_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
