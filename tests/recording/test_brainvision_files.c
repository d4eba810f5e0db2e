/* Which files belong to a recording, whichever of them is named, and real ones of ../shared/data against
 * MNE-Python 1.3 (read_raw_brainvision). */
#include <math.h>
#include <unistd.h>

#include "made_edf.h"

static const unsigned char samples[8] = {1, 0, 2, 0, 3, 0, 4, 0};

static const char *write_header(const char *name, const char *data, const char *markers) {
    char text[1024];
    snprintf(text, sizeof text,
             "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=%s\n%s%s\n"
             "DataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=2\nSamplingInterval=1000\n"
             "[Binary Infos]\nBinaryFormat=INT_16\n[Channel Infos]\nCh1=A1\nCh2=A2\n",
             data, markers ? "MarkerFile=" : "", markers ? markers : "");
    return bb_temp_file(name, text, strlen(text));
}

static void write_markers(const char *name) {
    const char *text = "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
                       "Mk1=Stimulus,x,1,1,0\n";
    bb_temp_file(name, text, strlen(text));
}

/* Opens it, reads a sample and returns it for what else is to be seen. */
static bb_recording *open_good(const char *path, size_t events) {
    bb_recording *r = NULL;
    double out[2];
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_ok(bb_recording_read(r, (const size_t[]){1}, 1, 0, 2, out, e));
    assert_true(out[0] == 2 && out[1] == 4);
    assert_int_equal(bb_recording_get_info(r)->event_count, events);
    return r;
}

static void close_quiet(bb_recording *r) {
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    bb_recording_close(r);
}

static void any_of_the_three_files_opens_the_recording(void **state) {
    (void)state;
    bb_temp_file("any.eeg", samples, sizeof samples);
    write_markers("any.vmrk");
    close_quiet(open_good(write_header("any.vhdr", "any.eeg", "any.vmrk"), 1));
    close_quiet(open_good(bb_temp_path("any.eeg"), 1));
    close_quiet(open_good(bb_temp_path("any.vmrk"), 1));
    close_quiet(open_good(write_header("any.vhdr", "$b.eeg", "$b.vmrk"), 1));
    close_quiet(open_good(write_header("any.vhdr", "any.eeg", NULL), 0));
}

static void a_data_file_that_looks_like_another_format_is_read_by_its_header(void **state) {
    (void)state;
    static const unsigned char like_edf[8] = {'0', 0, 0, 0, 0, 0, 0, 0};
    bb_temp_file("like.dat", like_edf, sizeof like_edf);
    write_header("like.vhdr", "like.dat", NULL);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(bb_temp_path("like.dat"), NULL, &r, e));
    assert_string_equal(bb_recording_get_info(r)->format, "BrainVision");
    bb_recording_close(r);
}

static void renamed_files_are_found_by_the_headers_name(void **state) {
    (void)state;
    bb_temp_file("new.eeg", samples, sizeof samples);
    write_markers("new.vmrk");
    bb_recording *r = open_good(write_header("new.vhdr", "C:\\data\\old.eeg", "old.vmrk"), 1);
    assert_true(warned(r, "as its DataFile, which is not there; 'new.eeg' is read"));
    assert_true(warned(r, "names 'old.vmrk' as its MarkerFile, which is not there; 'new.vmrk' is read"));
    bb_recording_close(r);
    r = open_good(write_header("new.vhdr", "", NULL), 0);
    bb_recording_close(r);
    unlink(bb_temp_path("new.vmrk"));
    r = open_good(write_header("new.vhdr", "new.eeg", "old.vmrk"), 0);
    assert_true(warned(r, "the marker file 'old.vmrk' is not there"));
    bb_recording_close(r);
}

static void files_elsewhere_are_refused(void **state) {
    (void)state;
    bb_recording *r = NULL;
    static const char *const elsewhere[] = {"../new.eeg", "/etc/passwd", "sub/new.eeg", "..", "."};
    bb_temp_file("far.eeg", samples, sizeof samples);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; ++i) {
        assert_fails(bb_recording_open(write_header("far.vhdr", elsewhere[i], NULL), NULL, &r, e),
                     BB_ERR_REFUSED, "DataFile: expected the name of a file beside the header");
        assert_fails(bb_recording_open(write_header("far.vhdr", "far.eeg", elsewhere[i]), NULL, &r, e),
                     BB_ERR_REFUSED, "MarkerFile: expected the name of a file beside the header");
    }
}

static void missing_files_are_told(void **state) {
    (void)state;
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(write_header("lost.vhdr", "gone.eeg", NULL), NULL, &r, e), BB_ERR_IO,
                 "expected 'gone.eeg' beside the header");
    write_markers("alone.vmrk");
    assert_fails(bb_recording_open(bb_temp_path("alone.vmrk"), NULL, &r, e), BB_ERR_FORMAT,
                 "expected the header of this BrainVision recording beside it");
    bb_temp_file("alone.eeg", samples, sizeof samples);
    assert_fails(bb_recording_open(bb_temp_path("alone.eeg"), NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "none of the formats read: BrainVision");
    /* The header means another file than the one that was named. */
    bb_temp_file("mine.eeg", samples, sizeof samples);
    write_header("mine.vhdr", "alone.eeg", NULL);
    assert_fails(bb_recording_open(bb_temp_path("mine.eeg"), NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "the header names 'alone.eeg'");
}

typedef struct expectation {
    size_t channel;
    const char *name;
    double first, second, last; /* uV */
} expectation;

typedef struct real_file {
    const char *path;
    double rate_hz;
    size_t channels, events;
    int64_t samples;
    expectation values[3];
} real_file;

static const real_file real[] = {
    {"data/bids_speech_2000hz/sub-01/ieeg/sub-01_task-audiovisual_run-01_ieeg.vhdr",
     2000,
     6,
     63,
     646130,
     {{0, "G1", 222, 197, -285}, {3, "G4", -657, -714, 209}, {5, "G6", 18, 30, -276}}},
    {"data/brainvision/bids_grip_1000hz/sub-testsub/ses-EphysMedOff/ieeg/"
     "sub-testsub_ses-EphysMedOff_task-gripforce_run-0_ieeg.vhdr",
     1000,
     10,
     0,
     19001,
     {{0, "LFP_RIGHT_0", 13351054.4, 8551262.4, -25864712},
      {5, "ECOG_RIGHT_2", 6556635.2, 157253.3125, 101397369.6},
      {9, "MOV_RIGHT", -315411.175, -310768.95, -299347.075}}},
    {"data/brainvision/bids_hfo_2000hz/sub-01/ses-interictalsleep/ieeg/"
     "sub-01_ses-interictalsleep_run-01_ieeg.vhdr",
     2000,
     50,
     68,
     10000,
     {{0, "IAR1", -67.55051879882812, -92.79540405273437, 33.849423217773435},
      {25, "AL8", -4.484180068969726, -2.39538688659668, -5.084649658203125},
      {49, "PHR8", -67.04777221679687, -90.24990234375, -148.11578369140625}}},
    {"data/brainvision/bids_visual_3051hz/sub-01_ses-01_task-visual_run-01_ieeg.vhdr",
     3051.76, /* the sidecar's; the header says 327.654 us */
     118,
     420,
     3000,
     {{0, "iEEG1", 44, 45, -18}, {59, "iEEG60", 38, 39, 25}, {117, "iEEG118", 2085, 1972, 2161}}},
};

static void check_values(bb_recording *r, const expectation *x) {
    const bb_channel *c = &bb_recording_get_info(r)->channels[x->channel];
    double first[2], last;
    assert_string_equal(c->name, x->name);
    assert_string_equal(c->unit, "uV");
    assert_ok(bb_recording_read(r, &x->channel, 1, 0, 2, first, e));
    assert_ok(bb_recording_read(r, &x->channel, 1, c->samples - 1, 1, &last, e));
    /* 1e-12 of the value: the other reader scales to volts and back */
    assert_at_most(fabs(first[0] / x->first - 1), 1e-12);
    assert_at_most(fabs(first[1] / x->second - 1), 1e-12);
    assert_at_most(fabs(last / x->last - 1), 1e-12);
}

static void real_recordings_agree_with_another_reader(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof *real; ++i) {
        const char *path = bb_shared_path(real[i].path);
        bb_recording *r = NULL;
        if (!path) continue;
        assert_ok(bb_recording_open(path, NULL, &r, e));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_true(info->rate_hz == real[i].rate_hz);
        assert_true(info->duration_s == (double)real[i].samples / real[i].rate_hz);
        assert_int_equal(info->channel_count, real[i].channels);
        assert_int_equal(info->channels[0].samples, real[i].samples);
        assert_int_equal(info->event_count, real[i].events);
        for (int c = 0; c < 3; ++c) check_values(r, &real[i].values[c]);
        if (i == 0) {
            assert_string_equal(info->events[2].label, "visual"); /* events.tsv, not the markers */
            assert_true(info->events[2].onset_s == 13.1935 && info->events[2].duration_s == 0);
        }
        bb_recording_close(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_of_the_three_files_opens_the_recording),
        cmocka_unit_test(a_data_file_that_looks_like_another_format_is_read_by_its_header),
        cmocka_unit_test(renamed_files_are_found_by_the_headers_name),
        cmocka_unit_test(files_elsewhere_are_refused),
        cmocka_unit_test(missing_files_are_told),
        cmocka_unit_test(real_recordings_agree_with_another_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
