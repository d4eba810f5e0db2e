/* MATLAB 7.3 files: made here, and real ones. */
#include <math.h>

#include "hdf5_parts.h"
#include "made_edf.h"

enum { CHANNELS = 3, SAMPLES = 200 };

static double samples_of[CHANNELS * SAMPLES];
static const char *const names_of[CHANNELS] = {"LA1", "B'2", "EKG"};

static export_signal signal_of(void) {
    for (int i = 0; i < CHANNELS * SAMPLES; ++i) samples_of[i] = i % 331 - 100;
    return (export_signal){1024, CHANNELS, SAMPLES, names_of, samples_of, 0, NULL};
}

static void check(bb_recording *r) {
    const bb_recording_info *info = bb_recording_get_info(r);
    double out[CHANNELS * SAMPLES];
    assert_string_equal(info->format, "MAT 7.3");
    assert_int_equal(info->channel_count, CHANNELS);
    for (size_t c = 0; c < CHANNELS; ++c) assert_string_equal(info->channels[c].name, names_of[c]);
    assert_int_equal(info->channels[2].type, BB_CHANNEL_ECG);
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1, 2}, 3, 0, SAMPLES, out, e));
    assert_memory_equal(out, samples_of, sizeof out);
}

static void samples_rate_and_cells_of_labels_are_found(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const export_hdf5_layout layouts[] = {
        {.step = 1}, {.samples_first = true, .chunk_samples = 64, .chunk_channels = 2, .packed = true}};
    for (size_t i = 0; i < 2; ++i) {
        const char *path = bb_temp_path("made.mat");
        bb_recording *r = NULL;
        export_mat73(&s, path, &layouts[i]);
        assert_ok(bb_recording_open(path, NULL, &r, e));
        assert_true(bb_recording_get_info(r)->rate_hz == 1024);
        check(r);
        bb_recording_close(r);
        const bb_recording_options options = {.data_name = "Data",
                                              .rate_name = "Header.Sampling",
                                              .channels_name = "Header.Labels",
                                              .unit = "mV"};
        assert_ok(bb_recording_open(path, &options, &r, e));
        double value;
        assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 5, 1, &value, e));
        assert_true(value == 1000 * samples_of[SAMPLES + 5]);
        bb_recording_close(r);
    }
}

/* EEGLAB's structure: EEG.data, EEG.srate, and the labels as a matrix of characters. */
static void structures_and_matrices_of_characters(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const uint16_t characters[3][3] = {{'L', 'B', 'E'}, {'A', '\'', 'K'}, {'1', '2', 'G'}};
    const char *path = bb_temp_path("eeg.mat");
    export_mat73(&s, path, &(export_hdf5_layout){.step = 1});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "EEG", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const double rate = 256;
    const hsize_t one[2] = {1, 1}, three[2] = {3, 3};
    assert_true(H5Lmove(file, "Data", file, "EEG/data", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    assert_true(H5Ldelete(file, "Header", H5P_DEFAULT) >= 0);
    part_dataset(group, "srate", H5T_IEEE_F64LE, 2, one, NULL, false, H5T_NATIVE_DOUBLE, &rate);
    part_dataset(group, "labels", H5T_STD_U16LE, 2, three, NULL, false, H5T_NATIVE_UINT16, characters);
    part_name_text(group, "labels", "MATLAB_class", "char", false);
    H5Gclose(group);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_true(bb_recording_get_info(r)->rate_hz == 256);
    check(r);
    bb_recording_close(r);
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "EEG.labels"}, &r, e),
                 BB_ERR_ARGUMENT, "EEG.labels: expected numbers");
}

static void a_unit_of_characters_counts(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const uint16_t unit[2] = {'m', 'V'};
    const char *path = bb_temp_path("unit.mat");
    export_mat73(&s, path, &(export_hdf5_layout){.step = 1});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    part_dataset(file, "unit", H5T_STD_U16LE, 2, (const hsize_t[]){2, 1}, NULL, false, H5T_NATIVE_UINT16,
                 unit);
    part_name_text(file, "unit", "MATLAB_class", "char", false);
    H5Fclose(file);
    bb_recording *r = NULL;
    double value;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 5, 1, &value, e));
    assert_true(value == 1000 * samples_of[SAMPLES + 5]);
    bb_recording_close(r);
}

/* Samples of three dimensions, or in a file of their own: no other matrix is taken for them. */
static void nothing_else_is_taken_for_samples_that_cannot_be_read(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const double zeros[24];
    static const uint16_t name[5] = {'a', '.', 'f', 'd', 't'};
    for (int text = 0; text < 2; ++text) {
        const char *path = bb_temp_path("hidden.mat");
        export_mat73(&s, path, &(export_hdf5_layout){.step = 1});
        const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
        assert_true(H5Lmove(file, "Data", file, "weights", H5P_DEFAULT, H5P_DEFAULT) >= 0);
        part_dataset(file, "data", text ? H5T_STD_U16LE : H5T_IEEE_F64LE, text ? 2 : 3,
                     text ? (const hsize_t[]){5, 1} : (const hsize_t[]){2, 3, 4}, NULL, false,
                     text ? H5T_NATIVE_UINT16 : H5T_NATIVE_DOUBLE, text ? (const void *)name : zeros);
        if (text) part_name_text(file, "data", "MATLAB_class", "char", false);
        H5Fclose(file);
        bb_recording *r = NULL;
        assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED,
                     text ? "/data: expected samples, found a text" : "found 3");
        assert_ok(bb_recording_open(path, &(bb_recording_options){.data_name = "weights"}, &r, e));
        check(r);
        bb_recording_close(r);
    }
}

/* FieldTrip keeps samples in the cells of `trial`, with the labels of the channels beside it. */
static void samples_may_be_in_a_cell(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const double few[4] = {1, 2, 3, 4};
    static const char *const paths[2] = {"#refs#/a", "#refs#/b"};
    const char *path = bb_temp_path("cells.mat");
    export_mat73(&s, path, &(export_hdf5_layout){.step = 1});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hobj_ref_t references[2];
    assert_true(H5Lmove(file, "Data", file, paths[1], H5P_DEFAULT, H5P_DEFAULT) >= 0);
    part_dataset(file, paths[0], H5T_IEEE_F64LE, 2, (const hsize_t[]){2, 2}, NULL, false, H5T_NATIVE_DOUBLE,
                 few);
    for (int i = 0; i < 2; ++i) assert_true(H5Rcreate(&references[i], file, paths[i], H5R_OBJECT, -1) >= 0);
    part_dataset(file, "trial", H5T_STD_REF_OBJ, 2, (const hsize_t[]){2, 1}, NULL, false, H5T_STD_REF_OBJ,
                 references);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    check(r);
    assert_true(warned(r, "'/trial' holds 2 arrays, of which only one is read"));
    bb_recording_close(r);
}

/* A cell that leads out of #refs# names nothing. */
static void references_lead_to_cells_alone(void **state) {
    (void)state;
    const export_signal s = signal_of();
    const char *path = bb_temp_path("refs.mat");
    export_mat73(&s, path, &(export_hdf5_layout){.step = 1});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Lmove(file, "#refs#/r1", file, "elsewhere", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_string_equal(bb_recording_get_info(r)->channels[0].name, "LA1");
    assert_string_equal(bb_recording_get_info(r)->channels[1].name, "ch2");
    bb_recording_close(r);
}

/* Values by h5py 3.7; the second and third lie on either side of a chunk's end. */
static void files_of_ripplelab(void **state) {
    (void)state;
    static const struct {
        const char *path;
        double values[4];
    } files[] = {
        {"data/mat/TestFile_01.mat",
         {-0x1.aee32a0000000p+5, 0x1.7dedc00000000p+4, 0x1.8497e00000000p+4, -0x1.e05bd20000000p+4}},
        {"data/mat/TestFile_02.mat",
         {0x1.4d39f60000000p+5, -0x1.8391640000000p+3, -0x1.aa87a00000000p+3, -0x1.cb155c0000000p+5}}};
    for (size_t i = 0; i < 2; ++i) {
        const char *path = bb_shared_path(files[i].path);
        bb_recording *r = NULL;
        double out[4];
        if (!path) return;
        assert_ok(bb_recording_open(path, NULL, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_true(info->rate_hz == 1024 && info->channel_count == 3 && info->channels[0].samples == 307201);
        assert_string_equal(info->channels[2].name, "S3");
        assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 1, &out[0], e));
        assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 5388, 2, &out[1], e));
        assert_ok(bb_recording_read(r, (const size_t[]){2}, 1, 307200, 1, &out[3], e));
        assert_memory_equal(out, files[i].values, sizeof out);
        bb_recording_close(r);
    }
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_rate_and_cells_of_labels_are_found),
        cmocka_unit_test(structures_and_matrices_of_characters),
        cmocka_unit_test(a_unit_of_characters_counts),
        cmocka_unit_test(nothing_else_is_taken_for_samples_that_cannot_be_read),
        cmocka_unit_test(samples_may_be_in_a_cell),
        cmocka_unit_test(references_lead_to_cells_alone),
        cmocka_unit_test(files_of_ripplelab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
