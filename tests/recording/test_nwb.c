/* NWB files as their libraries lay them out, written here by hand. */
#include <math.h>

#include "hdf5_parts.h"
#include "made_edf.h"

enum { CHANNELS = 3, SAMPLES = 500 };

static double samples_of[CHANNELS * SAMPLES];
static const char *const names_of[CHANNELS] = {"LA1", "LA2", "EKG1"};
static const export_event events_of[] = {{0.1, 0.2, "word"}, {0.4, 0.05, "pause"}};

static export_signal signal_of(void) {
    for (int c = 0; c < CHANNELS; ++c)
        for (int t = 0; t < SAMPLES; ++t) samples_of[c * SAMPLES + t] = (c - 1) * 100 + (t % 50) * 0.5;
    return (export_signal){1000, CHANNELS, SAMPLES, names_of, samples_of, 2, events_of};
}

static bb_recording *open_file(const char *path, const char *data) {
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, &(bb_recording_options){.data_name = data}, &r, e));
    return r;
}

static void check_samples(bb_recording *r) {
    double out[CHANNELS * 400];
    assert_ok(bb_recording_read(r, (const size_t[]){2, 0, 1}, 3, 50, 400, out, e));
    for (int i = 0; i < 3; ++i)
        for (int t = 0; t < 400; ++t) /* two roundings of the factor to uV, values up to 200 */
            assert_at_most(fabs(out[i * 400 + t] - samples_of[(i + 2) % 3 * SAMPLES + 50 + t]), 1e-12 * 200);
}

static void every_layout_and_kind_of_text_is_read(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const export_hdf5_layout layouts[] = {
        {.step = 0},
        {.step = 0.25, .variable = true},
        {.chunk_samples = 64, .chunk_channels = 2, .packed = true},
        {.chunk_samples = 900, .chunk_channels = 3, .variable = true}};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i)
        for (int timestamps = 0; timestamps < 2; ++timestamps) {
            const char *path = bb_temp_path("made.nwb");
            export_nwb(&s, path, &(export_nwb_options){layouts[i], timestamps, 12.5, .group = "a probe"});
            bb_recording *r = open_file(path, NULL);
            const bb_recording_info *info = bb_recording_get_info(r);
            assert_string_equal(info->format, "NWB");
            assert_true(info->rate_hz == 1000 && info->duration_s == 0.5 && !info->has_gaps);
            assert_int_equal(info->channel_count, CHANNELS);
            for (size_t c = 0; c < CHANNELS; ++c) assert_string_equal(info->channels[c].name, names_of[c]);
            assert_int_equal(info->warning_count, 0);
            check_samples(r);
            bb_recording_close(r);
        }
}

static void electrodes_intervals_and_who_it_is(void **state) {
    (void)state;
    const export_signal s = signal_of();
    static const bool bad[] = {false, true, false};
    static const double positions[] = {1, 2, 3, -4, 5.5, 6, NAN, 0, 0};
    const char *path = bb_temp_path("tables.nwb");
    export_nwb(&s, path,
               &(export_nwb_options){
                   {.step = 0.5, .variable = true}, false, 3, bad, positions, "sEEG depth electrode"});
    bb_recording *r = open_file(path, NULL);
    const bb_recording_info *info = bb_recording_get_info(r);
    const bb_channel *c = info->channels;
    assert_string_equal(info->subject, "07");
    assert_string_equal(info->session, "day2");
    assert_true(c[0].type == BB_CHANNEL_SEEG && c[2].type == BB_CHANNEL_ECG);
    assert_true(!c[0].bad && c[1].bad && !c[2].bad);
    assert_string_equal(c[0].group, "array");
    assert_string_equal(c[0].region, "hippocampus");
    assert_null(c[2].region);
    assert_true(c[1].has_position && c[1].position[0] == -4 && c[1].position[1] == 5.5);
    assert_false(c[2].has_position);
    assert_at_most(fabs(c[0].low + 16384), 1e-9); /* -32768 steps of 0.5 uV */
    assert_int_equal(info->event_count, 2);
    for (size_t i = 0; i < 2; ++i) {
        assert_string_equal(info->events[i].label, events_of[i].label);
        /* the times have been added to the start and taken off again: rounding of 3.4 */
        assert_at_most(fabs(info->events[i].onset_s - events_of[i].onset_s), 1e-15);
        assert_at_most(fabs(info->events[i].duration_s - events_of[i].duration_s), 1e-15);
    }
    bb_recording_close(r);
}

/* Adds to a made file a series of two channels at another rate below /processing/ecephys/LFP. */
static const char *with_a_second_series(const char *name) {
    const export_signal s = signal_of();
    const char *path = bb_temp_path(name);
    export_nwb(&s, path, &(export_nwb_options){.group = "grid"});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    static const char *const steps[] = {"processing", "processing/ecephys", "processing/ecephys/LFP",
                                        "processing/ecephys/LFP/low"};
    for (size_t i = 0; i < 4; ++i)
        H5Gclose(H5Gcreate2(file, steps[i], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    part_name_text(file, steps[3], "neurodata_type", "ElectricalSeries", false);
    const hid_t group = H5Gopen2(file, steps[3], H5P_DEFAULT);
    const double values[20] = {3, 4}, factors[2] = {1, 2};
    const int rows[2] = {1, 0};
    const hsize_t shape[2] = {10, 2}, two = 2;
    part_dataset(group, "data", H5T_IEEE_F32LE, 2, shape, NULL, false, H5T_NATIVE_DOUBLE, values);
    part_name_number(group, "data", "offset", 0.5e-6);
    part_name_number(group, "data", "conversion", 1e-6);
    part_dataset(group, "channel_conversion", H5T_IEEE_F32LE, 1, &two, NULL, false, H5T_NATIVE_DOUBLE,
                 factors);
    part_dataset(group, "electrodes", H5T_STD_I64LE, 1, &two, NULL, false, H5T_NATIVE_INT, rows);
    part_number(group, "starting_time", 0);
    part_name_number(group, "starting_time", "rate", 250);
    H5Gclose(group);
    H5Fclose(file);
    return path;
}

static void of_several_series_the_widest_acquired_one_is_read(void **state) {
    (void)state;
    const char *path = with_a_second_series("two.nwb");
    bb_recording *r = open_file(path, NULL);
    assert_int_equal(bb_recording_get_info(r)->channel_count, CHANNELS);
    assert_int_equal(bb_recording_get_info(r)->channels[0].type, BB_CHANNEL_ECOG);
    assert_true(warned(r, "/processing/ecephys/LFP/low"));
    bb_recording_close(r);
    static const char *const names[] = {"low", "/processing/ecephys/LFP/low",
                                        "processing/ecephys/LFP/low/data"};
    for (size_t i = 0; i < 3; ++i) {
        double out[4];
        r = open_file(path, names[i]);
        assert_true(bb_recording_get_info(r)->rate_hz == 250);
        assert_ok(bb_recording_read(r, (const size_t[]){0, 1}, 2, 0, 2, out, e));
        assert_at_most(fabs(out[0] - 3.5), 1e-12); /* rounding of the factor to uV */
        assert_at_most(fabs(out[2] - 8.5), 1e-12);
        bb_recording_close(r);
    }
    bb_recording *none = NULL;
    assert_fails(bb_recording_open(path, &(bb_recording_options){.data_name = "other"}, &none, e),
                 BB_ERR_ARGUMENT, "found /acquisition/ElectricalSeries, /processing/ecephys/LFP/low");
}

static bb_recording *with_times(const double *times, double stated_hz) {
    const export_signal s = signal_of();
    const char *path = bb_temp_path("gap.nwb");
    export_nwb(&s, path, &(export_nwb_options){.timestamps = true, .group = ""});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t set = H5Dopen2(file, "acquisition/ElectricalSeries/timestamps", H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, times) >= 0);
    H5Dclose(set);
    H5Fclose(file);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = stated_hz}, &r, e));
    return r;
}

static void gaps_between_times_are_seams(void **state) {
    (void)state;
    double times[SAMPLES];
    for (int t = 0; t < SAMPLES; ++t)
        times[t] = t / 1000.0 + (t >= 300 ? 2 : 0) + (t >= 301 ? 0.001 : 0) - (t >= 450 ? 1 : 0);
    for (int stated = 0; stated < 2; ++stated) {
        bb_recording *r = with_times(times, stated ? 500 : 0);
        const bb_recording_info *info = bb_recording_get_info(r);
        const double rate_hz = stated ? 500 : 1000;
        assert_true(info->has_gaps && info->rate_hz == rate_hz && info->seam_count == 3);
        assert_true(info->seams_s[0] == 300 / rate_hz && info->seams_s[1] == 301 / rate_hz);
        assert_true(info->seams_s[2] == 450 / rate_hz);
        assert_true(warned(r, "3 gaps, the first after "));
        bb_recording_close(r);
    }
}

static void uneven_times_are_told(void **state) {
    (void)state;
    double times[SAMPLES];
    for (int t = 0; t < SAMPLES; ++t) times[t] = t / 1000.0 + (t % 7 == 3 ? 0.0002 : 0);
    bb_recording *r = with_times(times, 0);
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_true(!info->has_gaps && info->rate_hz == 1000 && info->seam_count == 0);
    assert_true(warned(r, "taken for even ones of 0.001 s"));
    bb_recording_close(r);
}

/* Every second step is as short as the rounding makes it, so that no single one tells the rate. */
static void rounded_times_tell_the_rate_by_their_number(void **state) {
    (void)state;
    static const struct {
        double rate_hz, decimals; /* 0: single precision */
        double start_s;
    } cases[] = {{2048, 1e4, 0}, {512, 1e3, 0},    {30000, 1e6, 0},
                 {2048, 1e3, 7}, {2048, 0, 10000}, {1024, 0, 100}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
        for (int gap = 0; gap < 2; ++gap) {
            double times[SAMPLES];
            for (int t = 0; t < SAMPLES; ++t) {
                times[t] = cases[i].start_s + t / cases[i].rate_hz + (gap && t >= 200 ? 0.5 : 0);
                times[t] = cases[i].decimals > 0 ? round(times[t] * cases[i].decimals) / cases[i].decimals
                                                 : (float)times[t];
            }
            bb_recording *r = with_times(times, 0);
            const bb_recording_info *info = bb_recording_get_info(r);
            assert_true(info->rate_hz == cases[i].rate_hz && info->has_gaps == gap);
            assert_int_equal(info->seam_count, gap);
            assert_true(!gap || info->seams_s[0] == 200 / cases[i].rate_hz);
            bb_recording_close(r);
        }
}

/* 0.15 s are missing behind sample 200: "word" (0.1 to 0.3 s) ends in the gap, "pause" (at 0.4 s) behind it.
 */
static void events_move_along_with_the_pieces(void **state) {
    (void)state;
    double times[SAMPLES];
    for (int t = 0; t < SAMPLES; ++t) times[t] = t / 1000.0 + (t >= 200 ? 0.15 : 0);
    bb_recording *r = with_times(times, 0);
    const bb_event *events = bb_recording_get_info(r)->events;
    assert_int_equal(bb_recording_get_info(r)->event_count, 2);
    assert_at_most(fabs(events[0].onset_s - 0.1), 1e-12); /* times of up to 0.7 s, added and taken off */
    assert_at_most(fabs(events[0].duration_s - 0.1), 1e-12);
    assert_at_most(fabs(events[1].onset_s - 0.25), 1e-12);
    assert_at_most(fabs(events[1].duration_s - 0.05), 1e-12);
    bb_recording_close(r);
}

/* No end, no beginning. */
static void intervals_without_ends_are_moments(void **state) {
    (void)state;
    const export_signal s = signal_of();
    const char *path = bb_temp_path("ends.nwb");
    export_nwb(&s, path, &(export_nwb_options){.group = ""});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const double starts[2] = {0.1, INFINITY}, stops[2] = {INFINITY, 1};
    static const char *const names[2] = {"intervals/trials/start_time", "intervals/trials/stop_time"};
    for (int i = 0; i < 2; ++i) {
        const hid_t set = H5Dopen2(file, names[i], H5P_DEFAULT);
        assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, i ? stops : starts) >= 0);
        H5Dclose(set);
    }
    H5Fclose(file);
    bb_recording *r = open_file(path, NULL);
    assert_int_equal(bb_recording_get_info(r)->event_count, 1);
    assert_true(bb_recording_get_info(r)->events[0].duration_s == 0);
    bb_recording_close(r);
}

/* A small file can hold chunks that are long to unpack, once for every channel. */
static void tables_of_large_chunks_are_left_out(void **state) {
    (void)state;
    enum { ROWS = 1 << 18 };
    const export_signal s = signal_of();
    const char *path = bb_temp_path("chunks.nwb");
    export_nwb(&s, path, &(export_nwb_options){.group = ""});
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t table = H5Gopen2(file, "general/extracellular_ephys/electrodes", H5P_DEFAULT);
    const hsize_t rows = ROWS;
    double *zeros = calloc(ROWS, sizeof *zeros);
    H5Ldelete(table, "x", H5P_DEFAULT);
    part_dataset(table, "x", H5T_IEEE_F64LE, 1, &rows, &rows, true, H5T_NATIVE_DOUBLE, zeros);
    free(zeros);
    H5Gclose(table);
    H5Fclose(file);
    bb_recording *r = open_file(path, NULL);
    assert_false(bb_recording_get_info(r)->channels[0].has_position);
    assert_true(warned(r, "electrodes/x: its chunks are larger"));
    check_samples(r);
    bb_recording_close(r);
}

/* From nine attributes on, the latest format keeps them where they are not read: not to know the conversion
 * would be a silent factor of a million. */
static void attributes_out_of_reach_are_refused(void **state) {
    (void)state;
    const export_signal s = signal_of();
    const char *path = bb_temp_path("many.nwb"), *data = "acquisition/ElectricalSeries/data";
    const double values[SAMPLES * CHANNELS] = {1};
    const hsize_t shape[2] = {SAMPLES, CHANNELS};
    export_nwb(&s, path, &(export_nwb_options){.group = ""});
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, access);
    H5Ldelete(file, data, H5P_DEFAULT);
    part_dataset(file, data, H5T_IEEE_F32LE, 2, shape, NULL, false, H5T_NATIVE_DOUBLE, values);
    for (int i = 0; i < 9; ++i) {
        char name[16];
        snprintf(name, sizeof name, "extra%d", i);
        part_name_number(file, data, i ? name : "conversion", 1e-6);
    }
    H5Fclose(file);
    H5Pclose(access);
    bb_recording *r = NULL;
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED, "among up to 8 attributes");
}

static void links_stay_inside_the_file(void **state) {
    (void)state;
    const export_signal s = signal_of();
    const char *path = bb_temp_path("links.nwb");
    export_nwb(&s, path, &(export_nwb_options){.group = ""});
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    /* Two series that share their list of electrodes: the second has a soft link to the first's. */
    H5Lmove(file, "acquisition/ElectricalSeries/electrodes", file, "general/shared", H5P_DEFAULT,
            H5P_DEFAULT);
    H5Lcreate_soft("/general/shared", file, "acquisition/ElectricalSeries/electrodes", H5P_DEFAULT,
                   H5P_DEFAULT);
    H5Fclose(file);
    bb_recording *r = open_file(path, NULL);
    assert_string_equal(bb_recording_get_info(r)->channels[0].name, "LA1");
    bb_recording_close(r);
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "acquisition/ElectricalSeries/data", H5P_DEFAULT);
    H5Lcreate_external("made.nwb", "/acquisition/ElectricalSeries/data", file,
                       "acquisition/ElectricalSeries/data", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_fails(bb_recording_open(path, NULL, &r, e), BB_ERR_UNSUPPORTED,
                 "ElectricalSeries/data: expected a dataset inside this file");
}

/* HDF5 1.10 forgets some of its own memory when it gives up on a damaged file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libhdf5"; }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_and_kind_of_text_is_read),
        cmocka_unit_test(electrodes_intervals_and_who_it_is),
        cmocka_unit_test(of_several_series_the_widest_acquired_one_is_read),
        cmocka_unit_test(gaps_between_times_are_seams),
        cmocka_unit_test(uneven_times_are_told),
        cmocka_unit_test(rounded_times_tell_the_rate_by_their_number),
        cmocka_unit_test(events_move_along_with_the_pieces),
        cmocka_unit_test(intervals_without_ends_are_moments),
        cmocka_unit_test(tables_of_large_chunks_are_left_out),
        cmocka_unit_test(attributes_out_of_reach_are_refused),
        cmocka_unit_test(links_stay_inside_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
