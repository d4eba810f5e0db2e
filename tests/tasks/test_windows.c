/* Where the windows of events and of what they are held against lie. */
#include "made_info.h"

static const char two[] = "onset\tduration\ttrial_type\n0.5\t1\ta\n5\t2.5\tb\n9.5\t1\ta\n";

static void windows_lie_around_onsets(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.window_s = 1;
    bb_task *task = made_task(o, 10, two); /* the first and the last one just fit */
    assert_starts(task, 0, "0,9");
    assert_starts(task, 1, "4.5");
    assert_true(bb_task_get_info(task)->trials[1].onset_s == 5);
    assert_true(bb_task_get_info(task)->window_s == 1);
    bb_task_destroy(task);
    o.offset_s = 0.25;
    task = made_task(o, 10, two);
    assert_starts(task, 0, "0.75");
    assert_starts(task, 1, "5.25");
    assert_int_equal(bb_task_get_info(task)->left_out.outside, 1);
    bb_task_destroy(task);
    o.offset_s = -0.6;
    task = made_task(o, 10, two);
    assert_starts(task, 0, "8.9");
    assert_int_equal(bb_task_get_info(task)->left_out.outside, 1);
    bb_task_destroy(task);
}

static void a_baseline_is_a_second_class(void **state) {
    (void)state;
    bb_task_options o = from_onset();
    o.baseline_s = -1.5;
    bb_task *task = made_task(o, 10, two); /* any event; labels do not matter */
    assert_classes(task, "event,baseline", "2,2");
    assert_starts(task, 0, "0.5,5");
    assert_starts(task, 1, "3.5,8");
    const bb_task_info *info = bb_task_get_info(task);
    assert_int_equal(info->left_out.outside, 2);                    /* one of either */
    assert_int_equal(info->trials[1].event, info->trials[2].event); /* 3.5 and 5 s */
    assert_true(info->trials[1].onset_s == 5);
    assert_true(info->trials[0].event != info->trials[1].event);
    bb_task_destroy(task);
    o.classes = "b";
    task = made_task(o, 10, two);
    assert_classes(task, "b,baseline", "1,1");
    assert_starts(task, 1, "3.5");
    assert_int_equal(bb_task_get_info(task)->left_out.unwanted, 2);
    bb_task_destroy(task);
    o.classes = NULL;
    task = made_task(o, 10, "onset\n3\n6\n"); /* without labels */
    assert_classes(task, "event,baseline", "2,2");
    bb_task_destroy(task);
}

static void long_events_have_several_windows(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.window_s = 1;
    o.every_s = 0.5;
    bb_task *task = made_task(o, 20, two);
    assert_starts(task, 0, "0.5,9.5");
    assert_starts(task, 1, "5,5.5,6,6.5"); /* the last ends with the event at 7.5 s */
    const bb_trial *trials = bb_task_get_info(task)->trials;
    assert_int_equal(trials[1].event, trials[4].event);
    assert_true(trials[4].onset_s == 5);
    bb_task_destroy(task);
    o.offset_s = 0.25;
    assert_no_task(
        o, 20, two, BB_ERR_ARGUMENT,
        "expected trials of a, found none: of windows of 1 s 0 leave the recording, 2 events are shorter");
    o.offset_s = NAN;
    o.classes = "b,*";
    task = made_task(o, 20, "onset\tduration\ttrial_type\n1\t1\ta\n5\t3\tb\n9\tn/a\tb\n");
    assert_starts(task, 0, "5,5.5,6,6.5,7");
    assert_int_equal(bb_task_get_info(task)->left_out.short_event, 1);
    bb_task_destroy(task);
}

static void rounded_steps_lose_no_window(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.window_s = 0.1;
    o.every_s = 0.1;
    bb_task *task = made_task(o, 20, "onset\tduration\ttrial_type\n0.1\t0.7\ta\n5\t0.3\tb\n");
    assert_classes(task, "a,b", "7,3");
    bb_task_destroy(task);
}

static void there_is_a_bound(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    o.window_s = 0.001;
    o.every_s = 0.001;
    assert_no_task(o, 1e300, "onset\tduration\ttrial_type\n0\t1e300\ta\n", BB_ERR_MEMORY,
                   "at most 2000000 windows");
}

/* ---------------------------------------------------------------- rest */

/* Busy from 2 to 5 s (they overlap) and from 12 to 13 s. */
static const char busy[] = "onset\tduration\ttrial_type\n2\t3\ta\n3\t1\tb\n12\t1\ta\n";

static bb_task_options rest_of(double window_s, double rest_s) {
    bb_task_options o = from_onset();
    o.window_s = window_s;
    o.rest_s = rest_s;
    return o;
}

static void rest_lies_between_events(void **state) {
    (void)state;
    bb_task *task = made_task(rest_of(2, 2), 16, busy);
    assert_classes(task, "event,rest", "3,5");
    assert_starts(task, 1, "0,5.5,7.5,9.5,13.5"); /* back to back in the middle of 5 to 12 s */
    const bb_task_info *info = bb_task_get_info(task);
    assert_true(info->trials[0].label == 1 && info->trials[0].onset_s == 1);
    const bb_trial *t = info->trials;
    assert_true(t[3].label == 1 && t[3].event == t[4].event && t[4].event == t[5].event);
    assert_true(t[5].event != t[0].event);
    bb_task_destroy(task);
    task = made_task(rest_of(2, 3.5), 16, busy); /* the ends are too short */
    assert_starts(task, 1, "5.5,7.5,9.5");
    bb_task_destroy(task);
    task = made_task(rest_of(4, 2.5), 16, busy); /* longer than some of the stretches: one in the middle */
    assert_starts(task, 1, "6.5");
    assert_int_equal(bb_task_get_info(task)->left_out.outside, 1); /* 12.5 to 16.5 s */
    bb_task_destroy(task);
    bb_task_options o = rest_of(2, 2);
    o.every_s = 1; /* one after the other here too */
    task = made_task(o, 16, busy);
    assert_starts(task, 1, "0,5,6,7,8,9,10,13,14");
    bb_task_destroy(task);
}

/* Behind a recording that ends early, in its table's view, there is nothing. */
static void rest_ends_with_the_recording(void **state) {
    (void)state;
    bb_task *task =
        made_task(rest_of(2, 2), 12, "onset\tduration\ttrial_type\n-9\t5\ta\n2\t3\ta\n30\t1\ta\n");
    assert_starts(task, 1, "0,5.5,7.5,9.5");
    assert_int_equal(bb_task_get_info(task)->left_out.outside, 2); /* the events, and no rest */
    bb_task_destroy(task);
    bb_task_options o = rest_of(2, 2); /* nor before it begins, though words were spoken */
    o.name = "speech";
    task = made_task(o, 12, "onset\tduration\ttrial_type\n-9\t4\tyes\n2\t3\tno\n");
    assert_starts(task, 1, "0");
    bb_task_destroy(task);
}

/* An event of a class that is not wanted is no rest. */
static void rest_heeds_every_event(void **state) {
    (void)state;
    bb_task_options o = rest_of(1, 2);
    o.classes = "a";
    bb_task *task = made_task(o, 16, "onset\tduration\ttrial_type\n2\t1\ta\n7\t1\tb\n9\t7\ta\n");
    assert_classes(task, "a,rest", "2,6");
    assert_starts(task, 1, "0,1,3,4,5,6");
    bb_task_destroy(task);
}

static void rest_does_not_cross_seams(void **state) {
    (void)state;
    static const double seams[] = {2.5, 8.5, 15};
    const bb_event events[] = {{2, 3, "a", 0}, {12, 1, "a", 0}};
    bb_recording_info info = made_info(16);
    bb_task_options o = rest_of(2, 2);
    bb_task *task;
    info.events = events;
    info.event_count = 2;
    info.has_gaps = true;
    info.seams_s = seams;
    info.seam_count = 3;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    assert_starts(task, 1, "0,5.75,9.25,13"); /* 0-2, 5-8.5, 8.5-12, 13-15; 15-16 is too short */
    bb_task_destroy(task);
}

static void rest_wants_durations(void **state) {
    (void)state;
    assert_no_task(rest_of(1, 1), 10, "onset\ttrial_type\n1\ta\n5\ta\n", BB_ERR_ARGUMENT,
                   "found no durations");
    assert_no_task(rest_of(1, 9), 10, busy, BB_ERR_ARGUMENT, "expected trials of rest, found none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_lie_around_onsets),
        cmocka_unit_test(a_baseline_is_a_second_class),
        cmocka_unit_test(long_events_have_several_windows),
        cmocka_unit_test(rounded_steps_lose_no_window),
        cmocka_unit_test(there_is_a_bound),
        cmocka_unit_test(rest_lies_between_events),
        cmocka_unit_test(rest_ends_with_the_recording),
        cmocka_unit_test(rest_heeds_every_event),
        cmocka_unit_test(rest_does_not_cross_seams),
        cmocka_unit_test(rest_wants_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
