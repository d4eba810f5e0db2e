/* Samples: every format, order and unit, whole and in stretches. */
#include <math.h>

#include "export.h"
#include "made_edf.h"

/* Several times the reader's buffer in every layout. */
enum { CHANNELS = 3, SAMPLES = 150000 };

static const char *const names[CHANNELS] = {"LA1", "LA,2", "EKG1"};
static const export_event events[] = {{0.5, 0.25, "Stimulus/S  1"}, {2, 0, "Comment/a, b"}, {3, 1, "Button"}};

static double *make_data(double step, bool positive) {
    double *data = malloc(sizeof *data * CHANNELS * SAMPLES);
    for (int c = 0; c < CHANNELS; ++c)
        for (int t = 0; t < SAMPLES; ++t)
            data[c * SAMPLES + t] = step * ((t * 37 + c * 11003) % 65536 - (positive ? 0 : 32768));
    return data;
}

static bb_recording *open_made(const double *data, const export_brainvision_layout *layout) {
    const char *path = bb_temp_path("made.vhdr");
    const export_signal signal = {2000, CHANNELS, SAMPLES, names, data, 3, events};
    bb_recording *r = NULL;
    export_brainvision(&signal, path, layout);
    assert_ok(bb_recording_open(path, NULL, &r, e));
    return r;
}

static void check_stretch(bb_recording *r, const double *data, int64_t first, int64_t samples, double *out) {
    const size_t order[2] = {2, 0};
    assert_ok(bb_recording_read(r, order, 2, first, samples, out, e));
    assert_memory_equal(out, data + 2 * SAMPLES + first, (size_t)samples * sizeof *out);
    assert_memory_equal(out + samples, data + first, (size_t)samples * sizeof *out);
}

static void check_layout(const export_brainvision_layout *layout, double *out) {
    const bool whole = strcmp(layout->format, "UINT_16") == 0;
    double *data = make_data(layout->resolution * layout->unit_uv, whole);
    bb_recording *r = open_made(data, layout);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, CHANNELS);
    assert_int_equal(info->warning_count, 0);
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1, 2}, 3, 0, SAMPLES, out, e));
    assert_memory_equal(out, data, sizeof *data * CHANNELS * SAMPLES);
    for (int64_t i = 1; i < 20; ++i) check_stretch(r, data, i * i * 300, i * i * i * 4 + 1, out);
    check_stretch(r, data, SAMPLES - 1, 1, out);
    bb_recording_close(r);
    free(data);
}

static void every_format_and_order_is_read(void **state) {
    (void)state;
    static const char *const formats[] = {"INT_16", "UINT_16", "INT_32", "IEEE_FLOAT_32"};
    double *out = malloc(sizeof *out * CHANNELS * SAMPLES);
    for (int i = 0; i < 16; ++i)
        check_layout(&(export_brainvision_layout){formats[i / 4], i & 1, i & 2, 0.25, "uV", 1}, out);
    free(out);
}

static void every_voltage_is_read_in_microvolts(void **state) {
    (void)state;
    static const struct {
        const char *unit;
        double unit_uv;
    } units[] = {{NULL, 1},
                 {"", 1},
                 {"uV", 1},
                 {"\xc2\xb5V", 1},
                 {"\xce\xbcV", 1},
                 {"\xb5V", 1},
                 {"\xc3\x82\xc2\xb5V", 1},
                 {"mV", 1000},
                 {"V", 1e6}};
    double *out = malloc(sizeof *out * CHANNELS * SAMPLES);
    for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
        check_layout(
            &(export_brainvision_layout){"INT_16", false, false, 0.5, units[i].unit, units[i].unit_uv}, out);
    free(out);
}

static void the_header_and_the_markers_say_what_was_written(void **state) {
    (void)state;
    double *data = make_data(0.5, false);
    bb_recording *r = open_made(data, &(export_brainvision_layout){"INT_16", false, false, 0.5, "uV", 1});
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "BrainVision");
    assert_true(info->rate_hz == 2000 && info->duration_s == 75 && !info->has_gaps && !info->preprocessed);
    assert_string_equal(info->channels[1].name, "LA,2");
    assert_string_equal(info->channels[1].unit, "uV");
    assert_int_equal(info->channels[1].type, BB_CHANNEL_IEEG);
    assert_int_equal(info->channels[2].type, BB_CHANNEL_ECG);
    assert_true(info->channels[0].low == -16384 && info->channels[0].high == 16383.5);
    assert_int_equal(info->event_count, 3);
    for (int i = 0; i < 3; ++i) {
        assert_string_equal(info->events[i].label, events[i].label);
        assert_true(info->events[i].onset_s == events[i].onset_s);
        assert_true(info->events[i].duration_s == events[i].duration_s);
    }
    bb_recording_close(r);
    free(data);
}

static void limits_follow_the_format(void **state) {
    (void)state;
    static const struct {
        const char *format;
        double low, high;
    } formats[] = {{"INT_16", -16384, 16383.5},
                   {"UINT_16", 0, 32767.5},
                   {"INT_32", -1073741824, 1073741823.5},
                   {"IEEE_FLOAT_32", 0, 0}};
    double *data = make_data(0.5, true);
    for (int i = 0; i < 4; ++i) {
        bb_recording *r =
            open_made(data, &(export_brainvision_layout){formats[i].format, false, false, 0.5, "uV", 1});
        const bb_channel *c = bb_recording_get_info(r)->channels;
        assert_true(c->low == formats[i].low && c->high == formats[i].high);
        bb_recording_close(r);
    }
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_and_order_is_read),
        cmocka_unit_test(every_voltage_is_read_in_microvolts),
        cmocka_unit_test(the_header_and_the_markers_say_what_was_written),
        cmocka_unit_test(limits_follow_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
