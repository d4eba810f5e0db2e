#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

#include "made_signal.h"

/* A stored member with the given name, dictionary and zeros as elements. */
static void add_member(zip_t *zip, const char *member, const char *dictionary, size_t size) {
    const size_t n = strlen(dictionary);
    unsigned char *bytes = calloc(10 + n + size, 1);
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = (unsigned char)n;
    memcpy(bytes + 10, dictionary, n);
    const zip_int64_t index = zip_file_add(zip, member, zip_source_buffer(zip, bytes, 10 + n + size, 1), 0);
    assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0), 0);
}

static zip_t *begin_npz(const char *path) {
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    return zip;
}

static const char *make_npz(const char *member, const char *dictionary, size_t size) {
    const char *path = bb_temp_path("one.npz");
    zip_t *zip = begin_npz(path);
    add_member(zip, member, dictionary, size);
    assert_int_equal(zip_close(zip), 0);
    return path;
}

static void what_was_written_is_read(void **state) {
    (void)state;
    const export_signal s = made_signal();
    const char *path = bb_temp_path("made.npz");
    for (int deflated = 0; deflated < 2; ++deflated) {
        export_npz(path, &s, deflated, false);
        made_signal_check(path, &s, 0);
        export_npz(path, &s, deflated, true);
        made_signal_check(path, &s, 0.5); /* rounded to whole uV */
    }
}

/* The seed holds (i * 37) % 101 - 50 as big-endian floats in Fortran order, a rate as text, names as bytes.
 */
static void other_orders_and_texts_are_read(void **state) {
    (void)state;
    bb_recording *r = NULL;
    double out[20];
    assert_ok(bb_recording_open(bb_test_path("fuzz/corpus/npz/deflated.seed"), NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "npz");
    assert_true(info->preprocessed && info->rate_hz == 256);
    assert_int_equal(info->channel_count, 3);
    assert_string_equal(info->channels[2].name, "LB3");
    for (size_t c = 0; c < 3; ++c) {
        assert_ok(bb_recording_read(r, &c, 1, 0, 20, out, e));
        for (int t = 0; t < 20; ++t) assert_true(out[t] == ((int)c * 20 + t) * 37 % 101 - 50);
    }
    bb_recording_close(r);
}

static void objects_are_left_out_and_never_loaded(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(bb_test_path("fuzz/corpus/npz/vector.seed"), NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->channel_count, 1);
    assert_int_equal(info->channels[0].samples, 60);
    assert_true(info->rate_hz == 2048 && info->channels[0].high == 65535);
    assert_true(made_signal_warned(r, "1 variables can't be read"));
    bb_recording_close(r);
    assert_fails(bb_recording_open(
                     make_npz("data.npy", "{'descr': '|O', 'fortran_order': False, 'shape': (9,), }", 72),
                     NULL, &r, e),
                 BB_ERR_UNSUPPORTED, "found '|O'");
}

static void archives_that_are_no_recording_are_refused(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(
                     make_npz("x.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3, 4), }", 48),
                     NULL, &r, e),
                 BB_ERR_UNSUPPORTED, "found 3 dimensions");
    assert_fails(
        bb_recording_open(make_npz("x.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (99,), }", 48),
                          NULL, &r, e),
        BB_ERR_FORMAT, "expected 198 bytes");
    assert_fails(bb_recording_open(make_npz("x.txt", "text", 9), NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "zip archive: unpack it first");
    const char *path = make_npz("x.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (24,), }", 48);
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "data"}, &r, e),
                 BB_ERR_ARGUMENT, "found x");
}

/* The rules by which samples are told from other arrays, which HDF5 and MATLAB files share. */
static void the_likeliest_array_is_taken_and_none_if_two_are_alike(void **state) {
    (void)state;
    static const char matrix[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 30), }",
                      square[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (30, 30), }",
                      list[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (600,), }";
    const char *path = bb_temp_path("several.npz");
    bb_recording *r = NULL;
    zip_t *zip = begin_npz(path);
    add_member(zip, "first.npy", matrix, 120);
    add_member(zip, "times.npy", square, 1800);
    add_member(zip, "weights.npy", list, 1200);
    assert_int_equal(zip_close(zip), 0);
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_int_equal(bb_recording_get_info(r)->channel_count, 2); /* a matrix before a vector */
    assert_true(made_signal_warned(r, "'first', the largest array, is taken"));
    bb_recording_close(r);
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "times"}, &r, e),
                 BB_ERR_UNSUPPORTED, "30 x 30");
    zip = begin_npz(path);
    add_member(zip, "first.npy", matrix, 120);
    add_member(zip, "second.npy", matrix, 120);
    assert_int_equal(zip_close(zip), 0);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_ARGUMENT, "first, second are alike");
}

static void damage_is_found(void **state) {
    (void)state;
    const export_signal s = made_signal();
    size_t size;
    bb_recording *r = NULL;
    const char *path = bb_temp_path("made.npz");
    export_npz(path, &s, true, true);
    unsigned char *bytes = bb_slurp(path, &size);
    assert_fails(bb_recording_open(bb_temp_file("cut.npz", bytes, size / 2), NULL, &r, e), BB_ERR_FORMAT,
                 "zip archive");
    bytes[10000] ^= 0x40;
    assert_fails(bb_recording_open(bb_temp_file("flipped.npz", bytes, size), NULL, &r, e), BB_ERR_FORMAT,
                 "data");
    free(bytes);
}

typedef struct sample {
    size_t channel;
    int64_t at;
    double value;
} sample;

static void check_real(const char *name, double rate_hz, size_t channels, int64_t samples, const sample *x) {
    const char *path = bb_shared_path(name);
    bb_recording *r = NULL;
    if (!path) return;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->rate_hz == rate_hz && info->channels[0].samples == samples);
    assert_int_equal(info->channel_count, channels);
    assert_string_equal(info->channels[1].name, "ch2");
    for (size_t i = 0; i < 4; ++i) {
        double value;
        assert_ok(bb_recording_read(r, &x[i].channel, 1, x[i].at, 1, &value, e));
        assert_true(value == x[i].value);
    }
    bb_recording_close(r);
}

/* Values of numpy.load. Rows are segments; their labels repeat and are not taken for names. */
static void real_archives_of_segments(void **state) {
    (void)state;
    check_real("data/npz/seeg_data_pac.npz", 1024, 160, 4001,
               (const sample[]){{0, 0, -102}, {0, 4000, 159}, {77, 1234, 112}, {159, 4000, 733}});
    check_real("data/npz/bonn_seizure_173.61hz.npz", 173.61, 300, 4096,
               (const sample[]){{0, 0, 100}, {0, 4095, 95}, {77, 1234, 98}, {299, 0, -62}});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(other_orders_and_texts_are_read),
        cmocka_unit_test(objects_are_left_out_and_never_loaded),
        cmocka_unit_test(archives_that_are_no_recording_are_refused),
        cmocka_unit_test(the_likeliest_array_is_taken_and_none_if_two_are_alike),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(real_archives_of_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
