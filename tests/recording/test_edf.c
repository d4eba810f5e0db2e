#include <math.h>

#include "made_edf.h"

/* The default range gives steps of 0.25, which are exact. */
static double made_value(int signal, int64_t t) { return 0.25 * made_digital(signal, t); }

static void check_stretch(bb_recording *r, const size_t *channels, size_t count, int64_t first,
                          int64_t samples) {
    double *out = malloc(count * (size_t)samples * sizeof *out + 1);
    assert_ok(bb_recording_read(r, channels, count, first, samples, out, e));
    for (size_t c = 0; c < count; ++c)
        for (int64_t t = 0; t < samples; ++t) {
            const double expected = made_value((int)channels[c], first + t);
            if (out[(int64_t)c * samples + t] != expected)
                fail_msg("channel %zu, sample %lld: %g, expected %g", channels[c], (long long)(first + t),
                         out[(int64_t)c * samples + t], expected);
        }
    free(out);
}

static void every_stretch_of_every_subset_is_read(void **state) {
    (void)state;
    bb_recording *r = made_open(&(made_edf){
        "", .record_count = 5, .signal_count = 4,
        .signals = {
            {"LA1", .samples = 7}, {"LA2", .samples = 3}, {"LA3", .samples = 7}, {"LA4", .samples = 7}}});
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "EDF");
    assert_int_equal(info->channel_count, 4);
    assert_true(info->rate_hz == 7 && info->duration_s == 5 && !info->preprocessed);
    assert_int_equal(info->channels[0].samples, 35);
    assert_int_equal(info->channels[1].samples, 15);
    assert_true(info->channels[1].rate_hz == 3);
    assert_string_equal(info->channels[2].name, "LA3");
    assert_string_equal(info->channels[2].unit, "uV");
    assert_true(warned(r, "different rates, from 3 to 7 Hz"));
    const size_t subsets[][3] = {{0, 2, 3}, {3, 0, 2}, {2, 3, 0}};
    for (int64_t first = 0; first < 35; ++first)
        for (int64_t n = 0; first + n <= 35; ++n)
            for (size_t s = 0; s < 3; ++s)
                check_stretch(r, subsets[s], 1 + (size_t)(first + n) % 3, first, n);
    for (int64_t first = 0; first < 15; ++first) check_stretch(r, (const size_t[]){1}, 1, first, 15 - first);
    bb_recording_close(r);
}

static void records_longer_than_the_buffer_are_read_in_pieces(void **state) {
    (void)state;
    bb_recording *r =
        made_open(&(made_edf){"", .record_count = 2, .signal_count = 2,
                              .signals = {{"LA1", .samples = 700000}, {"LA2", .samples = 700000}}});
    check_stretch(r, (const size_t[]){1, 0}, 2, 0, 1400000);
    check_stretch(r, (const size_t[]){1}, 1, 699999, 2);
    check_stretch(r, (const size_t[]){0, 1}, 2, 600001, 799998);
    bb_recording_close(r);
}

static void many_records_are_read_at_once(void **state) {
    (void)state;
    bb_recording *r = made_open(&(made_edf){"", .record_count = 300, .signal_count = 2, .seconds = "0.5",
                                            .signals = {{"LA1", .samples = 2048}, {"LA2", .samples = 2048}}});
    assert_true(bb_recording_get_info(r)->rate_hz == 4096);
    check_stretch(r, (const size_t[]){0, 1}, 2, 0, 300 * 2048);
    check_stretch(r, (const size_t[]){1}, 1, 1000, 290 * 2048);
    bb_recording_close(r);
}

static void bdf_has_samples_of_24_bits(void **state) {
    (void)state;
    bb_recording *r = made_open(&(made_edf){
        "BDF", .record_count = 2, .signal_count = 2,
        .signals = {{"A1", .samples = 5},
                    {"Status", "Boolean", {"-8388608", "8388607", "-8388608", "8388607"}, .samples = 5}}});
    const bb_recording_info *info = bb_recording_get_info(r);
    double out[10];
    assert_string_equal(info->format, "BDF");
    assert_int_equal(info->channels[1].type, BB_CHANNEL_TRIG);
    assert_string_equal(info->channels[1].unit, "Boolean");
    check_stretch(r, (const size_t[]){0}, 1, 3, 7);
    assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 0, 10, out, e));
    for (int t = 0; t < 10; ++t) assert_true(out[t] == made_digital(1, t));
    bb_recording_close(r);
}

static void voltages_come_in_microvolts(void **state) {
    (void)state;
    static const struct {
        const char *label, *unit, *given;
        double scale;
    } cases[] = {{"LA1", "uV", "uV", 1},
                 {"LA1", "\xb5V", "uV", 1},
                 {"LA1", "\xc2\xb5V", "uV", 1},
                 {"LA1", "\xce\xbcV", "uV", 1},
                 {"LA1", "mV", "uV", 1e3},
                 {"LA1", "V", "uV", 1e6},
                 {"LA1", "nV", "uV", 1e-3},
                 {"LA1", "", "uV", 1},
                 {"DC1", "", "", 1},
                 {"DC1", "mV", "uV", 1e3},
                 {"OSAT", "%", "%", 1},
                 {"LA1", "?V", "uV", 1},
                 {"LA1", "\xef\xbf\xbdV", "uV", 1},
                 {"LA1", "microV", "uV", 1},
                 {"LA1", "microvolts", "uV", 1},
                 {"LA1", "uVolts", "uV", 1},
                 {"LA1", "Volts", "uV", 1e6},
                 {"LA1", "milliV", "uV", 1e3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_recording *r = made_open(&(made_edf){"", .record_count = 1, .signal_count = 1,
                                                .signals = {{cases[i].label, cases[i].unit, .samples = 4}}});
        double out[4];
        assert_string_equal(bb_recording_get_info(r)->channels[0].unit, cases[i].given);
        assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 4, out, e));
        /* 1e-12: the rounding of three products */
        for (int t = 0; t < 4; ++t) assert_at_most(out[t] / (made_value(0, t) * cases[i].scale) - 1, 1e-12);
        assert_true(bb_recording_get_info(r)->warning_count == (size_t)(i == 7));
        bb_recording_close(r);
    }
}

static void a_unit_that_is_no_voltage_makes_no_contact(void **state) {
    (void)state;
    bb_recording *r = made_open(
        &(made_edf){"", .record_count = 1, .signal_count = 1, .signals = {{"X9", "bpm", .samples = 4}}});
    assert_int_equal(bb_recording_get_info(r)->channels[0].type, BB_CHANNEL_MISC);
    assert_true(warned(r, "the unit 'bpm' of 1 channels (X9) is no voltage"));
    bb_recording_close(r);
}

static void channels_know_what_their_file_can_hold(void **state) {
    (void)state;
    const made_edf m = {.kind = "",
                        .record_count = 1,
                        .signal_count = 4,
                        .signals = {{"LA1", "uV", {"-500", "500", "-2000", "2000"}, 10, NULL},
                                    {"LA2", "mV", {"-2", "1", "-2048", "2047"}, 10, NULL},
                                    {"LA3", "uV", {"300", "-100", "-2048", "2047"}, 10, NULL},
                                    {"LA4", "uV", {"0", "0", "-2048", "2047"}, 10, NULL}}};
    const double expected[4][2] = {{-500, 500}, {-2000, 1000}, {-100, 300}, {0, 0}}; /* uV */
    bb_recording *r = made_open(&m);
    for (int c = 0; c < 4; ++c) {
        const bb_channel *channel = &bb_recording_get_info(r)->channels[c];
        /* gain * digital + zero rounds three times, in 64 bits. */
        assert_at_most(fabs(channel->low - expected[c][0]), 1e-9);
        assert_at_most(fabs(channel->high - expected[c][1]), 1e-9);
    }
    bb_recording_close(r);
}

static void labels_keep_their_prefix_and_inform_the_type(void **state) {
    (void)state;
    bb_recording *r = made_open(&(made_edf){"", .record_count = 1, .signal_count = 4,
                                            .signals = {{"SEEG LA1-Ref", .samples = 1},
                                                        {"ECOG G1", .samples = 1},
                                                        {"POL EKG1", .samples = 1},
                                                        {"\xc9le 1", .samples = 1}}});
    const bb_channel *c = bb_recording_get_info(r)->channels;
    assert_string_equal(c[0].name, "SEEG LA1-Ref");
    assert_int_equal(c[0].type, BB_CHANNEL_SEEG);
    assert_int_equal(c[1].type, BB_CHANNEL_ECOG);
    assert_int_equal(c[2].type, BB_CHANNEL_ECG);
    assert_string_equal(c[3].name, "\xc3\x89le 1");
    bb_recording_close(r);
}

static void the_rate_is_the_commonest_of_the_brain_channels(void **state) {
    (void)state;
    bb_recording *r = made_open(&(made_edf){"", .record_count = 1, .signal_count = 6,
                                            .signals = {{"LA1", .samples = 8},
                                                        {"LA2", .samples = 8},
                                                        {"LA3", .samples = 4},
                                                        {"DC1", .samples = 2},
                                                        {"DC2", .samples = 2},
                                                        {"DC3", .samples = 2}}});
    double out[8];
    assert_true(bb_recording_get_info(r)->rate_hz == 8);
    assert_fails(bb_recording_read(r, (const size_t[]){0, 2}, 2, 0, 2, out, e), BB_ERR_ARGUMENT,
                 "expected 8 Hz");
    bb_recording_close(r);
}

static void stretches_outside_the_recording_are_refused(void **state) {
    (void)state;
    bb_recording *r =
        made_open(&(made_edf){"", .record_count = 2, .signal_count = 1, .signals = {{"LA1", .samples = 4}}});
    const size_t first = 0, none = 1;
    double out[8];
    assert_fails(bb_recording_read(r, &first, 1, 0, 9, out, e), BB_ERR_ARGUMENT, "8 samples");
    assert_fails(bb_recording_read(r, &first, 1, -1, 2, out, e), BB_ERR_ARGUMENT, "LA1");
    assert_fails(bb_recording_read(r, &first, 1, 0, -1, out, e), BB_ERR_ARGUMENT, "LA1");
    assert_fails(bb_recording_read(r, &first, 1, 2, INT64_MAX, out, e), BB_ERR_ARGUMENT, "LA1");
    assert_fails(bb_recording_read(r, &none, 1, 0, 1, out, e), BB_ERR_ARGUMENT, "channel below 1");
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stretch_of_every_subset_is_read),
        cmocka_unit_test(records_longer_than_the_buffer_are_read_in_pieces),
        cmocka_unit_test(many_records_are_read_at_once),
        cmocka_unit_test(bdf_has_samples_of_24_bits),
        cmocka_unit_test(voltages_come_in_microvolts),
        cmocka_unit_test(a_unit_that_is_no_voltage_makes_no_contact),
        cmocka_unit_test(channels_know_what_their_file_can_hold),
        cmocka_unit_test(labels_keep_their_prefix_and_inform_the_type),
        cmocka_unit_test(the_rate_is_the_commonest_of_the_brain_channels),
        cmocka_unit_test(stretches_outside_the_recording_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
