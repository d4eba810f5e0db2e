#include "brainbert/windows.h"

#include <math.h>

#include "made_recording.h"

enum { RATE = 256, SECONDS = 12 };
static const char *const names[] = {"LA1", "LA2", "LA3", "LA4", "ECG", "LB1", "LB2"};
enum { NAMES = 7 };
static const size_t brain[] = {0, 1, 2, 3, 5, 6};
enum { BRAIN = 6 };

static bb_recording *recording(void) { return made_recording("r.edf", names, NAMES, RATE, SECONDS); }

/* Nothing done to the signal, at the recording's rate. */
static bb_window_options plain_options(void) {
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE};
    return o;
}

/* Every window of `options` is the stretch of `whole` that its start says, sample for sample: the chain's
 * results do not depend on how its input was cut. `outputs`: the channels of `whole` that are expected. */
static void check_windows(bb_recording *r, const bb_window_options *options, const stream *whole,
                          const size_t *outputs, size_t count, int64_t expected_windows) {
    bb_window_stream *s;
    const double *data;
    int64_t stride, before = 0;
    assert_ok(bb_window_stream_create(r, options, &s, e));
    const bb_window_info *info = bb_window_stream_info(s);
    assert_int_equal(info->windows, expected_windows);
    assert_int_equal(info->channel_count, count);
    assert_true(info->window_s == (double)info->samples / info->rate_hz);
    for (int64_t w = 0; w < info->windows; ++w) {
        const int64_t start = llround(info->start_s[w] * info->rate_hz);
        assert_true(start >= before && start + info->samples <= whole->samples);
        assert_true(info->start_s[w] == (double)start / info->rate_hz);
        before = start;
        assert_ok(bb_window_stream_next(s, &data, &stride, e));
        assert_non_null(data);
        assert_true(stride >= info->samples);
        for (size_t c = 0; c < count; ++c)
            assert_memory_equal(data + (int64_t)c * stride,
                                whole->data + (int64_t)outputs[c] * whole->samples + start,
                                (size_t)info->samples * sizeof *data);
    }
    for (int again = 0; again < 2; ++again) {
        assert_ok(bb_window_stream_next(s, &data, &stride, e));
        assert_null(data);
    }
    bb_window_stream_destroy(s);
}

/* What bb_window_stream_pass_to passes over changes nothing in the others, of a signal whose filters have a
 * memory, and nothing is read behind the last. */
static void windows_are_the_same_behind_others_that_are_passed_over(void **state) {
    (void)state;
    const int64_t ranges[][2] = {{0, 1}, {3, 5}, {5, 6}, {17, 18}, {20, 99}}, end = 21; /* windows of 2 s */
    bb_recording *r = recording();
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = 200, .highpass_hz = 0.5};
    o.window_s = 2, o.stride_s = 0.5;
    bb_window_stream *plain, *passing;
    const double *x, *y;
    int64_t stride, at = 0;
    assert_ok(bb_window_stream_create(r, &o, &plain, e));
    assert_ok(bb_window_stream_create(r, &o, &passing, e));
    const bb_window_info *info = bb_window_stream_info(plain);
    assert_int_equal(info->windows, end);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; ++i) {
        bb_window_stream_pass_to(passing, ranges[i][0], ranges[i][1]);
        for (; at < ranges[i][1] && at < end; ++at) {
            assert_ok(bb_window_stream_next(plain, &x, &stride, e));
            if (at < ranges[i][0]) continue;
            assert_ok(bb_window_stream_next(passing, &y, &stride, e));
            for (size_t c = 0; c < info->channel_count; ++c)
                assert_memory_equal(x + (int64_t)c * stride, y + (int64_t)c * stride,
                                    (size_t)info->samples * sizeof *x);
            assert_memory_equal(bb_window_stream_unsound(plain), bb_window_stream_unsound(passing),
                                info->channel_count);
        }
        assert_ok(bb_window_stream_next(passing, &y, &stride, e));
        assert_null(y);
    }
    bb_window_stream_pass_to(passing, 0, end); /* not backwards */
    assert_ok(bb_window_stream_next(passing, &y, &stride, e));
    assert_null(y);
    bb_window_stream_destroy(plain);
    bb_window_stream_destroy(passing);
    bb_recording_close(r);
}

static const size_t all[] = {0, 1, 2, 3, 4, 5};

/* Windows and strides on, before and behind the ends of the one-second blocks that are read. */
static void windows_by_stride_are_cut_from_the_whole(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = plain_options();
    stream whole = made_whole(r, &o.signal, brain, BRAIN);
    const struct {
        double window_s, stride_s;
        int64_t windows;
    } cases[] = {{1, 0, 12},
                 {2, 0, 6}, /* the last one ends with the recording */
                 {5, 0, 2},
                 {12, 0, 1},
                 {12, 1, 1},
                 {2, 0.5, 21}, /* overlapping */
                 {1, 3, 4},    /* with gaps of whole blocks */
                 {0.25, 5.75, 3},
                 {257.0 / 256, 0, 11},
                 {255.0 / 256, 1.0 / 3, 34},
                 {1.0 / 256, 1, 12}, /* one sample */
                 {11.9, 1.0 / 256, 27},
                 {1, 100, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        o.window_s = cases[i].window_s, o.stride_s = cases[i].stride_s;
        check_windows(r, &o, &whole, all, BRAIN, cases[i].windows);
    }
    o.window_s = 0, o.stride_s = 0; /* five seconds unless one says otherwise */
    check_windows(r, &o, &whole, all, BRAIN, 2);
    stream_free(&whole);
    bb_recording_close(r);
}

static void strides_between_samples_do_not_drift(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = plain_options();
    bb_window_stream *s;
    o.window_s = 0.5, o.stride_s = 0.1; /* 25.6 samples */
    assert_ok(bb_window_stream_create(r, &o, &s, e));
    const bb_window_info *info = bb_window_stream_info(s);
    assert_int_equal(info->windows, 116);       /* at 0, 0.1 .. 11.5 */
    for (int64_t w = 0; w < info->windows; ++w) /* half a sample */
        assert_at_most(fabs(info->start_s[w] - 0.1 * (double)w), 0.5 / RATE + 1e-9);
    bb_window_stream_destroy(s);
    bb_recording_close(r);
}

/* Unsorted onsets, two at one time, overlapping windows, one that starts a rounding before 0, one that ends
 * with the recording, and four that leave it. */
static void windows_by_onset_come_in_order_of_time(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = plain_options();
    stream whole = made_whole(r, &o.signal, brain, BRAIN);
    const double onsets[] = {9.5, 1.25, 0.4990, 11, 1.5, 1.25, NAN, 10.5, -1, 10.503, INFINITY};
    const size_t order[] = {2, 1, 5, 4, 0, 7};
    const double starts[] = {0, 0.75, 0.75, 1, 9, 10};
    o.onsets_s = onsets, o.onset_count = sizeof onsets / sizeof *onsets;
    o.window_s = 2, o.offset_s = -0.5;
    check_windows(r, &o, &whole, all, BRAIN, 6);
    bb_window_stream *s;
    assert_ok(bb_window_stream_create(r, &o, &s, e));
    const bb_window_info *info = bb_window_stream_info(s);
    assert_int_equal(info->dropped_onsets, 5);
    assert_memory_equal(info->onset_index, order, sizeof order);
    assert_memory_equal(info->start_s, starts, sizeof starts);
    bb_window_stream_destroy(s);
    o.onset_count = 0;
    check_windows(r, &o, &whole, all, BRAIN, 0);
    o.onset_count = 1, o.offset_s = 1e6;
    check_windows(r, &o, &whole, all, BRAIN, 0);
    stream_free(&whole);
    bb_recording_close(r);
}

/* The published chain: resampled, filtered, each contact minus its neighbours. */
static void windows_of_a_filtered_recording_are_cut_from_the_whole(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = bb_window_options_default();
    o.signal.highpass_hz = 1;
    const size_t contacts[] = {0, 1};
    stream whole = made_whole(r, &o.signal, brain, BRAIN);
    assert_int_equal(whole.samples, SECONDS * 2048);
    o.window_s = 0.7, o.stride_s = 0.3;
    check_windows(r, &o, &whole, contacts, 2, 38);
    o.window_s = 12, o.threads = 3;
    check_windows(r, &o, &whole, contacts, 2, 1);
    stream_free(&whole);
    o.signal.rate_hz = 100.5; /* fewer samples than were recorded, and no whole number in a block */
    o.signal.notch_hz = 0, o.window_s = 1, o.stride_s = 0;
    whole = made_whole(r, &o.signal, brain, BRAIN);
    check_windows(r, &o, &whole, contacts, 2, 11);
    stream_free(&whole);
    bb_recording_close(r);
}

static void a_short_recording_is_one_window(void **state) {
    (void)state;
    bb_recording *r = made_array("short.npy", 2, 589, RATE);
    bb_window_options o = plain_options();
    const size_t both[] = {0, 1};
    stream whole = made_whole(r, &o.signal, both, 2);
    check_windows(r, &o, &whole, both, 2, 1);
    bb_window_stream *s;
    assert_ok(bb_window_stream_create(r, &o, &s, e));
    assert_true(bb_window_stream_info(s)->whole_recording);
    assert_int_equal(bb_window_stream_info(s)->samples, 589);
    bb_window_stream_destroy(s);
    o.window_s = 2.3; /* 588.8 samples: it fits to the sample */
    check_windows(r, &o, &whole, both, 2, 1);
    o.window_s = 2.31;
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_UNSUPPORTED, "at most the recording's");
    assert_null(s);
    const double onset = 0;
    o.window_s = 0, o.onsets_s = &onset, o.onset_count = 1;
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_UNSUPPORTED, "at most the recording's");
    stream_free(&whole);
    bb_recording_close(r);
}

/* One sample short of a second window. */
static void a_window_that_leaves_the_recording_is_not_given(void **state) {
    (void)state;
    bb_recording *r = made_array("almost.npy", 1, 4 * RATE - 1, RATE);
    bb_window_options o = plain_options();
    const size_t one = 0;
    stream whole = made_whole(r, &o.signal, &one, 1);
    o.window_s = 2;
    check_windows(r, &o, &whole, &one, 1, 1);
    stream_free(&whole);
    bb_recording_close(r);
}

static void channels_and_bads_are_taken_by_name(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = plain_options();
    const size_t everything[] = {0, 1, 2, 3, 4, 5, 6}, chosen[] = {1, 4};
    stream whole = made_whole(r, &o.signal, everything, NAMES);
    o.window_s = 3, o.channels = " ECG ,LA2";
    check_windows(r, &o, &whole, chosen, 2, 4); /* in the recording's order, of any type */
    stream_free(&whole);
    o.signal.reference = BB_REFERENCE_BIPOLAR;
    whole = made_whole(r, &o.signal, brain, BRAIN);
    o.channels = "LB1-LB2,LA2-LA3";
    const size_t pairs[] = {1, 3};
    check_windows(r, &o, &whole, pairs, 2, 4);
    bb_window_stream *s;
    assert_ok(bb_window_stream_create(r, &o, &s, e));
    assert_string_equal(bb_window_stream_info(s)->channels[0], "LA2-LA3");
    assert_string_equal(bb_window_stream_info(s)->channels[1], "LB1-LB2");
    bb_window_stream_destroy(s);
    o.channels = NULL, o.bads = "LA1";
    const size_t good[] = {1, 2, 3};
    check_windows(r, &o, &whole, good, 3, 4);
    stream_free(&whole);
    bb_recording_close(r);
}

static void assert_refused(bb_recording *r, bb_window_options o, const char *part) {
    bb_window_stream *s;
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_ARGUMENT, part);
    assert_null(s);
}

static void options_that_make_no_sense_are_refused(void **state) {
    (void)state;
    bb_recording *r = recording();
    const double onset = 1;
    bb_window_options o;
#define WITH(change) (o = plain_options(), o.change, o)
    assert_refused(r, WITH(channels = "LA1,LA9"), "found 'LA9'");
    assert_refused(r, WITH(channels = ""), "none of its");
    assert_refused(r, WITH(bads = "nobody"), "bads");
    assert_refused(r, WITH(window_s = 1e-9), "found 1e-09 s");
    assert_refused(r, WITH(window_s = INFINITY), "found inf s");
    assert_refused(r, WITH(default_window_s = NAN), "more than 0 s");
    assert_refused(r, WITH(stride_s = 0.001), "at least one sample");
    assert_refused(r, WITH(stride_s = INFINITY), "at least one sample");
    assert_refused(r, WITH(signal.rate_hz = 0), "r.edf");
#undef WITH
    o = plain_options(), o.onsets_s = &onset, o.onset_count = 1, o.offset_s = NAN;
    assert_refused(r, o, "expected a window");
    o = plain_options(), o.signal.reference = BB_REFERENCE_LAPLACIAN, o.channels = "LA1";
    assert_refused(r, o, "come out of re-referencing");
    o.channels = " , ";
    assert_refused(r, o, "names none");
    bb_window_stream_destroy(NULL);
    bb_recording_close(r);
}

static void a_recording_without_what_is_asked_of_it_is_told_apart(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_stream *s;
    bb_window_options o = plain_options();
    o.window_s = 13;
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_UNSUPPORTED,
                 "at most the recording's 12 s, found 13 s");
    o = plain_options(), o.bads = "LA1,LA2,LA3,LA4,LB1,LB2";
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_UNSUPPORTED, "r.edf");
    o = plain_options(), o.channels = "LA9,LA1", o.bads = "nobody";
    o.pass_absent = true;
    assert_ok(bb_window_stream_create(r, &o, &s, e));
    assert_int_equal(bb_window_stream_info(s)->channel_count, 1);
    bb_window_stream_destroy(s);
    o.channels = "LA9";
    assert_fails(bb_window_stream_create(r, &o, &s, e), BB_ERR_UNSUPPORTED, "r.edf");
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_by_stride_are_cut_from_the_whole),
        cmocka_unit_test(strides_between_samples_do_not_drift),
        cmocka_unit_test(windows_by_onset_come_in_order_of_time),
        cmocka_unit_test(windows_of_a_filtered_recording_are_cut_from_the_whole),
        cmocka_unit_test(windows_are_the_same_behind_others_that_are_passed_over),
        cmocka_unit_test(a_short_recording_is_one_window),
        cmocka_unit_test(a_window_that_leaves_the_recording_is_not_given),
        cmocka_unit_test(channels_and_bads_are_taken_by_name),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
        cmocka_unit_test(a_recording_without_what_is_asked_of_it_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
