#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "made_signal.h"

/* Where export_mat5 puts what it says of `data`, when it does not pack it. */
enum { AT_SIZE = 132, AT_COLUMNS = 164, AT_COUNT = 188, AT_SAMPLES = 192 };

static bb_recording *open_seed(const char *name, const bb_recording_options *options) {
    bb_recording *r = NULL;
    char path[128];
    snprintf(path, sizeof path, "fuzz/corpus/mat5/%s.seed", name);
    assert_ok(bb_recording_open(bb_test_path(path), options, &r, e));
    return r;
}

/* The seeds hold 3 channels of 20 samples, (i * 37) % 101 - 50. */
static void check_seed(bb_recording *r, double scale, const char *last_name) {
    const bb_recording_info *info = bb_recording_get_info(r);
    double out[20];
    assert_string_equal(info->format, "MAT");
    assert_false(info->preprocessed);
    assert_int_equal(info->channel_count, 3);
    assert_int_equal(info->channels[0].samples, 20);
    assert_string_equal(info->channels[2].name, last_name);
    for (size_t c = 0; c < 3; ++c) {
        assert_ok(bb_recording_read(r, &c, 1, 0, 20, out, e));
        for (int t = 0; t < 20; ++t) assert_true(out[t] == (((int)c * 20 + t) * 37 % 101 - 50) * scale);
    }
    bb_recording_close(r);
}

static void what_was_written_is_read(void **state) {
    (void)state;
    const export_signal s = made_signal();
    const char *path = bb_temp_path("made.mat");
    for (int packed = 0; packed < 2; ++packed) {
        export_mat5(path, &s, packed, false);
        made_signal_check(path, &s, 0);
        export_mat5(path, &s, packed, true);
        made_signal_check(path, &s, 0.5); /* rounded to whole uV */
    }
}

static void an_empty_label_costs_the_others_nothing(void **state) {
    (void)state;
    static const char *const names[3] = {"", "LA2", "EKG"};
    static const double samples[3 * 20];
    const export_signal s = {250, 3, 20, names, samples, 0, NULL};
    const char *path = bb_temp_path("empty.mat");
    export_mat5(path, &s, false, false);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    for (size_t i = 0; i < 3; ++i)
        assert_string_equal(bb_recording_get_info(r)->channels[i].name, i ? names[i] : "ch1");
    bb_recording_close(r);
}

static void events_of_eeglab_are_read(void **state) {
    (void)state;
    static const char *const names[3] = {"LA1", "LA2", "EKG"};
    static const double samples[3 * 20];
    static const export_event events[] = {{0.2, 0.4, "go"}, {0.3, 0, "boundary"}, {1.1, 0, "stop"}};
    const export_signal s = {10, 3, 20, names, samples, 3, events};
    const char *path = bb_temp_path("events.mat");
    for (int packed = 0; packed < 2; ++packed) {
        export_mat5(path, &s, packed, false);
        bb_recording *r = NULL;
        assert_ok(bb_recording_open(path, NULL, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_true(info->event_count == 2 && info->seam_count == 1 && info->seams_s[0] == 0.3);
        for (size_t i = 0; i < 2; ++i) {
            const export_event *event = &events[2 * i];
            assert_string_equal(info->events[i].label, event->label);
            assert_at_most(fabs(info->events[i].onset_s - event->onset_s),
                           1e-15); /* one more of 12 samples */
            assert_at_most(fabs(info->events[i].duration_s - event->duration_s), 1e-15);
        }
        bb_recording_close(r);
    }
}

static void fields_of_structures_are_found(void **state) {
    (void)state;
    bb_recording *r = open_seed("eeglab", NULL);
    assert_true(bb_recording_get_info(r)->rate_hz == 256);
    assert_true(made_signal_warned(r, "no unit"));
    check_seed(r, 1, "LB3");
    const bb_recording_options o = {
        .data_name = "EEG.data", .rate_name = "EEG.srate", .channels_name = "EEG.chanlocs"};
    check_seed(open_seed("eeglab", &o), 1, "LB3");
}

static void text_may_be_a_matrix_and_state_the_rate(void **state) {
    (void)state;
    bb_recording *r = open_seed("chars", NULL);
    assert_true(bb_recording_get_info(r)->rate_hz == 2000);
    assert_string_equal(bb_recording_get_info(r)->channels[1].name, "cde");
    check_seed(r, 1, "f");
    check_seed(open_seed("packed", NULL), 1,
               "\xc2\xb5"
               "B3");
}

static void the_unit_scales_samples_and_limits(void **state) {
    (void)state;
    bb_recording *r = open_seed("plain", NULL);
    assert_true(bb_recording_get_info(r)->channels[0].low == -32768e3);
    assert_true(bb_recording_get_info(r)->channels[0].high == 32767e3);
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    check_seed(r, 1e3,
               "\xc2\xb5"
               "B3");
    check_seed(open_seed("plain", &(bb_recording_options){.unit = "V"}), 1e6,
               "\xc2\xb5"
               "B3");
    r = open_seed("plain", &(bb_recording_options){.rate_hz = 99});
    assert_true(bb_recording_get_info(r)->rate_hz == 99);
    bb_recording_close(r);
}

static void names_that_fit_nothing_are_refused(void **state) {
    (void)state;
    bb_recording *r = NULL;
    const char *path = bb_test_path("fuzz/corpus/mat5/plain.seed");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "EEG.data"}, &r, e),
                 BB_ERR_ARGUMENT, "'EEG.data', found data, fs");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.rate_name = "data"}, &r, e),
                 BB_ERR_ARGUMENT, "a positive number of Hz");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.channels_name = "Units"}, &r, e),
                 BB_ERR_ARGUMENT, "expected 3 or 20 names, found 1");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.channels_name = "names"}, &r, e),
                 BB_ERR_ARGUMENT, "found Units, label");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.unit = "apples"}, &r, e), BB_ERR_ARGUMENT,
                 "apples");
}

static void put_big(unsigned char *at, uint32_t value) {
    for (int b = 0; b < 4; ++b) at[b] = (unsigned char)(value >> (24 - 8 * b));
}

static void the_other_byte_order_is_read(void **state) {
    (void)state;
    static const uint32_t words[] = {14, 64,      6,          8, 10, 0,          5,          8,          2,
                                     3,  0x10001, 0x78000000, 3, 12, 0x0001fffe, 0x00030004, 0xfffb0100, 0};
    unsigned char file[128 + sizeof words] = {0};
    memcpy(file + 124, "\1\0MI", 4);
    for (size_t i = 0; i < sizeof words / 4; ++i) put_big(file + 128 + 4 * i, words[i]);
    bb_recording *r = NULL;
    double out[6];
    assert_ok(bb_recording_open(bb_temp_file("big.mat", file, sizeof file), NULL, &r, e));
    assert_true(made_signal_warned(r, "2048 Hz is assumed"));
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1}, 2, 0, 3, out, e));
    /* stored column by column */
    const double expected[6] = {1, 3, -5, -2, 4, 256};
    assert_memory_equal(out, expected, sizeof expected);
    bb_recording_close(r);
}

static void put_small(unsigned char *at, uint32_t value) {
    for (int b = 0; b < 4; ++b) at[b] = (unsigned char)(value >> 8 * b);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    const export_signal s = made_signal();
    size_t size;
    bb_recording *r = NULL;
    const char *path = bb_temp_path("made.mat");
    export_mat5(path, &s, false, true);
    unsigned char *bytes = bb_slurp(path, &size);
    assert_fails(bb_recording_open(bb_temp_file("cut.mat", bytes, 200000), NULL, &r, e), BB_ERR_FORMAT,
                 "cut off");
    assert_fails(bb_recording_open(bb_temp_file("empty.mat", bytes, 128), NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "found none");
    bytes[AT_COLUMNS] ^= 1;
    const char *wrong = bb_temp_file("wrong.mat", bytes, size);
    assert_fails(bb_recording_open(wrong, NULL, &r, e), BB_ERR_FORMAT,
                 "array 'data': expected 150003 elements of 2 bytes, found 300000 bytes");
    free(bytes);
    export_mat5(path, &s, true, true);
    bytes = bb_slurp(path, &size);
    bytes[20000] ^= 0x40;
    assert_fails(bb_recording_open(bb_temp_file("flipped.mat", bytes, size), NULL, &r, e), BB_ERR_FORMAT,
                 "packed array");
    free(bytes);
}

/* 300 bytes that claim to unpack to 300 MB. */
static void more_than_can_be_packed_is_not_allocated(void **state) {
    (void)state;
    const export_signal s = made_signal();
    size_t size;
    bb_recording *r = NULL;
    const char *path = bb_temp_path("made.mat");
    export_mat5(path, &s, false, true);
    unsigned char *bytes = bb_slurp(path, &size), file[600];
    put_small(bytes + AT_SIZE, 300000000 + AT_SAMPLES - 136);
    put_small(bytes + AT_COLUMNS, 50000000);
    put_small(bytes + AT_COUNT, 300000000);
    uLongf packed = sizeof file - 136;
    assert_int_equal(compress(file + 136, &packed, bytes + 128, AT_SAMPLES), Z_OK);
    memcpy(file, bytes, 128);
    put_small(file + 128, 15);
    put_small(file + 132, (uint32_t)packed);
    assert_fails(bb_recording_open(bb_temp_file("bomb.mat", file, 136 + packed), NULL, &r, e), BB_ERR_FORMAT,
                 "can't be packed");
    free(bytes);
}

/* Values of scipy.io.loadmat 1.10; the same trace as channel G6 of bids_speech_2000hz, whose resolution is 1
 * uV.
 */
static void the_original_of_a_brainvision_recording(void **state) {
    (void)state;
    const char *path = bb_shared_path("data/mat/rave_ch6_2000hz.mat");
    bb_recording *r = NULL;
    if (!path) return;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, 1);
    assert_true(info->rate_hz == 2000 && info->channels[0].samples == 646130);
    assert_string_equal(info->channels[0].unit, "uV");
    const int64_t at[] = {0, 1, 323065, 646129};
    const double expected[] = {18, 30, 157, -276};
    for (size_t i = 0; i < 4; ++i) {
        double value;
        assert_ok(bb_recording_read(r, &(size_t){0}, 1, at[i], 1, &value, e));
        assert_true(value == expected[i]);
    }
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(an_empty_label_costs_the_others_nothing),
        cmocka_unit_test(events_of_eeglab_are_read),
        cmocka_unit_test(fields_of_structures_are_found),
        cmocka_unit_test(text_may_be_a_matrix_and_state_the_rate),
        cmocka_unit_test(the_unit_scales_samples_and_limits),
        cmocka_unit_test(names_that_fit_nothing_are_refused),
        cmocka_unit_test(the_other_byte_order_is_read),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(more_than_can_be_packed_is_not_allocated),
        cmocka_unit_test(the_original_of_a_brainvision_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
