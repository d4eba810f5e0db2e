/* Plain HDF5: what is found by itself, what the caller names, what is refused; and real files. */
#include <math.h>

#include "hdf5_parts.h"
#include "made_edf.h"

enum { CHANNELS = 4, SAMPLES = 300 };

static double samples_of[CHANNELS * SAMPLES];
static const char *const names_of[CHANNELS] = {"LA1", "LA2", "LA3", "EKG1"};

static export_signal signal_of(void) {
    for (int i = 0; i < CHANNELS * SAMPLES; ++i) samples_of[i] = i % 997 - 400;
    return (export_signal){500, CHANNELS, SAMPLES, names_of, samples_of, 0, NULL};
}

static void check_samples(bb_recording *r) {
    static const size_t channels[] = {1, 3, 0, 2};
    double out[CHANNELS * 250];
    assert_ok(bb_recording_read(r, channels, 4, 33, 250, out, e));
    for (size_t i = 0; i < 4; ++i)
        assert_memory_equal(out + 250 * i, samples_of + channels[i] * SAMPLES + 33, 250 * sizeof *out);
}

static void layouts_are_found_in_either_orientation(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const export_hdf5_layout layouts[] = {
        {.samples_first = true, .step = 1},
        {.samples_first = false},
        {.samples_first = true, .chunk_samples = 70, .chunk_channels = 3, .packed = true, .variable = true},
        {.samples_first = false, .chunk_samples = 1000, .chunk_channels = 4, .step = 1}};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i) {
        const char *path = bb_temp_path("plain.h5");
        bb_recording *r = NULL;
        export_hdf5(&s, path, &layouts[i]);
        assert_ok(bb_recording_open(path, NULL, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_string_equal(info->format, "HDF5");
        assert_true(info->rate_hz == 500 && info->duration_s == 0.6 && !info->preprocessed);
        assert_int_equal(info->channel_count, CHANNELS);
        assert_string_equal(info->channels[2].name, "LA3");
        assert_int_equal(info->channels[3].type, BB_CHANNEL_ECG);
        assert_true(info->channels[0].low == (layouts[i].step > 0 ? -32768 : 0));
        assert_int_equal(info->warning_count, 0);
        check_samples(r);
        bb_recording_close(r);
    }
}

static void put_matrix(hid_t at, const char *name, hsize_t rows, hsize_t columns) {
    double *values = calloc(rows * columns, sizeof *values);
    for (hsize_t i = 0; i < rows * columns; ++i) values[i] = (double)i;
    part_dataset(at, name, H5T_IEEE_F32LE, 2, (const hsize_t[]){rows, columns}, NULL, false,
                 H5T_NATIVE_DOUBLE, values);
    free(values);
}

static void the_caller_names_what_is_what(void **state) {
    (void)state;
    static const char *const names[] = {"x1", "x2", "x3"};
    const char *path = bb_temp_path("named.h5");
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "run", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    put_matrix(file, "run/first", 3, 100);
    put_matrix(file, "run/second", 100, 3);
    put_matrix(file, "square", 7, 7);
    part_name_number(file, "run/second", "clock", 250);
    part_name_text(file, "run/second", "Units", "mV", false);
    part_number(file, "run/speed", 125);
    part_texts(file, "who", names, 3, true);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_ARGUMENT, "/run/first, /run/second are alike");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "third"}, &r, e),
                 BB_ERR_ARGUMENT, "found /run/first");
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "square"}, &r, e),
                 BB_ERR_UNSUPPORTED, "7 x 7");
    static const struct {
        const char *name;
        double rate_hz;
    } rates[] = {{"run/second@clock", 250}, {"/run/speed", 125}, {NULL, 2048}};
    for (size_t i = 0; i < 3; ++i) {
        const bb_recording_options options = {
            .data_name = "run/second", .rate_name = rates[i].name, .channels_name = "who"};
        assert_ok(bb_recording_open(path, &options, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_true(info->rate_hz == rates[i].rate_hz && info->channel_count == 3);
        assert_string_equal(info->channels[2].name, "x3");
        assert_string_equal(info->channels[0].unit, "uV");
        assert_int_equal(info->warning_count, rates[i].name == NULL);
        bb_recording_close(r);
    }
    assert_fails(
        bb_recording_open(path, &(bb_recording_options){.data_name = "run/first", .rate_name = "who"}, &r, e),
        BB_ERR_ARGUMENT, "who: expected one number of Hz");
}

static void rates_and_names_are_found_among_attributes_and_neighbours(void **state) {
    (void)state;
    const char *path = bb_temp_path("found.h5");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    put_matrix(file, "lfp", 50, 2);
    put_matrix(file, "larger", 60, 3);
    part_number(file, "timestamps", 3);
    part_name_number(file, "/", "Sampling Rate", 333.5);
    part_name_text(file, "lfp", "unit", "V", true);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_true(bb_recording_get_info(r)->rate_hz == 333.5);
    assert_int_equal(bb_recording_get_info(r)->channel_count, 2);
    assert_string_equal(bb_recording_get_info(r)->channels[1].name, "ch2");
    bb_recording_close(r);
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const double values[5] = {1, 2, 3, 4, 5};
    const hsize_t five = 5;
    part_dataset(file, "signal", H5T_STD_I32LE, 1, &five, NULL, false, H5T_NATIVE_DOUBLE, values);
    part_name_text(file, "signal", "unit", "degrees", false);
    H5Fclose(file);
    assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = 10}, &r, e));
    assert_int_equal(bb_recording_get_info(r)->channel_count, 1);
    assert_int_equal(bb_recording_get_info(r)->channels[0].type, BB_CHANNEL_MISC);
    assert_true(bb_recording_get_info(r)->duration_s == 0.5);
    assert_true(warned(r, "no voltage"));
    bb_recording_close(r);
}

static void put_names(hid_t at, const char *name, const char *names, hsize_t count, size_t width) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &count, NULL);
    H5Tset_size(type, width);
    const hid_t list = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(list, type, names) >= 0);
    H5Aclose(list);
    H5Sclose(space);
    H5Tclose(type);
}

static void names_may_be_an_attribute(void **state) {
    (void)state;
    const char *path = bb_temp_path("names.h5");
    for (hsize_t count = 3; count < 5; ++count) {
        const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        put_matrix(file, "data", 3, 40);
        put_names(file, "ch_names", "LA1\0EKG\0LA3\0LA4", count, 4);
        H5Fclose(file);
        bb_recording *r = NULL;
        assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = 10}, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_string_equal(info->channels[1].name, count == 3 ? "EKG" : "ch2");
        assert_true(warned(r, "'ch_names' lists 4 names") == (count == 4));
        bb_recording_close(r);
    }
}

/* Not as attributes, but as datasets of one text. */
static void rate_and_unit_may_be_texts_beside_the_samples(void **state) {
    (void)state;
    for (int variable = 0; variable < 2; ++variable) {
        const char *path = bb_temp_path("texts.h5");
        const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        put_matrix(file, "data", 3, 40);
        part_texts(file, variable ? "sampling_freq" : "sr", (const char *const[]){"250 Hz"}, 0, variable);
        part_texts(file, "unit", (const char *const[]){"mV"}, 0, variable);
        H5Fclose(file);
        bb_recording *r = NULL;
        double plain, scaled;
        assert_ok(bb_recording_open(path, NULL, &r, e));
        assert_true(bb_recording_get_info(r)->rate_hz == 250 && bb_recording_get_info(r)->warning_count == 0);
        assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 5, 1, &scaled, e));
        bb_recording_close(r);
        assert_ok(bb_recording_open(
            path, &(bb_recording_options){.unit = "uV", .rate_name = variable ? "sampling_freq" : "sr"}, &r,
            e));
        assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 5, 1, &plain, e));
        assert_true(scaled == 1000 * plain && plain != 0);
        bb_recording_close(r);
    }
}

/* A sidecar may state what the file leaves open, the rate and the unit; it stands back where the caller did.
 */
static void what_the_file_leaves_open_a_sidecar_may_state(void **state) {
    (void)state;
    static const char json[] = "{\"SamplingFrequency\": 400}", table[] = "name\ttype\tunits\nch1\tSEEG\tmV\n";
    const double values[4] = {1, 2, 3, 4};
    const hsize_t four = 4;
    double out[4];
    bb_temp_file("sub-1_task-a_ieeg.json", json, sizeof json - 1);
    bb_temp_file("sub-1_task-a_channels.tsv", table, sizeof table - 1);
    const char *path = bb_temp_path("sub-1_task-a_ieeg.h5");
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    part_dataset(file, "signal", H5T_IEEE_F64LE, 1, &four, NULL, false, H5T_NATIVE_DOUBLE, values);
    H5Fclose(file);
    for (int stated = 0; stated < 2; ++stated) {
        const bb_recording_options options = {.rate_hz = stated ? 100 : 0, .unit = stated ? "V" : NULL};
        bb_recording *r = NULL;
        assert_ok(bb_recording_open(path, &options, &r, e));
        assert_true(bb_recording_get_info(r)->rate_hz == (stated ? 100 : 400));
        assert_true(bb_recording_get_info(r)->duration_s == (stated ? 0.04 : 0.01));
        assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 4, out, e));
        assert_true(out[2] == (stated ? 3e6 : 3e3));
        bb_recording_close(r);
    }
}

static void what_is_no_recording_is_refused(void **state) {
    (void)state;
    const char *path = bb_temp_path("none.h5");
    bb_recording *r = NULL;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "found none");
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    put_matrix(file, "features", 5, 4);
    part_name_text(file, "/", "program", "brainbert 0.1.0", false);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "found an output of this program");
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    put_matrix(file, "samples", 5, 4);
    part_name_text(file, "/", "format", "brainbert corpus", false);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "brainbert corpus");
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("plain.h5", "/timeseries", file, "data", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "found none");
}

static void a_file_behind_other_bytes_is_found(void **state) {
    (void)state;
    const export_signal s = signal_of();
    export_hdf5(&s, bb_temp_path("front.h5"), &(export_hdf5_layout){.step = 1});
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("front.h5"), &size), *moved = calloc(size + 1024, 1);
    memcpy(moved + 1024, bytes, size);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(bb_temp_file("behind.h5", moved, size + 1024), NULL, &r, e));
    check_samples(r);
    bb_recording_close(r);
    free(bytes);
    free(moved);
}

/* Values by h5py 3.7 of every channel's sum and of single samples. */
static void files_of_the_ram_project(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t channels;
        const char *first;
        double sum, sample;
    } files[] = {{"data/hdf5/cmlreaders_eeg.h5", 202, "1Ld11Ld2", 2584597602, 990},
                 {"data/hdf5/ptsa_R1364C_FR1_eeg.h5", 110, "OFC1OFC2", 1898273899, 1530}};
    for (size_t i = 0; i < 2; ++i) {
        const char *path = bb_shared_path(files[i].path);
        bb_recording *r = NULL;
        if (!path) return;
        assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = 1000}, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_int_equal(info->channel_count, files[i].channels);
        assert_string_equal(info->channels[0].name, files[i].first);
        assert_int_equal(info->channels[0].samples, 3000);
        double sum = 0;
        double *out = malloc(3000 * sizeof *out);
        for (size_t c = 0; c < files[i].channels; ++c) {
            assert_ok(bb_recording_read(r, &c, 1, 0, 3000, out, e));
            for (int t = 0; t < 3000; ++t) sum += out[t] * (double)(t % 7 + 1);
            if (c == 57) assert_true(out[1234] == files[i].sample);
        }
        assert_true(sum == files[i].sum);
        free(out);
        bb_recording_close(r);
    }
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_are_found_in_either_orientation),
        cmocka_unit_test(the_caller_names_what_is_what),
        cmocka_unit_test(rates_and_names_are_found_among_attributes_and_neighbours),
        cmocka_unit_test(names_may_be_an_attribute),
        cmocka_unit_test(rate_and_unit_may_be_texts_beside_the_samples),
        cmocka_unit_test(what_the_file_leaves_open_a_sidecar_may_state),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(a_file_behind_other_bytes_is_found),
        cmocka_unit_test(files_of_the_ram_project),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
