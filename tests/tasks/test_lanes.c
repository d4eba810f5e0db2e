/* Channels that are trials: arrays [trials, samples]. */
#include "made_info.h"

static bb_task_options trials(void) {
    bb_task_options o = from_onset();
    o.channels_are_trials = true;
    return o;
}

/* "channel:start" of the trials of a class. */
static void assert_trials(const bb_task *task, int label, const char *expected) {
    char found[512] = "";
    const bb_task_info *info = bb_task_get_info(task);
    for (size_t i = 0; i < info->trial_count; ++i)
        if (info->trials[i].label == label)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s%lld:%.6g", *found ? "," : "",
                     (long long)info->trials[i].channel, info->trials[i].start_s);
    assert_string_equal(found, expected);
}

static void every_trial_has_the_same_events(void **state) {
    (void)state;
    bb_task *task = made_task(trials(), 4, "onset\ttrial_type\n0\trest\n2\tgo\n");
    assert_classes(task, "go,rest", "3,3");
    assert_trials(task, 0, "0:2,1:2,2:2"); /* the EKG is none */
    assert_trials(task, 1, "0:0,1:0,2:0");
    const bb_trial *t = bb_task_get_info(task)->trials;
    for (size_t c = 0; c < 3; ++c) assert_int_equal(t[c].event, t[c + 3].event);
    assert_true(t[0].event != t[1].event && t[1].event != t[2].event);
    bb_task_destroy(task);
}

static void rows_may_name_their_trials(void **state) {
    (void)state;
    bb_task *task = made_task(
        trials(), 4, "onset\ttrial_type\tchannel\n0\ta\tt1\n1\tb\tt10, t2\n2\ta\tn/a\n3\tb\tt2,t2\n");
    assert_classes(task, "a,b", "4,3");
    assert_trials(task, 0, "0:0,0:2,1:2,2:2");
    assert_trials(task, 1, "1:1,2:1,2:3");
    bb_task_destroy(task);
    task = made_task(trials(), 4, "onset\ttrial_type\tchannels\n0\ta\tt1\n0\tb\tt10\n"); /* t2 has none */
    assert_trials(task, 0, "0:0");
    assert_trials(task, 1, "1:0");
    bb_task_destroy(task);
    /* Without trials the column means nothing. */
    task = made_task(from_onset(), 4, "onset\ttrial_type\tchannel\n0\ta\tt1\n1\tb\tgone\n");
    assert_trials(task, 0, "-1:0");
    bb_task_destroy(task);
    assert_no_task(trials(), 4, "onset\ttrial_type\tchannel\n0\ta\tt1\n1\tb\tt1,t3\n", BB_ERR_FORMAT,
                   "line 3: expected a channel of made.edf that is a trial, found 't3'");
    assert_no_task(trials(), 4, "onset\ttrial_type\tchannel\n0\ta\tEKG\n", BB_ERR_FORMAT, "found 'EKG'");
}

static void baselines_and_rest_are_each_trials(void **state) {
    (void)state;
    bb_task_options o = trials();
    o.baseline_s = -1;
    bb_task *task = made_task(o, 4, "onset\tchannel\n1\tt1\n2\tt2\n");
    assert_trials(task, 0, "0:1,2:2");
    assert_trials(task, 1, "0:0,2:1");
    bb_task_destroy(task);
    o.baseline_s = NAN;
    o.rest_s = 1;
    task = made_task(o, 4, "onset\tduration\tchannel\n1\t1\tt1\n0\t3\tt2\n");
    assert_trials(task, 0, "2:0,0:1");
    assert_trials(task, 1, "0:0,0:2,0:3,2:3");
    const bb_trial *t = bb_task_get_info(task)->trials;
    for (size_t i = 0; i < 6; ++i) assert_int_equal(t[i].event, t[i].channel / 2); /* its trial's */
    bb_task_destroy(task);
}

/* One file a condition or electrode, under one table. */
static void a_table_may_serve_several_files(void **state) {
    (void)state;
    bb_recording_info info = made_info(4);
    bb_task_options o = trials();
    bb_task *task;
    o.events = put_table("events.tsv", "onset\ttrial_type\n0\trest\n2\tgo\n");
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    assert_classes(task, "go,rest", "6,6");
    const bb_trial *t = bb_task_get_info(task)->trials;
    assert_true(t[0].channel == t[6].channel && t[0].event != t[6].event);
    bb_task_destroy(task);
}

static void there_is_a_bound(void **state) {
    (void)state;
    static bb_channel many[5000];
    static char table[1000 * 4 + 16] = "onset\n";
    for (size_t i = 0; i < 5000; ++i) many[i] = (bb_channel){.name = "t", .type = BB_CHANNEL_SEEG};
    for (size_t i = 0; i < 1000; ++i) strcat(table, "1\n");
    bb_recording_info info = made_info(4);
    bb_task_options o = trials();
    bb_task *task;
    info.channels = many;
    info.channel_count = 5000;
    o.baseline_s = 0;
    o.events = put_table("events.tsv", table);
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_MEMORY, "found 5000 trials of 1000 events");
    bb_task_destroy(task);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trial_has_the_same_events),
        cmocka_unit_test(rows_may_name_their_trials),
        cmocka_unit_test(baselines_and_rest_are_each_trials),
        cmocka_unit_test(a_table_may_serve_several_files),
        cmocka_unit_test(there_is_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
