/* Tables beside a recording that has no BIDS name. */
#include "made_tree.h"

static bb_recording *with(const char *ending, const char *table) {
    char name[64];
    snprintf(name, sizeof name, "p/two words.v2%s", ending);
    put_text(name, table);
    return opened("p/two words.v2.EDF");
}

static void without(const char *ending) {
    char name[64];
    snprintf(name, sizeof name, "p/two words.v2%s", ending);
    remove(bb_temp_path(name));
}

static void tables_are_found_by_the_name_before_the_ending(void **state) {
    (void)state;
    put_edf("all/two words.v2.EDF", 2);
    put_text("all/two words_channels.tsv", "broken");
    put_text("all/channels.tsv", "broken");
    put_text("all/two words.v2_channels.tsv",
             "name\ttype\tstatus\nLA1\tECOG\tbad\nLA2\tSEEG\tgood\nLA3\tSEEG\tgood\nEKG\tECG\tgood\n");
    put_text("all/two words.v2_events.tsv", "onset\tduration\ttrial_type\n0.5\t0.1\tgo\n1.5\t0\tstop\n");
    put_text("all/two words.v2_electrodes.tsv",
             "name\tx\ty\tz\tregion\nLA1\t1\t2\t3\tinsula\nLA2\t4\t5\t6\tn/a\n");
    put_text("all/two words.v2_electrodes_labels.tsv",
             "name\tx\ty\tz\tgroup\tdestriuex\tDesikan-Killiany\n"
             "LA2\t7\t8\t9\tG\td2\tdk2\nLA1\tx\tx\tx\tG\td1\tdk1\nLA3\tn/a\t0\t0\tG\td3\tdk3\n");
    put_text("all/two words.v2_coordsystem.json",
             "{\"iEEGCoordinateSystem\": \"ACPC\", \"iEEGCoordinateUnits\": \"mm\"}");
    bb_recording *r = opened("all/two words.v2.EDF");
    const bb_recording_info *info = bb_recording_get_info(r);
    const bb_channel *c = info->channels;
    assert_int_equal(info->warning_count, 0);
    assert_true(c[0].bad && !c[1].bad && c[0].type == BB_CHANNEL_ECOG && c[3].type == BB_CHANNEL_ECG);
    assert_int_equal(info->event_count, 2);
    assert_text(info->events[0].label, "go");
    assert_true(c[0].has_position && c[0].position[0] == 1 && c[1].position[2] == 6 && !c[2].has_position);
    assert_text(c[0].region, "insula"); /* as the first table has it */
    assert_text(c[1].region, "dk2");
    assert_text(c[2].region, "dk3");
    assert_text(c[2].group, NULL);
    assert_text(info->coordinate_system, "ACPC");
    assert_text(info->coordinate_unit, "mm");
    assert_int_equal(info->file_count, 6);
    bb_recording_close(r);
}

/* All but channels, whose marks must not get lost. */
static void what_is_wrong_is_warned_of(void **state) {
    (void)state;
    put_edf("p/two words.v2.EDF", 2);
    static const struct {
        const char *ending, *table, *warning;
        size_t files;
    } cases[] = {
        {"_events.tsv", "onset\tduration\n0\t0\nsoon\t0\n", "line 3: expected an onset", 1},
        {"_events.tsv", "x\n", "with 'onset' among them", 1},
        {"_electrodes.tsv", "name\tx\ty\tz\nLA1\t1\t1\t1\nLA2\t1\tup\t1\n", "line 3: expected a coordinate",
         1},
        {"_electrodes.tsv", "name\tx\ty\tz\nQ1\t1\t1\t1\n", "none of the 1 electrodes", 2},
        {"_electrodes_labels.tsv", "label\nx\n", "with 'name' among them", 1},
        {"_electrodes_labels.tsv", "name\tlabel\nQ1\tx\n", "no regions are known", 2},
        {"_coordsystem.json", "[]", "expected a JSON object", 1},
        {"_coordsystem.json", "{", "_coordsystem.json", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_recording *r = with(cases[i].ending, cases[i].table);
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_int_equal(info->warning_count, 1);
        assert_true(has_warning(r, cases[i].warning));
        assert_int_equal(info->file_count, cases[i].files);
        assert_int_equal(info->event_count, 2);
        for (size_t c = 0; c < info->channel_count; ++c)
            assert_true(!info->channels[c].has_position && !info->channels[c].region);
        bb_recording_close(r);
        without(cases[i].ending);
    }
    static const char *const tables[] = {"broken", "name\nQ1\n", "name\tsampling_frequency\nLA1\tfast\n"};
    for (size_t i = 0; i < 3; ++i) {
        bb_recording *r = NULL;
        put_text("p/two words.v2_channels.tsv", tables[i]);
        assert_fails(bb_recording_open(bb_temp_path("p/two words.v2.EDF"), NULL, &r, e), BB_ERR_FORMAT,
                     "two words.v2_channels.tsv: ");
        without("_channels.tsv");
    }
}

static void an_array_takes_its_rate_and_unit(void **state) {
    (void)state;
    put_npy("p/a.npy", 2, 8);
    put_text("p/a_channels.tsv",
             "name\ttype\tunits\tsampling_frequency\nX1\tSEEG\tmV\t512\nX2\tSEEG\tmV\t512\n");
    bb_recording *r = opened("p/a.npy");
    const bb_recording_info *info = bb_recording_get_info(r);
    double out[2];
    assert_true(info->rate_hz == 512);
    assert_text(info->channels[1].name, "X2");
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1}, 2, 0, 1, out, e));
    assert_true(out[0] == 1000 && out[1] == 9000);
    bb_recording_close(r);
}

static void a_bids_name_is_left_to_its_tree(void **state) {
    (void)state;
    put_edf("q/sub-1_ieeg.edf", 0);
    put_text("q/sub-1_ieeg_channels.tsv", "broken");
    put_text("q/.edf", "");
    bb_recording_close(opened("q/sub-1_ieeg.edf"));
    put_edf("q/.edf", 0);
    put_text("q/_channels.tsv", "broken");
    bb_recording_close(opened("q/.edf"));
}

/* Published recordings with tables of this kind. */
static void published_tables_are_applied(void **state) {
    (void)state;
    const char *path = bb_shared_path("data/edf/sample_seeg.edf");
    if (!path) return;
    bb_recording *r;
    assert_ok(bb_recording_open(path, NULL, &r, e));
    const bb_recording_info *info = bb_recording_get_info(r);
    size_t placed = 0, named = 0;
    for (size_t i = 0; i < info->channel_count; ++i) {
        placed += info->channels[i].has_position;
        named += info->channels[i].region != NULL;
    }
    assert_true(placed == 88 && named == 88 && info->channel_count == 98);
    const bb_channel *c = &info->channels[1];
    assert_text(c->name, "L'2");
    assert_text(c->region, "ctx-lh-superiorfrontal");
    assert_true(c->position[0] == -5.283937214997682);
    assert_true(!info->coordinate_system && !info->coordinate_unit);
    bb_recording_close(r);
    assert_ok(bb_recording_open(bb_shared_path("data/edf/sample_ecog.edf"), NULL, &r, e));
    info = bb_recording_get_info(r);
    assert_text(info->channels[0].name, "C1");
    assert_true(info->channels[0].has_position && info->channels[0].position[2] == 0.0702);
    assert_true(!info->channels[0].region && !info->coordinate_system && !info->coordinate_unit);
    bb_recording_close(r);
}

/* 2 s of two channels with a pause in the middle, and an event in either half. */
static void put_paused(void) {
    static const unsigned char samples[2000 * 4];
    put_text("p/r.vhdr",
             "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=r.eeg\n"
             "MarkerFile=r.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=2\n"
             "SamplingInterval=1000\n[Binary Infos]\nBinaryFormat=INT_16\n"
             "[Channel Infos]\nCh1=A1\nCh2=A2\n");
    put_text("p/r.vmrk", "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
                         "Mk1=New Segment,,1,1,0\nMk2=Stimulus,S1,101,1,0\nMk3=New Segment,,1001,1,0\n"
                         "Mk4=Stimulus,S1,1101,1,0\n");
    bb_temp_file("p/r.eeg", samples, sizeof samples);
}

static void a_table_in_joined_time_is_used(void **state) {
    (void)state;
    static const struct {
        const char *text, *label;
    } cases[] = {{"onset\ttrial_type\n0.1\tgo\n1.1\tstop\n", "stop"},
                 {"onset\ttrial_type\n0.1\tgo\n6.1\tstop\n", "Stimulus/S1"},
                 {"onset\ttrial_type\n", "Stimulus/S1"}};
    put_paused();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        put_text("p/r_events.tsv", cases[i].text);
        bb_recording *r = opened("p/r.vhdr");
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_true(info->has_gaps && info->event_count == 2);
        assert_text(info->events[1].label, cases[i].label);
        assert_true(has_warning(r, "but the recording has gaps") == (i > 0));
        bb_recording_close(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_found_by_the_name_before_the_ending),
        cmocka_unit_test(what_is_wrong_is_warned_of),
        cmocka_unit_test(an_array_takes_its_rate_and_unit),
        cmocka_unit_test(a_bids_name_is_left_to_its_tree),
        cmocka_unit_test(published_tables_are_applied),
        cmocka_unit_test(a_table_in_joined_time_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
