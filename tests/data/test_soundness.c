#include <math.h>

#include "../signal/soundness_by_hand.h"
#include "made_recording.h"

enum { CHANNELS = 6, SECONDS = 9 };

/* Noise with stretches that are missing (which only float files can say), flat and clipped. */
static double *made_signal(int64_t rate_hz, bool missing) {
    const int64_t n = rate_hz * SECONDS;
    double *x = malloc(CHANNELS * (size_t)n * sizeof *x);
    for (int64_t i = 0; i < CHANNELS * n; ++i) x[i] = 50 * bb_random_normal(11, 0, (uint64_t)i);
    const struct {
        int channel;
        double from_s, to_s, value;
    } stretches[] = {{0, 1.95, 2.2, 0},   {0, 4, 4.0951, 3},      {0, 6.5, 6.7, 500},   {1, 0, 0.3, 12},
                     {1, 5.3, 5.31, 500}, {2, 3.999, 4.02, -500}, {3, 0, SECONDS, -20}, {4, 8.7, SECONDS, 1},
                     {4, 2, 2.005, NAN},  {5, 1, 1.002, NAN},     {5, 7.4, 7.6, NAN}};
    for (size_t i = 0; i < sizeof stretches / sizeof *stretches; ++i)
        for (int64_t t = llround(stretches[i].from_s * (double)rate_hz);
             t < llround(stretches[i].to_s * (double)rate_hz); ++t)
            if (missing || !isnan(stretches[i].value)) x[stretches[i].channel * n + t] = stretches[i].value;
    return x;
}

static const char *const names[CHANNELS] = {"LA1", "LA2", "LA3", "LA4", "LB1", "LB2"};

/* As EDF, which knows its range. */
static bb_recording *edf_of(const double *x, int64_t rate_hz) {
    bb_edf_channel list[CHANNELS];
    bb_edf_writer *writer;
    bb_recording *r;
    const char *path = bb_temp_path("unsound.edf");
    for (int c = 0; c < CHANNELS; ++c) list[c] = (bb_edf_channel){names[c], -500, 500};
    assert_ok(bb_edf_writer_open(path, list, CHANNELS, rate_hz, 0, NULL, 0, &writer, e));
    assert_ok(bb_edf_writer_append(writer, x, rate_hz * SECONDS, e));
    assert_ok(bb_edf_writer_close(writer, e));
    assert_ok(bb_recording_open(path, NULL, &r, e));
    return r;
}

static bb_recording *array_of(const double *x, int64_t rate_hz) {
    const int64_t shape[2] = {CHANNELS, rate_hz * SECONDS};
    float *data = malloc((size_t)(shape[0] * shape[1]) * sizeof *data);
    for (int64_t i = 0; i < shape[0] * shape[1]; ++i) data[i] = (float)x[i];
    bb_recording *r;
    assert_ok(bb_array_write(bb_temp_path("unsound.npy"), data, shape, 2, e));
    assert_ok(bb_recording_open(bb_temp_path("unsound.npy"),
                                &(bb_recording_options){.rate_hz = (double)rate_hz}, &r, e));
    free(data);
    return r;
}

/* Every window's bits are those of the recorded samples that lie in it, of every channel that an output is
 * made of: `sources` of them for each, as a string of their digits. */
static int check_windows(bb_recording *r, const bb_window_options *o, const char *const *sources) {
    const bb_recording_info *info = bb_recording_get_info(r);
    const int64_t n = info->channels[0].samples;
    const size_t all[CHANNELS] = {0, 1, 2, 3, 4, 5};
    double *x = malloc(CHANNELS * (size_t)n * sizeof *x);
    assert_ok(bb_recording_read(r, all, CHANNELS, 0, n, x, e));
    bb_window_stream *s;
    const double *data;
    int64_t stride;
    int kinds = 0;
    assert_ok(bb_window_stream_create(r, o, &s, e));
    const bb_window_info *w = bb_window_stream_info(s);
    for (int64_t i = 0; i < w->windows; ++i) {
        assert_ok(bb_window_stream_next(s, &data, &stride, e));
        const int64_t first = (int64_t)ceil(w->start_s[i] * info->rate_hz - 1e-6);
        int64_t end = (int64_t)ceil((w->start_s[i] + w->window_s) * info->rate_hz - 1e-6);
        if (end > n) end = n; /* of a rate that does not divide */
        for (size_t c = 0; c < w->channel_count; ++c) {
            unsigned expected = 0;
            for (const char *p = sources[c]; *p; ++p)
                expected |= by_hand_bits(x + (*p - '0') * n + first, end - first, info->rate_hz,
                                         info->channels[0].low, info->channels[0].high, NULL);
            assert_int_equal(bb_window_stream_unsound(s)[c], expected);
            kinds |= (int)expected;
        }
    }
    bb_window_stream_destroy(s);
    free(x);
    return kinds;
}

static const char *const alone[] = {"0", "1", "2", "3", "4", "5"};

/* Windows on, across and far from the ends of the blocks that are read; resampled up and down. */
static void windows_tell_what_was_recorded(void **state) {
    (void)state;
    static const struct {
        int64_t rate_hz;
        double out_hz;
    } rates[] = {{256, 256}, {512, 2048}, {1000, 2048}, {1024, 256}, {999, 100.5}};
    static const double windows[][2] = {{1, 0}, {2, 0.37}, {5, 0.13}, {0.25, 2.9}, {0.05, 0}, {9, 0}};
    for (int i = 0; i < 5; ++i) {
        double *x = made_signal(rates[i].rate_hz, true);
        bb_recording *array = array_of(x, rates[i].rate_hz), *edf = edf_of(x, rates[i].rate_hz);
        assert_at_most(fabs(bb_recording_get_info(edf)->channels[0].high - 500), 1e-9); /* rounding */
        for (int w = 0; w < 6; ++w) {
            bb_window_options o = bb_window_options_default();
            o.signal = (bb_signal_recipe){.rate_hz = rates[i].out_hz};
            o.window_s = windows[w][0], o.stride_s = windows[w][1], o.threads = 1 + w % 3;
            const int in_array = check_windows(array, &o, alone), in_edf = check_windows(edf, &o, alone);
            if (windows[w][0] < 1) continue;
            assert_int_equal(in_array, BB_UNSOUND_MISSING | BB_UNSOUND_FLAT);
            assert_int_equal(in_edf, BB_UNSOUND_FLAT | BB_UNSOUND_CLIPPED);
        }
        bb_recording_close(array);
        bb_recording_close(edf);
        free(x);
    }
}

static void a_reference_shares_what_it_subtracts(void **state) {
    (void)state;
    static const char *const laplacian[] = {"012", "123"}, *const bipolar[] = {"01", "12", "23", "45"};
    double *x = made_signal(512, false);
    bb_recording *r = edf_of(x, 512);
    bb_window_options o = bb_window_options_default();
    o.window_s = 0.5, o.stride_s = 0.2;
    check_windows(r, &o, laplacian);
    o.signal.reference = BB_REFERENCE_BIPOLAR;
    check_windows(r, &o, bipolar);
    o.signal.reference = BB_REFERENCE_CAR; /* all channels are in the average, which is not told of */
    check_windows(r, &o, alone);
    bb_recording_close(r);
    free(x);
}

static void windows_by_onset_tell_it_too(void **state) {
    (void)state;
    static const double onsets[] = {8, 0.1, 4.1, 4, 6.8, 2};
    double *x = made_signal(512, true);
    bb_recording *r = array_of(x, 512);
    bb_window_options o = bb_window_options_default();
    o.signal.reference = BB_REFERENCE_NONE;
    o.onsets_s = onsets, o.onset_count = 6, o.window_s = 0.6;
    check_windows(r, &o, alone);
    bb_recording_close(r);
    free(x);
}

static void seconds_are_counted_by_channel(void **state) {
    (void)state;
    double *x = made_signal(1000, true);
    bb_recording *edf = edf_of(x, 1000), *array = array_of(x, 1000);
    bb_recording *const both[] = {edf, array};
    for (int i = 0; i < 2; ++i) {
        bb_window_stream *s;
        const double *data = x;
        int64_t stride;
        size_t count;
        bb_window_options o = bb_window_options_default();
        o.signal.reference = BB_REFERENCE_NONE;
        o.window_s = 3;
        assert_ok(bb_window_stream_create(both[i], &o, &s, e));
        while (data) assert_ok(bb_window_stream_next(s, &data, &stride, e));
        const bb_unsound_seconds *u = bb_window_stream_unsound_seconds(s, &count);
        assert_int_equal(count, CHANNELS);
        assert_string_equal(u[2].channel, bb_recording_get_info(both[i])->channels[2].name);
        /* 0.25 s at 0 and 0.2 s at 500; the 0.095 s at 3 are too short. */
        assert_true(fabs(u[0].flat_s - 0.45) < 1e-9 && u[3].flat_s == SECONDS && u[5].clipped_s == 0);
        assert_true(fabs(u[0].clipped_s - (i ? 0 : 0.2)) < 1e-9);
        assert_true(fabs(u[2].clipped_s - (i ? 0 : 0.021)) < 1e-9);
        assert_true(fabs(u[5].missing_s - (i ? 0.202 : 0)) < 1e-9);
        bb_window_stream_destroy(s);
        bb_recording_close(both[i]);
    }
    free(x);
}

/* Its clock leaps after 4 s. */
static bb_recording *with_a_gap(int64_t rate_hz) {
    double *x = made_signal(rate_hz, false);
    bb_recording_close(edf_of(x, rate_hz));
    free(x);
    bb_recording *r;
    assert_ok(
        bb_recording_open(made_gap(bb_temp_path("unsound.edf"), "gap.edf", 4, SECONDS, 1), NULL, &r, e));
    assert_int_equal(bb_recording_get_info(r)->seam_count, 1);
    assert_true(bb_recording_get_info(r)->seams_s[0] == 4);
    return r;
}

/* Of every channel, whatever it is referenced to, in the windows that the seam at 4 s lies in: not in those
 * that end or begin there. */
static void windows_across_a_seam_say_so(void **state) {
    (void)state;
    static const struct {
        int64_t rate_hz;
        double out_hz;
    } rates[] = {{256, 256}, {512, 2048}, {1000, 2048}, {1024, 256}, {999, 100}};
    static const double onsets[] = {0, 3, 3.01, 3.5, 3.99, 4, 4.01, 7};
    static const bool across[] = {false, false, true, true, true, false, false, false};
    for (int i = 0; i < 5; ++i) {
        bb_recording *r = with_a_gap(rates[i].rate_hz);
        for (int reference = 0; reference <= BB_REFERENCE_CAR; ++reference) {
            bb_window_options o = bb_window_options_default();
            o.signal = (bb_signal_recipe){.rate_hz = rates[i].out_hz, .reference = (bb_reference)reference};
            o.onsets_s = onsets, o.onset_count = 8, o.window_s = 1;
            bb_window_stream *s;
            const double *data;
            int64_t stride;
            assert_ok(bb_window_stream_create(r, &o, &s, e));
            const bb_window_info *w = bb_window_stream_info(s);
            assert_int_equal(w->windows, 8);
            for (int k = 0; k < 8; ++k) {
                assert_ok(bb_window_stream_next(s, &data, &stride, e));
                for (size_t c = 0; c < w->channel_count; ++c)
                    assert_int_equal(bb_window_stream_unsound(s)[c] & BB_UNSOUND_SEAM,
                                     across[k] ? BB_UNSOUND_SEAM : 0);
            }
            bb_window_stream_destroy(s);
        }
        bb_recording_close(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_tell_what_was_recorded),
        cmocka_unit_test(a_reference_shares_what_it_subtracts),
        cmocka_unit_test(windows_by_onset_tell_it_too),
        cmocka_unit_test(seconds_are_counted_by_channel),
        cmocka_unit_test(windows_across_a_seam_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
