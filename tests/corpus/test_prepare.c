/* A corpus holds what the window stream gives: every window, channel, statistic and event, and no unsound
 * one. */
#include <math.h>

#include "../data/made_recording.h"
#include "brainbert/corpus.h"
#include "brainbert/session.h"
#include "corpus/description.h"

enum { RATE = 2048, SECONDS = 21, CHANNELS = 5, BREAK = 9 };
static const char *const names[CHANNELS] = {"LA1", "LA2", "LA3", "LA4", "EKG1"};

/* LA3 stops in the second window of 5 s. */
static const char *made(void) {
    const char *path = bb_temp_path("sub-07_ses-2_task-rest_ieeg.edf");
    bb_edf_channel channels[CHANNELS];
    bb_edf_writer *writer;
    const bb_event events[] = {{1.5, 0.25, "word", 0}, {4, 0, "tone", 0}};
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

static void a_batch_in_any_order_is_what_its_windows_are_one_by_one(void **state) {
    (void)state;
    const char *source = made();
    for (int compress = 0; compress < 2; ++compress) {
        bb_prepare_options o = bb_prepare_options_default();
        o.compress = compress;
        bb_corpus *corpus = prepared(&o, source, NULL);
        const int64_t order[] = {5, 0, 3, 3, 1, 4, 5}, samples = bb_corpus_get_info(corpus)->samples;
        double *batch = malloc(7 * (size_t)samples * sizeof *batch),
               *one = malloc((size_t)samples * sizeof *one);
        assert_ok(bb_corpus_read(corpus, order, 7, batch, e));
        for (int i = 0; i < 7; ++i) {
            assert_ok(bb_corpus_read(corpus, &order[i], 1, one, e));
            assert_memory_equal(one, batch + i * samples, (size_t)samples * sizeof *one);
        }
        assert_ok(bb_corpus_read(corpus, order, 0, batch, e));
        free(batch), free(one);
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

static void marks_of_bad_channels_are_kept(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = bb_slurp(made(), &size);
    char source[512]; /* the paths of the support's rotate */
    snprintf(source, sizeof source, "%s", bb_temp_file("marked.edf", bytes, size));
    free(bytes);
    static const char table[] = "name\tstatus\tstatus_description\nLA1\tgood\tn/a\nLA2\tbad\tspikes\n"
                                "LA3\tgood\tn/a\nLA4\tgood\tn/a\nEKG1\tbad\tn/a\n";
    bb_temp_file("marked_channels.tsv", table, strlen(table));
    bb_prepare_options o = bb_prepare_options_default();
    o.wishes.reference = BB_REFERENCE_NONE;
    for (int used = 0; used < 2; ++used) {
        o.bads = used ? "none" : NULL;
        bb_corpus *corpus = prepared(&o, source, NULL);
        const bb_corpus_info *info = bb_corpus_get_info(corpus);
        assert_int_equal(info->channel_count, used ? 4 : 3);
        for (size_t i = 0; i < info->channel_count; ++i)
            assert_int_equal(info->channels[i].bad, strcmp(info->channels[i].name, "LA2") == 0);
        unsigned char *all = bb_slurp(info->path, &size);
        static const char bads[] = "\"bads\":[{\"name\":\"LA2\",\"remark\":\"spikes\"},{\"name\":\"EKG1\"}]";
        assert_non_null(memmem(all, size, bads, strlen(bads)));
        free(all);
        bb_corpus_close(corpus);
    }
}

/* A corpus's recipe, which a model that is trained on it keeps, is what was done to its sessions. */
static void a_corpus_states_the_recipe_that_was_followed(void **state) {
    (void)state;
    bb_prepare_options o = bb_prepare_options_default();
    o.wishes.reference = BB_REFERENCE_CAR;
    o.wishes.notch_hz = 50;
    o.wishes.highpass_hz = 1;
    bb_corpus *corpus = prepared(&o, made(), NULL);
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    const bb_signal_recipe *s = &info->recipe.signal;
    assert_true(s->reference == BB_REFERENCE_CAR && s->notch_hz == 50 && s->highpass_hz == 1);
    bb_recipe own = bb_recipe_default();
    assert_ok(bb_recipe_from_json(info->sessions[0].recipe_json, "session", &own, e));
    assert_true(own.signal.reference == s->reference && own.signal.notch_hz == s->notch_hz);
    size_t size;
    unsigned char *bytes = bb_slurp(info->path, &size);
    const char *root = memmem(bytes, size, "\"recipe\"", 8); /* before the sessions' */
    assert_non_null(root);
    assert_non_null(memmem(root, 512, "car", 3));
    free(bytes);
    bb_corpus_close(corpus);
}

/* Values that differ are the call's, those that agree the sessions', whatever the call says. */
static void a_recipe_is_settled_by_the_sessions_that_agree(void **state) {
    (void)state;
    cJSON *d = cJSON_Parse(
        "{\"recipe\": {\"signal\": {\"notch_hz\": 60, \"reference\": \"laplacian\", \"highpass_hz\": 0}},"
        "\"sessions\": [{\"recipe\": {\"signal\": {\"notch_hz\": 50, \"reference\": \"car\"}}},"
        "{\"recipe\": {\"signal\": {\"notch_hz\": 16.7, \"reference\": \"car\", \"highpass_hz\": 1}}}]}");
    bb_description_settle_recipe(d);
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(d, "recipe"));
    assert_string_equal(text, "{\"signal\":{\"notch_hz\":60,\"reference\":\"car\",\"highpass_hz\":0}}");
    cJSON_free(text);
    cJSON_Delete(d);
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
        assert_ok(bb_spectrogram_compute(plan, x, info->samples, NULL, scratch, m, e));
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

/* Whoever embeds the recording measures what the corpus keeps, so that a model sees what it was trained on.
 */
static void session_statistics_are_those_that_embed_measures(void **state) {
    (void)state;
    bb_prepare_options o = bb_prepare_options_default();
    o.encoding = BB_SAMPLES_FLOAT32;
    const char *source = made();
    bb_corpus *corpus = prepared(&o, source, NULL);
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    const bb_spectrogram_recipe recipe = info->recipe.spectrogram;
    bb_recording *r;
    bb_session_scales *scales;
    assert_ok(bb_recording_open(source, NULL, &r, e));
    bb_window_options w = bb_window_options_default();
    w.signal = bb_signal_recipe_for(&o.recipe.signal, &o.wishes, bb_recording_get_info(r));
    assert_ok(bb_session_measure(r, &w, &recipe, NULL, NULL, &scales, e));
    for (size_t c = 0; c < info->channel_count; ++c) {
        const bb_session_scale *s = &bb_session_scales_get(scales)[c];
        const bb_corpus_channel *kept = &info->channels[c];
        /* float32 samples of some 40 uV */
        assert_at_most(fabs(s->floor_uv / bb_session_floor(kept->sd_uv) - 1), 1e-7);
        for (int f = 0; f < recipe.bins; ++f) {
            assert_at_most(fabs(s->mean[f] - kept->log_mean[f]), 1e-6);
            assert_at_most(fabs(s->sd[f] - kept->log_sd[f]), 1e-6);
        }
    }
    bb_session_scales_destroy(scales);
    bb_recording_close(r);
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

static bb_status appended(const bb_prepare_options *options, const char *source, bb_prepare_report *report,
                          bb_error *err) {
    bb_sources *sources;
    bb_prepare_options o = *options;
    o.append = true;
    assert_ok(bb_sources_find(&source, 1, NULL, &sources, e));
    const bb_status status = bb_prepare(sources, &o, bb_temp_path("corpus.h5"), NULL, NULL, report, err);
    bb_sources_destroy(sources);
    return status;
}

static void a_recording_gets_into_a_corpus_once_however_it_is_treated(void **state) {
    (void)state;
    static const char table[] = "onset\tduration\ttrial_type\n1\t2\tx\n";
    size_t size;
    unsigned char *bytes = bb_slurp(made(), &size);
    char source[512]; /* the paths of the support's rotate */
    snprintf(source, sizeof source, "%s", bb_temp_file("once.edf", bytes, size));
    bb_temp_file("once_events.tsv", table, strlen(table));
    bb_prepare_options o = bb_prepare_options_default();
    bb_prepare_report report;
    bb_corpus_close(prepared(&o, source, NULL));
    o.stride_s = o.recipe.window_s; /* back to back, said otherwise */
    assert_ok(appended(&o, source, &report, e));
    assert_int_equal(report.reused, 1);
    o.stride_s = 2;
    assert_fails(appended(&o, source, NULL, e), BB_ERR_ARGUMENT, "with another stride: a corpus holds");
    o.stride_s = 0;
    o.skip = true; /* a wish of the caller's, and no fault of the recording */
    o.channels = "LA2";
    assert_fails(appended(&o, source, NULL, e), BB_ERR_ARGUMENT, "with other channels");
    o.channels = NULL;
    assert_fails(appended(&o, bb_temp_file("sub-08_ieeg.edf", bytes, size), NULL, e), BB_ERR_ARGUMENT,
                 "of another subject");
    bb_temp_file("once_events.tsv", "onset\tduration\n1\t2\n", 19);
    assert_fails(appended(&o, source, NULL, e), BB_ERR_ARGUMENT, "another content of once_events.tsv");
    free(bytes);
}

static void of_two_copies_in_one_call_the_second_is_refused_or_left_out(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = bb_slurp(made(), &size);
    const char *paths[] = {bb_temp_file("sub-11_ieeg.edf", bytes, size),
                           bb_temp_file("sub-12_ieeg.edf", bytes, size)};
    bb_sources *sources;
    bb_prepare_options o = bb_prepare_options_default();
    bb_prepare_report report;
    const char *path = bb_temp_path("copies.h5");
    assert_ok(bb_sources_find(paths, 2, NULL, &sources, e));
    assert_fails(bb_prepare(sources, &o, path, NULL, NULL, NULL, e), BB_ERR_FORMAT, "of another subject");
    o.skip = true;
    assert_ok(bb_prepare(sources, &o, path, NULL, NULL, &report, e));
    assert_int_equal(report.skipped, 1);
    bb_sources_destroy(sources);
    bb_temp_file("other_name.edf", bytes, size);
    const char *renamed[] = {bb_temp_file("name.edf", bytes, size), bb_temp_path("other_name.edf")};
    assert_ok(bb_sources_find(renamed, 2, NULL, &sources, e));
    o.skip = false;
    assert_fails(bb_prepare(sources, &o, bb_temp_path("names.h5"), NULL, NULL, NULL, e), BB_ERR_FORMAT,
                 "under another name, other_name.edf");
    bb_sources_destroy(sources);
    free(bytes);
}

/* Appends a byte to the file the first time it is called. */
static int write_behind(void *context, int64_t done, int64_t total) {
    const char **path = context;
    (void)done, (void)total;
    if (!*path) return 0;
    FILE *file = fopen(*path, "ab");
    assert_non_null(file);
    assert_int_equal(fputc('\n', file), '\n');
    fclose(file);
    *path = NULL;
    return 0;
}

static void a_recording_that_changes_while_it_is_read_is_refused(void **state) {
    (void)state;
    char source[512];
    const char *written = source;
    snprintf(source, sizeof source, "%s", made());
    const bb_prepare_options o = bb_prepare_options_default();
    bb_sources *sources;
    assert_ok(bb_sources_find(&written, 1, NULL, &sources, e));
    assert_fails(bb_prepare(sources, &o, bb_temp_path("changed.h5"), write_behind, &written, NULL, e),
                 BB_ERR_IO, "changed while it was read");
    bb_sources_destroy(sources);
}

/* The made recording as an array with a table of events beside it, one of which lasts forever. */
static void numbers_that_json_cannot_hold_leave_a_corpus_that_opens(void **state) {
    (void)state;
    static const char table[] = "onset\tduration\ttrial_type\n1\tinf\tx\n2\t1e999\ty\n3\tnan\tz\n4\t0.5\tw\n";
    const char *source = bb_temp_path("noise.npy");
    bb_recording_close(made_array("noise.npy", 3, 20 * RATE, RATE));
    bb_temp_file("noise_events.tsv", table, strlen(table));
    bb_prepare_options o = bb_prepare_options_default();
    o.recording.rate_hz = RATE;
    bb_corpus *corpus = prepared(&o, source, NULL);
    const bb_corpus_session *s = &bb_corpus_get_info(corpus)->sessions[0];
    for (size_t i = 0; i < s->event_count; ++i) assert_true(isfinite(s->events[i].duration_s));
    bb_corpus_close(corpus);
}

/* Whether the corpus still opens when one bit of `at` is another. */
static bool opens_bent(unsigned char *bytes, size_t size, unsigned char *at) {
    bb_corpus *corpus;
    *at ^= 1;
    const bb_status status = bb_corpus_open(bb_temp_file("bent.h5", bytes, size), &corpus, NULL);
    *at ^= 1;
    bb_corpus_close(corpus);
    return status == BB_OK;
}

static void a_bit_that_differs_outside_of_the_samples_is_found_when_the_corpus_is_opened(void **state) {
    (void)state;
    const bb_prepare_options o = bb_prepare_options_default();
    bb_corpus *corpus = prepared(&o, made(), NULL);
    const bb_corpus_channel *channel = &bb_corpus_get_info(corpus)->channels[0];
    const int64_t windows = bb_corpus_get_info(corpus)->windows;
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("corpus.h5"), &size);
    double starts[16];
    for (int64_t w = 0; w < windows; ++w) starts[w] = bb_corpus_window_start(corpus, w);
    const struct {
        const void *values;
        size_t size;
    } tables[] = {{starts, (size_t)windows * 8},
                  {channel->log_mean, 40 * 8},
                  {channel->log_sd, 40 * 8},
                  {&channel->mean_uv, 8},
                  {&channel->sd_uv, 8},
                  {"\"warnings\":", 11},
                  {"{\"format\"", 9}};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; ++t) {
        unsigned char *at = memmem(bytes, size, tables[t].values, tables[t].size);
        assert_non_null(at);
        for (size_t i = 0; i < tables[t].size; i += 5) assert_false(opens_bent(bytes, size, at + i));
    }
    bb_corpus_close(corpus);
    free(bytes);
}

static void windows_too_short_for_a_frame_are_refused_before_any_recording(void **state) {
    (void)state;
    const char *source = bb_temp_path("absent.edf");
    bb_prepare_options o = bb_prepare_options_default();
    bb_sources *sources;
    o.recipe.window_s = 0.1;
    assert_ok(bb_sources_find(&source, 1, NULL, &sources, e));
    assert_fails(bb_prepare(sources, &o, bb_temp_path("short.h5"), NULL, NULL, NULL, e), BB_ERR_ARGUMENT,
                 "windows of 0.1 s leave no spectrogram frame");
    bb_sources_destroy(sources);
}

typedef struct listener {
    int64_t last, total, stop_after; /* calls until it says stop */
    bool falls;
} listener;

static int listen(void *context, int64_t done, int64_t total) {
    listener *l = context;
    l->falls |= done < l->last || done > total;
    l->last = done, l->total = total;
    return l->stop_after-- <= 0;
}

static void every_phase_is_told_of_and_can_be_stopped(void **state) {
    (void)state;
    const char *source = made();
    const bb_prepare_options o = bb_prepare_options_default();
    bb_sources *sources;
    const char *path = bb_temp_path("stopped.h5");
    assert_ok(bb_sources_find(&source, 1, NULL, &sources, e));
    listener all = {.stop_after = 1000};
    assert_ok(bb_prepare(sources, &o, path, listen, &all, NULL, e));
    assert_false(all.falls);
    assert_int_equal(all.total, 3 * 4 * 2);
    const int64_t calls = 1000 - all.stop_after;
    assert_true(calls >= 6); /* the checksum, four windows, statistics */
    for (int64_t i = 0; i < calls; ++i) {
        listener l = {.stop_after = i};
        remove(path);
        assert_fails(bb_prepare(sources, &o, path, listen, &l, NULL, e), BB_ERR_CANCELLED,
                     "the same call goes on");
        assert_int_equal(l.stop_after, -1); /* it was not asked again */
    }
    bb_sources_destroy(sources);
}

/* A path in Latin-1. */
static void a_path_that_is_not_utf8_is_described_in_utf8(void **state) {
    (void)state;
    size_t size;
    unsigned char *bytes = bb_slurp(made(), &size);
    const bb_prepare_options o = bb_prepare_options_default();
    bb_corpus *corpus = prepared(&o, bb_temp_file("M\374ller.edf", bytes, size), NULL);
    const char *path = bb_corpus_get_info(corpus)->sessions[0].source;
    assert_string_equal(path + strlen(path) - 11, "M\303\274ller.edf");
    bb_corpus_close(corpus);
    free(bytes);
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
        cmocka_unit_test(a_batch_in_any_order_is_what_its_windows_are_one_by_one),
        cmocka_unit_test(windows_across_a_gap_are_left_out),
        cmocka_unit_test(a_corpus_says_where_its_windows_come_from),
        cmocka_unit_test(marks_of_bad_channels_are_kept),
        cmocka_unit_test(a_corpus_states_the_recipe_that_was_followed),
        cmocka_unit_test(a_recipe_is_settled_by_the_sessions_that_agree),
        cmocka_unit_test(session_statistics_are_those_of_the_stored_windows),
        cmocka_unit_test(session_statistics_are_those_that_embed_measures),
        cmocka_unit_test(a_byte_that_differs_is_found_when_its_window_is_read),
        cmocka_unit_test(a_recording_gets_into_a_corpus_once_however_it_is_treated),
        cmocka_unit_test(of_two_copies_in_one_call_the_second_is_refused_or_left_out),
        cmocka_unit_test(a_recording_that_changes_while_it_is_read_is_refused),
        cmocka_unit_test(a_bit_that_differs_outside_of_the_samples_is_found_when_the_corpus_is_opened),
        cmocka_unit_test(numbers_that_json_cannot_hold_leave_a_corpus_that_opens),
        cmocka_unit_test(windows_too_short_for_a_frame_are_refused_before_any_recording),
        cmocka_unit_test(every_phase_is_told_of_and_can_be_stopped),
        cmocka_unit_test(a_path_that_is_not_utf8_is_described_in_utf8),
        cmocka_unit_test(other_files_are_no_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
