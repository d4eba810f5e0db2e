/* Files that break a rule of EDF: read all the same, with a warning; and damaged ones: refused with the
 * place. */
#include <math.h>

#include "made_edf.h"

static const made_edf good = {"", .record_count = 3, .signal_count = 2,
                              .signals = {{"LA1", .samples = 4}, {"LA2", .samples = 4}}};

/* Opens, checks that exactly one warning came and holds `part`, and reads everything. */
static void check_warning(const made_edf *m, const char *part, double first_value) {
    bb_recording *r = made_open(m);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(warned(r, part));
    for (size_t i = 0; i < info->warning_count; ++i)
        if (!bb_contains(info->warnings[i], part)) fail_msg("for '%s': also '%s'", part, info->warnings[i]);
    double out[64];
    for (size_t c = 0; c < info->channel_count; ++c)
        assert_ok(bb_recording_read(r, &c, 1, 0, info->channels[c].samples, out, e));
    const size_t first = 0;
    assert_ok(bb_recording_read(r, &first, 1, 0, 1, out, e));
    assert_true(out[0] == first_value);
    bb_recording_close(r);
}

static void a_good_file_has_no_warnings(void **state) {
    (void)state;
    bb_recording *r = made_open(&good);
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    bb_recording_close(r);
}

static void broken_rules_are_told(void **state) {
    (void)state;
    made_edf m;
    m = good, m.header_bytes = "512";
    check_warning(&m, "the header says it has '512     ' bytes, expected 768", -500);
    m = good, m.header_bytes = "lots";
    check_warning(&m, "expected 768", -500);
    m = good, m.records = "-1";
    check_warning(&m, "'-1      ' data records, the file holds 3", -500);
    m = good, m.records = "99";
    check_warning(&m, "the file holds 3", -500);
    m = good, m.records = "";
    check_warning(&m, "the file holds 3", -500);
    m = good, m.date = "31/12/2003 4.5.6";
    check_warning(&m, "no date and time", -500);
    m = good, m.seconds = "0.23814";
    check_warning(&m, "2 channels is no whole number: 16.79", -500);
    m = good, m.seconds = "0,5";
    check_warning(&m, "read as 0.5 s", -500);
    m = good, m.seconds = "0";
    check_warning(&m, "taken for 1 s", -500);
    m = good, m.seconds = "soon";
    check_warning(&m, "taken for 1 s", -500);
    m = good, m.signals[0].range[0] = "-500,0";
    check_warning(&m, "comma or odd characters", -500);
    m = good, m.signals[0].range[1] = "500\xb5V";
    check_warning(&m, "comma or odd characters", -500);
    m = good, m.signals[0].range[1] = "-500";
    check_warning(&m, "values are digital: 1 channels, the first is 'LA1'", -2000);
    m = good, m.signals[0].range[3] = "-2000";
    check_warning(&m, "values are digital", -2000);
    m = good, m.signals[0].range[2] = "3000";
    check_warning(&m, "values are digital", -2000);
    m = good, m.signals[0].range[0] = "none";
    check_warning(&m, "values are digital", -2000);
    m = good, m.signals[1].label = "LA1";
    check_warning(&m, "repeat the name of another and got a number (LA1: LA1-2)", -500);
    m = good, m.signals[1].label = "";
    check_warning(&m, "the first is 'ch2'", -500);
    m = good, m.signals[1].samples = 0;
    check_warning(&m, "no samples, left out: 1 channels, the first is 'LA2'", -500);
    m = good, m.signals[0].samples_text = "4.0 ?";
    check_warning(&m, "odd characters", -500);
}

static void a_reversed_physical_range_is_a_negative_gain(void **state) {
    (void)state;
    made_edf m = good;
    m.signals[0].range[0] = "500", m.signals[0].range[1] = "-500";
    bb_recording *r = made_open(&m);
    double out;
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 1, &out, e));
    assert_true(out == 500);
    bb_recording_close(r);
}

static void a_longer_header_is_believed_if_the_data_fit(void **state) {
    (void)state;
    made_edf m = good;
    m.header_bytes = "1024";
    size_t size;
    char *bytes = made_bytes(&m, &size), *longer = malloc(size + 256);
    memcpy(longer, bytes, 768);
    memset(longer + 768, ' ', 256);
    memcpy(longer + 1024, bytes + 768, size - 768);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(bb_temp_file("long.edf", longer, size + 256), NULL, &r, e));
    double out;
    assert_true(warned(r, "data read from byte 1024"));
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 1, &out, e));
    assert_true(out == -500);
    bb_recording_close(r);
    free(bytes);
    free(longer);
}

static void repeated_names_take_the_next_free_number(void **state) {
    (void)state;
    made_edf m = good;
    m.signal_count = 4;
    m.signals[0] = m.signals[1] = m.signals[3] = (made_signal){"LA1", .samples = 4};
    m.signals[2] = (made_signal){"LA1-2", .samples = 4};
    bb_recording *r = made_open(&m);
    const bb_channel *c = bb_recording_get_info(r)->channels;
    assert_string_equal(c[0].name, "LA1");
    assert_string_equal(c[1].name, "LA1-3");
    assert_string_equal(c[2].name, "LA1-2");
    assert_string_equal(c[3].name, "LA1-4");
    bb_recording_close(r);
}

static void a_cut_file_is_read_up_to_its_last_whole_record(void **state) {
    (void)state;
    size_t size;
    char *bytes = made_bytes(&good, &size);
    for (size_t n = 0; n < size; ++n) {
        bb_recording *r = NULL;
        bb_error error = {0};
        const char *path = bb_temp_file("cut.edf", bytes, n);
        const bb_status status = bb_recording_open(path, NULL, &r, &error);
        if (n >= 768 + 16) {
            assert_int_equal(status, BB_OK);
            assert_int_equal(bb_recording_get_info(r)->channels[0].samples, 4 * ((n - 768) / 16));
            assert_true(warned(r, "data records"));
            if (n % 16) assert_true(warned(r, "behind the last whole"));
        } else {
            assert_int_equal(status, n < 8 && n > 0 ? BB_ERR_UNSUPPORTED : BB_ERR_FORMAT);
            assert_true(bb_contains(error.message, "cut.edf: "));
        }
        bb_recording_close(r);
    }
    free(bytes);
}

static void flipped_bits_never_break_the_reader(void **state) {
    (void)state;
    static const char *const notes[] = {"+0\x14\x14\0+0.5\x15"
                                        "1\x14spike\x14\0",
                                        "+1\x14\x14\0\0"};
    const made_edf m = {"EDF+D", .record_count = 2, .signal_count = 2, .notes = notes,
                        .signals = {{"LA1", .samples = 4}, {"EDF Annotations", .samples = 16}}};
    size_t size;
    char *bytes = made_bytes(&m, &size);
    for (size_t bit = 0; bit < size * 8; bit += 5) { /* every byte, and every bit of some */
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        bb_recording *r = NULL;
        if (bb_recording_open(bb_temp_file("flip.edf", bytes, size), NULL, &r, NULL) == BB_OK) {
            const bb_recording_info *info = bb_recording_get_info(r);
            for (size_t c = 0; c < info->channel_count; ++c) {
                double out[64];
                const int64_t n = info->channels[c].samples < 64 ? info->channels[c].samples : 64;
                assert_ok(bb_recording_read(r, &c, 1, info->channels[c].samples - n, n, out, e));
            }
        }
        bb_recording_close(r);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    free(bytes);
}

static void damaged_headers_are_refused_with_the_place(void **state) {
    (void)state;
    bb_recording *r = NULL;
    made_edf m;
    m = good, m.signal_text = "0";
    assert_fails(bb_recording_open(made_file(&m), NULL, &r, e), BB_ERR_FORMAT, "byte 252");
    m = good, m.signal_text = "9999";
    assert_fails(bb_recording_open(made_file(&m), NULL, &r, e), BB_ERR_FORMAT,
                 "2560000 bytes for 9999 signals");
    m = good, m.signals[1].samples_text = "many";
    assert_fails(bb_recording_open(made_file(&m), NULL, &r, e), BB_ERR_FORMAT, "signal 2 (LA2)");
    m = good, m.signals[1].samples_text = "99999999";
    assert_fails(bb_recording_open(made_file(&m), NULL, &r, e), BB_ERR_FORMAT,
                 "data records of 200000006 bytes");
    m = good, m.signals[0].samples_text = m.signals[1].samples_text = "0";
    assert_fails(bb_recording_open(made_file(&m), NULL, &r, e), BB_ERR_FORMAT, "none in any signal");
    assert_null(r);
}

static void what_is_no_recording_is_refused_with_the_formats_read(void **state) {
    (void)state;
    bb_recording *r = NULL;
    const char *path = bb_temp_file("a.edf", "\x1f\x8b\x08\0\0\0\0\0", 8);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "gzip archive: unpack it first");
    assert_fails(bb_recording_open(bb_temp_file("b.edf", "hello", 5), NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "EDF, EDF+, BDF, BDF+, ");
    assert_fails(bb_recording_open(bb_temp_file("c.edf", "", 0), NULL, &r, e), BB_ERR_FORMAT, "empty");
    assert_fails(bb_recording_open(bb_temp_path("."), NULL, &r, e), BB_ERR_UNSUPPORTED, "directory");
    assert_fails(bb_recording_open(bb_temp_path("none"), NULL, &r, e), BB_ERR_IO, "none");
    assert_fails(bb_recording_open("/dev/null", NULL, &r, e), BB_ERR_UNSUPPORTED, "/dev/null");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_has_no_warnings),
        cmocka_unit_test(broken_rules_are_told),
        cmocka_unit_test(a_reversed_physical_range_is_a_negative_gain),
        cmocka_unit_test(a_longer_header_is_believed_if_the_data_fit),
        cmocka_unit_test(repeated_names_take_the_next_free_number),
        cmocka_unit_test(a_cut_file_is_read_up_to_its_last_whole_record),
        cmocka_unit_test(flipped_bits_never_break_the_reader),
        cmocka_unit_test(damaged_headers_are_refused_with_the_place),
        cmocka_unit_test(what_is_no_recording_is_refused_with_the_formats_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
