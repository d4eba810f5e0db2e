#include "brainbert/embed.h"

#include <dirent.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support.h"

enum { WINDOWS = 3, CHANNELS = 2, DIM = 4 };
static const char *const channels[CHANNELS] = {"LA1-LA2", "B\t1"};
static const bb_feature_layout layout = {.windows = WINDOWS,
                                         .channels = CHANNELS,
                                         .dim = DIM,
                                         .channel_names = channels,
                                         .window_s = 2.5,
                                         .recipe_json = "{\"window_s\": 2.5}",
                                         .model = "large",
                                         .precision = "bf16",
                                         .pooling = "center"};
static const double starts[WINDOWS] = {0, 1.25, 3600.000488};
static const char *const events[WINDOWS] = {NULL, "", "a\tlong\nlabel\r"};

static const unsigned char unsound[WINDOWS][CHANNELS] = {
    {0, BB_UNSOUND_FLAT},
    {BB_UNSOUND_CLIPPED | BB_UNSOUND_MISSING, 0},
    {BB_UNSOUND_MISSING | BB_UNSOUND_SEAM,
     BB_UNSOUND_MISSING | BB_UNSOUND_FLAT | BB_UNSOUND_CLIPPED | BB_UNSOUND_SEAM}};

static float value(int64_t window, int64_t i) { return (float)(100 * window + i) + 0.25f; }

static bb_status write_window(bb_feature_file *f, int64_t window, int64_t floats, bb_error *err) {
    float features[64];
    for (int64_t i = 0; i < floats; ++i) features[i] = value(window, i);
    return bb_feature_file_write(f, window, "/some/where/rec.edf", starts[window], events[window], features,
                                 unsound[window], err);
}

static void write_all(const char *path, const bb_feature_layout *l) {
    bb_feature_file *f;
    assert_ok(bb_feature_file_create(path, l, &f, e));
    for (int64_t w = 0; w < l->windows; ++w)
        assert_ok(write_window(f, w, l->channels * (l->frames ? l->frames : 1) * l->dim, e));
    assert_false(bb_file_exists(path));
    assert_ok(bb_feature_file_close(f, e));
}

static void check_values(const float *data, int64_t floats) {
    for (int64_t i = 0; i < WINDOWS * floats; ++i) assert_true(data[i] == value(i / floats, i % floats));
}

static void an_array_has_a_table_beside_it(void **state) {
    (void)state;
    write_all(bb_temp_path("a.npy"), &layout);
    bb_array a;
    assert_ok(bb_array_read(bb_temp_path("a.npy"), &a, e));
    const int64_t shape[3] = {WINDOWS, CHANNELS, DIM};
    assert_int_equal(a.dims, 3);
    assert_memory_equal(a.shape, shape, sizeof shape);
    check_values(a.data, CHANNELS * DIM);
    bb_array_free(&a);
    /* What would break a line or a column is a blank; no event is n/a. */
    static const char expected[] =
        "window\tchannel\trecording\tstart_s\tend_s\tevent\tunsound\n"
        "0\tLA1-LA2\t/some/where/rec.edf\t0.000000\t2.500000\tn/a\t\n"
        "0\tB 1\t/some/where/rec.edf\t0.000000\t2.500000\tn/a\tflat\n"
        "1\tLA1-LA2\t/some/where/rec.edf\t1.250000\t3.750000\tn/a\tclipped,missing\n"
        "1\tB 1\t/some/where/rec.edf\t1.250000\t3.750000\tn/a\t\n"
        "2\tLA1-LA2\t/some/where/rec.edf\t3600.000488\t3602.500488\ta long label \tmissing,seam\n"
        "2\tB 1\t/some/where/rec.edf\t3600.000488\t3602.500488\ta long label \tclipped,flat,missing,seam\n";
    size_t size;
    char *table = (char *)bb_slurp(bb_temp_path("a.tsv"), &size);
    table[size] = '\0';
    assert_string_equal(table, expected);
    free(table);
}

static void all_frames_make_a_fourth_dimension(void **state) {
    (void)state;
    bb_feature_layout l = layout;
    l.frames = 5;
    write_all(bb_temp_path("frames.npy"), &l);
    bb_array a;
    assert_ok(bb_array_read(bb_temp_path("frames.npy"), &a, e));
    const int64_t shape[4] = {WINDOWS, CHANNELS, 5, DIM};
    assert_int_equal(a.dims, 4);
    assert_memory_equal(a.shape, shape, sizeof shape);
    check_values(a.data, CHANNELS * 5 * DIM);
    bb_array_free(&a);
}

/* The words of a dataset of fixed-length strings. */
static void assert_words(hid_t file, const char *name, const char *const *expected, int count) {
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), type = H5Dget_type(set), space = H5Dget_space(set);
    const size_t size = H5Tget_size(type);
    assert_int_equal(H5Sget_simple_extent_npoints(space), count);
    char *words = calloc((size_t)count, size);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) >= 0);
    for (int i = 0; i < count; ++i) assert_string_equal(words + (size_t)i * size, expected[i]);
    free(words);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
}

static void assert_attribute(hid_t file, const char *name, const char *expected) {
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT), type = H5Aget_type(attribute);
    char text[256] = {0};
    assert_true(H5Tget_size(type) <= sizeof text);
    assert_true(H5Aread(attribute, type, text) >= 0);
    assert_string_equal(text, expected);
    H5Tclose(type);
    H5Aclose(attribute);
}

static int read_numbers(hid_t file, const char *name, hid_t type, void *out, hsize_t extent[4]) {
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
    const int dims = H5Sget_simple_extent_dims(space, extent, NULL);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    return dims;
}

static void an_h5_file_holds_all_of_it(void **state) {
    (void)state;
    write_all(bb_temp_path("a.h5"), &layout);
    const hid_t file = H5Fopen(bb_temp_path("a.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    float features[WINDOWS * CHANNELS * DIM];
    double seconds[WINDOWS];
    hsize_t extent[4];
    assert_int_equal(read_numbers(file, "features", H5T_NATIVE_FLOAT, features, extent), 3);
    assert_true(extent[0] == WINDOWS && extent[1] == CHANNELS && extent[2] == DIM);
    check_values(features, CHANNELS * DIM);
    assert_int_equal(read_numbers(file, "start_s", H5T_NATIVE_DOUBLE, seconds, extent), 1);
    assert_memory_equal(seconds, starts, sizeof starts);
    read_numbers(file, "end_s", H5T_NATIVE_DOUBLE, seconds, extent);
    for (int w = 0; w < WINDOWS; ++w) assert_true(seconds[w] == starts[w] + 2.5);
    assert_words(file, "recording",
                 (const char *const[]){"/some/where/rec.edf", "/some/where/rec.edf", "/some/where/rec.edf"},
                 WINDOWS);
    assert_words(file, "event", (const char *const[]){"", "", events[2]}, WINDOWS);
    assert_words(file, "channel", channels, CHANNELS);
    unsigned char bits[WINDOWS * CHANNELS];
    assert_int_equal(read_numbers(file, "unsound", H5T_NATIVE_UCHAR, bits, extent), 2);
    assert_true(extent[0] == WINDOWS && extent[1] == CHANNELS);
    assert_memory_equal(bits, unsound, sizeof bits);
    const hid_t set = H5Dopen2(file, "unsound", H5P_DEFAULT);
    assert_attribute(set, "bits", "1 missing, 2 flat, 4 clipped, 8 seam");
    H5Dclose(set);
    assert_attribute(file, "recipe", layout.recipe_json);
    assert_attribute(file, "model", "large");
    assert_attribute(file, "precision", "bf16");
    assert_attribute(file, "pooling", "center");
    H5Fclose(file);
}

/* BIDS names are long, and what tells two runs apart comes last. */
static void long_file_names_are_kept_whole(void **state) {
    (void)state;
    char name[256], path[300];
    memset(name, 'x', 255);
    memcpy(name + 246, "-ieeg.edf", 9);
    name[255] = '\0';
    snprintf(path, sizeof path, "folder/%s", name);
    bb_feature_layout l = layout;
    l.windows = 1;
    bb_feature_file *f;
    const float features[CHANNELS * DIM] = {0};
    assert_ok(bb_feature_file_create(bb_temp_path("long.h5"), &l, &f, e));
    assert_ok(bb_feature_file_write(f, 0, path, 0, NULL, features, NULL, e));
    assert_ok(bb_feature_file_close(f, e));
    const hid_t file = H5Fopen(bb_temp_path("long.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_words(file, "recording", (const char *const[]){path}, 1);
    H5Fclose(file);
    assert_ok(bb_feature_file_create(bb_temp_path("long.npy"), &l, &f, e));
    assert_ok(bb_feature_file_write(f, 0, path, 0, NULL, features, NULL, e));
    assert_ok(bb_feature_file_close(f, e));
    size_t size;
    char *table = (char *)bb_slurp(bb_temp_path("long.tsv"), &size);
    table[size] = '\0';
    assert_true(bb_contains(table, name));
    free(table);
}

static void equal_calls_give_equal_bytes(void **state) {
    (void)state;
    const char *const names[] = {"same1.h5", "same2.h5", "same1.npy", "same2.npy"};
    unsigned char *bytes[4];
    size_t sizes[4];
    for (int i = 0; i < 4; ++i) {
        write_all(bb_temp_path(names[i]), &layout);
        bytes[i] = bb_slurp(bb_temp_path(names[i]), &sizes[i]);
    }
    for (int i = 0; i < 4; i += 2) {
        assert_int_equal(sizes[i], sizes[i + 1]);
        assert_memory_equal(bytes[i], bytes[i + 1], sizes[i]);
    }
    for (int i = 0; i < 4; ++i) free(bytes[i]);
}

static int entries(const char *folder) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(d));) count += entry->d_name[0] != '.';
    closedir(d);
    return count;
}

static void nothing_is_left_of_an_unfinished_file(void **state) {
    (void)state;
    const char *folder = bb_temp_path("unfinished");
    assert_ok(bb_make_directories(folder, e));
    const char *const names[] = {"unfinished/a.npy", "unfinished/a.h5"};
    for (int i = 0; i < 2; ++i) {
        const char *path = bb_temp_path(names[i]);
        bb_feature_file *f;
        assert_ok(bb_feature_file_create(path, &layout, &f, e));
        assert_ok(write_window(f, 0, CHANNELS * DIM, e));
        bb_feature_file_abandon(f);
        assert_int_equal(entries(folder), 0);
        assert_ok(bb_feature_file_create(path, &layout, &f, e));
        assert_ok(write_window(f, 0, CHANNELS * DIM, e));
        assert_fails(bb_feature_file_close(f, e), BB_ERR_ARGUMENT, "expected 3 windows, found 1");
        assert_int_equal(entries(folder), 0);
    }
    bb_feature_file_abandon(NULL);
}

static void windows_come_in_order_or_not_at_all(void **state) {
    (void)state;
    const char *const names[] = {"order.npy", "order.h5"};
    for (int i = 0; i < 2; ++i) {
        bb_feature_file *f;
        assert_ok(bb_feature_file_create(bb_temp_path(names[i]), &layout, &f, e));
        assert_fails(write_window(f, 1, CHANNELS * DIM, e), BB_ERR_ARGUMENT,
                     "expected window 0 of 3 next, found 1");
        for (int64_t w = 0; w < WINDOWS; ++w) {
            assert_ok(write_window(f, w, CHANNELS * DIM, e));
            assert_fails(write_window(f, w, CHANNELS * DIM, e), BB_ERR_ARGUMENT, "next");
        }
        const float features[CHANNELS * DIM] = {0};
        assert_fails(bb_feature_file_write(f, WINDOWS, "r", 0, NULL, features, NULL, e), BB_ERR_ARGUMENT,
                     "of 3");
        assert_ok(bb_feature_file_close(f, e));
    }
}

static void files_without_windows_are_files(void **state) {
    (void)state;
    bb_feature_layout l = layout;
    l.windows = 0;
    write_all(bb_temp_path("none.h5"), &l);
    write_all(bb_temp_path("none.npy"), &l);
    bb_array a;
    assert_ok(bb_array_read(bb_temp_path("none.npy"), &a, e));
    assert_true(a.dims == 3 && a.shape[0] == 0 && a.shape[2] == DIM);
    bb_array_free(&a);
}

static void paths_that_cannot_be_are_refused(void **state) {
    (void)state;
    bb_feature_file *f;
    assert_fails(bb_feature_file_create(bb_temp_path("a.csv"), &layout, &f, e), BB_ERR_ARGUMENT,
                 "ends in .npy or .h5");
    assert_null(f);
    assert_fails(bb_feature_file_create(bb_temp_path("no/folder/a.npy"), &layout, &f, e), BB_ERR_IO, "a.npy");
    assert_fails(bb_feature_file_create(bb_temp_path("no/folder/a.h5"), &layout, &f, e), BB_ERR_IO, "a.h5");
    assert_null(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_has_a_table_beside_it),
        cmocka_unit_test(all_frames_make_a_fourth_dimension),
        cmocka_unit_test(an_h5_file_holds_all_of_it),
        cmocka_unit_test(long_file_names_are_kept_whole),
        cmocka_unit_test(equal_calls_give_equal_bytes),
        cmocka_unit_test(nothing_is_left_of_an_unfinished_file),
        cmocka_unit_test(windows_come_in_order_or_not_at_all),
        cmocka_unit_test(files_without_windows_are_files),
        cmocka_unit_test(paths_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
