/* Which events make which class. */
#include "made_info.h"

static const char words[] = "onset\tduration\ttrial_type\tkind\n"
                            "1\t0.5\taudio\t1\n"
                            "2\t0.5\tvisual\t2\n"
                            "3\t0.5\taudio\t1.0\n"
                            "n/a\t0.5\taudio\t1\n"
                            "4\t0.5\tboth\tn/a\n"
                            "5\t0.5\tn/a\t10\n"
                            "6\t0.5\taudio\t2\n";

static bb_task *task_of(const char *label, const char *classes) {
    bb_task_options o = from_onset();
    o.label = label;
    o.classes = classes;
    return made_task(o, 10, words);
}

static void every_value_is_a_class(void **state) {
    (void)state;
    bb_task *task = task_of(NULL, NULL);
    const bb_task_info *info = bb_task_get_info(task);
    assert_classes(task, "audio,both,visual", "3,1,1");
    assert_starts(task, 0, "1,3,6");
    assert_starts(task, 1, "4");
    assert_int_equal(info->kind, BB_TASK_CLASSES);
    assert_int_equal(info->left_out.no_onset, 1);
    assert_int_equal(info->left_out.no_label, 1);
    assert_int_equal(info->trial_count, 5);
    assert_true(isnan(info->trials[0].value) && isnan(info->value_mean) && isnan(info->cut_low));
    for (size_t i = 0; i < 5; ++i) {
        assert_int_equal(info->trials[i].channel, -1);
        assert_true(info->trials[i].onset_s == info->trials[i].start_s);
        for (size_t k = 0; k < i; ++k) assert_true(info->trials[i].event != info->trials[k].event);
    }
    bb_task_destroy(task);
}

static void classes_are_chosen_joined_and_named(void **state) {
    (void)state;
    bb_task *task = task_of(NULL, "visual,audio");
    assert_classes(task, "visual,audio", "1,3");
    assert_int_equal(bb_task_get_info(task)->left_out.unwanted, 1);
    bb_task_destroy(task);
    task = task_of(NULL, "visual+both,*");
    assert_classes(task, "visual+both,other", "2,3");
    assert_starts(task, 0, "2,4");
    assert_int_equal(bb_task_get_info(task)->left_out.unwanted, 0);
    bb_task_destroy(task);
    task = task_of(NULL, "heard=audio+both,seen=visual");
    assert_classes(task, "heard,seen", "4,1");
    bb_task_destroy(task);
}

static void labels_come_from_any_column(void **state) {
    (void)state;
    bb_task *task = task_of("kind", NULL); /* 1 and 1.0 are one value; 10 comes behind 2 */
    assert_classes(task, "1,2,10", "2,2,1");
    assert_int_equal(bb_task_get_info(task)->left_out.no_label, 1);
    assert_string_equal(bb_task_get_info(task)->label, "kind");
    bb_task_destroy(task);
    task = task_of("kind", "2.0,*");
    assert_classes(task, "2.0,other", "2,3");
    bb_task_destroy(task);
}

static void what_is_not_there_is_told(void **state) {
    (void)state;
    bb_task_options o = from_onset();
    o.classes = "audio,tone";
    assert_no_task(o, 10, words, BB_ERR_ARGUMENT, "found 'tone'; there are: audio (3), both (1), visual (1)");
    o.classes = "audio+tone,*"; /* a misspelt value of several too */
    assert_no_task(o, 10, words, BB_ERR_ARGUMENT, "found 'tone'");
    o.classes = "a=audio+both+visual,*";
    assert_no_task(o, 10, words, BB_ERR_ARGUMENT, "found '*'");
    o.classes = NULL;
    o.label = "stimulus";
    assert_no_task(o, 10, words, BB_ERR_ARGUMENT,
                   "events.tsv: expected a column 'stimulus', found: onset, duration, trial_type, kind");
    o.label = NULL;
    assert_no_task(o, 10, "onset\ttrial_type\n1\tgo\n2\tgo\n", BB_ERR_ARGUMENT,
                   "expected two values or more, found: go (2)");
    assert_no_task(o, 10, "onset\n1\n2\n", BB_ERR_ARGUMENT, "two values or more, found: none");
    assert_no_task(o, 10, "onset\ttrial_type\n", BB_ERR_ARGUMENT, "events.tsv: expected events, found none");
    assert_no_task(o, 10, "onset\ttrial_type\nsoon\tgo\n", BB_ERR_FORMAT, "line 2");
    assert_no_task(o, 10, "onset\ttrial_type\n1\ta\n9.5\tb\n", BB_ERR_ARGUMENT,
                   "expected trials of b, found none: of windows of 1 s 1 leave the recording");
}

static void a_column_of_names_is_no_class_each(void **state) {
    (void)state;
    static char text[64 * 300];
    bb_task_options o = from_onset();
    strcpy(text, "onset\ttrial_type\n");
    for (int i = 0; i <= BB_TASK_MAX_CLASSES; ++i) sprintf(text + strlen(text), "%d\tw%d\n", i, i);
    assert_no_task(o, 1000, text, BB_ERR_ARGUMENT, "at most 256, found 257 values: w0 (1), w1 (1)");
}

static void the_recordings_own_events_are_used(void **state) {
    (void)state;
    const bb_event events[] = {{1, 0, "go", 0}, {2, 0, "stop", 0}, {3, 0, "go", 0}};
    bb_recording_info info = made_info(10);
    bb_task_options o = from_onset();
    bb_task *task;
    info.events = events;
    info.event_count = 3;
    for (int stated = 0; stated < 2; ++stated) {
        o.events = stated ? "annotations" : NULL;
        assert_ok(bb_task_create(&o, &task, e));
        assert_ok(bb_task_add(task, &info, e));
        assert_ok(bb_task_add(task, &info, e));
        assert_ok(bb_task_finish(task, e));
        assert_classes(task, "go,stop", "4,2");
        assert_int_equal(bb_task_get_info(task)->recording_count, 2);
        assert_int_equal(bb_task_get_info(task)->trials[3].recording, 1);
        bb_task_destroy(task);
    }
    o.label = "kind";
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "made.edf: its events are the file's own");
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "broken");
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT, "once");
    bb_task_destroy(task);
}

/* Their rows are found by line, in a transcript too, where a quoted cell may hold line ends. */
static void rows_are_found_by_line(void **state) {
    (void)state;
    const bb_event events[] = {{7, 0, "x", 5}, {8, 0, "y", 2}, {9, 0, "z", 0}};
    bb_recording_info info = made_info(20);
    bb_task_options o = from_onset();
    bb_task *task;
    info.events = events;
    info.event_count = 3;
    info.events_path = put_table("features.csv", "text,pos\nb,NOUN\n\"two\nlines\",ADJ\na,VERB\n");
    o.label = "pos";
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    assert_classes(task, "NOUN,VERB", "1,1");
    assert_starts(task, 0, "8");
    assert_starts(task, 1, "7");
    assert_int_equal(bb_task_get_info(task)->left_out.no_label, 1);
    bb_task_destroy(task);
}

static void times_are_events_of_a_class(void **state) {
    (void)state;
    const bb_recording_info info = made_info(10);
    char words_of[2048];
    bb_task_options o = from_onset();
    bb_task *task;
    snprintf(words_of, sizeof words_of, "soft=%s,", put_table("soft.txt", "1\n5\nnan\n"));
    snprintf(words_of + strlen(words_of), sizeof words_of - strlen(words_of), "loud=%s",
             put_table("loud.txt", "3 0.5\n"));
    o.times = words_of;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "times belong to one recording");
    bb_task_destroy(task);
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    assert_classes(task, "soft,loud", "2,1"); /* in the order of the files */
    assert_int_equal(bb_task_get_info(task)->left_out.no_onset, 1);
    bb_task_destroy(task);
    put_table("soft.txt", "# none\n");
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "soft.txt: expected onsets");
    bb_task_destroy(task);
}

static void gaps_take_no_tables(void **state) {
    (void)state;
    bb_recording_info info = made_info(10);
    bb_task_options o = from_onset();
    bb_task *task;
    info.has_gaps = true;
    o.events = put_table("events.tsv", words);
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_UNSUPPORTED, "the recording has gaps");
    bb_task_destroy(task);
    info.has_gaps = false;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_fails(bb_task_add(task, &info, e), BB_ERR_ARGUMENT, "belongs to one recording, found a second");
    bb_task_destroy(task);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_a_class),
        cmocka_unit_test(classes_are_chosen_joined_and_named),
        cmocka_unit_test(labels_come_from_any_column),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(a_column_of_names_is_no_class_each),
        cmocka_unit_test(the_recordings_own_events_are_used),
        cmocka_unit_test(rows_are_found_by_line),
        cmocka_unit_test(times_are_events_of_a_class),
        cmocka_unit_test(gaps_take_no_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
