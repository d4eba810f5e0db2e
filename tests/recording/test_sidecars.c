/* What lies beside a recording in a BIDS dataset. */
#include <math.h>

#include "made_tree.h"

static void put_tree(void) {
    put_text("ds/dataset_description.json", "{\"Name\": \"made\", \"BIDSVersion\": \"1.8.0\"}");
    put_edf("ds/sub-01/ses-a/ieeg/sub-01_ses-a_task-t_run-2_ieeg.edf", 2);
    put_text("ds/sub-01/ses-a/ieeg/sub-01_ses-a_task-t_run-2_channels.tsv",
             "\xEF\xBB\xBFname\ttype\tunits\tstatus\tstatus_description\tgroup\n"
             "LA2\tSEEG\tuV\tbad\tno contact\tLA\r\n"
             "LA1\tsEEG\tµV\tgood\tn/a\tLA\r\n"
             "LA3\tECoG\tuV\tn/a\tn/a\tn/a\n"
             "EKG\tECG\tuV\tgood\tn/a\tn/a\n");
    put_text("ds/sub-01/ses-a/ieeg/sub-01_ses-a_task-t_run-2_events.tsv",
             "onset\tduration\ttrial_type\n0.5\t0.1\tgo\n1.5\t0.1\tstop\n2.5\tn/a\tgo\n");
    put_text("ds/task-t_ieeg.json", "{\"SamplingFrequency\": 100, \"PowerLineFrequency\": 60}");
    put_text("ds/sub-01/sub-01_ieeg.json", "{\"PowerLineFrequency\": 50, \"iEEGReference\": \"n/a\"}");
    put_text("ds/sub-01/ses-a/ieeg/sub-01_ses-a_space-MNI152Lin_electrodes.tsv",
             "name\tx\ty\tz\tsize\tgroup\tanatomy\n"
             "LA1\t1\t-2.5\t3e1\t5\tleft\thippocampus\n"
             "LA2\tn/a\tn/a\tn/a\t5\tn/a\tn/a\n"
             "LA9\t1\t1\t1\t5\tleft\tamygdala\n");
    put_text("ds/sub-01/ses-a/ieeg/sub-01_ses-a_space-MNI152Lin_coordsystem.json",
             "{\"iEEGCoordinateSystem\": \"MNI152Lin\", \"iEEGCoordinateUnits\": \"mm\"}");
    put_text("ds/sub-01/ses-a/ieeg/sub-01_ses-a_task-other_run-2_channels.tsv", "broken");
    put_text("ds/sub-02/ieeg/sub-02_task-t_channels.tsv", "broken");
}

static void a_tree_is_applied(void **state) {
    (void)state;
    put_tree();
    bb_recording *r = opened("ds/sub-01/ses-a/ieeg/sub-01_ses-a_task-t_run-2_ieeg.edf");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->subject, "01");
    assert_text(info->session, "a");
    assert_text(info->task, "t");
    assert_text(info->run, "2");
    assert_true(info->mains_hz == 50 && info->rate_hz == 100);
    assert_text(info->coordinate_system, "MNI152Lin");
    assert_text(info->coordinate_unit, "mm");
    const bb_channel *c = info->channels;
    static const bb_channel_type types[] = {BB_CHANNEL_SEEG, BB_CHANNEL_SEEG, BB_CHANNEL_ECOG,
                                            BB_CHANNEL_ECG};
    for (size_t i = 0; i < 4; ++i) assert_int_equal(c[i].type, types[i]);
    assert_true(!c[0].bad && c[1].bad && !c[2].bad && !c[3].bad);
    assert_text(c[1].remark, "no contact");
    assert_text(c[0].remark, NULL);
    assert_text(c[0].group, "LA");
    assert_text(c[0].region, "hippocampus");
    assert_true(c[0].has_position && c[0].position[0] == 1 && c[0].position[1] == -2.5 &&
                c[0].position[2] == 30);
    assert_false(c[1].has_position || c[2].has_position);
    assert_text(c[1].region, NULL);
    assert_int_equal(info->event_count, 3);
    assert_text(info->events[2].label, "go");
    assert_true(info->events[0].onset_s == 0.5 && info->events[0].duration_s == 0.1);
    assert_int_equal(info->warning_count, 1);
    assert_true(has_warning(r, "_events.tsv lists 3 events, the file itself 2"));
    bb_recording_close(r);
}

/* The tables may lie higher up: the nearest one counts, and one for another task or subject does not. */
static void tables_are_inherited(void **state) {
    (void)state;
    put_text("up/dataset_description.json", "{}");
    put_edf("up/sub-1/ieeg/sub-1_task-a_ieeg.edf", 0);
    put_text("up/channels.tsv", "name\tstatus\nLA1\tbad\nLA2\tbad\nLA3\tbad\nEKG\tbad\n");
    bb_recording *r = opened("up/sub-1/ieeg/sub-1_task-a_ieeg.edf");
    assert_true(bb_recording_get_info(r)->channels[2].bad);
    bb_recording_close(r);
    put_text("up/sub-1/sub-1_channels.tsv", "name\tstatus\nLA1\tbad\nLA2\tgood\nLA3\tgood\nEKG\tgood\n");
    put_text("up/sub-1/sub-1_task-b_channels.tsv", "broken");
    put_text("up/sub-1/ieeg/sub-1_task-a_run-1_channels.tsv", "broken");
    put_text("up/sub-1/ieeg/sub-2_channels.tsv", "broken");
    r = opened("up/sub-1/ieeg/sub-1_task-a_ieeg.edf");
    assert_true(bb_recording_get_info(r)->channels[0].bad && !bb_recording_get_info(r)->channels[2].bad);
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    bb_recording_close(r);
    put_text("up/sub-1/sub-1_task-a_channels.tsv",
             "name\tstatus\nLA3\tbad\nLA1\tgood\nLA2\tgood\nEKG\tgood\n");
    r = opened("up/sub-1/ieeg/sub-1_task-a_ieeg.edf"); /* of two in a folder the one that says more */
    assert_true(!bb_recording_get_info(r)->channels[0].bad && bb_recording_get_info(r)->channels[2].bad);
    bb_recording_close(r);
}

/* Nothing above a folder that is no part of a dataset is looked at. */
static void folders_outside_a_dataset_are_left_alone(void **state) {
    (void)state;
    put_edf("out/lab/sub-1_ieeg.edf", 0);
    put_text("out/channels.tsv", "broken");
    bb_recording_close(opened("out/lab/sub-1_ieeg.edf"));
    put_edf("out/sub-1/ieeg/sub-1_ieeg.edf", 0);
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(bb_temp_path("out/sub-1/ieeg/sub-1_ieeg.edf"), NULL, &r, e), BB_ERR_FORMAT,
                 "channels.tsv: line 1");
    put_edf("out/lab/plain.edf", 0);
    put_text("out/lab/channels.tsv", "broken");
    bb_recording_close(opened("out/lab/plain.edf"));
    assert_fails(bb_recording_open(bb_temp_path("out/lab/sub-1_ieeg.edf"), NULL, &r, e), BB_ERR_FORMAT,
                 "out/lab/channels.tsv: line 1: expected tab-separated column names with 'name'");
}

static bb_recording *with_channels(const char *table) {
    put_edf("c/sub-1_ieeg.edf", 0);
    put_text("c/sub-1_channels.tsv", table);
    return opened("c/sub-1_ieeg.edf");
}

static void rows_find_their_channels(void **state) {
    (void)state;
    bb_recording *r = with_channels("name\ttype\tstatus\nLA2\tSEEG\tbad\nLA4\tSEEG\tbad\nLA5\tSEEG\tbad\n");
    assert_true(bb_recording_get_info(r)->channels[1].bad && !bb_recording_get_info(r)->channels[0].bad);
    assert_int_equal(bb_recording_get_info(r)->channels[0].type, BB_CHANNEL_IEEG);
    assert_int_equal(bb_recording_get_info(r)->channels[3].type, BB_CHANNEL_ECG);
    assert_true(has_warning(r, "2 of the 3 channels in sub-1_channels.tsv are not in the recording"));
    assert_true(has_warning(r, "3 of 4 channels are not in sub-1_channels.tsv"));
    bb_recording_close(r);

    r = with_channels("name\ttype\tstatus\nW\tSEEG\tgood\nX\tSEEG\tbad\nY\tECOG\tgood\nZ\tMISC\tgood\n");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->channels[1].name, "X");
    assert_true(info->channels[1].bad && info->channels[3].type == BB_CHANNEL_MISC);
    assert_true(has_warning(r, "its 4 rows are taken in order"));
    bb_recording_close(r);

    /* other spellings of the same contacts keep the file's names */
    r = with_channels("name\ttype\tstatus\nPOL LA03-Ref\tSEEG\tbad\nLA 2\tSEEG\tgood\nLA1\tSEEG\tgood\n"
                      "EKG\tECG\tgood\n");
    info = bb_recording_get_info(r);
    assert_text(info->channels[2].name, "LA3");
    assert_true(info->channels[2].bad && !info->channels[0].bad && info->warning_count == 0);
    bb_recording_close(r);

    /* names that differ by case and surroundings, in another order */
    r = with_channels(
        "name\ttype\tstatus\nPOL Ekg\tECG\tgood\nla3\tSEEG\tbad\nla2\tSEEG\tgood\nla1-Ref\tSEEG\tgood\n");
    info = bb_recording_get_info(r);
    assert_text(info->channels[2].name, "LA3");
    assert_true(info->channels[2].bad && !info->channels[1].bad && info->warning_count == 0);
    bb_recording_close(r);

    /* which of two that differ by case alone is meant is not guessed */
    r = with_channels("name\tstatus\nla3\tbad\nlA3\tgood\nla2\tgood\nla1\tgood\n");
    info = bb_recording_get_info(r);
    assert_true(!info->channels[2].bad && has_warning(r, "2 of 4 channels are not in"));
    bb_recording_close(r);
}

static void of_rows_that_contradict_each_other_bad_counts(void **state) {
    (void)state;
    for (int first = 0; first < 2; ++first) {
        bb_recording *r = with_channels(
            first ? "name\tstatus\tstatus_description\nLA1\tbad\tspikes\nLA1\tgood\tn/a\nLA2\tgood\tn/a\n"
                    "LA3\tgood\tn/a\nLA3\tgood\tn/a\nEKG\tgood\tn/a\n"
                  : "name\tstatus\tstatus_description\nLA1\tgood\tn/a\nLA1\tBad\tspikes\nLA2\tgood\tn/a\n"
                    "LA3\tgood\tn/a\nLA3\tgood\tn/a\nEKG\tgood\tn/a\n");
        const bb_channel *c = bb_recording_get_info(r)->channels;
        assert_true(c[0].bad && !c[1].bad && !c[2].bad && !c[3].bad);
        assert_text(c[0].remark, "spikes");
        assert_true(has_warning(r, "lists 1 channels (LA1) more than once, as bad and as not"));
        bb_recording_close(r);
    }
}

static void units_of_the_file_stay(void **state) {
    (void)state;
    double x;
    bb_recording *r =
        with_channels("name\ttype\tunits\nLA1\tSEEG\tV\nLA2\tSEEG\tV\nLA3\tSEEG\tuV\nEKG\tn/a\t%\n");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(has_warning(r, "states V for 2 channels (LA1); the file's own unit was used"));
    assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 3, 1, &x, e));
    assert_at_most(fabs(x - 13), 0.002); /* half a step of 16 bits over 200 uV */
    assert_text(info->channels[1].unit, "uV");
    assert_text(info->channels[3].unit, "%");
    bb_recording_close(r);
    r = with_channels(
        "name\ttype\tunits\nLA1\tSEEG\tmicrovolts\nLA2\tSEEG\tmikrovolt\nLA3\tn/a\tuVolt\nEKG\tECG\tuV\n");
    info = bb_recording_get_info(r);
    for (size_t i = 0; i < 4; ++i) assert_text(info->channels[i].unit, "uV");
    assert_true(info->channels[2].type == BB_CHANNEL_IEEG && info->warning_count == 1);
    assert_true(has_warning(r, "states mikrovolt for 1 channels (LA2); the file's own unit was used"));
    bb_recording_close(r);
    r = with_channels("name\tunits\nLA1\tbpm\nLA2\tn/a\nLA3\tuV\nEKG\tuV\n");
    assert_int_equal(bb_recording_get_info(r)->channels[0].type, BB_CHANNEL_MISC);
    bb_recording_close(r);
}

/* A bare array says neither rate nor unit. */
static void arrays_take_rate_and_unit(void **state) {
    (void)state;
    double x[4];
    put_npy("a/sub-1_ieeg.npy", 3, 300);
    put_text("a/sub-1_ieeg.json", "{\"SamplingFrequency\": 300.0, \"PowerLineFrequency\": \"n/a\"}");
    put_text("a/sub-1_channels.tsv", "name\ttype\tunits\nA1\tSEEG\tmV\nA2\tSEEG\tuV\nT\tn/a\tdegC\n");
    bb_recording *r = opened("a/sub-1_ieeg.npy");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->rate_hz == 300 && info->duration_s == 1 && info->mains_hz == 0);
    assert_ok(bb_recording_read(r, (const size_t[]){1, 0}, 2, 1, 2, x, e));
    assert_true(x[0] == 302 && x[1] == 303 && x[2] == 2000 && x[3] == 3000);
    assert_text(info->channels[0].unit, "uV");
    assert_text(info->channels[2].unit, "degC");
    assert_int_equal(info->channels[2].type, BB_CHANNEL_MISC);
    bb_recording_close(r);
    r = NULL;
    assert_ok(bb_recording_open(bb_temp_path("a/sub-1_ieeg.npy"),
                                &(bb_recording_options){.rate_hz = 500, .unit = "uV"}, &r, e));
    assert_true(bb_recording_get_info(r)->rate_hz == 500); /* the caller's word counts more */
    assert_true(has_warning(r, "the sidecar states 300 Hz, the call 500 Hz, which was used"));
    assert_true(has_warning(r, "states mV for 1 channels"));
    bb_recording_close(r);
    put_text("a/sub-1_ieeg.json", "{}");
    put_text("a/sub-1_channels.tsv", "name\tsampling_frequency\nA1\t600\nA2\t600\nT\tn/a\n");
    r = opened("a/sub-1_ieeg.npy");
    assert_true(bb_recording_get_info(r)->rate_hz == 600 &&
                bb_recording_get_info(r)->channels[2].rate_hz == 600);
    bb_recording_close(r);
}

static void a_rate_that_differs_is_told(void **state) {
    (void)state;
    put_edf("r/sub-1_ieeg.edf", 0);
    put_text("r/sub-1_ieeg.json", "{\"SamplingFrequency\": 100.00005}");
    bb_recording *r = opened("r/sub-1_ieeg.edf");
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0); /* 5e-7 of it */
    bb_recording_close(r);
    put_text("r/sub-1_ieeg.json", "{\"SamplingFrequency\": 100.0002}");
    r = opened("r/sub-1_ieeg.edf");
    assert_true(bb_recording_get_info(r)->rate_hz == 100.0002);
    assert_true(has_warning(r, "the sidecar states 100.0002 Hz, which was used, the file 100 Hz"));
    bb_recording_close(r);
    put_text("r/sub-1_ieeg.json", "{\"SamplingFrequency\": 1000}");
    put_text("r/sub-1_channels.tsv", "name\tsampling_frequency\nLA1\t1000\nLA2\t1000\nLA3\t1000\nEKG\t100\n");
    r = opened("r/sub-1_ieeg.edf");
    assert_true(bb_recording_get_info(r)->rate_hz == 1000);
    assert_true(has_warning(r, "the sidecar states 1000 Hz, which was used, the file 100 Hz"));
    assert_true(has_warning(r, "states 100 Hz for 1 channels (EKG)"));
    bb_recording_close(r);
}

/* 30 kHz are 33.3 us: the header's 33 are as near as it gets, and its own times are samples over its rate. */
static void a_rate_that_the_header_rounds_is_the_sidecars(void **state) {
    (void)state;
    put_text("v/sub-1_ieeg.vhdr", "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\n"
                                  "DataFile=sub-1_ieeg.eeg\nMarkerFile=sub-1_ieeg.vmrk\nDataFormat=BINARY\n"
                                  "DataOrientation=MULTIPLEXED\nNumberOfChannels=1\nSamplingInterval=33\n"
                                  "[Binary Infos]\nBinaryFormat=INT_16\n[Channel Infos]\nCh1=LA1,,1,uV\n");
    put_text("v/sub-1_ieeg.vmrk", "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
                                  "Mk1=New Segment,,1,1,0\nMk2=Stimulus,S 1,7,3,0\nMk3=New Segment,,4,1,0\n");
    put_text("v/sub-1_ieeg.eeg", "ABABABABABABABABABAB"); /* 10 samples */
    put_text("v/sub-1_channels.tsv", "name\tsampling_frequency\nLA1\t30000\n");
    put_text("v/sub-1_ieeg.json", "{\"SamplingFrequency\": 30000}");
    bb_recording *r = opened("v/sub-1_ieeg.vhdr");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->rate_hz == 30000 && info->duration_s == 10. / 30000);
    assert_true(fabs(info->events[0].onset_s - 6. / 30000) < 1e-12);
    assert_true(fabs(info->events[0].duration_s - 3. / 30000) < 1e-12);
    assert_int_equal(info->seam_count, 1);
    assert_true(fabs(info->seams_s[0] - 3. / 30000) < 1e-12);
    assert_false(has_warning(r, "states"));
    bb_recording_close(r);
    put_text("v/sub-1_ieeg.json", "{\"SamplingFrequency\": 29000}"); /* 34 us */
    r = opened("v/sub-1_ieeg.vhdr");
    assert_true(bb_recording_get_info(r)->rate_hz == 29000);
    assert_true(has_warning(r, "the sidecar states 29000 Hz, which was used, the file 30303"));
    bb_recording_close(r);
}

static void odd_words_are_told(void **state) {
    (void)state;
    bb_recording *r = with_channels(
        "name\ttype\tstatus\nLA1\tDEPTH\tBAD\nLA2\tDEPTH\tnoisy\nLA3\tSEEG\tGood\nEKG\tECG\t\n");
    assert_true(bb_recording_get_info(r)->channels[0].bad && !bb_recording_get_info(r)->channels[1].bad);
    assert_true(has_warning(r, "type 'DEPTH' of 2 channels (LA1) is no BIDS type"));
    assert_true(has_warning(r, "status 'noisy' of 1 channels (LA2)"));
    bb_recording_close(r);
}

/* Going on without a table could lose a bad channel unnoticed. */
/* What a table leaves out costs neither the recording nor the labels that the file has itself. */
static void events_keep_their_labels(void **state) {
    (void)state;
    put_edf("ev/sub-1_ieeg.edf", 2);
    put_text("ev/sub-1_events.tsv", "onset\tduration\tsample\n0.5\t0\t50\n");
    bb_recording *r = opened("ev/sub-1_ieeg.edf");
    assert_int_equal(bb_recording_get_info(r)->event_count, 2);
    assert_text(bb_recording_get_info(r)->events[0].label, "mark");
    assert_int_equal(bb_recording_get_info(r)->events[0].line, 0);
    assert_null(bb_recording_get_info(r)->events_path);
    assert_true(has_warning(r, "has no column of labels: the file's own 2 events were used"));
    bb_recording_close(r);
    put_text("ev/sub-1_events.tsv", "onset\tvalue\n0.5\tgo\nnan\tlost\n");
    r = opened("ev/sub-1_ieeg.edf");
    assert_int_equal(bb_recording_get_info(r)->event_count, 1);
    assert_text(bb_recording_get_info(r)->events[0].label, "go");
    assert_int_equal(bb_recording_get_info(r)->events[0].line, 2);
    assert_text(bb_recording_get_info(r)->events_path, bb_temp_path("ev/sub-1_events.tsv"));
    assert_true(has_warning(r, "1 lines of sub-1_events.tsv have no onset and are left out"));
    bb_recording_close(r);
}

static void blanks_around_cells_say_nothing(void **state) {
    (void)state;
    bb_recording *r = with_channels(
        "name \ttype\tstatus \nLA1\tSEEG \tbad \nLA2\t SEEG\t bad\nLA3\tSEEG\tgood\nEKG\tECG\tgood\n");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->channels[0].bad && info->channels[1].bad && info->warning_count == 0);
    bb_recording_close(r);
    put_text("c/sub-1_electrodes.tsv", "name\tx\ty\tz\nLA1\tNone\tNone\tNone\nLA2\t1\t2\t3\n");
    r = opened("c/sub-1_ieeg.edf");
    info = bb_recording_get_info(r);
    assert_true(!info->channels[0].has_position && info->channels[1].has_position);
    bb_recording_close(r);
}

static void malformed_tables_fail(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *part;
    } cases[] = {
        {"m/sub-1_channels.tsv", "name,type\nLA1,SEEG\n",
         "sub-1_channels.tsv: line 1: expected tab-separated"},
        {"m/sub-1_channels.tsv", "name\ttype\nLA1\tSEEG\n\tSEEG\n", "line 3: expected a channel's name"},
        {"m/sub-1_channels.tsv", "name\tsampling_frequency\nLA1\tfast\n",
         "line 2: expected a sampling frequency"},
        {"m/sub-1_channels.tsv", "name\nX\nY\n",
         "expected the 4 channels of the recording ('LA1', ...), found 2"},
        {"m/sub-1_channels.tsv", "name\ttype\tstatus\n",
         "expected rows for the 4 channels of the recording ('LA1', ...), found none"},
        {"m/sub-1_channels.tsv", "name\tstatus\rLA1\tbad\rLA2\tgood\r", "('LA1', ...), found none"},
        {"m/sub-1_events.tsv", "onset\tduration\n1\t0\nsoon\t0\n",
         "sub-1_events.tsv: line 3: expected an onset"},
        {"m/sub-1_electrodes.tsv", "x\ty\tz\n", "sub-1_electrodes.tsv: line 1: expected"},
        {"m/sub-1_electrodes.tsv", "name\tx\ty\tz\nLA1\t1\t2\tdeep\n",
         "line 2: expected a coordinate, found 'deep'"},
        {"m/sub-1_electrodes.tsv", "name\tx\n\t1\n", "line 2: expected an electrode's name"},
        {"m/sub-1_ieeg.json", "{\"SamplingFrequency\": ", "sub-1_ieeg.json: byte"},
        {"m/sub-1_ieeg.json", "[]", "sub-1_ieeg.json: expected a JSON object"},
        {"m/sub-1_ieeg.json", "{\"SamplingFrequency\": \"fast\"}",
         "\"SamplingFrequency\": expected a number"},
    };
    put_edf("m/sub-1_ieeg.edf", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_recording *r = NULL;
        put_text(cases[i].name, cases[i].text);
        assert_fails(bb_recording_open(bb_temp_path("m/sub-1_ieeg.edf"), NULL, &r, e), BB_ERR_FORMAT,
                     cases[i].part);
        assert_null(r);
        remove(bb_temp_path(cases[i].name));
    }
    put_text("m/sub-1_electrodes.tsv", "name\tx\ty\tz\nLA1\t1\t2\t3\n");
    put_text("m/sub-1_coordsystem.json", "3");
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(bb_temp_path("m/sub-1_ieeg.edf"), NULL, &r, e), BB_ERR_FORMAT,
                 "sub-1_coordsystem.json: expected a JSON object");
}

static void a_mains_frequency_that_is_none_is_left_out(void **state) {
    (void)state;
    static const struct {
        const char *json;
        double hz;
        bool warned;
    } cases[] = {{"50", 50, false},     {"\"50\"", 50, false}, {"\"60 Hz\"", 60, false},
                 {"\"n/a\"", 0, false}, {"null", 0, false},    {"0", 0, true},
                 {"-50", 0, true},      {"\"0\"", 0, true},    {"\"mains\"", 0, true},
                 {"[50]", 0, true},     {"true", 0, true},     {"1e300", 0, true}};
    put_edf("p/sub-1_ieeg.edf", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        char text[64];
        snprintf(text, sizeof text, "{\"PowerLineFrequency\": %s}", cases[i].json);
        put_text("p/sub-1_ieeg.json", text);
        bb_recording *r = opened("p/sub-1_ieeg.edf");
        assert_true(bb_recording_get_info(r)->mains_hz == cases[i].hz);
        assert_int_equal(
            has_warning(r, "sub-1_ieeg.json: \"PowerLineFrequency\": expected a positive number of Hz"),
            cases[i].warned);
        bb_recording_close(r);
    }
}

static void one_of_several_spaces_is_taken(void **state) {
    (void)state;
    put_edf("s/sub-1_ieeg.edf", 0);
    put_text("s/sub-1_space-ACPC_electrodes.tsv", "name\tx\ty\tz\nLA1\t1\t1\t1\n");
    bb_recording *r = opened("s/sub-1_ieeg.edf");
    assert_text(bb_recording_get_info(r)->coordinate_system, "ACPC");
    bb_recording_close(r);
    put_text("s/sub-1_space-MNI305_electrodes.tsv", "name\tx\ty\tz\tDestrieux\tRegion\nLA1\t2\t2\t2\td\tr\n");
    put_text("s/sub-1_space-ACPC_coordsystem.json", "{\"iEEGCoordinateSystem\": \"ACPC\"}");
    put_text("s/sub-1_space-MNI305_coordsystem.json",
             "{\"iEEGCoordinateSystem\": \"n/a\", \"iEEGCoordinateUnits\": \"mm\"}");
    r = opened("s/sub-1_ieeg.edf");
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_text(info->coordinate_system, "MNI305");
    assert_text(info->coordinate_unit, "mm");
    assert_true(info->channels[0].position[0] == 2);
    assert_text(info->channels[0].region, "r");
    assert_true(has_warning(r, "2 tables of electrodes apply; sub-1_space-MNI305_electrodes.tsv was used"));
    bb_recording_close(r);
    put_text("s/sub-1_space-MNI305_electrodes.tsv", "name\tx\ty\tz\nRB1\t2\t2\t2\n");
    r = opened("s/sub-1_ieeg.edf");
    assert_true(has_warning(r, "none of the 1 electrodes"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_applied),
        cmocka_unit_test(tables_are_inherited),
        cmocka_unit_test(folders_outside_a_dataset_are_left_alone),
        cmocka_unit_test(rows_find_their_channels),
        cmocka_unit_test(of_rows_that_contradict_each_other_bad_counts),
        cmocka_unit_test(units_of_the_file_stay),
        cmocka_unit_test(arrays_take_rate_and_unit),
        cmocka_unit_test(a_rate_that_differs_is_told),
        cmocka_unit_test(a_rate_that_the_header_rounds_is_the_sidecars),
        cmocka_unit_test(odd_words_are_told),
        cmocka_unit_test(events_keep_their_labels),
        cmocka_unit_test(blanks_around_cells_say_nothing),
        cmocka_unit_test(malformed_tables_fail),
        cmocka_unit_test(a_mains_frequency_that_is_none_is_left_out),
        cmocka_unit_test(one_of_several_spaces_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
