#include <hdf5.h>
#include <sys/stat.h>

#include "made_edf.h"

static void put(hid_t group, const char *name, hid_t type, hid_t plan, hsize_t count, const double *values) {
    const hid_t space = H5Screate_simple(1, &count, NULL);
    const hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(set >= 0);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static hid_t packed(void) {
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 64;
    H5Pset_chunk(plan, 1, &chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 4);
    return plan;
}

/* Electrodes 0, 2, 10 of three types; sample t of electrode n is 100 n + t. */
static const char *make_file(const char *name, hsize_t last_count) {
    const char *path = bb_temp_path(name);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t plan = packed();
    double values[3][1000];
    for (int i = 0; i < 3; ++i)
        for (int t = 0; t < 1000; ++t) values[i][t] = 100 * (const int[]){0, 2, 10}[i] + t;
    put(group, "electrode_10", H5T_IEEE_F64BE, plan, last_count, values[2]);
    put(group, "electrode_2", H5T_STD_I16LE, H5P_DEFAULT, 1000, values[1]);
    put(group, "electrode_0", H5T_IEEE_F32LE, plan, 1000, values[0]);
    put(group, "timestamps", H5T_IEEE_F32LE, H5P_DEFAULT, 3, values[0]);
    H5Pclose(plan);
    H5Gclose(group);
    H5Fclose(file);
    return path;
}

static void electrodes_are_read_in_the_order_of_their_numbers(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(make_file("plain.h5", 1000), NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "Brain Treebank HDF5");
    assert_true(info->rate_hz == 2048 && info->duration_s == 1000 / 2048.0 && !info->preprocessed);
    assert_int_equal(info->channel_count, 3);
    static const char *const names[] = {"electrode_0", "electrode_2", "electrode_10"};
    for (size_t i = 0; i < 3; ++i) {
        assert_string_equal(info->channels[i].name, names[i]);
        assert_string_equal(info->channels[i].unit, "uV");
        assert_int_equal(info->channels[i].type, BB_CHANNEL_IEEG);
    }
    assert_true(warned(r, "no electrode_labels.json"));
    double out[2 * 900];
    assert_ok(bb_recording_read(r, (const size_t[]){2, 1}, 2, 50, 900, out, e));
    for (int t = 0; t < 900; ++t) assert_true(out[t] == 1050 + t && out[900 + t] == 250 + t);
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 999, 1, out, e));
    assert_true(out[0] == 999);
    bb_recording_close(r);
}

static hid_t make_group(const char *path, hid_t *file) {
    *file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    return H5Gcreate2(*file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

static hid_t half_type(void) {
    const hid_t half = H5Tcopy(H5T_IEEE_F32BE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    return half;
}

static void every_number_type_is_read(void **state) {
    (void)state;
    const hid_t half = half_type(), plan = packed();
    const hid_t types[] = {half,          H5T_STD_U8LE,  H5T_STD_I16BE,  H5T_STD_U16LE,
                           H5T_STD_I32BE, H5T_STD_U64BE, H5T_IEEE_F32BE, H5T_IEEE_F64LE};
    double values[100], out[100];
    for (int t = 0; t < 100; ++t) values[t] = t;
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
        for (int in_chunks = 0; in_chunks < 2; ++in_chunks) {
            const char *path = bb_temp_path("types.h5");
            bb_recording *r = NULL;
            hid_t file, group = make_group(path, &file);
            put(group, "electrode_7", types[i], in_chunks ? plan : H5P_DEFAULT, 100, values);
            H5Gclose(group);
            H5Fclose(file);
            assert_ok(bb_recording_open(path, NULL, &r, e));
            assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 0, 100, out, e));
            assert_memory_equal(out, values, sizeof out);
            bb_recording_close(r);
        }
    H5Tclose(half);
    H5Pclose(plan);
}

static void chunks_that_cannot_be_packed_are_stored_as_they_are(void **state) {
    (void)state;
    double values[500], out[500];
    uint64_t z = 1;
    for (int t = 0; t < 500; ++t) values[t] = (double)(z = z * UINT64_C(6364136223846793005) + 1);
    const char *path = bb_temp_path("random.h5");
    bb_recording *r = NULL;
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 64;
    H5Pset_chunk(plan, 1, &chunk);
    H5Pset_deflate(plan, 1);
    hid_t file, group = make_group(path, &file);
    put(group, "electrode_0", H5T_IEEE_F64LE, plan, 500, values);
    H5Pclose(plan);
    H5Gclose(group);
    H5Fclose(file);
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_recording_read(r, (const size_t[]){0}, 1, 10, 490, out, e));
    assert_memory_equal(out, values + 10, 490 * sizeof *out);
    bb_recording_close(r);
}

/* The library checks for this in files of the old format; in those of the new one it would divide by the
 * length. */
static void chunks_without_length_are_refused(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(bb_test_path("fuzz/corpus/treebank/no_chunk_length.h5"), NULL, &r, e),
                 BB_ERR_FORMAT, "electrode_0: its chunks have no length");
    static const unsigned char layout[] = {3, 2, 2}; /* version, chunked, dimensions */
    size_t size, patched = 0;
    unsigned char *bytes = bb_slurp(make_file("chunked.h5", 1000), &size);
    for (size_t at = 0; at + 19 < size; ++at)
        if (memcmp(bytes + at, layout, 3) == 0 && bytes[at + 11] == 64 && ++patched) bytes[at + 11] = 0;
    assert_true(patched > 0);
    assert_fails(bb_recording_open(bb_temp_file("empty.h5", bytes, size), NULL, &r, e), BB_ERR_FORMAT,
                 "its chunks have no length");
    free(bytes);
}

static void damaged_chunks_are_told(void **state) {
    (void)state;
    size_t size, failures = 0;
    unsigned char *bytes = bb_slurp(make_file("packed.h5", 1000), &size);
    for (size_t at = 2048; at < size; at += 13) {
        bytes[at] ^= 0x55;
        bb_recording *r = NULL;
        bb_error error = {0};
        double out[900];
        if (bb_recording_open(bb_temp_file("damaged.h5", bytes, size), NULL, &r, NULL) == BB_OK &&
            bb_recording_read(r, (const size_t[]){0}, 1, 0, 900, out, &error) != BB_OK) {
            assert_int_equal(error.status, BB_ERR_FORMAT);
            failures += bb_contains(error.message, "does not unpack to 256 bytes");
        }
        bb_recording_close(r);
        bytes[at] ^= 0x55;
    }
    assert_true(failures > 10);
    free(bytes);
}

static void the_shortest_electrode_sets_the_length(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(make_file("short.h5", 900), NULL, &r, e));
    assert_true(warned(r, "from 900 to 1000 samples; only the first 900"));
    assert_int_equal(bb_recording_get_info(r)->channels[0].samples, 900);
    bb_recording_close(r);
}

static const char *const label_files[] = {
    "[\"LA1\", \"x\", \" *LA2 \", \"\", \"\", \"\", \"\", \"\", \"\", \"\", \"DC1\"]",
    "{\"LA1\": 0, \"*LA2\": 2, \"DC1\": 10}", "{\"0\": \"LA1\", \"2\": \"*LA2\", \"10\": \"DC1\"}"};

static void check_labels(bb_recording *r) {
    const bb_channel *c = bb_recording_get_info(r)->channels;
    assert_string_equal(c[0].name, "LA1");
    assert_string_equal(c[1].name, "*LA2");
    assert_string_equal(c[2].name, "DC1");
    assert_int_equal(c[2].type, BB_CHANNEL_MISC);
}

static void labels_of_every_form_name_the_electrodes(void **state) {
    (void)state;
    const char *path = make_file("labelled.h5", 1000);
    for (size_t i = 0; i < 3; ++i) {
        bb_recording *r = NULL;
        const char *labels = bb_temp_file("labels.json", label_files[i], strlen(label_files[i]));
        assert_ok(
            bb_recording_open(path, &(bb_recording_options){.rate_hz = 1000, .labels_path = labels}, &r, e));
        check_labels(r);
        assert_true(bb_recording_get_info(r)->rate_hz == 1000);
        assert_int_equal(bb_recording_get_info(r)->warning_count, i == 0);
        bb_recording_close(r);
    }
}

static void put_labels(const char *name) { bb_temp_file(name, label_files[1], strlen(label_files[1])); }

static void labels_are_found_where_the_published_tree_has_them(void **state) {
    (void)state;
    static const char *const folders[] = {
        "tree", "tree/all_subject_data", "tree/electrode_labels",        "tree/electrode_labels/sub_1",
        "flat", "flat/electrode_labels", "flat/electrode_labels/sub_12", "beside"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i) mkdir(bb_temp_path(folders[i]), 0777);
    put_labels("tree/electrode_labels/sub_1/electrode_labels.json");
    put_labels("flat/electrode_labels/sub_12/electrode_labels.json");
    put_labels("beside/electrode_labels.json");
    static const char *const files[] = {"tree/all_subject_data/sub_1_trial000.h5", "flat/sub_12_trial003.h5",
                                        "beside/any.h5"};
    for (size_t i = 0; i < 3; ++i) {
        bb_recording *r = NULL;
        assert_ok(bb_recording_open(make_file(files[i], 1000), NULL, &r, e));
        check_labels(r);
        bb_recording_close(r);
    }
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(make_file("tree/all_subject_data/sub_2_trial000.h5", 1000), NULL, &r, e));
    assert_true(warned(r, "no electrode_labels.json"));
    bb_recording_close(r);
}

static void bad_labels_fail_where_stated_and_warn_where_found(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "[1, 2]",
                                      "3",
                                      "{\"LA1\": -1}",
                                      "{\"LA1\": 0.5}",
                                      "{\"x\": \"LA1\"}",
                                      "{\"LA1\": 1e99}",
                                      "{\"LA1\": 0, \"LA2\": 0}",
                                      "{\"99999\": \"LA1\"}",
                                      "[\"LA1\""};
    char path[4096]; /* temporary paths live in buffers that rotate */
    bb_recording *r = NULL;
    snprintf(path, sizeof path, "%s", make_file("bad.h5", 1000));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        const char *labels = bb_temp_file("bad.json", bad[i], strlen(bad[i]));
        assert_fails(bb_recording_open(path, &(bb_recording_options){.labels_path = labels}, &r, e),
                     BB_ERR_FORMAT, "bad.json");
    }
    assert_fails(bb_recording_open(path, &(bb_recording_options){.labels_path = "/none"}, &r, e), BB_ERR_IO,
                 "/none");
    mkdir(bb_temp_path("found"), 0777);
    bb_temp_file("found/electrode_labels.json", "[1]", 3);
    assert_ok(bb_recording_open(make_file("found/a.h5", 1000), NULL, &r, e));
    assert_true(warned(r, "labels are not used"));
    assert_string_equal(bb_recording_get_info(r)->channels[0].name, "electrode_0");
    bb_recording_close(r);
}

static void data_outside_the_file_are_refused(void **state) {
    (void)state;
    const char *path = bb_temp_path("outside.h5");
    const double values[4] = {1, 2, 3, 4};
    bb_recording *r = NULL;
    hid_t file, group = make_group(path, &file), plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(plan, "/etc/passwd", 0, 32);
    const hsize_t count = 4;
    hid_t space = H5Screate_simple(1, &count, NULL);
    H5Dclose(H5Dcreate2(group, "electrode_0", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    H5Pclose(plan);
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT,
                 "electrode_0: its data lie in another file");

    group = make_group(path, &file);
    H5Lcreate_external("plain.h5", "/data/electrode_0", group, "electrode_0", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/data/electrode_1", group, "electrode_2", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "found none");

    const hsize_t endless = (hsize_t)1 << 40;
    group = make_group(path, &file);
    plan = packed();
    space = H5Screate_simple(1, &endless, NULL);
    H5Dclose(H5Dcreate2(group, "electrode_0", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    put(group, "electrode_1", H5T_IEEE_F64LE, H5P_DEFAULT, 4, values);
    H5Pclose(plan);
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT, "1099511627776 samples do not fit");
}

static void other_hdf5_files_are_refused(void **state) {
    (void)state;
    const char *path = bb_temp_path("other.h5");
    bb_recording *r = NULL;
    hid_t file, group = make_group(path, &file);
    const double values[4] = {1, 2, 3, 4};
    const hsize_t shape[2] = {2, 2};
    put(group, "timeseries", H5T_IEEE_F64LE, H5P_DEFAULT, 4, values);
    H5Fflush(file, H5F_SCOPE_LOCAL);
    assert_true(H5Gclose(group) >= 0 && H5Fclose(file) >= 0);
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_string_equal(bb_recording_get_info(r)->format, "HDF5");
    bb_recording_close(r);
    group = make_group(path, &file);
    const hid_t space = H5Screate_simple(2, shape, NULL);
    const hid_t set =
        H5Dcreate2(group, "electrode_0", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "electrode_0: expected one dimension");
    group = make_group(path, &file);
    const hid_t one = H5Screate_simple(1, shape, NULL);
    H5Dclose(H5Dcreate2(group, "electrode_0", H5T_C_S1, one, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(one);
    H5Gclose(group);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "electrode_0: expected integers");
}

static void cut_files_are_refused(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = bb_slurp(make_file("whole.h5", 1000), &size);
    for (size_t n = 8; n < size; n += 97) {
        bb_recording *r = NULL;
        assert_fails(bb_recording_open(bb_temp_file("cut.h5", bytes, n), NULL, &r, e), BB_ERR_FORMAT,
                     "damaged HDF5");
    }
    free(bytes);
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file... */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    H5dont_atexit(); /* ...and complains at exit about what it then finds unclosed */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(electrodes_are_read_in_the_order_of_their_numbers),
        cmocka_unit_test(every_number_type_is_read),
        cmocka_unit_test(chunks_that_cannot_be_packed_are_stored_as_they_are),
        cmocka_unit_test(chunks_without_length_are_refused),
        cmocka_unit_test(damaged_chunks_are_told),
        cmocka_unit_test(the_shortest_electrode_sets_the_length),
        cmocka_unit_test(labels_of_every_form_name_the_electrodes),
        cmocka_unit_test(labels_are_found_where_the_published_tree_has_them),
        cmocka_unit_test(bad_labels_fail_where_stated_and_warn_where_found),
        cmocka_unit_test(data_outside_the_file_are_refused),
        cmocka_unit_test(other_hdf5_files_are_refused),
        cmocka_unit_test(cut_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
