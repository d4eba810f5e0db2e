#include "made_edf.h"

static void check_event(bb_recording *r, size_t i, double onset_s, double duration_s, const char *label) {
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(i < info->event_count);
    assert_string_equal(info->events[i].label, label);
    /* 1e-9 s: the difference of two onsets, rounded */
    assert_at_most(info->events[i].onset_s - onset_s, 1e-9);
    assert_at_most(onset_s - info->events[i].onset_s, 1e-9);
    assert_true(info->events[i].duration_s == duration_s);
}

static made_edf annotated(const char *kind, const char *const *notes, int records) {
    return (made_edf){kind, .record_count = records, .signal_count = 2, .notes = notes,
                      .signals = {{"LA1", .samples = 4},
                                  {kind[0] == 'B' ? "BDF Annotations" : "EDF Annotations", .samples = 40}}};
}

static void events_are_read_in_order_and_time_keeping_is_not_one(void **state) {
    (void)state;
    static const char *const notes[] = {"+0\x14\x14\0+1.5\x15"
                                        "0.25\x14late\x14twice\x14\0+0.5\x14\xc3\xa9t\xc3\xa9\x14\0",
                                        "+1\x14\x14with time\x14\0-0.125\x14"
                                        "before\x14\0"};
    for (int bdf = 0; bdf < 2; ++bdf) {
        const made_edf m = annotated(bdf ? "BDF+C" : "EDF+C", notes, 2);
        bb_recording *r = made_open(&m);
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_string_equal(info->format, bdf ? "BDF+" : "EDF+");
        assert_int_equal(info->channel_count, 1);
        assert_int_equal(info->event_count, 5);
        assert_true(!info->has_gaps && info->seam_count == 0);
        check_event(r, 0, -0.125, 0, "before");
        check_event(r, 1, 0.5, 0, "\xc3\xa9t\xc3\xa9");
        check_event(r, 2, 1, 0, "with time");
        check_event(r, 3, 1.5, 0.25, "late");
        check_event(r, 4, 1.5, 0.25, "twice");
        assert_int_equal(info->warning_count, 0);
        bb_recording_close(r);
    }
}

static void onsets_count_from_the_first_sample(void **state) {
    (void)state;
    static const char *const notes[] = {"+0.75\x14\x14\0+1\x14"
                                        "a\x14\0"};
    const made_edf m = annotated("EDF+C", notes, 1);
    bb_recording *r = made_open(&m);
    check_event(r, 0, 0.25, 0, "a");
    bb_recording_close(r);
}

static void gaps_are_joined_and_events_move_along(void **state) {
    (void)state;
    static const char *const notes[] = {"+0\x14\x14\0+10.5\x14"
                                        "second\x14\0",
                                        "+10\x14\x14\0+5\x14in gap\x14\0",
                                        "+11\x14\x14\0+11.25\x14third\x14\0",
                                        "+20\x14\x14\0+0.5\x14"
                                        "first\x14\0"};
    const made_edf m = annotated("EDF+D", notes, 4);
    bb_recording *r = made_open(&m);
    assert_true(warned(r, "2 gaps, the first after 1 s"));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->duration_s == 4 && info->has_gaps && info->seam_count == 2);
    assert_true(info->seams_s[0] == 1 && info->seams_s[1] == 3);
    check_event(r, 0, 0.5, 0, "first");
    check_event(r, 1, 1, 0, "in gap");
    check_event(r, 2, 1.5, 0, "second");
    check_event(r, 3, 2.25, 0, "third");
    bb_recording_close(r);
}

static void a_file_of_annotations_alone_has_events_and_no_channels(void **state) {
    (void)state;
    static const char *const notes[] = {"+0\x14\x14\0+3\x14"
                                        "a\x14\0",
                                        "+0\x14\x14\0+70\x14"
                                        "b\x14\0"};
    const made_edf m = {"EDF+D",        .record_count = 2, .signal_count = 1,
                        .notes = notes, .seconds = "0",    .signals = {{"EDF Annotations", .samples = 40}}};
    bb_recording *r = made_open(&m);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, 0);
    assert_int_equal(info->warning_count, 0);
    assert_true(info->rate_hz == 0 && info->duration_s == 0);
    check_event(r, 0, 3, 0, "a");
    check_event(r, 1, 70, 0, "b");
    bb_recording_close(r);
}

static void malformed_annotations_are_left_out_with_a_warning(void **state) {
    (void)state;
    static const char *const notes[] = {"+0\x14\x14\0noise\0+1\x14good\x14\0+2\0+x\x14"
                                        "c\x14\0+3\x15"
                                        "1,5\x14unended\0"};
    const made_edf m = annotated("EDF+C", notes, 1);
    bb_recording *r = made_open(&m);
    assert_int_equal(bb_recording_get_info(r)->event_count, 2);
    check_event(r, 0, 1, 0, "good");
    check_event(r, 1, 3, 1.5, "unended");
    assert_true(warned(r, "3 annotations are not of the form"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_read_in_order_and_time_keeping_is_not_one),
        cmocka_unit_test(onsets_count_from_the_first_sample),
        cmocka_unit_test(gaps_are_joined_and_events_move_along),
        cmocka_unit_test(a_file_of_annotations_alone_has_events_and_no_channels),
        cmocka_unit_test(malformed_annotations_are_left_out_with_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
