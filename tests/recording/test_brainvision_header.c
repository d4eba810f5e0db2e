/* Headers and markers by hand: old spellings, oddities that are told, damage that is refused. */
#include "made_edf.h"

/* Two channels of int16, three samples: 1 -2, 3 4, -5 6. */
static const unsigned char samples[12] = {1, 0, 0xfe, 0xff, 3, 0, 4, 0, 0xfb, 0xff, 6, 0};

#define FIRST_LINE "Brain Vision Data Exchange Header File Version 1.0\r\n"
#define COMMON(more) "[Common Infos]\nDataFile=made.eeg\nNumberOfChannels=2\nSamplingInterval=1000\n" more
#define LAYOUT "DataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
#define BINARY "[Binary Infos]\nBinaryFormat=INT_16\n"
#define TWO_CHANNELS "[Channel Infos]\nCh1=A1,,0.5,uV\nCh2=A2,,2,uV\n"

static const char *made_path(const char *header) {
    bb_temp_file("made.eeg", samples, sizeof samples);
    return bb_temp_file("made.vhdr", header, strlen(header));
}

static bb_recording *open_header(const char *header) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(made_path(header), NULL, &r, e));
    return r;
}

static void refuse(const char *header, bb_status status, const char *part) {
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(made_path(header), NULL, &r, e), status, part);
    assert_null(r);
}

static void check_samples(bb_recording *r) {
    double out[6];
    const double expected[6] = {0.5, 1.5, -2.5, -4, 8, 12};
    assert_ok(bb_recording_read(r, (const size_t[]){0, 1}, 2, 0, 3, out, e));
    assert_memory_equal(out, expected, sizeof out);
}

static void every_spelling_of_the_first_line_is_known(void **state) {
    (void)state;
    static const char *const lines[] = {"Brain Vision Data Exchange Header File Version 1.0",
                                        "BrainVision Data Exchange Header File Version 1.0",
                                        "Brain Vision Data Exchange Header File Version 2.0",
                                        "Brain Vision Core Data Exchange Header File, Version 1.0",
                                        "Brain Vision V-Amp Data Header File Version 1.0",
                                        "\xef\xbb\xbf"
                                        "BrainVision Data Exchange Header File Version 1.0\r"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; ++i) {
        char text[1024];
        snprintf(text, sizeof text, "%s\n%s", lines[i], COMMON(LAYOUT) BINARY TWO_CHANNELS);
        bb_recording *r = open_header(text);
        check_samples(r);
        assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
        bb_recording_close(r);
    }
}

static void comments_blanks_cases_and_free_text_are_passed_over(void **state) {
    (void)state;
    bb_recording *r =
        open_header(FIRST_LINE "; a comment = nothing\r\n\r\n[Common infos]\r\nno equals sign\r\n"
                               " datafile = made.eeg \r\nNUMBEROFCHANNELS=2\r\n;NumberOfChannels=7\r\n"
                               "SamplingInterval=1,0e3\r\nDataType=TimeDomain\r\n" LAYOUT BINARY
                               "UseBigEndianOrder=no\r\nDataOffset=0\r\n"
                               "[Channel Infos]\r\n; Ch1=X\r\nCh2=A2,A1,2,uV,future\r\nCh1= A1 ,, 0.5 ,uV\r\n"
                               "[Coordinates]\r\nCh1=1,2,3\r\nCh9=1,2,3\r\n"
                               "[Comment]\r\n[Channel Infos]\r\nCh3=\r\nNumberOfChannels=9");
    check_samples(r);
    assert_string_equal(bb_recording_get_info(r)->channels[0].name, "A1");
    assert_true(bb_recording_get_info(r)->rate_hz == 1000);
    assert_int_equal(bb_recording_get_info(r)->warning_count, 0);
    bb_recording_close(r);
}

static void units_and_resolutions_decide_the_scale(void **state) {
    (void)state;
    const size_t channels[2] = {0, 1};
    double out[2];
    bb_recording *r = open_header(FIRST_LINE COMMON(LAYOUT) BINARY "[Channel Infos]\nCh1=A1\nCh2=A2,,0.5,\xb0"
                                                                   "C\n");
    const bb_channel *c = bb_recording_get_info(r)->channels;
    assert_ok(bb_recording_read(r, channels, 2, 0, 1, out, e));
    assert_true(out[0] == 1 && out[1] == -1);
    assert_string_equal(c[0].unit, "uV");
    assert_int_equal(c[0].type, BB_CHANNEL_IEEG);
    assert_string_equal(c[1].unit, "\xc2\xb0"
                                   "C");
    assert_int_equal(c[1].type, BB_CHANNEL_MISC);
    assert_true(warned(r, "of 1 channels (A2) is no voltage"));
    bb_recording_close(r);

    r = open_header(FIRST_LINE COMMON(LAYOUT) BINARY "[Channel Infos]\nCh1=,,x,uV\nCh2=A2,,-0.5,mV\n");
    c = bb_recording_get_info(r)->channels;
    assert_ok(bb_recording_read(r, channels, 2, 0, 1, out, e));
    assert_true(out[0] == 1 && out[1] == 1000);
    assert_string_equal(c[0].name, "ch1");
    assert_string_equal(c[0].unit, "digital");
    assert_true(c[1].low == -32767 * 500. && c[1].high == 32768 * 500.);
    assert_true(warned(r, "resolution of 1 channels, the first is Ch1"));
    assert_true(warned(r, "1 channels without a name"));
    bb_recording_close(r);
}

static void odd_lengths_are_told(void **state) {
    (void)state;
    bb_recording *r = open_header(FIRST_LINE COMMON(LAYOUT "DataPoints=5\n") BINARY TWO_CHANNELS);
    assert_true(warned(r, "says 5 samples, the data file holds 3"));
    check_samples(r);
    bb_recording_close(r);
    const char *path = made_path(FIRST_LINE COMMON(LAYOUT) BINARY TWO_CHANNELS);
    bb_temp_file("made.eeg", samples, 11);
    assert_ok(bb_recording_open(path, NULL, &r, e));
    assert_int_equal(bb_recording_get_info(r)->channels[0].samples, 2);
    assert_true(warned(r, "3 bytes behind the last whole sample"));
    bb_recording_close(r);
    r = open_header(FIRST_LINE
                    "[Common Infos]\nDataFile=made.eeg\nNumberOfChannels=2\nSamplingInterval=327.65\n" LAYOUT
                    "SegmentationType=MARKERBASED\n" BINARY TWO_CHANNELS);
    assert_true(bb_recording_get_info(r)->rate_hz == 1e6 / 327.65 && bb_recording_get_info(r)->has_gaps);
    assert_true(warned(r, "no whole number: 3052.037"));
    assert_true(warned(r, "cut into segments"));
    assert_int_equal(bb_recording_get_info(r)->seam_count, 0);
    bb_recording_close(r);
}

static void an_interval_of_few_decimals_is_a_whole_rate(void **state) {
    (void)state;
    bb_recording *r = open_header(
        FIRST_LINE
        "[Common Infos]\nDataFile=./made.eeg\nNumberOfChannels=2\nSamplingInterval=833.333333\n" LAYOUT BINARY
            TWO_CHANNELS);
    assert_true(bb_recording_get_info(r)->rate_hz == 1200 && bb_recording_get_info(r)->warning_count == 0);
    bb_recording_close(r);
}

static void segments_of_one_length_meet_where_it_says(void **state) {
    (void)state;
    for (int points = 0; points <= 3; ++points) {
        char header[1024];
        snprintf(header, sizeof header,
                 FIRST_LINE COMMON(LAYOUT "SegmentationType=MARKERBASED\nSegmentDataPoints=%d\n")
                     BINARY TWO_CHANNELS,
                 points);
        bb_recording *r = open_header(header);
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_int_equal(info->seam_count, points == 1 ? 2 : points == 2 ? 1 : 0);
        for (size_t i = 0; i < info->seam_count; ++i)
            assert_true(info->seams_s[i] == (double)((i + 1) * (size_t)points) / 1000);
        bb_recording_close(r);
    }
}

#define VECTORIZED "DataFormat=BINARY\nDataOrientation=VECTORIZED\n"

static void channels_one_behind_the_other_must_be_whole(void **state) {
    (void)state;
    const size_t channels[2] = {0, 1};
    double out[4];
    bb_recording *r = open_header(FIRST_LINE COMMON(VECTORIZED "DataPoints=2\n") BINARY TWO_CHANNELS);
    assert_ok(bb_recording_read(r, channels, 2, 0, 2, out, e));
    assert_true(out[0] == 0.5 && out[1] == -1 && out[2] == 6 && out[3] == 8);
    assert_true(warned(r, "4 bytes behind the last whole sample"));
    bb_recording_close(r);
    refuse(FIRST_LINE COMMON(VECTORIZED "DataPoints=4\n") BINARY TWO_CHANNELS, BB_ERR_FORMAT,
           "of 4 samples by the header, found 12 bytes, enough for 3");
    const char *path = made_path(FIRST_LINE COMMON(VECTORIZED) BINARY TWO_CHANNELS);
    bb_temp_file("made.eeg", samples, 11);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT, "found 11 bytes");
}

static void damaged_headers_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *header, *part;
        bb_status status;
    } cases[] = {
        {FIRST_LINE, "[Common Infos] DataFormat: expected BINARY", BB_ERR_FORMAT},
        {FIRST_LINE COMMON("DataFormat=ASCII\n"), "found 'ASCII'", BB_ERR_UNSUPPORTED},
        {FIRST_LINE COMMON(LAYOUT "DataType=FREQUENCYDOMAIN\n") BINARY TWO_CHANNELS,
         "DataType: expected TIMEDOMAIN, found 'FREQUENCYDOMAIN'", BB_ERR_UNSUPPORTED},
        {FIRST_LINE COMMON("DataFormat=BINARY\nDataOrientation=MIXED\n"),
         "DataOrientation: expected MULTIPLEXED or VECTORIZED, found 'MIXED'", BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) TWO_CHANNELS, "[Binary Infos] BinaryFormat: expected INT_16",
         BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) "[Binary Infos]\nBinaryFormat=INT_24\n" TWO_CHANNELS, "found 'INT_24'",
         BB_ERR_UNSUPPORTED},
        {FIRST_LINE COMMON(LAYOUT) BINARY "UseBigEndianOrder=MAYBE\n" TWO_CHANNELS,
         "UseBigEndianOrder: expected YES or NO, found 'MAYBE'", BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) BINARY "DataOffset=12\n" TWO_CHANNELS,
         "DataOffset: expected 0, found '12'", BB_ERR_UNSUPPORTED},
        {FIRST_LINE "[Common Infos]\nNumberOfChannels=0\n" LAYOUT BINARY, "a whole number from 1 to 65536",
         BB_ERR_FORMAT},
        {FIRST_LINE "[Common Infos]\nNumberOfChannels=1e9\n" LAYOUT BINARY, "found '1e9'", BB_ERR_FORMAT},
        {FIRST_LINE "[Common Infos]\nNumberOfChannels=2\nSamplingInterval=-1\n" LAYOUT BINARY,
         "SamplingInterval: expected a number of microseconds", BB_ERR_FORMAT},
        {FIRST_LINE "[Common Infos]\nNumberOfChannels=2\n" LAYOUT BINARY,
         "SamplingInterval: expected a number of microseconds from 0.001 to 1e9, found none", BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT "DataPoints=x\n") BINARY TWO_CHANNELS,
         "DataPoints: expected a whole number", BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) BINARY "[Channel Infos]\nCh1=A1,,1\n", "expected Ch1 to Ch2, found no Ch2",
         BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) BINARY TWO_CHANNELS "Ch3=A3,,1\n",
         "line 13: expected a channel from Ch1 to Ch2, each once, found 'Ch3'", BB_ERR_FORMAT},
        {FIRST_LINE COMMON(LAYOUT) BINARY TWO_CHANNELS "Ch1=A3,,1\n", "found 'Ch1'", BB_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        refuse(cases[i].header, cases[i].status, cases[i].part);
    const char *path = made_path(FIRST_LINE COMMON(LAYOUT) BINARY TWO_CHANNELS);
    bb_temp_file("made.eeg", samples, 3);
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT,
                 "expected samples of 2 channels, 4 bytes each time, found 3 bytes");
    bb_temp_file("made.vhdr", "damaged", 7);
    assert_fails(bb_recording_open(bb_temp_path("made.eeg"), NULL, &r, e), BB_ERR_FORMAT,
                 "line 1: expected 'Brain Vision");
}

static void open_with_markers(const char *markers, bb_recording **r) {
    bb_temp_file("made.vmrk", markers, strlen(markers));
    *r = open_header(FIRST_LINE COMMON("MarkerFile=made.vmrk\n" LAYOUT) BINARY TWO_CHANNELS);
}

#define MARKER_LINE "Brain Vision Data Exchange Marker File, Version 1.0\r\n[Marker Infos]\r\n"

static void markers_are_events(void **state) {
    (void)state;
    bb_recording *r = NULL;
    open_with_markers(MARKER_LINE "Mk1=New Segment,,1,1,0,20131207082920000000\r\n; Mk2=Comment,x,1,1,0\r\n"
                                  "Mk2=Stimulus,S  1,2,1,0\r\nMk3=Response,,3,2,1\r\nMk4=,a\\1 b\xb5,1,,0\r\n"
                                  "[Marker User Infos]\r\nProp1=x\r\n",
                      &r);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->event_count, 3);
    assert_string_equal(info->events[0].label, "a, b\xc2\xb5");
    assert_string_equal(info->events[1].label, "Stimulus/S  1");
    assert_string_equal(info->events[2].label, "Response");
    assert_true(info->events[1].onset_s == 0.001 && info->events[1].duration_s == 0.001);
    assert_true(info->events[2].onset_s == 0.002 && info->events[2].duration_s == 0.002);
    assert_true(info->events[0].onset_s == 0 && info->events[0].duration_s == 0);
    assert_true(!info->has_gaps && info->warning_count == 0);
    bb_recording_close(r);
}

static void odd_markers_are_told(void **state) {
    (void)state;
    bb_recording *r = NULL;
    open_with_markers(MARKER_LINE "Mk1=New Segment,,1,1,0\nMk2=New Segment,,3,1,0\nMk3=Stimulus,a,4,1,0\n"
                                  "Mk4=Stimulus,b,0,1,0\nMk5=Stimulus,c,x,1,0\nMk6=Stimulus\nfoo=1\n"
                                  "Mk7=Stimulus,d,3,-7,0\n",
                      &r);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->event_count, 1);
    assert_true(info->events[0].onset_s == 0.002 && info->events[0].duration_s == 0 && info->has_gaps);
    assert_true(info->seam_count == 1 && info->seams_s[0] == 0.002);
    assert_true(warned(r, "2 pieces recorded at different times are joined"));
    assert_true(warned(r, "2 markers outside the recording"));
    assert_true(warned(r, "3 markers are not of the form"));
    bb_recording_close(r);
    open_with_markers("[Marker Infos]\nMk1=Stimulus,a,1,1,0\n", &r);
    assert_int_equal(bb_recording_get_info(r)->event_count, 1);
    assert_true(warned(r, "the first line of 'made.vmrk' is not that of a marker file"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_of_the_first_line_is_known),
        cmocka_unit_test(comments_blanks_cases_and_free_text_are_passed_over),
        cmocka_unit_test(units_and_resolutions_decide_the_scale),
        cmocka_unit_test(odd_lengths_are_told),
        cmocka_unit_test(an_interval_of_few_decimals_is_a_whole_rate),
        cmocka_unit_test(segments_of_one_length_meet_where_it_says),
        cmocka_unit_test(channels_one_behind_the_other_must_be_whole),
        cmocka_unit_test(damaged_headers_are_refused_with_their_place),
        cmocka_unit_test(markers_are_events),
        cmocka_unit_test(odd_markers_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
