/* A corpus holds what the window stream gives: every window, channel, statistic and event, and no unsound
 * one. */
#include <math.h>

#include "../data/made_recording.h"
#include "brainbert/corpus.h"

enum { RATE = 2048, SECONDS = 21, CHANNELS = 5, BREAK = 9 };
static const char *const names[CHANNELS] = {"LA1", "LA2", "LA3", "LA4", "EKG1"};

/* LA3 stops in the second window of 5 s. */
static const char *made(void) {
    const char *path = bb_temp_path("sub-07_ses-2_task-rest_ieeg.edf");
    bb_edf_channel channels[CHANNELS];
    bb_edf_writer *writer;
    const bb_event events[] = {{1.5, 0.25, "word"}, {4, 0, "tone"}};
    double *data = malloc(sizeof(double) * CHANNELS * RATE * SECONDS);
    for (int c = 0; c < CHANNELS; ++c) {
        channels[c] = (bb_edf_channel){names[c], -500, 500};
        for (int t = 0; t < RATE * SECONDS; ++t) {
            const int i = c * RATE * SECONDS + t;
            data[i] = c == 2 && t / RATE == BREAK ? 7 : 40 * bb_random_normal(3, 0, (uint64_t)i);
        }
    }
    assert_ok(bb_edf_writer_open(path, channels, CHANNELS, RATE, 0, events, 2, &writer, e));
    assert_ok(bb_edf_writer_append(writer, data, RATE * SECONDS, e));
    assert_ok(bb_edf_writer_close(writer, e));
    free(data);
    return path;
}

static bb_corpus *prepared(const bb_prepare_options *options, const char *source, bb_prepare_report *report) {
    bb_sources *sources;
    bb_corpus *corpus;
    const char *path = bb_temp_path("corpus.h5");
    remove(path);
    assert_ok(bb_sources_find(&source, 1, NULL, &sources, e));
    assert_ok(bb_prepare(sources, options, path, NULL, NULL, report, e));
    bb_sources_destroy(sources);
    assert_ok(bb_corpus_open(path, &corpus, e));
    return corpus;
}

/* Every window of the corpus against the stream's. */
static void compare(const bb_corpus *corpus, const char *source, const bb_prepare_options *o, double bound) {
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    bb_recording *r;
    bb_window_stream *s;
    const double *data;
    int64_t stride, next = 0;
    double *out = malloc((size_t)info->samples * sizeof *out);
    assert_ok(bb_recording_open(source, NULL, &r, e));
    bb_window_options w = bb_window_options_default();
    w.signal = bb_signal_recipe_for(&o->recipe.signal, &o->wishes, bb_recording_get_info(r));
    w.window_s = o->recipe.window_s;
    assert_ok(bb_window_stream_create(r, &w, &s, e));
    const bb_window_info *windows = bb_window_stream_info(s);
    for (int64_t k = 0; k < windows->windows; ++k) {
        assert_ok(bb_window_stream_next(s, &data, &stride, e));
        for (size_t c = 0; c < windows->channel_count; ++c) {
            if (bb_window_stream_unsound(s)[c]) continue;
            assert_ok(bb_corpus_read(corpus, &next, 1, out, e));
            assert_int_equal(bb_corpus_window_channel(corpus, next), c);
            assert_true(bb_corpus_window_start(corpus, next) == windows->start_s[k]);
            /* half a step of the largest value's 32767th, or float32's rounding */
            assert_at_most(bb_max_error_f64(out, data + (int64_t)c * stride, (size_t)info->samples), bound);
            ++next;
        }
    }
    assert_int_equal(next, info->windows);
    bb_window_stream_destroy(s);
    bb_recording_close(r);
    free(out);
}

static void a_corpus_holds_the_windows_of_its_recordings(void **state) {
    (void)state;
    const char *source = made();
    for (int i = 0; i < 4; ++i) {
        bb_prepare_options o = bb_prepare_options_default();
        bb_prepare_report report;
        o.encoding = i & 1 ? BB_SAMPLES_FLOAT32 : BB_SAMPLES_INT16;
        o.compress = i & 2;
        bb_corpus *corpus = prepared(&o, source, &report);
        const bb_corpus_info *info = bb_corpus_get_info(corpus);
        assert_int_equal(info->channel_count, 2); /* LA2 and LA3 have neighbours on either side */
        assert_int_equal(info->windows, 2 * 4 - 2);
        assert_int_equal(report.left_out, 2); /* LA3 itself, and LA2 that is referenced to it */
        assert_int_equal(info->compressed, o.compress);
        compare(corpus, source, &o, i & 1 ? 1e-4 : 400. / 65534);
        bb_corpus_close(corpus);
    }
}

static void windows_across_a_gap_are_left_out(void **state) {
    (void)state;
    const char *source = made_gap(made(), "sub-07_gap_ieeg.edf", 12, SECONDS, 50);
    const bb_prepare_options o = bb_prepare_options_default();
    bb_prepare_report report;
    bb_corpus *corpus = prepared(&o, source, &report);
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    assert_int_equal(report.left_out, 2 + 2); /* the second window for LA3, the third for the gap */
    assert_int_equal(info->windows, 2 * 2);
    assert_true(bb_corpus_window_start(corpus, 1) == 0 && bb_corpus_window_start(corpus, 2) == 15);
    compare(corpus, source, &o, 400. / 65534);
    bb_corpus_close(corpus);
}

static void a_corpus_says_where_its_windows_come_from(void **state) {
    (void)state;
    const char *source = made();
    const bb_prepare_options o = bb_prepare_options_default();
    bb_corpus *corpus = prepared(&o, source, NULL);
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    assert_int_equal(info->session_count, 1);
    assert_int_equal(info->subject_count, 1);
    const bb_corpus_session *s = &info->sessions[0];
    assert_null(s->dataset); /* it lies in no tree */
    assert_string_equal(s->subject, "07");
    assert_string_equal(s->session, "2");
    assert_string_equal(s->task, "rest");
    assert_null(s->run);
    assert_string_equal(s->source, source);
    assert_int_equal(s->windows, info->windows);
    assert_int_equal(s->event_count, 2);
    assert_string_equal(s->events[0].label, "word");
    assert_true(s->events[0].onset_s == 1.5 && s->events[0].duration_s == 0.25);
    assert_string_equal(info->channels[0].name, "LA2");
    assert_string_equal(info->channels[1].name, "LA3");
    assert_int_equal(info->channels[1].left_out, 1);
    assert_int_equal(info->channels[1].windows, 3);
    assert_true(info->recipe.signal.notch_hz == 60 && info->window_s == 5 && info->rate_hz == RATE);
    /* white noise minus the mean of two others: sd 40 sqrt(1.5) = 49; the notches take 2 % of it */
    assert_true(info->channels[0].sd_uv > 46 && info->channels[0].sd_uv < 51);
    assert_at_most(fabs(info->channels[0].mean_uv), 1);
    bb_corpus_close(corpus);
}

/* Means and deviations of the logarithms, computed from the windows as a user would. */
static void session_statistics_are_those_of_the_stored_windows(void **state) {
    (void)state;
    const bb_prepare_options o = bb_prepare_options_default();
    bb_corpus *corpus = prepared(&o, made(), NULL);
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    bb_spectrogram_recipe recipe = info->recipe.spectrogram;
    recipe.normalization = BB_NORMALIZE_NONE;
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(&recipe, &plan, e));
    const int64_t frames = bb_spectrogram_frames(plan, info->samples);
    double *x = malloc((size_t)info->samples * sizeof *x);
    float *m = malloc((size_t)frames * (size_t)recipe.bins * sizeof *m);
    void *scratch = aligned_alloc(64, (bb_spectrogram_scratch(plan, info->samples) + 63) / 64 * 64);
    bb_moments moments[64] = {{0}};
    for (int64_t w = 0; w < info->windows; ++w) {
        if (bb_corpus_window_channel(corpus, w) != 1) continue;
        assert_ok(bb_corpus_read(corpus, &w, 1, x, e));
        assert_ok(bb_spectrogram_compute(plan, x, info->samples, scratch, m, e));
        bb_session_gather(m, frames, recipe.bins, bb_session_floor(info->channels[1].sd_uv), moments);
    }
    for (int f = 0; f < recipe.bins; ++f) {
        /* sums in another order */
        assert_at_most(fabs(moments[f].mean - info->channels[1].log_mean[f]), 1e-12);
        assert_at_most(fabs(bb_moments_sd(&moments[f]) - info->channels[1].log_sd[f]), 1e-12);
    }
    free(x), free(m), free(scratch);
    bb_spectrogram_plan_destroy(plan);
    bb_corpus_close(corpus);
}

static void a_byte_that_differs_is_found_when_its_window_is_read(void **state) {
    (void)state;
    const bb_prepare_options o = bb_prepare_options_default();
    bb_corpus *corpus = prepared(&o, made(), NULL);
    const int64_t windows = bb_corpus_get_info(corpus)->windows,
                  samples = bb_corpus_get_info(corpus)->samples;
    double *x = malloc((size_t)samples * sizeof *x);
    const int64_t beyond[] = {0, windows};
    assert_fails(bb_corpus_read(corpus, beyond, 2, x, e), BB_ERR_ARGUMENT, "expected a window below");
    bb_corpus_close(corpus);
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("corpus.h5"), &size);
    bytes[size - 3 * (size_t)samples] ^= 1; /* /samples are the last thing in the file */
    bb_temp_file("bent.h5", bytes, size);
    free(bytes);
    assert_ok(bb_corpus_open(bb_temp_path("bent.h5"), &corpus, e));
    size_t failed = 0;
    for (int64_t w = 0; w < windows; ++w) failed += bb_corpus_read(corpus, &w, 1, x, NULL) == BB_ERR_FORMAT;
    assert_int_equal(failed, 1);
    bb_corpus_close(corpus);
    free(x);
}

static void other_files_are_no_corpus(void **state) {
    (void)state;
    bb_corpus *corpus;
    assert_fails(bb_corpus_open(made(), &corpus, e), BB_ERR_UNSUPPORTED, "expected a prepared corpus");
    assert_fails(bb_corpus_open(bb_temp_path("nothing"), &corpus, e), BB_ERR_IO, "nothing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_corpus_holds_the_windows_of_its_recordings),
        cmocka_unit_test(windows_across_a_gap_are_left_out),
        cmocka_unit_test(a_corpus_says_where_its_windows_come_from),
        cmocka_unit_test(session_statistics_are_those_of_the_stored_windows),
        cmocka_unit_test(a_byte_that_differs_is_found_when_its_window_is_read),
        cmocka_unit_test(other_files_are_no_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
