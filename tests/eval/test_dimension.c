#include "brainbert/dimension.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../data/made_recording.h"
#include "brainbert/embed.h"
#include "formula.h"

/* 18 channels at 256 Hz are more than the encoder is given at once. */
enum { RATE = 256, CHANNELS = 18, SECONDS = 9, SAMPLES = SECONDS * RATE, D = 35, F = 23 };
static const bb_model_config odd = {
    .hidden_dim = D, .feed_forward_dim = 81, .heads = 5, .layers = 2, .input_dim = F};

typedef struct parts {
    bb_recording *recording;
    bb_window_stream *stream;
    bb_spectrogram_plan *plan;
    bb_encoder *encoder;
    int64_t frames;
} parts;

/* Noise, in which channel 2 is flat from 3.2 to 3.8 s. */
static parts make_parts(void) {
    parts p;
    bb_model *model;
    bb_spectrogram_recipe recipe = bb_spectrogram_recipe_default();
    recipe.rate_hz = RATE, recipe.segment = 64, recipe.hop = 16, recipe.bins = F, recipe.trim = 2;
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE};
    o.window_s = 1;
    float *data = malloc((size_t)(CHANNELS * SAMPLES) * sizeof *data);
    for (int i = 0; i < CHANNELS * SAMPLES; ++i) data[i] = (float)bb_random_normal(2, 0, (uint64_t)i);
    for (int t = (int)(3.2 * RATE); t < (int)(3.8 * RATE); ++t) data[2 * SAMPLES + t] = 0.5f;
    const int64_t shape[2] = {CHANNELS, SAMPLES};
    assert_ok(bb_array_write(bb_temp_path("r.npy"), data, shape, 2, e));
    free(data);
    assert_ok(
        bb_recording_open(bb_temp_path("r.npy"), &(bb_recording_options){.rate_hz = RATE}, &p.recording, e));
    assert_ok(bb_window_stream_create(p.recording, &o, &p.stream, e));
    assert_ok(bb_spectrogram_plan_create(&recipe, &p.plan, e));
    assert_ok(bb_model_open(bb_formula_model("odd", &odd, 3), 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, 2, &p.encoder, e));
    bb_model_close(model);
    p.frames = bb_spectrogram_frames(p.plan, RATE);
    return p;
}

static void free_parts(parts *p) {
    bb_encoder_destroy(p->encoder);
    bb_spectrogram_plan_destroy(p->plan);
    bb_window_stream_destroy(p->stream);
    bb_recording_close(p->recording);
}

static bb_dimensions *make_dimensions(const parts *p, int64_t windows, size_t electrodes[CHANNELS]) {
    bb_dimension_options o = bb_dimension_options_default();
    o.windows = windows, o.frames = true, o.threads = 2;
    bb_dimensions *d;
    assert_ok(bb_dimensions_create(p->frames, F, D, &o, &d, e));
    for (size_t c = 0; c < CHANNELS; ++c) {
        assert_ok(bb_dimensions_add_electrode(d, &electrodes[c], e));
        assert_int_equal(electrodes[c], c);
    }
    return d;
}

/* One window of one channel, step by step: embedding [D], spectrogram [T,F], its mean [F]. */
static void by_hand(const parts *p, size_t channel, int64_t window, float *embedding, float *spectrum,
                    float *mean) {
    double samples[RATE];
    const bb_pooling pooling = {.kind = BB_POOL_MEAN};
    assert_ok(bb_recording_read(p->recording, &channel, 1, window * RATE, RATE, samples, e));
    void *scratch = aligned_alloc(64, (bb_spectrogram_scratch(p->plan, RATE) + 63) / 64 * 64);
    assert_ok(bb_spectrogram_compute(p->plan, samples, RATE, NULL, scratch, spectrum, e));
    assert_ok(bb_encoder_pool(p->encoder, &(bb_batch){spectrum, 1, p->frames, NULL}, &pooling, embedding, e));
    for (int f = 0; f < F; ++f) {
        double sum = 0;
        for (int64_t t = 0; t < p->frames; ++t) sum += (double)spectrum[t * F + f];
        mean[f] = (float)(sum / (double)p->frames);
    }
    free(scratch);
}

/* The ratios of the first `count` windows but `without`. */
static void assert_measured(const parts *p, size_t channel, int count, int64_t without,
                            const bb_dimension *found) {
    const int64_t size[BB_DIMENSIONS] = {D, F, p->frames * F};
    float *rows[BB_DIMENSIONS], *next[BB_DIMENSIONS];
    for (int k = 0; k < BB_DIMENSIONS; ++k)
        rows[k] = next[k] = malloc((size_t)(count * size[k]) * sizeof(float));
    for (int64_t w = 0, used = 0; used < count; ++w) {
        if (w == without) continue;
        by_hand(p, channel, w, next[0], next[2], next[1]);
        for (int k = 0; k < BB_DIMENSIONS; ++k) next[k] += size[k];
        ++used;
    }
    assert_int_equal(found->windows, count);
    for (int k = 0; k < BB_DIMENSIONS; ++k) {
        double ratios[SECONDS];
        assert_int_equal(found->count[k], count); /* fewer than D, F and T F */
        assert_ok(bb_pca_ratios_f32(rows[k], count, size[k], 1, ratios, e));
        /* Embeddings may be summed in another order for another number of rows: float32's rounding. */
        assert_at_most(bb_max_error_f64(ratios, found->ratios[k], (size_t)count), k == 0 ? 1e-4 : 0);
        assert_int_equal(found->value[k], bb_intrinsic_dimension(found->ratios[k], count, 0.95));
        free(rows[k]);
    }
}

static void gathered_windows_are_those_of_each_step_by_hand(void **state) {
    (void)state;
    parts p = make_parts();
    size_t electrodes[CHANNELS];
    bb_dimensions *d = make_dimensions(&p, 500, electrodes);
    int64_t left_out;
    assert_ok(
        bb_dimensions_gather(d, p.stream, electrodes, p.plan, NULL, p.encoder, &left_out, NULL, NULL, e));
    assert_int_equal(left_out, 1); /* the flat one */
    for (size_t c = 0; c < CHANNELS; ++c) {
        bb_dimension one;
        assert_int_equal(bb_dimensions_wanted(d, c), 500 - (c == 2 ? SECONDS - 1 : SECONDS));
        assert_ok(bb_dimensions_measure(d, c, &one, e));
        assert_int_equal(bb_dimensions_wanted(d, c), 0);
        if (c < 3 || c == 17) assert_measured(&p, c, c == 2 ? SECONDS - 1 : SECONDS, c == 2 ? 3 : -1, &one);
        bb_dimension_free(&one);
        assert_null(one.ratios[0]);
    }
    bb_dimensions_destroy(d);
    free_parts(&p);
}

typedef struct steps {
    int64_t done, total;
} steps;

static int count_steps(void *context, int64_t done, int64_t total) {
    steps *s = context;
    assert_true(done >= s->done && done <= total);
    s->done = done, s->total = total;
    return 0;
}

/* Channel 2 has to read one window further than the others for its fifth sound one. */
static void no_more_windows_than_wanted(void **state) {
    (void)state;
    parts p = make_parts();
    size_t electrodes[CHANNELS];
    bb_dimensions *d = make_dimensions(&p, 5, electrodes);
    int64_t left_out;
    steps s = {0};
    assert_ok(bb_dimensions_gather(d, p.stream, electrodes, p.plan, NULL, p.encoder, &left_out, count_steps,
                                   &s, e));
    assert_int_equal(s.done, 5 * CHANNELS);
    assert_int_equal(s.total, 5 * CHANNELS);
    bb_dimension one;
    for (size_t c = 1; c < 3; ++c) {
        assert_ok(bb_dimensions_measure(d, c, &one, e));
        assert_measured(&p, c, 5, c == 2 ? 3 : -1, &one);
        bb_dimension_free(&one);
    }
    const double *rest;
    int64_t stride, left = 0;
    do {
        assert_ok(bb_window_stream_next(p.stream, &rest, &stride, e));
        left += rest != NULL;
    } while (rest);
    assert_int_equal(left, SECONDS - 6);
    bb_dimensions_destroy(d);
    free_parts(&p);
}

/* Embeddings in a space of 3 dimensions with equal variances: 3 components hold all, 2 hold two thirds. The
 * control has one direction in its means and as many as there are windows in its frames. */
static void known_low_dimensions_come_out(void **state) {
    (void)state;
    enum { WINDOWS = 60, T = 4 };
    bb_dimension_options o = bb_dimension_options_default();
    o.frames = true;
    bb_dimensions *d;
    size_t one;
    bb_dimension found;
    assert_ok(bb_dimensions_create(T, F, D, &o, &d, e));
    assert_ok(bb_dimensions_add_electrode(d, &one, e));
    for (int w = 0; w < WINDOWS; ++w) {
        float embedding[D], spectrum[T * F];
        for (int i = 0; i < D; ++i) {
            double sum = 5;
            for (int k = 1; k <= 3; ++k)
                sum += cos(M_PI * k * (w + 0.5) / WINDOWS) * cos(M_PI * k * (i + 0.5) / D);
            embedding[i] = (float)sum;
        }
        /* Noise that cancels over frames on top of a common rise. */
        for (int t = 0; t < T; ++t)
            for (int f = 0; f < F; ++f) {
                const uint64_t index = (uint64_t)((w * T + t / 2) * F + f);
                spectrum[t * F + f] =
                    (float)(w * (f + 1) + (t % 2 ? -1000 : 1000) * bb_random_uniform(1, 0, index));
            }
        assert_ok(bb_dimensions_add_window(d, one, embedding, spectrum, e));
    }
    assert_ok(bb_dimensions_measure(d, one, &found, e));
    assert_int_equal(found.value[BB_DIMENSION_EMBEDDINGS], 3);
    for (int k = 0; k < 3; ++k) /* float32's rounding of values up to 8 */
        assert_at_most(fabs(found.ratios[BB_DIMENSION_EMBEDDINGS][k] - 1.0 / 3), 1e-6);
    assert_int_equal(found.value[BB_DIMENSION_SPECTROGRAM], 1);
    assert_true(found.value[BB_DIMENSION_FRAMES] > 20);
    assert_int_equal(found.count[BB_DIMENSION_FRAMES], WINDOWS);
    assert_int_equal(found.count[BB_DIMENSION_SPECTROGRAM], F);
    bb_dimension_free(&found);
    bb_dimensions_destroy(d);
}

static void few_windows_and_wrong_calls(void **state) {
    (void)state;
    parts p = make_parts();
    bb_dimension_options o = bb_dimension_options_default();
    bb_dimensions *d;
    bb_dimension found;
    size_t electrodes[CHANNELS];
    o.windows = 1;
    assert_fails(bb_dimensions_create(3, F, D, &o, &d, e), BB_ERR_ARGUMENT, "2 to 16384 windows");
    o.windows = 2, o.share = 1;
    assert_fails(bb_dimensions_create(3, F, D, &o, &d, e), BB_ERR_ARGUMENT, "share");
    o.share = 0.95;
    assert_fails(bb_dimensions_create(0, F, D, &o, &d, e), BB_ERR_ARGUMENT, "0 frames");
    assert_ok(bb_dimensions_create(p.frames + 1, F, D, &o, &d, e));
    for (int c = 0; c < CHANNELS; ++c) assert_ok(bb_dimensions_add_electrode(d, &electrodes[c], e));
    int64_t left_out;
    assert_fails(
        bb_dimensions_gather(d, p.stream, electrodes, p.plan, NULL, p.encoder, &left_out, NULL, NULL, e),
        BB_ERR_ARGUMENT, "frames");
    float spectrum[64 * F] = {0}, embedding[D] = {0};
    assert_true(p.frames < 64);
    assert_ok(bb_dimensions_add_window(d, 0, embedding, spectrum, e));
    assert_ok(bb_dimensions_measure(d, 0, &found, e)); /* one window has no dimension */
    assert_int_equal(found.windows, 1);
    assert_int_equal(found.value[0] + found.count[0], 0);
    assert_null(found.ratios[0]);
    bb_dimensions_destroy(d);
    bb_dimensions_destroy(NULL);
    free_parts(&p);
}

/* Two electrodes of one region with 3 and 6 components, one with too few windows, and one of no region. */
static void regions_and_the_table(void **state) {
    (void)state;
    const bb_dimension_place places[4] = {{"01", "a.edf", "LA2", "insula"},
                                          {NULL, "b.edf", "odd\tname", NULL},
                                          {"01", "a.edf", "LA3", "insula"},
                                          {"01", "a.edf", "LB1", "amygdala"}};
    const bb_dimension found[4] = {{.windows = 9, .value = {3, 2}, .count = {9, 9}},
                                   {.windows = 8, .value = {7, 1, 5}, .count = {8, 8, 8}},
                                   {.windows = 9, .value = {6, 2}, .count = {9, 9}},
                                   {.windows = 1}};
    bb_dimension_region regions[4];
    assert_int_equal(bb_dimension_by_region(places, found, 4, regions), 3);
    assert_string_equal(regions[0].region, "amygdala");
    assert_true(regions[0].electrodes == 0 && isnan(regions[0].mean[0]) && isnan(regions[0].sd[0]));
    assert_string_equal(regions[1].region, "insula");
    assert_true(regions[1].electrodes == 2 && regions[1].mean[0] == 4.5 && regions[1].sd[0] == 1.5);
    assert_true(regions[1].mean[1] == 2 && regions[1].sd[1] == 0 && isnan(regions[1].mean[2]));
    assert_null(regions[2].region);
    assert_true(regions[2].mean[0] == 7 && regions[2].mean[2] == 5);
    assert_int_equal(bb_dimension_by_region(places, found, 0, regions), 0);

    const char *path = bb_temp_path("t.tsv");
    assert_ok(bb_dimension_table_write(path, places, found, 4, e));
    size_t size;
    unsigned char *text = bb_slurp(path, &size);
    const char *expected = "subject\trecording\telectrode\tregion\twindows\tembeddings\tspectrogram\tframes\n"
                           "01\ta.edf\tLA2\tinsula\t9\t3\t2\tn/a\n"
                           "n/a\tb.edf\todd name\tn/a\t8\t7\t1\t5\n"
                           "01\ta.edf\tLA3\tinsula\t9\t6\t2\tn/a\n"
                           "01\ta.edf\tLB1\tamygdala\t1\tn/a\tn/a\tn/a\n";
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(text, expected, size);
    free(text);
    assert_fails(bb_dimension_table_write(bb_temp_path("no/t.tsv"), places, found, 4, e), BB_ERR_IO,
                 "no/t.tsv");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathered_windows_are_those_of_each_step_by_hand),
        cmocka_unit_test(no_more_windows_than_wanted),
        cmocka_unit_test(known_low_dimensions_come_out),
        cmocka_unit_test(regions_and_the_table),
        cmocka_unit_test(few_windows_and_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
