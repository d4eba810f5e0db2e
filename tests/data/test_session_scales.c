/* Session scales against their definition, from the windows that a user would see. */
#include "brainbert/session.h"

#include <math.h>

#include "made_recording.h"

enum { RATE = 256, SECONDS = 12, NAMES = 3, BINS = 8 };
static const char *const names[] = {"LA1", "LA2", "LA3"};

static bb_spectrogram_recipe recipe(void) {
    bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    r.rate_hz = RATE;
    r.segment = 64;
    r.hop = 16;
    r.bins = BINS;
    r.trim = 1;
    r.normalization = BB_NORMALIZE_SESSION;
    return r;
}

static bb_window_options options(int threads) {
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE};
    o.window_s = 2;
    o.threads = threads;
    return o;
}

/* LA2 stands still from second 3 to second 5, LA3 always. */
static bb_recording *recording(void) {
    double data[NAMES][RATE * SECONDS];
    bb_edf_channel channels[NAMES];
    bb_edf_writer *writer;
    bb_recording *r;
    for (size_t c = 0; c < NAMES; ++c) {
        channels[c] = (bb_edf_channel){names[c], -500, 500};
        for (int64_t t = 0; t < (int64_t)RATE * SECONDS; ++t) {
            const bool still = c == 2 || (c == 1 && t >= (int64_t)3 * RATE && t < (int64_t)5 * RATE);
            data[c][t] = still ? 100 : 50 * bb_random_normal(1, c, (uint64_t)t);
        }
    }
    assert_ok(bb_edf_writer_open(bb_temp_path("session.edf"), channels, NAMES, RATE, 0, NULL, 0, &writer, e));
    assert_ok(bb_edf_writer_append(writer, data[0], RATE * SECONDS, e));
    assert_ok(bb_edf_writer_close(writer, e));
    assert_ok(bb_recording_open(bb_temp_path("session.edf"), NULL, &r, e));
    return r;
}

static bb_session_scales *measured(bb_recording *r, const bb_window_options *o) {
    const bb_spectrogram_recipe s = recipe();
    bb_session_scales *scales;
    assert_ok(bb_session_measure(r, o, &s, NULL, NULL, &scales, e));
    return scales;
}

/* Windows 0, 3, 4, 5 of LA2 are sound, all of LA1; LA3 has none, so that all of them count. */
static void check_channel(bb_recording *r, size_t channel, const int *windows, int count,
                          const bb_session_scale *found) {
    enum { WINDOW = 2 * RATE };
    bb_spectrogram_recipe plain = recipe();
    plain.normalization = BB_NORMALIZE_NONE;
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(&plain, &plan, e));
    const int64_t frames = bb_spectrogram_frames(plan, WINDOW);
    double x[6 * WINDOW];
    float magnitudes[WINDOW * BINS];
    bb_moments logs[BINS] = {{0}};
    void *scratch = aligned_alloc(64, bb_spectrogram_scratch(plan, WINDOW));
    for (int i = 0; i < count; ++i)
        assert_ok(bb_recording_read(r, &channel, 1, windows[i] * WINDOW, WINDOW, x + i * WINDOW, e));
    const bb_moments voltage = bb_moments_of(x, (int64_t)count * WINDOW);
    const double floor = bb_session_floor(sqrt(voltage.squares / voltage.count));
    assert_at_most(fabs(found->floor_uv - floor), 1e-12 * floor); /* sums in another order */
    for (int i = 0; i < count; ++i) {
        assert_ok(bb_spectrogram_compute(plan, x + i * WINDOW, WINDOW, NULL, scratch, magnitudes, e));
        bb_session_gather(magnitudes, frames, BINS, floor, logs);
    }
    for (int f = 0; f < BINS; ++f) {
        /* the floor's last bits, beside magnitudes that are 0 but for rounding where nothing moves */
        assert_at_most(fabs(found->mean[f] - logs[f].mean), 1e-11);
        assert_at_most(fabs(found->sd[f] - bb_moments_sd(&logs[f])), 1e-11);
    }
    free(scratch);
    bb_spectrogram_plan_destroy(plan);
}

static void scales_are_those_of_the_sound_windows(void **state) {
    (void)state;
    bb_recording *r = recording();
    const bb_window_options o = options(1);
    bb_session_scales *scales = measured(r, &o);
    const bb_session_scale *list = bb_session_scales_get(scales);
    check_channel(r, 0, (const int[]){0, 1, 2, 3, 4, 5}, 6, &list[0]);
    check_channel(r, 1, (const int[]){0, 3, 4, 5}, 4, &list[1]);
    check_channel(r, 2, (const int[]){0, 1, 2, 3, 4, 5}, 6, &list[2]);
    bb_session_scales_destroy(scales);
    bb_recording_close(r);
}

static void neither_threads_nor_stride_nor_onsets_matter(void **state) {
    (void)state;
    bb_recording *r = recording();
    const double onset = 4;
    bb_window_options one = options(1), other = options(2);
    other.stride_s = 0.5;
    other.onsets_s = &onset;
    other.onset_count = 1;
    bb_session_scales *a = measured(r, &one), *b = measured(r, &other);
    for (int c = 0; c < NAMES; ++c) {
        const bb_session_scale *p = &bb_session_scales_get(a)[c], *q = &bb_session_scales_get(b)[c];
        assert_true(p->floor_uv == q->floor_uv);
        assert_memory_equal(p->mean, q->mean, BINS * sizeof *p->mean);
        assert_memory_equal(p->sd, q->sd, BINS * sizeof *p->sd);
    }
    bb_session_scales_destroy(a);
    bb_session_scales_destroy(b);
    bb_recording_close(r);
}

/* Pooled, every channel has the scale of all sound windows of all channels: LA1's and LA2's; those of LA3,
 * which has none, do not count any more. */
static void trials_of_one_electrode_share_a_scale(void **state) {
    (void)state;
    enum { WINDOW = 2 * RATE, COUNT = 10 };
    static const int windows[COUNT] = {0, 1, 2, 3, 4, 5, 0, 3, 4, 5};
    bb_recording *r = recording();
    const bb_window_options o = options(2);
    bb_spectrogram_recipe s = recipe();
    bb_session_scales *scales;
    assert_ok(bb_session_measure_pooled(r, &o, &s, NULL, NULL, &scales, e));
    const bb_session_scale *found = bb_session_scales_get(scales);
    s.normalization = BB_NORMALIZE_NONE;
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(&s, &plan, e));
    static double x[COUNT * WINDOW];
    float magnitudes[WINDOW * BINS];
    bb_moments logs[BINS] = {{0}};
    void *scratch = aligned_alloc(64, bb_spectrogram_scratch(plan, WINDOW));
    for (int i = 0; i < COUNT; ++i) {
        const size_t channel = i >= 6;
        assert_ok(bb_recording_read(r, &channel, 1, windows[i] * WINDOW, WINDOW, x + i * WINDOW, e));
    }
    const bb_moments voltage = bb_moments_of(x, (int64_t)COUNT * WINDOW);
    const double floor = bb_session_floor(sqrt(voltage.squares / voltage.count));
    for (int i = 0; i < COUNT; ++i) {
        assert_ok(bb_spectrogram_compute(plan, x + i * WINDOW, WINDOW, NULL, scratch, magnitudes, e));
        bb_session_gather(magnitudes, bb_spectrogram_frames(plan, WINDOW), BINS, floor, logs);
    }
    for (int c = 0; c < NAMES; ++c) {
        assert_at_most(fabs(found[c].floor_uv - floor), 1e-12 * floor); /* sums in another order */
        for (int f = 0; f < BINS; ++f) {
            assert_at_most(fabs(found[c].mean[f] - logs[f].mean), 1e-11); /* the same, of numbers around 1 */
            assert_at_most(fabs(found[c].sd[f] - bb_moments_sd(&logs[f])), 1e-11);
        }
    }
    free(scratch);
    bb_spectrogram_plan_destroy(plan);
    bb_session_scales_destroy(scales);
    bb_recording_close(r);
}

static int stop_at_half(void *context, int64_t done, int64_t total) {
    int64_t *last = context;
    assert_true(done > *last && done <= total);
    *last = done;
    return 2 * done >= total;
}

static void progress_can_stop_it_and_short_windows_are_refused(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_window_options o = options(1);
    const bb_spectrogram_recipe s = recipe();
    bb_session_scales *scales;
    int64_t last = 0;
    assert_fails(bb_session_measure(r, &o, &s, stop_at_half, &last, &scales, e), BB_ERR_CANCELLED, "stopped");
    assert_int_equal(last, 6 * NAMES);
    assert_null(scales);
    o.window_s = 0.01;
    assert_fails(bb_session_measure(r, &o, &s, NULL, NULL, &scales, e), BB_ERR_ARGUMENT,
                 "leave no spectrogram frame");
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_those_of_the_sound_windows),
        cmocka_unit_test(neither_threads_nor_stride_nor_onsets_matter),
        cmocka_unit_test(trials_of_one_electrode_share_a_scale),
        cmocka_unit_test(progress_can_stop_it_and_short_windows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
