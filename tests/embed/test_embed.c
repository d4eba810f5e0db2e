#include "brainbert/embed.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/made_recording.h"
#include "embed/encode_batch.h"
#include "formula.h"

/* 20 channels at 256 Hz are more than the encoder is given at once. */
enum { RATE = 256, CHANNELS = 20, SAMPLES = 5 * RATE + 17, WINDOW = RATE, D = 35, F = 23 };
static const bb_model_config odd = {
    .hidden_dim = D, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = F};

typedef struct parts {
    bb_recording *recording;
    bb_window_stream *stream;
    bb_spectrogram_plan *plan;
    bb_encoder *encoder;
} parts;

static bb_spectrogram_recipe spectrogram(int bins) {
    bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    r.rate_hz = RATE, r.segment = 64, r.hop = 16, r.bins = bins, r.trim = 2;
    return r;
}

static parts make_parts(int bins, double window_s) {
    parts p;
    bb_model *model;
    const bb_spectrogram_recipe recipe = spectrogram(bins);
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE};
    o.window_s = window_s;
    p.recording = made_array("r.npy", CHANNELS, SAMPLES, RATE);
    assert_ok(bb_window_stream_create(p.recording, &o, &p.stream, e));
    assert_ok(bb_spectrogram_plan_create(&recipe, &p.plan, e));
    assert_ok(bb_model_open(bb_formula_model("odd", &odd, 3), 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, 2, &p.encoder, e));
    bb_model_close(model);
    return p;
}

static void free_parts(parts *p) {
    bb_encoder_destroy(p->encoder);
    bb_spectrogram_plan_destroy(p->plan);
    bb_window_stream_destroy(p->stream);
    bb_recording_close(p->recording);
}

/* What comes into the sink, and where it shall stop. */
typedef struct collected {
    float *features;
    int64_t size, windows, refuse;
} collected;

static bb_status collect(void *context, int64_t window, const float *features, const unsigned char *unsound,
                         bb_error *err) {
    collected *c = context;
    for (int channel = 0; channel < CHANNELS; ++channel) assert_int_equal(unsound[channel], 0);
    assert_int_equal(window, c->windows);
    if (window == c->refuse) {
        err->message[0] = '\0';
        strcat(err->message, "the sink is full");
        return BB_ERR_IO;
    }
    memcpy(c->features + window * CHANNELS * c->size, features,
           (size_t)(CHANNELS * c->size) * sizeof *features);
    ++c->windows;
    return BB_OK;
}

/* One channel of one window, step by step. */
static void by_hand(const parts *p, int64_t channel, int64_t window, const bb_pooling *pooling, float *out) {
    double samples[WINDOW];
    const size_t index = (size_t)channel;
    assert_ok(bb_recording_read(p->recording, &index, 1, window * WINDOW, WINDOW, samples, e));
    const int64_t frames = bb_spectrogram_frames(p->plan, WINDOW);
    float *spectrum = malloc((size_t)(frames * F) * sizeof *spectrum);
    void *scratch = aligned_alloc(64, (bb_spectrogram_scratch(p->plan, WINDOW) + 63) / 64 * 64);
    assert_ok(bb_spectrogram_compute(p->plan, samples, WINDOW, NULL, scratch, spectrum, e));
    assert_ok(bb_encoder_pool(p->encoder, &(bb_batch){spectrum, 1, frames, NULL}, pooling, out, e));
    free(scratch);
    free(spectrum);
}

static void check_features(const char *name, int threads) {
    bb_pooling pooling;
    assert_true(bb_pooling_from_name(name, &pooling));
    parts p = make_parts(F, 1);
    const int64_t size = bb_pooling_size(&pooling, bb_spectrogram_frames(p.plan, WINDOW), D);
    collected c = {
        .size = size, .refuse = -1, .features = malloc((size_t)(5 * CHANNELS * size) * sizeof(float))};
    float *expected = malloc((size_t)size * sizeof *expected);
    bb_embed_stats stats;
    assert_ok(
        bb_embed(p.stream, p.plan, NULL, p.encoder, &pooling, threads, collect, &c, NULL, NULL, &stats, e));
    assert_int_equal(c.windows, 5);
    assert_true(stats.encode_s > 0 && stats.spectrogram_s > 0 && stats.read_s > 0 && stats.write_s > 0);
    assert_true(stats.first_window_s > 0 && stats.first_window_s < stats.total_s);
    /* One thread's, one after the other; 1e-9 for the sum's rounding. */
    assert_at_most(stats.encode_s + stats.spectrogram_s + stats.wait_input_s + stats.wait_output_s,
                   stats.total_s + 1e-9);
    for (int64_t w = 0; w < 5; ++w)
        for (int64_t channel = 0; channel < CHANNELS; ++channel) {
            by_hand(&p, channel, w, &pooling, expected);
            /* The products may sum in another order for another number of rows: float32's rounding of values
             * around 1 through three layers. */
            assert_at_most(
                bb_max_error_f32(expected, c.features + (w * CHANNELS + channel) * size, (size_t)size), 1e-5);
        }
    free(expected);
    free(c.features);
    free_parts(&p);
}

/* One thing after the other: all windows read and their spectrograms made, then batch after batch encoded. */
static float *by_plain_loop(const parts *p, const bb_pooling *pooling, int64_t batch, int64_t size) {
    const int64_t frames = bb_spectrogram_frames(p->plan, WINDOW), all = 5 * CHANNELS;
    float *spectrograms = calloc((size_t)(all * frames * F), sizeof *spectrograms);
    float *features = calloc((size_t)(all * size), sizeof *features);
    void *scratch = aligned_alloc(64, (bb_spectrogram_scratch(p->plan, WINDOW) + 63) / 64 * 64);
    const double *data;
    int64_t stride;
    for (int64_t w = 0; w < 5; ++w) {
        assert_ok(bb_window_stream_next(p->stream, &data, &stride, e));
        assert_ok(bb_spectrogram_compute_many(p->plan, data, stride, CHANNELS, WINDOW, NULL, 1, scratch,
                                              spectrograms + w * CHANNELS * frames * F, e));
    }
    for (int64_t row = 0; row < all; row += batch) {
        const int64_t count = row + batch < all ? batch : all - row;
        const bb_batch in = {spectrograms + row * frames * F, count, frames, NULL};
        assert_ok(bb_encoder_pool(p->encoder, &in, pooling, features + row * size, e));
    }
    free(spectrograms);
    free(scratch);
    return features;
}

static void check_bytes(const char *name, int threads) {
    bb_pooling pooling;
    assert_true(bb_pooling_from_name(name, &pooling));
    parts p = make_parts(F, 1), q = make_parts(F, 1);
    const int64_t size = bb_pooling_size(&pooling, bb_spectrogram_frames(p.plan, WINDOW), D);
    const size_t bytes = (size_t)(5 * CHANNELS * size) * sizeof(float);
    collected c = {.size = size, .refuse = -1, .features = malloc(bytes)};
    assert_ok(
        bb_embed(p.stream, p.plan, NULL, p.encoder, &pooling, threads, collect, &c, NULL, NULL, NULL, e));
    float *expected = by_plain_loop(&q, &pooling, bb_encode_batch(threads), size);
    assert_memory_equal(expected, c.features, bytes);
    free(expected);
    free(c.features);
    free_parts(&p);
    free_parts(&q);
}

static void the_bytes_are_those_of_a_plain_loop(void **state) {
    (void)state;
    assert_int_equal(bb_encode_batch(8), 16);
    assert_int_equal(bb_encode_batch(13), 26);
    check_bytes("center", 1);
    check_bytes("none", 3);
    check_bytes("segments:3", 13); /* batches are longer than a window has channels */
    check_bytes("mean", 51);       /* and than there are windows */
}

static void features_are_those_of_each_step_by_hand(void **state) {
    (void)state;
    const char *const poolings[] = {"center", "mean", "segments:3", "none"};
    for (int i = 0; i < 4; ++i) check_features(poolings[i], i);
}

/* Two channels, of which the second stands still in odd seconds: a batch holds eight windows, each of which
 * comes with what is unsound in itself. */
enum { FEW = 2, LONG = 21 };

static bb_status check_unsound(void *context, int64_t window, const float *features,
                               const unsigned char *unsound, bb_error *err) {
    int64_t *next = context;
    (void)err;
    assert_int_equal(window, *next);
    assert_int_equal(unsound[0], 0);
    assert_int_equal(unsound[1], window % 2 ? BB_UNSOUND_FLAT : 0);
    for (int i = 0; i < FEW * D; ++i) assert_true(isfinite(features[i]));
    ++*next;
    return BB_OK;
}

static void windows_of_few_channels_share_batches_and_keep_their_marks(void **state) {
    (void)state;
    static double data[FEW][LONG * RATE];
    const bb_edf_channel channels[FEW] = {{"LA1", -500, 500}, {"LB1", -500, 500}};
    const bb_pooling mean = {.kind = BB_POOL_MEAN};
    bb_edf_writer *writer;
    for (int c = 0; c < FEW; ++c)
        for (int t = 0; t < LONG * RATE; ++t)
            data[c][t] = c && t / RATE % 2 ? 100 : 50 * bb_random_normal(1, (uint64_t)c, (uint64_t)t);
    assert_ok(bb_edf_writer_open(bb_temp_path("few.edf"), channels, FEW, RATE, 0, NULL, 0, &writer, e));
    assert_ok(bb_edf_writer_append(writer, data[0], LONG * RATE, e));
    assert_ok(bb_edf_writer_close(writer, e));
    parts p = make_parts(F, 1);
    bb_window_stream_destroy(p.stream);
    bb_recording_close(p.recording);
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE};
    o.window_s = 1;
    assert_ok(bb_recording_open(bb_temp_path("few.edf"), NULL, &p.recording, e));
    assert_ok(bb_window_stream_create(p.recording, &o, &p.stream, e));
    int64_t windows = 0;
    assert_ok(
        bb_embed(p.stream, p.plan, NULL, p.encoder, &mean, 1, check_unsound, &windows, NULL, NULL, NULL, e));
    assert_int_equal(windows, LONG);
    free_parts(&p);
}

typedef struct steps {
    int64_t done, total, calls, stop;
    pthread_t caller;
} steps;

static int count_steps(void *context, int64_t done, int64_t total) {
    steps *s = context;
    assert_true(pthread_equal(s->caller, pthread_self()));
    assert_true(done > s->done && done <= total);
    s->done = done, s->total = total;
    return ++s->calls == s->stop;
}

static bb_status embed(parts *p, collected *c, steps *s, bb_error *err) {
    const bb_pooling mean = {.kind = BB_POOL_MEAN};
    *c = (collected){.features = c->features, .size = D, .refuse = c->refuse};
    s->caller = pthread_self();
    return bb_embed(p->stream, p->plan, NULL, p->encoder, &mean, 1, collect, c, count_steps, s, NULL, err);
}

static void progress_counts_every_window_and_channel(void **state) {
    (void)state;
    static float features[5 * CHANNELS * D];
    collected c = {.features = features, .refuse = -1};
    steps s = {0};
    parts p = make_parts(F, 1);
    assert_ok(embed(&p, &c, &s, e));
    assert_true(s.done == 5 * CHANNELS && s.total == 5 * CHANNELS);
    free_parts(&p);
}

static void progress_can_stop_the_work(void **state) {
    (void)state;
    static float features[5 * CHANNELS * D];
    for (int64_t stop = 1; stop <= 4; ++stop) {
        collected c = {.features = features, .refuse = -1};
        steps s = {.stop = stop};
        parts p = make_parts(F, 1);
        assert_fails(embed(&p, &c, &s, e), BB_ERR_CANCELLED, "stopped");
        assert_int_equal(s.calls, stop);
        /* Those whose channels were all in the batches before; batches go across windows. */
        assert_int_equal(c.windows, 16 * (stop - 1) / CHANNELS);
        free_parts(&p);
    }
}

static void a_sink_that_fails_ends_the_work(void **state) {
    (void)state;
    static float features[5 * CHANNELS * D];
    collected c = {.features = features, .refuse = 2};
    steps s = {0};
    parts p = make_parts(F, 1);
    assert_fails(embed(&p, &c, &s, e), BB_ERR_IO, "the sink is full");
    assert_int_equal(c.windows, 2);
    free_parts(&p);
}

/* Once they are open, the last channel's samples end in the fourth window: three windows are read, which are
 * three full batches, which are two windows. */
static parts make_cut_parts(void) {
    const parts p = make_parts(F, 1);
    size_t size;
    free(bb_slurp(bb_temp_path("r.npy"), &size));
    const size_t gone = (SAMPLES - 7 * RATE / 2) * sizeof(float);
    assert_int_equal(truncate(bb_temp_path("r.npy"), (off_t)(size - gone)), 0);
    return p;
}

static void a_source_that_fails_ends_the_work_behind_what_it_gave(void **state) {
    (void)state;
    static float features[5 * CHANNELS * D];
    collected c = {.features = features, .refuse = -1};
    steps s = {0};
    parts p = make_cut_parts();
    assert_fails(embed(&p, &c, &s, e), BB_ERR_IO, "was cut off");
    assert_true(c.windows == 2 && s.done == 48);
    free_parts(&p);
    /* The sink fails at a window before. */
    p = make_cut_parts();
    c.refuse = 1;
    s = (steps){0};
    assert_fails(embed(&p, &c, &s, e), BB_ERR_IO, "the sink is full");
    assert_int_equal(c.windows, 1);
    free_parts(&p);
}

static void spectrograms_that_fail_end_the_work(void **state) {
    (void)state;
    collected c = {.refuse = -1};
    steps s = {0};
    parts p = make_parts(F, 1);
    bb_spectrogram_recipe recipe = spectrogram(F);
    recipe.normalization = BB_NORMALIZE_SESSION;
    bb_spectrogram_plan_destroy(p.plan);
    assert_ok(bb_spectrogram_plan_create(&recipe, &p.plan, e));
    assert_fails(embed(&p, &c, &s, e), BB_ERR_ARGUMENT, "expected the channel's session");
    assert_true(c.windows == 0 && s.calls == 0);
    free_parts(&p);
}

static void parts_that_do_not_fit_are_refused(void **state) {
    (void)state;
    collected c = {.refuse = -1};
    steps s = {0};
    for (int bins = F - 1; bins <= F + 1; bins += 2) {
        parts p = make_parts(bins, 1);
        assert_fails(embed(&p, &c, &s, e), BB_ERR_ARGUMENT, "the encoder's 23 bins, found 2");
        free_parts(&p);
    }
    const bb_pooling many = {.kind = BB_POOL_SEGMENTS, .segments = 100};
    parts p = make_parts(F, 1);
    assert_fails(bb_embed(p.stream, p.plan, NULL, p.encoder, &many, 1, collect, &c, NULL, NULL, NULL, e),
                 BB_ERR_ARGUMENT, "found 100");
    free_parts(&p);
    p = make_parts(F, 49.0 / RATE); /* 2 trim - 1 hops and a sample: one frame, of which 48 leave none */
    const bb_window_info *info = bb_window_stream_info(p.stream);
    assert_int_equal(bb_spectrogram_frames(p.plan, info->samples), 1);
    free_parts(&p);
    p = make_parts(F, 48.0 / RATE);
    assert_fails(embed(&p, &c, &s, e), BB_ERR_ARGUMENT, "expected more than 0.1875 s");
    assert_int_equal(c.windows, 0);
    free_parts(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_those_of_each_step_by_hand),
        cmocka_unit_test(the_bytes_are_those_of_a_plain_loop),
        cmocka_unit_test(windows_of_few_channels_share_batches_and_keep_their_marks),
        cmocka_unit_test(progress_counts_every_window_and_channel),
        cmocka_unit_test(progress_can_stop_the_work),
        cmocka_unit_test(a_sink_that_fails_ends_the_work),
        cmocka_unit_test(a_source_that_fails_ends_the_work_behind_what_it_gave),
        cmocka_unit_test(spectrograms_that_fail_end_the_work),
        cmocka_unit_test(parts_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
