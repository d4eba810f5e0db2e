/* FIF recordings split over several files. */
#include "made_fif.h"

/* made_raw.fif, made_raw-1.fif, made_raw-2.fif of 80, 80 and 70 samples. */
static const char *made_parts(const export_signal *s, bool numbered) {
    return made_fif(s, &(export_fif_options){.type = EXPORT_FIF_INT,
                                             .buffer = 20,
                                             .part_buffers = 4,
                                             .first_sample = 50,
                                             .numbered = numbered});
}

static void rewrite(const char *from, const char *to, const char *old, const char *new) {
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path(from), &size);
    for (size_t at = 0; old && at + strlen(old) <= size; ++at)
        if (memcmp(bytes + at, old, strlen(old)) == 0) memcpy(bytes + at, new, strlen(old));
    bb_temp_file(to, bytes, size);
    free(bytes);
}

static void parts_are_one_recording(void **state) {
    (void)state;
    const export_signal s = made_signal();
    for (int numbered = 0; numbered < 2; ++numbered) {
        double out[FIF_SAMPLES];
        bb_recording *r = open_fif(made_parts(&s, numbered));
        const bb_recording_info *info = bb_recording_get_info(r);
        assert_int_equal(info->channels[0].samples, FIF_SAMPLES);
        assert_int_equal(info->warning_count, 0);
        assert_false(info->has_gaps);
        for (int64_t first = 0; first < FIF_SAMPLES; first += 3)
            for (size_t c = 0; c < FIF_CHANNELS; ++c) {
                const int64_t n = FIF_SAMPLES - first < 100 ? FIF_SAMPLES - first : 100;
                assert_ok(bb_recording_read(r, &c, 1, first, n, out, e));
                assert_at_most(bb_max_error_f64(out, s.data + (int64_t)c * FIF_SAMPLES + first, (size_t)n),
                               fif_half_step);
            }
        bb_recording_close(r);
    }
}

static void a_later_part_says_that_it_is_one(void **state) {
    (void)state;
    const export_signal s = made_signal();
    made_parts(&s, false);
    bb_recording *r = open_fif(bb_temp_path("made_raw-1.fif"));
    assert_int_equal(bb_recording_get_info(r)->channels[0].samples, 150);
    assert_true(fif_warned(r, "continues a split recording"));
    bb_recording_close(r);
}

static void a_missing_part_is_named(void **state) {
    (void)state;
    const export_signal s = made_signal();
    bb_recording *r = NULL;
    const char *path = made_parts(&s, false);
    assert_int_equal(remove(bb_temp_path("made_raw-2.fif")), 0);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_IO,
                 "made_raw-1.fif: part 3 of the recording is missing: expected 'made_raw-2.fif'");
}

static void parts_are_looked_for_in_the_same_folder_alone(void **state) {
    (void)state;
    const export_signal s = made_signal();
    bb_recording *r = NULL;
    made_parts(&s, false);
    rewrite("made_raw.fif", "up_raw.fif", "made_raw-1.fif", "../etc/passwd1");
    assert_fails(bb_recording_open(bb_temp_path("up_raw.fif"), NULL, &r, e), BB_ERR_REFUSED,
                 "same folder alone, found '../etc/passwd1'");
    rewrite("made_raw.fif", "up_raw.fif", "made_raw-1.fif", "/made_raw-1.fi");
    assert_fails(bb_recording_open(bb_temp_path("up_raw.fif"), NULL, &r, e), BB_ERR_REFUSED,
                 "same folder alone");
}

static void parts_that_lead_back_are_refused(void **state) {
    (void)state;
    const export_signal s = made_signal();
    bb_recording *r = NULL;
    made_parts(&s, false);
    rewrite("made_raw-1.fif", "made_raw-1.fif", "made_raw-2.fif", "made_raw-1.fif");
    assert_fails(bb_recording_open(bb_temp_path("made_raw.fif"), NULL, &r, e), BB_ERR_FORMAT,
                 "found 'made_raw-1.fif', which was read before");
}

static void parts_that_differ_are_refused(void **state) {
    (void)state;
    const export_signal s = made_signal();
    bb_recording *r = NULL;
    const char *path = made_parts(&s, false);
    rewrite("made_raw-1.fif", "made_raw-1.fif", "LA2", "LA3");
    assert_fails(
        bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT,
        "made_raw-1.fif: channel 2: expected LA2 with its calibration as in the first part, found LA3");
    export_signal fewer = s;
    fewer.channel_count = 2;
    export_fif(&fewer, bb_temp_path("made_raw-1.fif"),
               &(export_fif_options){.type = EXPORT_FIF_INT, .buffer = 20});
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_FORMAT,
                 "expected 3 channels at 100 Hz as in the first part, found 2 at 100 Hz");
}

static void time_missing_between_parts_is_a_gap(void **state) {
    (void)state;
    const export_signal s = made_signal();
    const char *path = made_parts(&s, false);
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("made_raw-2.fif"), &size);
    fif_set(bytes + find_tag(bytes, size, 208, 0) + 16, 50 + 160 + 25);
    bb_temp_file("made_raw-2.fif", bytes, size);
    free(bytes);
    bb_recording *r = open_fif(path);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->has_gaps && info->seam_count == 1);
    assert_at_most(fabs(info->seams_s[0] - 1.6), 1e-12); /* rounding: behind 160 samples at 100 Hz */
    assert_true(fif_warned(r, "made_raw-2.fif begins 0.25 s behind the end of the part before it"));
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_one_recording),
        cmocka_unit_test(a_later_part_says_that_it_is_one),
        cmocka_unit_test(a_missing_part_is_named),
        cmocka_unit_test(parts_are_looked_for_in_the_same_folder_alone),
        cmocka_unit_test(parts_that_lead_back_are_refused),
        cmocka_unit_test(parts_that_differ_are_refused),
        cmocka_unit_test(time_missing_between_parts_is_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
