/* Tasks on whole recordings: the shared words heard and seen, and simulated ones. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "brainbert/simulate.h"
#include "brainbert/task.h"
#include "support.h"

static bb_task *task_of(const bb_task_options *o, const char *path) {
    bb_recording *r = NULL;
    bb_task *task = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_task_create(o, &task, e));
    assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
    bb_recording_close(r);
    assert_ok(bb_task_finish(task, e)); /* it needs the recording no more */
    return task;
}

static const char *speech(void) {
    return bb_shared_path("data/bids_speech_2000hz/sub-01/ieeg/sub-01_task-audiovisual_run-01_ieeg.vhdr");
}

/* 63 words: audio 16, visual 15, audiovisual 16, incongruent 16. */
static void heard_against_seen(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    if (!speech()) skip();
    o.window_s = 2;
    o.offset_s = 0.4;
    o.classes = "audio,visual";
    bb_task *task = task_of(&o, speech());
    const bb_task_info *info = bb_task_get_info(task);
    assert_int_equal(info->class_trials[0], 16);
    assert_int_equal(info->class_trials[1], 15);
    assert_int_equal(info->left_out.unwanted, 32);
    bb_task_destroy(task);
    o.classes = NULL;
    o.label = "stimulus";
    task = task_of(&o, speech());
    info = bb_task_get_info(task);
    assert_true(info->class_count == 16 && info->trial_count == 63);
    bb_task_destroy(task);
    o.label = NULL;
    o.classes = "heard=audio+audiovisual,*";
    o.balance = true;
    task = task_of(&o, speech());
    info = bb_task_get_info(task);
    assert_true(info->class_trials[0] == 31 && info->class_trials[1] == 31);
    bb_task_destroy(task);
}

static void stimulus_against_baseline(void **state) {
    (void)state;
    bb_task_options o = bb_task_options_default();
    if (!speech()) skip();
    o.window_s = 2;
    o.offset_s = 0.4 - 1;
    o.baseline_s = -0.9 - 1;
    bb_task *task = task_of(&o, speech());
    const bb_task_info *info = bb_task_get_info(task);
    assert_string_equal(info->classes[1], "baseline");
    assert_true(info->class_trials[0] + info->left_out.outside == 63);
    assert_int_equal(info->class_trials[1], 63);
    bb_task_destroy(task);
    o.baseline_s = NAN;
    o.rest_s = 1;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(speech(), NULL, &r, e));
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, bb_recording_get_info(r), e), BB_ERR_ARGUMENT, "found no durations");
    bb_task_destroy(task);
    bb_recording_close(r);
}

/* 160 trials of 3.9 s: at rest, then planning a movement. */
static void trials_by_time(void **state) {
    (void)state;
    static const char table[] = "onset\ttrial_type\n0\trest\n1.2\tplanning\n3\tlate\n";
    bb_task_options o = bb_task_options_default();
    const char *path = bb_shared_path("data/npz/seeg_data_pac.npz");
    if (!path) skip();
    o.events = bb_temp_file("phases.tsv", table, sizeof table - 1);
    o.classes = "planning,rest,late";
    o.channels_are_trials = true;
    o.window_s = 1;
    o.offset_s = 0;
    o.balance = true;
    bb_task *task = NULL;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT,
                 "expected trials of late, found none: of windows of 1 s 160");
    bb_task_destroy(task);
    bb_recording_close(r);
    o.classes = "planning,rest";
    task = task_of(&o, path);
    const bb_task_info *info = bb_task_get_info(task);
    assert_true(info->class_trials[0] == 160 && info->class_trials[1] == 160);
    for (size_t i = 0; i < 160; ++i) {
        assert_int_equal(info->trials[i].channel, i);
        assert_true(info->trials[i].label == 1 && info->trials[i + 160].label == 0);
        assert_int_equal(info->trials[i].event, info->trials[i + 160].event);
    }
    bb_task_destroy(task);
}

/* Two recordings of one subject; each word's class is a column too. */
static void simulated_words(void **state) {
    (void)state;
    char root[4096], path[5000];
    bb_simulation s = bb_simulation_default();
    bb_task_options o = bb_task_options_default();
    bb_task *task = NULL;
    s.sessions = 2;
    s.channels = 2;
    s.seconds = 40;
    s.rate_hz = 512;
    snprintf(root, sizeof root, "%s", bb_temp_path("simulated"));
    assert_ok(bb_simulate(&s, root, NULL, NULL, e));
    o.window_s = 1;
    o.label = "class";
    o.classes = "loud,soft";
    o.balance = true;
    assert_ok(bb_task_create(&o, &task, e));
    for (int i = 1; i <= 2; ++i) {
        bb_recording *r = NULL;
        snprintf(path, sizeof path, "%s/sub-01/ses-%02d/ieeg/sub-01_ses-%02d_task-words_run-01_ieeg.edf",
                 root, i, i);
        assert_ok(bb_recording_open(path, NULL, &r, e));
        assert_true(bb_contains(bb_recording_get_info(r)->events_path, "_events.tsv"));
        assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
        bb_recording_close(r);
    }
    assert_ok(bb_task_finish(task, e));
    const bb_task_info *info = bb_task_get_info(task);
    const bb_task_left_out *left = &info->left_out;
    assert_int_equal(info->recording_count, 2);
    assert_int_equal(info->class_trials[0], info->class_trials[1]);
    assert_true(info->trial_count >= 20);
    assert_int_equal(info->trial_count + left->balancing + left->outside, 40);
    bb_task_destroy(task);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heard_against_seen),
        cmocka_unit_test(stimulus_against_baseline),
        cmocka_unit_test(trials_by_time),
        cmocka_unit_test(simulated_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
