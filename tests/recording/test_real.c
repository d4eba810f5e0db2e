/* Real files of ../shared/data: what info says, and values, against MNE-Python 1.3 (read_raw_edf). */
#include <math.h>

#include "made_edf.h"

typedef struct expectation {
    size_t channel;
    const char *name;
    bb_channel_type type;
    double first, second, last; /* uV */
} expectation;

static bb_recording *open_shared(const char *name) {
    const char *path = bb_shared_path(name);
    bb_recording *r = NULL;
    if (path) assert_ok(bb_recording_open(path, NULL, &r, e));
    return r;
}

static void check_channel(bb_recording *r, const expectation *x) {
    const bb_channel *c = &bb_recording_get_info(r)->channels[x->channel];
    double first[2], last;
    assert_string_equal(c->name, x->name);
    assert_int_equal(c->type, x->type);
    assert_string_equal(c->unit, "uV");
    assert_ok(bb_recording_read(r, &x->channel, 1, 0, 2, first, e));
    assert_ok(bb_recording_read(r, &x->channel, 1, c->samples - 1, 1, &last, e));
    /* 1e-9 of the value: the other reader scales to volts and back */
    assert_at_most(fabs(first[0] / x->first - 1), 1e-9);
    assert_at_most(fabs(first[1] / x->second - 1), 1e-9);
    assert_at_most(fabs(last / x->last - 1), 1e-9);
}

static size_t brain_channels(bb_recording *r) {
    size_t count = 0;
    for (size_t i = 0; i < bb_recording_get_info(r)->channel_count; ++i)
        count += bb_channel_is_brain(bb_recording_get_info(r)->channels[i].type);
    return count;
}

static void a_file_with_records_of_an_eighth_second(void **state) {
    (void)state;
    bb_recording *r = open_shared("data/edf/naplib_2048hz.edf");
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "EDF");
    assert_true(info->rate_hz == 2048 && info->duration_s == 2);
    assert_int_equal(info->channel_count, 115);
    assert_int_equal(info->channels[0].samples, 4096);
    assert_int_equal(info->event_count, 0);
    assert_int_equal(brain_channels(r), 104);
    assert_true(warned(r, "1 bytes behind the last whole data record"));
    check_channel(r, &(expectation){0, "G1", BB_CHANNEL_IEEG, -37.35089646753641, -37.35089646753641,
                                    -18.74190890363925});
    check_channel(r, &(expectation){57, "G58", BB_CHANNEL_IEEG, 110.72347600518808, 110.1917906462196,
                                    6.513145647364029});
    check_channel(r, &(expectation){114, "Pleth", BB_CHANNEL_MISC, 2144983653.1480277, 2144983653.1480277,
                                    2144983653.1480277});
    assert_string_equal(info->channels[112].unit, "%");
    bb_recording_close(r);
}

static void a_file_with_a_rate_that_is_no_whole_number(void **state) {
    (void)state;
    bb_recording *r = open_shared("data/edf/sample_ecog.edf");
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "EDF+");
    assert_true(info->rate_hz == 238 / 0.23814);
    assert_int_equal(info->channel_count, 78);
    assert_int_equal(info->channels[0].samples, 21658);
    assert_int_equal(brain_channels(r), 76);
    assert_int_equal(info->event_count, 1);
    assert_string_equal(info->events[0].label, "eeg sz start");
    assert_true(info->events[0].onset_s == 10.22874);
    assert_true(warned(r, "78 channels is no whole number: 999.4121105 Hz"));
    check_channel(
        r, &(expectation){0, "C1", BB_CHANNEL_IEEG, 5014.802561729444, 4981.306976870564, 5182.812161973985});
    check_channel(r, &(expectation){39, "C40", BB_CHANNEL_IEEG, 2672.238325408417, 2640.8694443501013,
                                    2057.089251095338});
    check_channel(r, &(expectation){77, "EKGR", BB_CHANNEL_ECG, 4365.0945506572025, 4671.871573888531,
                                    4811.702348775601});
    bb_recording_close(r);
}

static void a_file_with_events_and_direct_current_in_millivolts(void **state) {
    (void)state;
    bb_recording *r = open_shared("data/edf/sample_seeg.edf");
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(info->rate_hz == 1000 && info->duration_s == 20);
    assert_int_equal(info->channel_count, 98);
    assert_int_equal(info->channels[0].samples, 20000);
    assert_int_equal(brain_channels(r), 88);
    assert_int_equal(info->event_count, 3);
    assert_string_equal(info->events[1].label, "test mark");
    assert_true(info->events[0].onset_s == 5 && info->events[1].onset_s == 7 &&
                info->events[2].onset_s == 10);
    assert_int_equal(info->warning_count, 0);
    check_channel(r, &(expectation){0, "L'1", BB_CHANNEL_IEEG, 4.199046646830076, 2.343577996490563,
                                    -28.418139101243472});
    check_channel(r, &(expectation){49, "O'2", BB_CHANNEL_IEEG, 24.902170534828855, 25.19513926909299,
                                    -1.9532967727167305});
    check_channel(r, &(expectation){97, "EKG2", BB_CHANNEL_ECG, 10.546702555886306, -6.640796520942869,
                                    15.917796017395425});
    assert_string_equal(info->channels[34].name, "DC01");
    assert_int_equal(info->channels[34].type, BB_CHANNEL_MISC);
    assert_string_equal(info->channels[34].unit, "uV");
    bb_recording_close(r);
}

/* Every name of the electrodes' table is a brain channel of the recording. */
static void check_electrodes(const char *recording, const char *table) {
    bb_recording *r = open_shared(recording);
    const char *path = bb_shared_path(table);
    if (!r || !path) {
        bb_recording_close(r);
        return;
    }
    FILE *file = fopen(path, "r");
    char line[256];
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    size_t found = 0, rows = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\t\n")] = '\0';
        if (!line[0]) continue;
        ++rows;
        for (size_t i = 0; i < bb_recording_get_info(r)->channel_count; ++i) {
            const bb_channel *c = &bb_recording_get_info(r)->channels[i];
            found += strcmp(c->name, line) == 0 && bb_channel_is_brain(c->type);
        }
    }
    fclose(file);
    assert_true(rows > 60);
    assert_int_equal(found, rows);
    bb_recording_close(r);
}

static void contacts_with_a_place_in_the_brain_are_brain_channels(void **state) {
    (void)state;
    check_electrodes("data/edf/sample_seeg.edf", "data/edf/sample_seeg_electrodes.tsv");
    check_electrodes("data/edf/sample_ecog.edf", "data/edf/sample_ecog_electrodes.tsv");
}

static void a_bare_array_of_one_trace(void **state) {
    (void)state;
    bb_recording *r = open_shared("data/npz/btb_electrode_5s_2048hz.npy");
    if (!r) return;
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_string_equal(info->format, "npy");
    assert_true(info->rate_hz == 2048 && info->duration_s == 5 && info->preprocessed);
    assert_int_equal(info->channel_count, 1);
    assert_int_equal(info->channels[0].samples, 10240);
    const size_t channel = 0;
    double out[3];
    assert_ok(bb_recording_read(r, &channel, 1, 0, 1, &out[0], e));
    assert_ok(bb_recording_read(r, &channel, 1, 5000, 1, &out[1], e));
    assert_ok(bb_recording_read(r, &channel, 1, 10239, 1, &out[2], e));
    assert_true(out[0] == 14.99378969435233 && out[1] == 4.524951419690204 && out[2] == -6.568488189468894);
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_with_records_of_an_eighth_second),
        cmocka_unit_test(a_file_with_a_rate_that_is_no_whole_number),
        cmocka_unit_test(a_file_with_events_and_direct_current_in_millivolts),
        cmocka_unit_test(contacts_with_a_place_in_the_brain_are_brain_channels),
        cmocka_unit_test(a_bare_array_of_one_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
