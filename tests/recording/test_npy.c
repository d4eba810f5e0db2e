#include "made_edf.h"

/* A version 1.0 file with the given dictionary and elements. */
static const char *make_npy(const char *dictionary, const void *data, size_t size) {
    const size_t n = strlen(dictionary);
    unsigned char *file = malloc(10 + n + size);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (unsigned char)(n & 0xff);
    file[9] = (unsigned char)(n >> 8);
    memcpy(file + 10, dictionary, n);
    memcpy(file + 10 + n, data, size);
    const char *path = bb_temp_file("made.npy", file, 10 + n + size);
    free(file);
    return path;
}

static void check_values(const char *path, const double *expected, size_t channels, int64_t samples) {
    bb_recording *r = NULL;
    double out[64];
    assert_ok(bb_recording_open(path, NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, channels);
    assert_true(info->rate_hz == 2048 && info->preprocessed);
    for (int64_t first = 0; first < samples; ++first)
        for (size_t c = 0; c < channels; ++c) {
            const size_t pair[2] = {c, channels - 1 - c};
            const int64_t n = samples - first;
            assert_ok(bb_recording_read(r, pair, 2, first, n, out, e));
            assert_memory_equal(out, expected + (int64_t)pair[0] * samples + first, (size_t)n * sizeof *out);
            assert_memory_equal(out + n, expected + (int64_t)pair[1] * samples + first,
                                (size_t)n * sizeof *out);
        }
    bb_recording_close(r);
}

static void every_element_type_and_order_is_read(void **state) {
    (void)state;
    const double expected[6] = {1, -2, 3, 4, -5, 256};
    const float f4[6] = {1, -2, 3, 4, -5, 256};
    const int16_t i2[6] = {1, -2, 3, 4, -5, 256};
    const int32_t i4[6] = {1, -2, 3, 4, -5, 256};
    const uint16_t f2[6] = {0x3c00, 0xc000, 0x4200, 0x4400, 0xc500, 0x5c00};
    const int16_t columns[6] = {1, 4, -2, -5, 3, 256};
    const unsigned char big[12] = {0, 1, 0xff, 0xfe, 0, 3, 0, 4, 0xff, 0xfb, 1, 0};
    check_values(make_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", expected, 48),
                 expected, 2, 3);
    check_values(make_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", f4, 24), expected, 2,
                 3);
    check_values(make_npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", f2, 12), expected, 2,
                 3);
    check_values(make_npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", i4, 24), expected, 2,
                 3);
    check_values(make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", i2, 12), expected, 2,
                 3);
    check_values(make_npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }", big, 12), expected,
                 2, 3);
    check_values(make_npy("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", columns, 12),
                 expected, 2, 3);
    check_values(make_npy("{'descr': '<i2', 'fortran_order': True, 'shape': (6,), }", i2, 12), expected, 1,
                 6);
}

static void long_stretches_pass_through_the_buffer(void **state) {
    (void)state;
    enum { CHANNELS = 3, SAMPLES = 70000 };
    double *data = malloc(sizeof *data * CHANNELS * SAMPLES),
           *out = malloc(sizeof *data * CHANNELS * SAMPLES);
    for (int order = 0; order < 2; ++order) {
        char text[100];
        for (int c = 0; c < CHANNELS; ++c)
            for (int t = 0; t < SAMPLES; ++t) data[order ? t * CHANNELS + c : c * SAMPLES + t] = c * 1e6 + t;
        snprintf(text, sizeof text, "{'descr': '<f8', 'fortran_order': %s, 'shape': (3, 70000), }",
                 order ? "True" : "False");
        bb_recording *r = NULL;
        assert_ok(bb_recording_open(make_npy(text, data, sizeof *data * CHANNELS * SAMPLES), NULL, &r, e));
        assert_ok(bb_recording_read(r, (const size_t[]){2, 0}, 2, 1, SAMPLES - 1, out, e));
        for (int t = 1; t < SAMPLES; ++t)
            if (out[t - 1] != 2e6 + t || out[SAMPLES - 1 + t - 1] != t) fail_msg("sample %d", t);
        bb_recording_close(r);
    }
    free(data);
    free(out);
}

static void the_rate_and_the_names_are_as_stated(void **state) {
    (void)state;
    const int16_t zeros[4] = {0};
    bb_recording *r = NULL;
    const char *path = make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }", zeros, 8);
    assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = 173.61}, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->rate_hz == 173.61 && info->duration_s == 2 / 173.61);
    assert_string_equal(info->channels[1].name, "ch2");
    assert_string_equal(info->channels[1].unit, "uV");
    assert_int_equal(info->channels[1].type, BB_CHANNEL_IEEG);
    assert_int_equal(info->warning_count, 0);
    bb_recording_close(r);
    assert_fails(bb_recording_open(path, &(bb_recording_options){.rate_hz = -1}, &r, e), BB_ERR_ARGUMENT,
                 "rate");
}

static void the_unit_is_as_stated(void **state) {
    (void)state;
    const int16_t values[4] = {1, -2, 3, 4};
    const char *path = make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }", values, 8);
    bb_recording *r = NULL;
    double out[2];
    assert_ok(bb_recording_open(path, &(bb_recording_options){.unit = "mV"}, &r, e));
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 2, out, e));
    assert_true(out[0] == 1000 && out[1] == -2000);
    assert_true(bb_recording_get_info(r)->channels[0].low == -32768e3);
    bb_recording_close(r);
    assert_fails(bb_recording_open(path, &(bb_recording_options){.unit = "apples"}, &r, e), BB_ERR_ARGUMENT,
                 "apples");
}

static void arrays_that_are_no_recording_are_refused(void **state) {
    (void)state;
    bb_recording *r = NULL;
    static const unsigned char zeros[140000];
    assert_fails(bb_recording_open(
                     make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1, 1, 1), }", zeros, 2),
                     NULL, &r, e),
                 BB_ERR_UNSUPPORTED, "found 3 dimensions");
    assert_fails(
        bb_recording_open(make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (), }", zeros, 2), NULL,
                          &r, e),
        BB_ERR_UNSUPPORTED, "found 0 dimensions");
    assert_fails(
        bb_recording_open(make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (0, 9), }", zeros, 2),
                          NULL, &r, e),
        BB_ERR_FORMAT, "expected samples");
    assert_fails(
        bb_recording_open(make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (9,), }", zeros, 2),
                          NULL, &r, e),
        BB_ERR_FORMAT, "expected 18 bytes");
    assert_fails(bb_recording_open(make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (70000, 1), }",
                                            zeros, 140000),
                                   NULL, &r, e),
                 BB_ERR_FORMAT, "transposed?");
    assert_ok(bb_recording_open(
        make_npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2000, 3), }", zeros, 12000), NULL, &r,
        e));
    assert_true(warned(r, "probably [samples, channels]"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_type_and_order_is_read),
        cmocka_unit_test(long_stretches_pass_through_the_buffer),
        cmocka_unit_test(the_rate_and_the_names_are_as_stated),
        cmocka_unit_test(the_unit_is_as_stated),
        cmocka_unit_test(arrays_that_are_no_recording_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
