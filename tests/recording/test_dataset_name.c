/* Which dataset a recording says it is of. */
#include <hdf5.h>
#include <unistd.h>

#include "made_tree.h"

static void check_path(const char *path, const char *dataset) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = 2048}, &r, e));
    assert_text(bb_recording_get_info(r)->dataset, dataset);
    bb_recording_close(r);
}

static void check(const char *name, const char *dataset) { check_path(bb_temp_path(name), dataset); }

static void a_bids_dataset_is_called_as_it_says(void **state) {
    (void)state;
    put_edf("tree/sub-01/ses-a/ieeg/sub-01_ses-a_ieeg.edf", 0);
    static const struct {
        const char *description, *dataset;
    } cases[] = {{"{\"Name\": \" made \\u00b5 \"}", "made \xc2\xb5"},
                 {"{\"Name\": \"\"}", "tree"},
                 {"{\"Name\": \"  \"}", "tree"},
                 {"{\"Name\": 3}", "tree"},
                 {"{}", "tree"},
                 {"[\"Name\"]", "tree"},
                 {"no JSON", "tree"},
                 {"", "tree"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        put_text("tree/dataset_description.json", cases[i].description);
        check("tree/sub-01/ses-a/ieeg/sub-01_ses-a_ieeg.edf", cases[i].dataset);
    }
    bb_recording *r = opened("tree/sub-01/ses-a/ieeg/sub-01_ses-a_ieeg.edf");
    assert_int_equal(bb_recording_get_info(r)->file_count, 1); /* the name alone was used of it */
    bb_recording_close(r);
}

static void without_a_description_the_folder_of_the_subjects_names_it(void **state) {
    (void)state;
    put_edf("bare/sub-01/ieeg/sub-01_ieeg.edf", 0);
    check("bare/sub-01/ieeg/sub-01_ieeg.edf", "bare");
    put_edf("flat/sub-01/sub-01_ieeg.edf", 0);
    check("flat/sub-01/sub-01_ieeg.edf", "flat");
    put_edf("loose/sub-01_ieeg.edf", 0);
    check("loose/sub-01_ieeg.edf", NULL);
    put_edf("loose/ieeg/sub-01_ieeg.edf", 0);
    check("loose/ieeg/sub-01_ieeg.edf", NULL);
    put_edf("loose/plain.edf", 0);
    check("loose/plain.edf", NULL);
}

/* By whatever way one comes to it. */
static void the_spelling_of_the_path_does_not_matter(void **state) {
    (void)state;
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    put_edf("way/sub-01/ieeg/sub-01_ieeg.edf", 0);
    assert_int_equal(chdir(bb_temp_path("way")), 0);
    check_path("sub-01/ieeg/sub-01_ieeg.edf", "way");
    check_path("./sub-01//ieeg/../ieeg/sub-01_ieeg.edf", "way");
    assert_int_equal(chdir("sub-01/ieeg"), 0);
    check_path("sub-01_ieeg.edf", "way");
    check_path("../../../way/sub-01/ieeg/sub-01_ieeg.edf", "way");
    assert_int_equal(chdir(here), 0);
    assert_int_equal(symlink(bb_temp_path("way"), bb_temp_path("link")), 0);
    check("link/sub-01/ieeg/sub-01_ieeg.edf", "way");
}

/* One electrode of ten samples. */
static void put_h5(const char *name) {
    const float samples[10] = {1, 2, 3};
    const hsize_t shape = 10;
    put_text(name, "");
    const hid_t file = H5Fcreate(bb_temp_path(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(1, &shape, NULL);
    const hid_t set =
        H5Dcreate2(group, "electrode_0", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
}

static void a_brain_treebank_is_called_by_its_folder(void **state) {
    (void)state;
    static const struct {
        const char *name, *dataset;
    } cases[] = {{"bt/all_subject_data/sub_3_trial001.h5", "bt"},
                 {"mine/sub_3_trial001.h5", "mine"},
                 {"old/data-by-subject/subject3/data/trials/trial001/data-sharded.h5", "old"},
                 {"bt/all_subject_data/other.h5", NULL}};
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        put_h5(cases[i].name);
        check(cases[i].name, cases[i].dataset);
        char folder[4096];
        snprintf(folder, sizeof folder, "%s", bb_temp_path(cases[i].name));
        *strrchr(folder, '/') = '\0';
        assert_int_equal(chdir(folder), 0);
        check_path(bb_path_name(cases[i].name), cases[i].dataset);
        assert_int_equal(chdir(here), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bids_dataset_is_called_as_it_says),
        cmocka_unit_test(without_a_description_the_folder_of_the_subjects_names_it),
        cmocka_unit_test(the_spelling_of_the_path_does_not_matter),
        cmocka_unit_test(a_brain_treebank_is_called_by_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
