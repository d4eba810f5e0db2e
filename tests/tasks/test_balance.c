#include "made_info.h"

enum { MOST = 200 };

/* Two recordings, of 30 a + 10 b and of 5 a + 60 b. */
static bb_task *balanced(uint64_t seed, bool balance) {
    static const int counts[2][2] = {{30, 10}, {5, 60}};
    bb_event events[MOST];
    bb_recording_info info = made_info(1000);
    bb_task_options o = from_onset();
    bb_task *task;
    o.balance = balance;
    o.seed = seed;
    assert_ok(bb_task_create(&o, &task, e));
    for (int r = 0; r < 2; ++r) {
        info.event_count = 0;
        for (int c = 0; c < 2; ++c)
            for (int i = 0; i < counts[r][c]; ++i)
                events[info.event_count++] = (bb_event){3 * i + c, 0, c ? "b" : "a", 0};
        info.events = events;
        assert_ok(bb_task_add(task, &info, e));
    }
    assert_ok(bb_task_finish(task, e));
    return task;
}

static size_t count(const bb_task *task, size_t recording, int label) {
    const bb_task_info *info = bb_task_get_info(task);
    size_t n = 0;
    for (size_t i = 0; i < info->trial_count; ++i)
        n += info->trials[i].recording == recording && info->trials[i].label == label;
    return n;
}

static bool same(const bb_task *a, const bb_task *b) {
    const bb_task_info *x = bb_task_get_info(a), *y = bb_task_get_info(b);
    if (x->trial_count != y->trial_count) return false;
    for (size_t i = 0; i < x->trial_count; ++i)
        if (x->trials[i].event != y->trials[i].event) return false;
    return true;
}

static void every_recording_has_as_many_of_each(void **state) {
    (void)state;
    bb_task *task = balanced(1, true);
    const bb_task_info *info = bb_task_get_info(task);
    assert_classes(task, "a,b", "15,15");
    assert_int_equal(count(task, 0, 0), 10);
    assert_int_equal(count(task, 0, 1), 10);
    assert_int_equal(count(task, 1, 0), 5);
    assert_int_equal(count(task, 1, 1), 5);
    assert_int_equal(info->left_out.balancing, 75);
    for (size_t i = 1; i < info->trial_count; ++i) {
        const bb_trial *x = &info->trials[i - 1], *y = &info->trials[i];
        assert_true(x->recording < y->recording ||
                    (x->recording == y->recording && x->start_s <= y->start_s));
    }
    bb_task_destroy(task);
    task = balanced(1, false);
    assert_classes(task, "a,b", "35,70");
    assert_int_equal(bb_task_get_info(task)->left_out.balancing, 0);
    bb_task_destroy(task);
}

static void the_seed_says_which(void **state) {
    (void)state;
    bb_task *a = balanced(1, true), *b = balanced(1, true), *c = balanced(2, true);
    assert_true(same(a, b));
    assert_false(same(a, c));
    bb_task_destroy(a);
    bb_task_destroy(b);
    bb_task_destroy(c);
}

/* Each of the 60 is drawn in 1 of 12 seeds: 1200 draws of 5 leave none out (chance 60 e^-104) and take none
 * more often than 160 times, 6 standard deviations of 9.6 above 100. */
static void no_trial_is_preferred(void **state) {
    (void)state;
    int drawn[60] = {0};
    for (uint64_t seed = 0; seed < 1200; ++seed) {
        bb_task *task = balanced(seed, true);
        const bb_task_info *info = bb_task_get_info(task);
        for (size_t i = 0; i < info->trial_count; ++i)
            if (info->trials[i].recording == 1 && info->trials[i].label == 1)
                ++drawn[(int)info->trials[i].start_s / 3];
        bb_task_destroy(task);
    }
    for (int i = 0; i < 60; ++i) assert_true(drawn[i] > 40 && drawn[i] < 160);
}

/* A class that one of the recordings lacks leaves nothing of that one. */
static void one_class_alone_is_dropped(void **state) {
    (void)state;
    const bb_event events[] = {{1, 0, "a", 0}, {2, 0, "b", 0}};
    bb_recording_info info = made_info(10);
    bb_task_options o = from_onset();
    bb_task *task;
    o.balance = true;
    info.events = events;
    assert_ok(bb_task_create(&o, &task, e));
    info.event_count = 2;
    assert_ok(bb_task_add(task, &info, e));
    info.event_count = 1;
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    assert_classes(task, "a,b", "1,1");
    assert_int_equal(bb_task_get_info(task)->left_out.balancing, 1);
    bb_task_destroy(task);
}

/* Recordings of the same events are drawn from on their own: that 10 of 60 are the same twice has a chance of
 * 1 in 7e10. */
static void recordings_are_drawn_apart(void **state) {
    (void)state;
    bb_event events[70];
    bb_recording_info info = made_info(1000);
    bb_task_options o = from_onset();
    bb_task *task;
    for (int i = 0; i < 70; ++i) events[i] = (bb_event){i, 0, i % 7 ? "b" : "a", 0};
    info.events = events;
    info.event_count = 70;
    o.balance = true;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    const bb_task_info *made = bb_task_get_info(task);
    size_t same_start = 0;
    assert_int_equal(made->trial_count, 40);
    for (size_t i = 0; i < 20; ++i) same_start += made->trials[i].start_s == made->trials[i + 20].start_s;
    assert_true(same_start < 20);
    bb_task_destroy(task);
}

/* Each recording lacks one of the classes. */
static void nothing_may_be_left(void **state) {
    (void)state;
    const bb_event events[] = {{1, 0, "a", 0}, {2, 0, "b", 0}};
    bb_recording_info info = made_info(10);
    bb_task_options o = from_onset();
    bb_task *task;
    o.balance = true;
    info.event_count = 1;
    assert_ok(bb_task_create(&o, &task, e));
    for (size_t i = 0; i < 2; ++i) {
        info.events = events + i;
        assert_ok(bb_task_add(task, &info, e));
    }
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT, "; 2 were drawn out");
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT, "finished once");
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "finished takes no recordings");
    bb_task_destroy(task);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recording_has_as_many_of_each),
        cmocka_unit_test(the_seed_says_which),
        cmocka_unit_test(no_trial_is_preferred),
        cmocka_unit_test(one_class_alone_is_dropped),
        cmocka_unit_test(recordings_are_drawn_apart),
        cmocka_unit_test(nothing_may_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
