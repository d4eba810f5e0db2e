#include <math.h>

#include "base/file.h"
#include "made_edf.h"

enum { RATE = 100, SAMPLES = 250 };

static double trace(size_t channel, int64_t t) {
    return 100.0 * (double)(channel + 1) * sin(0.1 * (double)t);
}

static void fill(double *data, int64_t first, int64_t samples) {
    for (size_t c = 0; c < 2; ++c)
        for (int64_t t = 0; t < samples; ++t) data[(int64_t)c * samples + t] = trace(c, first + t);
}

static const bb_edf_channel channels[2] = {{"LA1", -100, 100}, {"SEEG a long name", -200.0003, 200.1234567}};
static const bb_event events[4] = {{2.25, 0, "last", 0},
                                   {0.5, 0.125, "\xc3\xa9t\xc3\xa9", 0},
                                   {0.25, 0, "tab\there", 0},
                                   {1.000001, 3, "mid", 0}};

/* Writes SAMPLES samples in blocks of `block`. */
static const char *write_file(const char *name, int64_t block) {
    const char *path = bb_temp_path(name);
    bb_edf_writer *w = NULL;
    double data[2 * SAMPLES];
    assert_ok(bb_edf_writer_open(path, channels, 2, RATE, 0, events, 4, &w, e));
    for (int64_t t = 0; t < SAMPLES; t += block) {
        const int64_t n = SAMPLES - t < block ? SAMPLES - t : block;
        fill(data, t, n);
        assert_ok(bb_edf_writer_append(w, data, n, e));
    }
    assert_false(bb_file_exists(path));
    assert_ok(bb_edf_writer_close(w, e));
    return path;
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(write_file("a.edf", 33), NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "EDF+");
    assert_int_equal(info->warning_count, 0);
    assert_int_equal(info->channel_count, 2);
    assert_true(info->rate_hz == RATE && info->duration_s == 3);
    assert_string_equal(info->channels[0].name, "LA1");
    assert_string_equal(info->channels[1].name, "SEEG a long name");
    double out[2 * 300];
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1}, 2, 0, 300, out, e));
    for (size_t c = 0; c < 2; ++c)
        for (int64_t t = 0; t < 300; ++t) {
            const double expected = t < SAMPLES ? trace(c, t) : 0;
            /* half a quantum of the range, and 1e-9 for its rounding */
            assert_at_most(fabs(out[(int64_t)c * 300 + t] - expected), (c ? 400.13 : 200) / 65535 / 2 + 1e-9);
        }
    assert_int_equal(info->event_count, 4);
    static const char *const labels[4] = {"tab here", "\xc3\xa9t\xc3\xa9", "mid", "last"};
    static const double onsets[4] = {0.25, 0.5, 1.000001, 2.25}, durations[4] = {0, 0.125, 3, 0};
    for (size_t i = 0; i < 4; ++i) {
        assert_string_equal(info->events[i].label, labels[i]);
        assert_true(info->events[i].onset_s == onsets[i] && info->events[i].duration_s == durations[i]);
    }
    bb_recording_close(r);
}

static void the_bytes_do_not_depend_on_the_blocks(void **state) {
    (void)state;
    size_t size[2];
    unsigned char *a = bb_slurp(write_file("b.edf", 1), &size[0]),
                  *b = bb_slurp(write_file("c.edf", 250), &size[1]);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(a, b, size[0]);
    assert_memory_equal(a + 8, "X X X X ", 8);
    assert_memory_equal(a + 88, "Startdate 01-JAN-1985 X X X ", 28);
    assert_memory_equal(a + 168, "01.01.8500.00.00", 16);
    assert_memory_equal(a + 236, "3       1       ", 16);
    free(a);
    free(b);
}

/* One sample each of `count` values, read back. */
static void write_values(const bb_edf_channel *channel, const double *values, int64_t count, double *out) {
    const char *path = bb_temp_path("values.edf");
    bb_edf_writer *w = NULL;
    bb_recording *r = NULL;
    assert_ok(bb_edf_writer_open(path, channel, 1, count, 0, NULL, 0, &w, e));
    assert_ok(bb_edf_writer_append(w, values, count, e));
    assert_ok(bb_edf_writer_close(w, e));
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, count, out, e));
    bb_recording_close(r);
}

static void ranges_are_spelled_outwards_in_eight_characters(void **state) {
    (void)state;
    static const struct {
        double low, high;
        const char *low_text, *high_text;
    } cases[] = {{-1.0 / 3, 2.0 / 3, "-0.33334", "0.666667"},
                 {-12345.678901, 9876.54321, "-12345.7", "9876.544"},
                 {-9999999, 9999999, "-9999999", "9999999 "},
                 {-1e-5, 1e-5, "-0.00001", "0.00001 "},
                 {1000, 1000.5, "1000    ", "1000.5  "},
                 {-123456.789, -123456.7, "-123457 ", "-123456 "},
                 {0, 1e-7, "0       ", "0.000001"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        const bb_edf_channel channel = {"LA1", cases[i].low, cases[i].high};
        double out[3];
        write_values(&channel, (const double[]){cases[i].low, 0, cases[i].high}, 3, out);
        size_t size;
        unsigned char *bytes = bb_slurp(bb_temp_path("values.edf"), &size);
        /* Two signals: the physical minima start behind 104 bytes of each, the maxima 16 bytes later. */
        assert_memory_equal(bytes + 256 + 208, cases[i].low_text, 8);
        assert_memory_equal(bytes + 256 + 224, cases[i].high_text, 8);
        free(bytes);
        /* Half a quantum of the range as spelled, and a little for rounding. */
        const double quantum = (atof(cases[i].high_text) - atof(cases[i].low_text)) / 65535;
        assert_at_most(fabs(out[0] - cases[i].low), 0.5001 * quantum + 1e-12);
        assert_at_most(fabs(out[2] - cases[i].high), 0.5001 * quantum + 1e-12);
    }
}

static void values_outside_the_range_are_clipped(void **state) {
    (void)state;
    const bb_edf_channel channel = {"LA1", -100, 100};
    double out[5];
    write_values(&channel, (const double[]){1e9, -1e9, INFINITY, -INFINITY, NAN}, 5, out);
    assert_true(out[0] == 100 && out[1] == -100 && out[2] == 100 && out[3] == -100);
    assert_at_most(fabs(out[4]), 200.0 / 65535);
}

static void wrong_calls_are_refused_and_leave_nothing(void **state) {
    (void)state;
    const char *path = bb_temp_path("wrong.edf");
    bb_edf_writer *w = NULL;
    const bb_edf_channel flat = {"LA1", 5, 5}, wide = {"LA1", -1e8, 1e8}, nan = {"LA1", NAN, 1};
    const bb_event never = {NAN, 0, "a", 0}, late = {5, 0, "late", 0};
    assert_fails(bb_edf_writer_open(path, channels, 0, RATE, 0, NULL, 0, &w, e), BB_ERR_ARGUMENT,
                 "1 to 9998 channels");
    assert_fails(bb_edf_writer_open(path, channels, 2, 0, 0, NULL, 0, &w, e), BB_ERR_ARGUMENT, "a rate");
    assert_fails(bb_edf_writer_open(path, &flat, 1, RATE, 0, NULL, 0, &w, e), BB_ERR_ARGUMENT,
                 "LA1: expected a range");
    assert_fails(bb_edf_writer_open(path, &wide, 1, RATE, 0, NULL, 0, &w, e), BB_ERR_ARGUMENT,
                 "LA1: expected a range");
    assert_fails(bb_edf_writer_open(path, &nan, 1, RATE, 0, NULL, 0, &w, e), BB_ERR_ARGUMENT,
                 "LA1: expected a range");
    assert_fails(bb_edf_writer_open(path, channels, 2, RATE, 0, &never, 1, &w, e), BB_ERR_ARGUMENT,
                 "event 0");
    assert_fails(bb_edf_writer_open("/none/a.edf", channels, 2, RATE, 0, NULL, 0, &w, e), BB_ERR_IO,
                 "/none/a.edf");
    assert_null(w);
    assert_ok(bb_edf_writer_open(path, channels, 2, RATE, 0, NULL, 0, &w, e));
    assert_fails(bb_edf_writer_close(w, e), BB_ERR_ARGUMENT, "expected samples");
    assert_ok(bb_edf_writer_open(path, channels, 1, RATE, 0, &late, 1, &w, e));
    assert_ok(bb_edf_writer_append(w, (const double[]){1}, 1, e));
    assert_fails(bb_edf_writer_close(w, e), BB_ERR_ARGUMENT, "behind the recording's end");
    assert_ok(bb_edf_writer_open(path, channels, 1, RATE, 0, NULL, 0, &w, e));
    bb_edf_writer_abandon(w);
    bb_edf_writer_abandon(NULL);
    assert_false(bb_file_exists(path));
}

/* 2048 Hz: 32 samples are 1/64 s, and fewer have no duration of 8 characters. */
static void the_length_of_records_fills_them(void **state) {
    (void)state;
    static const struct {
        size_t channels;
        int64_t rate, samples, expected;
    } cases[] = {{2, 2048, 2048 * 67, 2048},
                 {2, 2048, 32 * 59 * 73, 32 * 59},
                 {2, 2048, 137830, 0},
                 {2, 2048, 32 * 1009, 32},
                 {2, 1000, 67300, 100},
                 {2, 1000, 250, 250},
                 {2, 1000, 67307, 0}, /* prime: of one sample, or more than is recommended */
                 {1, 1000, 10009, 10009},
                 {100, 1000, 100 * 317, 634},
                 {1, 1021, 1022, 0},
                 {1, 1021, 1021 * 5, 1021},
                 {2, 100, 250, 125},
                 {1, 100, 1, 0},
                 {2, 100, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        assert_int_equal(bb_edf_record_samples(cases[i].channels, cases[i].rate, cases[i].samples),
                         cases[i].expected);
}

static void nothing_is_written_behind_the_last_sample(void **state) {
    (void)state;
    static const int64_t rates[] = {100, 2048, 1000}, lengths[] = {250, 32 * 19 * 3, 2 * 317};
    static double data[2 * 2000];
    for (size_t i = 0; i < 3; ++i) {
        const char *path = bb_temp_path("filled.edf");
        const double end_s = (double)lengths[i] / (double)rates[i];
        const bb_event marks[] = {
            {0, 0, "first", 0}, {end_s / 2, 0.25, "middle", 0}, {end_s - 1e-6, 0, "last", 0}};
        bb_edf_writer *w = NULL;
        bb_recording *r = NULL;
        fill(data, 0, lengths[i]);
        assert_ok(bb_edf_writer_open(path, channels, 2, rates[i], lengths[i], marks, 3, &w, e));
        assert_ok(bb_edf_writer_append(w, data, lengths[i], e));
        assert_ok(bb_edf_writer_close(w, e));
        assert_ok(bb_recording_open(path, NULL, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_int_equal(info->warning_count, 0);
        assert_true(info->rate_hz == (double)rates[i]);
        assert_int_equal(info->channels[1].samples, lengths[i]);
        assert_int_equal(info->event_count, 3);
        for (size_t k = 0; k < 3; ++k) assert_at_most(fabs(info->events[k].onset_s - marks[k].onset_s), 1e-6);
        double last;
        assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, lengths[i] - 1, 1, &last, e));
        const double wanted = trace(0, lengths[i] - 1);
        assert_at_most(fabs(last - fmax(-100, fmin(100, wanted))), 200.0 / 65535);
        bb_recording_close(r);
    }
}

static void many_events_in_one_second_fit(void **state) {
    (void)state;
    static bb_event many[500];
    for (size_t i = 0; i < 500; ++i)
        many[i] = (bb_event){1 + (double)(499 - i) / 512, 0.5, "a rather long label", 0};
    const char *path = bb_temp_path("many.edf");
    bb_edf_writer *w = NULL;
    bb_recording *r = NULL;
    static double data[300];
    assert_ok(bb_edf_writer_open(path, channels, 1, RATE, 0, many, 500, &w, e));
    assert_ok(bb_edf_writer_append(w, data, 300, e));
    assert_ok(bb_edf_writer_close(w, e));
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_int_equal(bb_recording_get_info(r)->event_count, 500);
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    assert_true(bb_recording_get_info(r)->events[499].onset_s ==
                1 + 0.974609); /* whole microseconds are kept */
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_bytes_do_not_depend_on_the_blocks),
        cmocka_unit_test(ranges_are_spelled_outwards_in_eight_characters),
        cmocka_unit_test(values_outside_the_range_are_clipped),
        cmocka_unit_test(wrong_calls_are_refused_and_leave_nothing),
        cmocka_unit_test(the_length_of_records_fills_them),
        cmocka_unit_test(nothing_is_written_behind_the_last_sample),
        cmocka_unit_test(many_events_in_one_second_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
