/* What the Brain Treebank keeps beside a recording, in trees made as the published ones are laid out. */
#include <hdf5.h>
#include <math.h>

#include "made_tree.h"
#include "recording/bids_name.h"

enum { SAMPLES = 2048 * 20 };

/* Three electrodes of 20 s. */
static void put_h5(const char *name) {
    static double zeros[SAMPLES];
    put_text(name, "");
    const hid_t file = H5Fcreate(bb_temp_path(name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t group = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t count = SAMPLES;
    const hid_t space = H5Screate_simple(1, &count, NULL);
    for (int i = 0; i < 3; ++i) {
        char set_name[32];
        snprintf(set_name, sizeof set_name, "electrode_%d", i);
        const hid_t set =
            H5Dcreate2(group, set_name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) >= 0);
        H5Dclose(set);
    }
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
}

/* A trigger a second, the first at sample 4096; the movie pauses for 2 s behind the fifth. */
static const char timings[] = "type,movie_time,start_time,index\n"
                              "beginning,0.0,x,4096\ntrigger,1.0,x,6144\ntrigger,2.0,x,8192\n"
                              "trigger,3.0,x,10240\ntrigger,4.0,x,12288\npause,nan,x,\n"
                              "trigger,5.0,x,18432\ntrigger,6.0,x,20480\ntrigger,7.0,x,22528\n";

static const char words[] = ",text,start,end,is_onset,sentence\n"
                            "0,Hello,0.25,0.5,1.0,\"Hello, you.\"\n"
                            "1,you,0.625,1.75,0.0,\"Hello, you.\"\n"
                            "2,lost,,,0.0,\"nan\"\n"
                            "3,after,4.75,5.25,1.0,\"He said \"\"after\"\".\"\n"
                            "4,late,7.5,7.75,1.0,late\n";

static void put_tree(void) {
    put_h5("bt/all_subject_data/sub_3_trial001.h5");
    put_text("bt/electrode_labels/sub_3/electrode_labels.json", "[\"T1cIe11\", \"RT3aHa1*\", \"DC4\"]");
    put_text("bt/corrupted_elec.json",
             "{\"sub_3\": [\"DC4\", \"RT3aHa1\", \"gone\"], \"sub_4\": [\"T1cIe11\"]}");
    put_text("bt/localization/sub_3/depth-wm.csv",
             "Electrode,L,I,P,Hemisphere,DesikanKilliany,Destrieux\n"
             "T1cIe11,101.0,120,87,0,ctx-lh-superiortemporal,ctx_lh_G_temp\n"
             "RT3aHa#1,150,130,90.5,1,Right-Hippocampus,Right-Hippocampus\n");
    put_text("bt/subject_metadata/sub_3_trial001_metadata.json",
             "{\"title\": \"A Movie\", \"filename\": \"a-movie\"}");
    put_text("bt/subject_timings/sub_3_trial001_timings.csv", timings);
    put_text("bt/transcripts/a-movie/features.csv", words);
}

static void check_channels(const bb_recording_info *info) {
    assert_text(info->subject, "3");
    assert_text(info->session, "trial001");
    assert_text(info->coordinate_system, "LIP");
    const bb_channel *c = info->channels;
    assert_text(c[0].name, "T1cIe11");
    assert_true(!c[0].bad && c[1].bad && c[2].bad);
    assert_text(c[1].remark, "corrupted");
    assert_text(c[0].region, "ctx-lh-superiortemporal");
    assert_text(c[1].region, "Right-Hippocampus");
    assert_true(c[1].has_position && c[1].position[0] == 150 && c[1].position[1] == 130 &&
                c[1].position[2] == 90.5);
    assert_false(c[2].has_position);
    assert_int_equal(c[2].type, BB_CHANNEL_MISC);
}

/* Samples by the nearest trigger: round(index + (t - movie_time) 2048). "after" is nearer to the trigger
 * behind the pause: it begins at 18432 - 512. */
static void check_words(const bb_recording_info *info) {
    static const struct {
        const char *word;
        double first, last;
        size_t line;
    } expected[] = {{"Hello", 4096 + 512, 4096 + 1024, 2},
                    {"you", 6144 - 768, 8192 - 512, 3},
                    {"after", 18432 - 512, 18432 + 512, 5}};
    assert_int_equal(info->event_count, 3);
    assert_true(info->events_path && bb_has_suffix(info->events_path, ".csv"));
    for (size_t i = 0; i < 3; ++i) {
        assert_text(info->events[i].label, expected[i].word);
        assert_int_equal(info->events[i].line, expected[i].line);
        assert_true(info->events[i].onset_s == expected[i].first / 2048);
        assert_true(info->events[i].duration_s == (expected[i].last - expected[i].first) / 2048);
    }
}

static void a_tree_is_applied(void **state) {
    (void)state;
    put_tree();
    bb_recording *r = opened("bt/all_subject_data/sub_3_trial001.h5");
    check_channels(bb_recording_get_info(r));
    check_words(bb_recording_get_info(r));
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    bb_recording_close(r);
}

/* Labels have no file of their own there that can be read; the one beside the recording is used. */
static void the_older_tree_is_applied(void **state) {
    (void)state;
    put_h5("old/data-by-subject/subject3/data/trials/trial001/data-sharded.h5");
    put_text("old/data-by-subject/subject3/data/trials/trial001/electrode_labels.json",
             "[\"T1cIe11\", \"RT3aHa1*\", \"DC4\"]");
    put_text("old/data-by-subject/subject3/data/trials/trial001/metadata.json", "{\"filename\": \"m\"}");
    put_text("old/data-by-subject/subject3/data/trials/trial001/trigger-times.csv", timings);
    put_text("old/data-by-subject/subject3/localization/depth-wm.csv",
             "Electrode,L,I,P,DesikanKilliany\nT1cIe11,1,2,3,ctx-lh-superiortemporal\n"
             "RT3aHa1*,150,130,90.5,Right-Hippocampus\n");
    put_text("old/transcripts/m/manual/word-times-stanford.csv", words);
    put_text("old/corrupted_elec.json", "{\"subject3\": [\"DC4\", \"RT3aHa1*\"]}");
    bb_recording *r = opened("old/data-by-subject/subject3/data/trials/trial001/data-sharded.h5");
    check_channels(bb_recording_get_info(r));
    check_words(bb_recording_get_info(r));
    bb_recording_close(r);
}

static void what_is_not_there_is_left_out(void **state) {
    (void)state;
    put_h5("few/sub_3_trial001.h5");
    bb_recording *r = opened("few/sub_3_trial001.h5");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->subject, "3");
    assert_true(info->event_count == 0 && !info->channels[0].bad && !info->channels[0].region);
    assert_int_equal(info->warning_count, 1); /* no labels */
    bb_recording_close(r);
    put_text("few/subject_timings/sub_3_trial001_timings.csv", timings);
    bb_recording_close(opened("few/sub_3_trial001.h5"));
    put_text("few/subject_metadata/sub_3_trial001_metadata.json", "{\"filename\": \"none\"}");
    bb_recording_close(opened("few/sub_3_trial001.h5"));
    put_h5("few/other.h5");
    r = opened("few/other.h5");
    assert_null(bb_recording_get_info(r)->subject);
    bb_recording_close(r);
}

/* One subject of the ten was recorded at half the rate, which only the trigger times tell. */
static void another_rate_shows_in_the_triggers(void **state) {
    (void)state;
    put_tree();
    put_text("bt/subject_timings/sub_3_trial001_timings.csv",
             "movie_time,index\n0,0\n1,1019\n2,2038\n3,3057\n4,4076\n");
    put_text("bt/transcripts/a-movie/features.csv", "text,start,end\nword,1.5,1.6\n");
    const char *name = "bt/all_subject_data/sub_3_trial001.h5";
    bb_recording *r = opened(name);
    assert_true(bb_recording_get_info(r)->rate_hz == 1024);
    assert_true(bb_recording_get_info(r)->duration_s == 40);
    assert_true(bb_recording_get_info(r)->events[0].onset_s == (1019 + 512) / 1024.0);
    assert_true(has_warning(r, "count 1019 samples a second, so the rate is taken for 1024 Hz, not 2048 Hz"));
    bb_recording_close(r);
    r = NULL;
    assert_ok(bb_recording_open(bb_temp_path(name), &(bb_recording_options){.rate_hz = 2048}, &r, e));
    assert_true(bb_recording_get_info(r)->rate_hz == 2048);
    assert_true(has_warning(r, "count 1019 samples a second, but 2048 Hz was stated"));
    bb_recording_close(r);
    put_text("bt/subject_timings/sub_3_trial001_timings.csv", "movie_time,index\n0,0\n1,500\n2,1300\n");
    r = opened(name);
    assert_true(has_warning(r, "but 2048 Hz was assumed"));
    bb_recording_close(r);
}

static void malformed_tables_fail(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *part;
        bb_status status;
    } cases[] = {
        {"bt/corrupted_elec.json", "[]", "corrupted_elec.json: expected a JSON object", BB_ERR_FORMAT},
        {"bt/corrupted_elec.json", "{\"sub_3\": 1}", "\"sub_3\": expected a list", BB_ERR_FORMAT},
        {"bt/corrupted_elec.json", "{\"sub_3\": [\"a\", 1]}", "entry 2: expected", BB_ERR_FORMAT},
        {"bt/localization/sub_3/depth-wm.csv", "a;b\n", "line 1: expected comma-separated", BB_ERR_FORMAT},
        {"bt/localization/sub_3/depth-wm.csv", "Electrode,L,I,P\nx,1,2,q\n", "line 2: expected a coordinate",
         BB_ERR_FORMAT},
        {"bt/subject_timings/sub_3_trial001_timings.csv", "a,b\n", "line 1: expected comma-separated",
         BB_ERR_FORMAT},
        {"bt/subject_timings/sub_3_trial001_timings.csv", "movie_time,index\n1,soon\n",
         "line 2: expected a number under 'index', found 'soon'", BB_ERR_FORMAT},
        {"bt/transcripts/a-movie/features.csv", "text\n", "'start'", BB_ERR_FORMAT},
        {"bt/transcripts/a-movie/features.csv", "start,text\nx,y\n", "features.csv: line 2", BB_ERR_FORMAT},
        {"bt/subject_metadata/sub_3_trial001_metadata.json", "{}", "\"filename\"", BB_ERR_FORMAT},
        {"bt/subject_metadata/sub_3_trial001_metadata.json", "{\"filename\": \"../../etc\"}",
         "expected the name of a folder, found '../../etc'", BB_ERR_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_recording *r = NULL;
        put_tree();
        put_text(cases[i].name, cases[i].text);
        assert_fails(bb_recording_open(bb_temp_path("bt/all_subject_data/sub_3_trial001.h5"), NULL, &r, e),
                     cases[i].status, cases[i].part);
    }
}

static void paths_say_which_recording_it_is(void **state) {
    (void)state;
    static const struct {
        const char *path, *subject, *session, *task, *run;
    } cases[] = {
        {"x/sub-01_ses-02_task-words_run-1_ieeg.edf", "01", "02", "words", "1"},
        {"sub-testsub_ses-EphysMedOff_task-gripforce_run-0_ieeg.vhdr", "testsub", "EphysMedOff", "gripforce",
         "0"},
        {"sub-01.edf", "01", "", "", ""},
        {"sub-1_split-02_ieeg.fif", "1", "", "", ""},
        {"sub_10_trial004.h5", "10", "trial004", "", ""},
        {"a/data-by-subject/subject2/data/trials/trial000/data-sharded.h5", "2", "trial000", "", ""},
        {"a/data-by-subject/subject2/data/trials/trial000/deep/data.h5", "", "", "", ""},
        {"sub_10_take4.h5", "", "", "", ""},
        {"recording.edf", "", "", "", ""},
        {"my_sub-01_ieeg.edf", "", "", "", ""},
        {"sub-01__ieeg.edf", "", "", "", ""},
        {"", "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_identity id;
        bb_identify(cases[i].path, &id);
        assert_string_equal(id.subject, cases[i].subject);
        assert_string_equal(id.session, cases[i].session);
        assert_string_equal(id.task, cases[i].task);
        assert_string_equal(id.run, cases[i].run);
    }
}

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    H5dont_atexit();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_applied),
        cmocka_unit_test(the_older_tree_is_applied),
        cmocka_unit_test(what_is_not_there_is_left_out),
        cmocka_unit_test(another_rate_shows_in_the_triggers),
        cmocka_unit_test(malformed_tables_fail),
        cmocka_unit_test(paths_say_which_recording_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
