#include "brainbert/sources.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support.h"

static const char *full(const char *name) {
    static char paths[8][4096];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s", bb_temp_path(name));
    return path;
}

static void put(const char *name) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", full(name));
    *strrchr(folder, '/') = '\0';
    assert_ok(bb_make_directories(folder, e));
    bb_temp_file(name, "", 0);
}

/* The paths found below `root`, relative to it, one a line. */
static const char *found(const char *root, const bb_source_options *options) {
    static char text[4096];
    const char *path = full(root);
    bb_sources *list = NULL;
    assert_ok(bb_sources_find(&path, 1, options, &list, e));
    size_t n = 0;
    for (size_t i = 0; i < bb_sources_count(list); ++i) {
        const char *item = bb_sources_get(list, i)->path;
        assert_int_equal(strncmp(item, path, strlen(path)), 0);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", item + strlen(path) + 1);
    }
    bb_sources_destroy(list);
    return text;
}

static void put_dataset(void) {
    static const char *const names[] = {"dataset_description.json",
                                        "participants.tsv",
                                        "README",
                                        "sub-10/ieeg/sub-10_task-a_ieeg.edf",
                                        "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-10_ieeg.vhdr",
                                        "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-10_ieeg.eeg",
                                        "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-10_ieeg.vmrk",
                                        "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-10_channels.tsv",
                                        "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-9_ieeg.VHDR",
                                        "sub-2/ses-a/ieeg/sub-2_ses-a_task-z_split-01_ieeg.fif",
                                        "sub-2/ses-a/ieeg/sub-2_ses-a_task-z_split-02_ieeg.fif",
                                        "sub-2/ses-a/anat/sub-2_ses-a_T1w.nii",
                                        "sub-2/ses-a/ieeg/._sub-2_ses-a_task-y_ieeg.edf",
                                        "sub-2/ses-a/ieeg/sub-2_ses-a_task-z_photo.jpg",
                                        "sub-2/ses-a/eeg/sub-2_ses-a_task-z_eeg.edf",
                                        "sub-3/ieeg/sub-3_task-m_ieeg.mefd/data.edf",
                                        "derivatives/clean/sub-2/ieeg/sub-2_ieeg.edf",
                                        "sourcedata/sub-2/ieeg/sub-2_ieeg.edf",
                                        "code/sub-2_ieeg.edf"};
    char name[512];
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        snprintf(name, sizeof name, "ds/%s", names[i]);
        put(name);
    }
}

static void a_bids_tree_is_walked_in_natural_order(void **state) {
    (void)state;
    put_dataset();
    assert_string_equal(found("ds", NULL), "sub-2/ses-a/ieeg/sub-2_ses-a_task-z_split-01_ieeg.fif\n"
                                           "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-9_ieeg.VHDR\n"
                                           "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-10_ieeg.vhdr\n"
                                           "sub-10/ieeg/sub-10_task-a_ieeg.edf\n");
    assert_string_equal(found("ds/sub-2", NULL), "ses-a/ieeg/sub-2_ses-a_task-z_split-01_ieeg.fif\n"
                                                 "ses-b/ieeg/sub-2_ses-b_task-a_run-9_ieeg.VHDR\n"
                                                 "ses-b/ieeg/sub-2_ses-b_task-a_run-10_ieeg.vhdr\n");
    assert_string_equal(found("ds/sub-10/ieeg", NULL), "sub-10_task-a_ieeg.edf\n");
    assert_string_equal(bb_tree_kind(full("ds")), "BIDS");
    assert_string_equal(bb_tree_kind(full("ds/sub-2/ses-a")), "BIDS");
    assert_string_equal(bb_tree_kind(full("ds/sub-2/ses-a/ieeg")), "BIDS");
    assert_null(bb_tree_kind(full("ds/participants.tsv")));
    const char *path = full("ds");
    bb_sources *list = NULL;
    assert_ok(bb_sources_find(&path, 1, NULL, &list, e));
    const bb_source *s = bb_sources_get(list, 2);
    assert_string_equal(s->subject, "2");
    assert_string_equal(s->session, "b");
    assert_string_equal(s->task, "a");
    assert_string_equal(s->run, "10");
    assert_null(bb_sources_get(list, 3)->session);
    assert_null(bb_sources_get(list, 4));
    bb_sources_destroy(list);
}

static void folders_without_a_tree_hold_recordings(void **state) {
    (void)state;
    static const char *const names[] = {
        "flat/b10.edf", "flat/b9.EDF", "flat/raw.fif",   "flat/raw-1.fif", "flat/other-1.fif",
        "flat/x.npy",   "flat/x.eeg",  "flat/notes.txt", "flat/.y.edf",    "flat/deeper/z.edf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) put(names[i]);
    assert_string_equal(found("flat", NULL), "b9.EDF\nb10.edf\nother-1.fif\nraw.fif\nx.npy\n");
    assert_null(bb_tree_kind(full("flat")));
    put("named/sub-1_task-a_ieeg.edf");
    put("named/other.edf");
    assert_string_equal(found("named", NULL), "sub-1_task-a_ieeg.edf\n");
    put("no/notes.txt");
    put("no/paper.pdf");
    const char *path = full("no");
    bb_sources *list = NULL;
    assert_fails(bb_sources_find(&path, 1, NULL, &list, e), BB_ERR_UNSUPPORTED,
                 "or a folder of recordings, found notes.txt, paper.pdf");
    assert_null(list);
    put("empty/sub-1/ieeg/sub-1_channels.tsv");
    path = full("empty");
    assert_fails(bb_sources_find(&path, 1, NULL, &list, e), BB_ERR_UNSUPPORTED, "found sub-1");
}

static void no_file_comes_twice(void **state) {
    (void)state;
    put("twice/sub-1/ieeg/sub-1_ieeg.edf");
    put("twice/sub-1/ieeg/sub-1_task-b_ieeg.edf");
    assert_true(symlink("..", full("twice/sub-1/ses-loop")) == 0);
    assert_true(symlink("sub-1", full("twice/sub-2")) == 0);
    assert_true(symlink("/none/of/it", full("twice/sub-1/ieeg/sub-1_task-c_ieeg.edf")) == 0);
    const char *paths[] = {full("twice/sub-1/ieeg/../ieeg/sub-1_task-b_ieeg.edf"), full("twice"),
                           full("twice/sub-1"), full("none.edf")};
    bb_sources *list = NULL;
    assert_ok(bb_sources_find(paths, 4, NULL, &list, e));
    assert_int_equal(bb_sources_count(list), 4);
    assert_string_equal(bb_sources_get(list, 0)->path, paths[0]);
    assert_true(bb_contains(bb_sources_get(list, 1)->path, "sub-1_ieeg.edf"));
    /* not passed over: to open it tells that it is not there */
    assert_true(bb_contains(bb_sources_get(list, 2)->path, "sub-1_task-c_ieeg.edf"));
    assert_string_equal(bb_sources_get(list, 3)->path, paths[3]);
    assert_null(bb_sources_get(list, 3)->subject);
    bb_sources_destroy(list);
}

static void put_treebank(void) {
    static const char *const names[] = {"bt/corrupted_elec.json",
                                        "bt/electrode_labels/sub_1/electrode_labels.json",
                                        "bt/all_subject_data/sub_10_trial000.h5",
                                        "bt/all_subject_data/sub_1_trial002.h5",
                                        "bt/all_subject_data/sub_1_trial000.h5",
                                        "bt/all_subject_data/sub_2_trial000.h5.zip",
                                        "bt/all_subject_data/notes.h5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) put(names[i]);
}

static void a_brain_treebank_tree_is_listed(void **state) {
    (void)state;
    put_treebank();
    const char *expected = "all_subject_data/sub_1_trial000.h5\nall_subject_data/sub_1_trial002.h5\n"
                           "all_subject_data/sub_10_trial000.h5\n";
    assert_string_equal(found("bt", NULL), expected);
    assert_string_equal(bb_tree_kind(full("bt")), "Brain Treebank");
    assert_string_equal(found("bt/all_subject_data", NULL),
                        "sub_1_trial000.h5\nsub_1_trial002.h5\nsub_10_trial000.h5\n");
    assert_string_equal(bb_tree_kind(full("bt/all_subject_data")), "Brain Treebank");
    put("old/data-by-subject/subject2/data/trials/trial001/data-sharded.h5");
    put("old/data-by-subject/subject1/data/trials/trial000/data-sharded.h5");
    put("old/data-by-subject/subject1/data/trials/trial001/time-stamp.json");
    assert_string_equal(found("old", NULL),
                        "data-by-subject/subject1/data/trials/trial000/data-sharded.h5\n"
                        "data-by-subject/subject2/data/trials/trial001/data-sharded.h5\n");
    assert_string_equal(bb_tree_kind(full("old")), "Brain Treebank");
}

static const char *put_selection(const char *text) {
    static char path[4096];
    snprintf(path, sizeof path, "%s", bb_temp_file("selection.json", text, strlen(text)));
    return path;
}

/* A narrowed tree beside a file that was named, also where the tree holds it. */
static void files_that_are_named_stay_whoever_is_asked_for(void **state) {
    (void)state;
    put_dataset();
    put("apart/other.edf");
    const char *paths[] = {full("ds"), full("apart/other.edf"),
                           full("ds/sub-10/ieeg/sub-10_task-a_ieeg.edf")};
    const bb_source_options o = {.subjects = "2"};
    bb_sources *list;
    assert_ok(bb_sources_find(paths, 3, &o, &list, e));
    size_t named = 0, others = 0;
    for (size_t i = 0; i < bb_sources_count(list); ++i) {
        const bb_source *s = bb_sources_get(list, i);
        named += s->named;
        others += !s->named;
        assert_true(s->named || strcmp(s->subject, "2") == 0);
    }
    assert_int_equal(named, 2);
    assert_true(others > 0);
    bb_sources_destroy(list);
}

static void what_was_written_is_no_recording(void **state) {
    (void)state;
    static const char corpus[] = "\211HDF {\"format\":\"brainbert corpus\"}",
                      json[] = "{\"format\":\t\"brainbert features\"}";
    put("plain/a.edf");
    put("plain/out.h5");
    put("plain/f.npy");
    put("plain/g.npy");
    bb_temp_file("plain/corpus.h5", corpus, sizeof corpus);
    bb_temp_file("plain/features.h5", json, sizeof json);
    bb_temp_file("plain/f.json", json, sizeof json);
    assert_string_equal(found("plain", NULL), "a.edf\ng.npy\nout.h5\n");
    const bb_source_options o = {.except = full("plain/out.h5")};
    assert_string_equal(found("plain", &o), "a.edf\ng.npy\n");
}

static void subjects_and_trials_are_chosen(void **state) {
    (void)state;
    put_treebank();
    put_dataset();
    bb_source_options o = {.subjects = "sub_10"};
    assert_string_equal(found("bt", &o), "all_subject_data/sub_10_trial000.h5\n");
    o.subjects = " sub-10 , 2,";
    assert_string_equal(found("ds/sub-10", &(bb_source_options){.subjects = "10"}),
                        "ieeg/sub-10_task-a_ieeg.edf\n");
    assert_true(bb_contains(found("ds", &o), "sub-2/ses-a") && bb_contains(found("ds", &o), "sub-10/"));
    o = (bb_source_options){.selection =
                                put_selection("{\"sub_1\": [\"trial002\"], \"subject10\": [\"trial000\"]}")};
    assert_string_equal(found("bt", &o),
                        "all_subject_data/sub_1_trial002.h5\nall_subject_data/sub_10_trial000.h5\n");
    o.subjects = "1";
    assert_string_equal(found("bt", &o), "all_subject_data/sub_1_trial002.h5\n");
    o = (bb_source_options){.selection = put_selection("{\"sub-2\": [\"ses-a\", \"run-9\"]}")};
    assert_string_equal(found("ds", &o), "sub-2/ses-a/ieeg/sub-2_ses-a_task-z_split-01_ieeg.fif\n"
                                         "sub-2/ses-b/ieeg/sub-2_ses-b_task-a_run-9_ieeg.VHDR\n");
    o.selection = put_selection("{\"2\": [\"b\"]}");
    assert_true(bb_contains(found("ds", &o), "run-9") && bb_contains(found("ds", &o), "run-10"));
}

/* A corpus that is smaller than asked for would go unnoticed. */
static void what_is_asked_for_must_be_there(void **state) {
    (void)state;
    put_treebank();
    static const struct {
        const char *subjects, *selection, *part;
        bb_status status;
    } cases[] = {
        {"1,7,sub-8", NULL,
         "subjects: expected every recording it names among the 3 found, but 2 are not there: "
         "7, sub-8",
         BB_ERR_ARGUMENT},
        {NULL, "{\"sub_1\": [\"trial000\", \"trial001\"], \"sub_9\": [\"trial000\"]}",
         "2 are not there: sub_1 trial001, sub_9 trial000", BB_ERR_ARGUMENT},
        {NULL, "{\"sub_1\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}",
         "5 are not there: sub_1 a, sub_1 b, sub_1 c, sub_1 d, ...", BB_ERR_ARGUMENT},
        {NULL, "{\"sub_1\": \"trial000\"}", "\"sub_1\": expected a list of trials", BB_ERR_FORMAT},
        {NULL, "{\"sub_1\": [0]}", "\"sub_1\": expected the names", BB_ERR_FORMAT},
        {NULL, "[]", "selection.json: expected a JSON object", BB_ERR_FORMAT},
        {NULL, "{}", "expected recordings, found none", BB_ERR_ARGUMENT},
        {"", NULL, "expected recordings, found none", BB_ERR_ARGUMENT},
    };
    const char *path = full("bt");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_sources *list = NULL;
        const bb_source_options o = {.subjects = cases[i].subjects,
                                     .selection =
                                         cases[i].selection ? put_selection(cases[i].selection) : NULL};
        assert_fails(bb_sources_find(&path, 1, &o, &list, e), cases[i].status, cases[i].part);
        assert_null(list);
    }
}

static void recordings_of_formats_that_are_not_read_are_named(void **state) {
    (void)state;
    static const char *const names[] = {
        "odd/sub-1/ieeg/sub-1_task-a_ieeg.edf",  "odd/sub-1/ieeg/sub-1_task-a_ieeg.json",
        "odd/sub-1/ieeg/sub-1_task-b_ieeg.vhdr", "odd/sub-1/ieeg/sub-1_task-b_ieeg.eeg",
        "odd/sub-1/ieeg/sub-1_task-b_ieeg.vmrk", "odd/sub-1/ieeg/sub-1_task-a_channels.tsv.gz"};
    static const char *const unread[] = {"odd/sub-2/ieeg/sub-2_ieeg.edf.gz",
                                         "odd/sub-2/ieeg/sub-2_ieeg.eeg.gz",
                                         "odd/sub-3/ieeg/sub-3_ieeg.mefd/session.rdat"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) put(names[i]);
    const char *path = full("odd");
    bb_sources *list = NULL;
    assert_ok(bb_sources_find(&path, 1, NULL, &list, e));
    assert_null(bb_sources_warning(list));
    bb_sources_destroy(list);
    for (size_t i = 0; i < sizeof unread / sizeof *unread; ++i) put(unread[i]);
    assert_ok(bb_sources_find(&path, 1, NULL, &list, e));
    assert_int_equal(bb_sources_count(list), 2);
    assert_string_equal(bb_sources_warning(list),
                        "2 recordings in formats that are not read: sub-2_ieeg.edf.gz, sub-3_ieeg.mefd");
    bb_sources_destroy(list);
    put("odd/sub-4/ieeg/sub-4_ieeg.trc");
    put("odd/sub-5/ieeg/sub-5_ieeg.nwb.gz");
    put("odd/sub-6/ieeg/sub-6_ieeg.nwb.gz");
    assert_ok(bb_sources_find(&path, 1, NULL, &list, e));
    assert_true(bb_contains(bb_sources_warning(list), "5 recordings in"));
    assert_true(bb_contains(bb_sources_warning(list), "sub-3_ieeg.mefd, sub-4_ieeg.trc, ..."));
    bb_sources_destroy(list);
    for (int i = 0; i < 2; ++i) { /* as a tree, and as a folder without any */
        path = full(i ? "odd/sub-3/ieeg" : "odd/sub-3");
        assert_fails(bb_sources_find(&path, 1, NULL, &list, e), BB_ERR_UNSUPPORTED,
                     "; 1 recording in a format that is not read: sub-3_ieeg.mefd");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bids_tree_is_walked_in_natural_order),
        cmocka_unit_test(folders_without_a_tree_hold_recordings),
        cmocka_unit_test(recordings_of_formats_that_are_not_read_are_named),
        cmocka_unit_test(no_file_comes_twice),
        cmocka_unit_test(a_brain_treebank_tree_is_listed),
        cmocka_unit_test(subjects_and_trials_are_chosen),
        cmocka_unit_test(files_that_are_named_stay_whoever_is_asked_for),
        cmocka_unit_test(what_was_written_is_no_recording),
        cmocka_unit_test(what_is_asked_for_must_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
