#include "brainbert/events.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static bb_events parsed(const char *text) {
    bb_events events;
    assert_ok(bb_events_parse(text, "events.tsv", &events, e));
    return events;
}

static void assert_event(const bb_events *events, size_t i, double onset_s, double duration_s,
                         const char *label) {
    assert_true(i < events->count);
    assert_true(events->items[i].onset_s == onset_s && events->items[i].duration_s == duration_s);
    assert_string_equal(events->items[i].label, label);
}

static void columns_are_found_by_name(void **state) {
    (void)state;
    bb_events v = parsed("trial_type\tvalue\tonset\tduration\n"
                         "go\t1\t12.5\t0.25\n"
                         "stop signal\t2\t-1e-3\tn/a\n"
                         "\t3\t0\t\n");
    assert_int_equal(v.count, 3);
    assert_event(&v, 0, 12.5, 0.25, "go");
    assert_event(&v, 1, -1e-3, 0, "stop signal");
    assert_event(&v, 2, 0, 0, "3");
    bb_events_free(&v);
    assert_true(v.count == 0 && v.items == NULL);
    bb_events_free(&v);
}

static void an_onset_alone_will_do(void **state) {
    (void)state;
    bb_events v = parsed("onset\n3\n1\n2");
    assert_int_equal(v.count, 3);
    assert_event(&v, 0, 3, 0, ""); /* in the file's order */
    assert_event(&v, 1, 1, 0, "");
    assert_event(&v, 2, 2, 0, "");
    bb_events_free(&v);
    v = parsed("onset");
    assert_int_equal(v.count, 0);
    bb_events_free(&v);
}

static void labels_come_from_the_first_column_that_says_something(void **state) {
    (void)state;
    bb_events v = parsed("event\tonset\tvalue\nstart\t1\tn/a\nstop\t2\t7 \nN/A\t3\t\n");
    assert_event(&v, 0, 1, 0, "start");
    assert_event(&v, 1, 2, 0, "7");
    assert_event(&v, 2, 3, 0, "");
    assert_true(v.labelled);
    bb_events_free(&v);
    v = parsed("onset\tsample\n1\t10\n");
    assert_false(v.labelled);
    bb_events_free(&v);
}

static void other_editors_files_are_read(void **state) {
    (void)state;
    bb_events v = parsed("\xEF\xBB\xBFonset\tduration\ttrial_type\r\n1.5\t2\tgo\r\n\r\n2.5\t2\tstop\r\n\n");
    assert_int_equal(v.count, 2);
    assert_event(&v, 0, 1.5, 2, "go");
    assert_event(&v, 1, 2.5, 2, "stop");
    bb_events_free(&v);
}

static void lines_without_an_onset_are_left_out(void **state) {
    (void)state;
    bb_events v =
        parsed("onset\tduration\ttrial_type\nn/a\t1\tlost\n1\n2\t0.5\nN/A\t1\n \t1\nnan\t1\tx\nNone\n");
    assert_int_equal(v.count, 2);
    assert_int_equal(v.left_out, 5);
    assert_event(&v, 0, 1, 0, ""); /* cells that are missing at a line's end */
    assert_event(&v, 1, 2, 0.5, "");
    assert_int_equal(v.items[0].line, 3);
    assert_int_equal(v.items[1].line, 4);
    bb_events_free(&v);
}

static void what_is_wrong_is_told_with_its_line(void **state) {
    (void)state;
    bb_events v;
    const struct {
        const char *text, *part;
    } cases[] = {
        {"", "events.tsv: line 1: expected tab-separated column names with 'onset'"},
        {"\n\n", "line 1"},
        {"onset,duration\n1,2\n", "line 1"},
        {"Onset\n1\n", "line 1"},
        {"1.5\t2\n", "line 1"},
        {"onset\n1\nsoon\n", "line 3: expected an onset in seconds, found 'soon'"},
        {"onset\n\n\n1x\n", "line 4"},
        {"onset\ninf\n", "found 'inf'"},
        {"onset\n1e999\n", "found '1e999'"},
        {"onset\n1,5\n", "found '1,5'"},
        {"onset\n0x10\n", "found '0x10'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        assert_fails(bb_events_parse(cases[i].text, "events.tsv", &v, e), BB_ERR_FORMAT, cases[i].part);
        assert_true(v.count == 0 && v.items == NULL);
    }
}

/* Hours, when each column was counted from the line's start. */
static void a_heading_of_a_million_columns_is_read_at_once(void **state) {
    (void)state;
    enum { TABS = 2000000 };
    char *text = malloc(TABS + 32);
    memset(text, '\t', TABS);
    memcpy(text + TABS, "onset\n", 7);
    bb_events v = parsed(text);
    assert_int_equal(v.count, 0);
    bb_events_free(&v);
    memcpy(text + TABS, "offset", 7);
    assert_fails(bb_events_parse(text, "events.tsv", &v, e), BB_ERR_FORMAT, "line 1");
    free(text);
}

static void files_are_read_like_text(void **state) {
    (void)state;
    bb_events v;
    static const char text[] = "onset\ttrial_type\n0.5\tgo\n";
    assert_ok(bb_events_read(bb_temp_file("e.tsv", text, sizeof text - 1), &v, e));
    assert_int_equal(v.count, 1);
    assert_event(&v, 0, 0.5, 0, "go");
    bb_events_free(&v);
    assert_fails(bb_events_read(bb_temp_path("none.tsv"), &v, e), BB_ERR_IO, "none.tsv");
    assert_fails(bb_events_read(bb_temp_file("bad.tsv", "x", 1), &v, e), BB_ERR_FORMAT, "bad.tsv: line 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(an_onset_alone_will_do),
        cmocka_unit_test(labels_come_from_the_first_column_that_says_something),
        cmocka_unit_test(other_editors_files_are_read),
        cmocka_unit_test(lines_without_an_onset_are_left_out),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_heading_of_a_million_columns_is_read_at_once),
        cmocka_unit_test(files_are_read_like_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
