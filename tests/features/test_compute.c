#include "brainbert/features.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/made_recording.h"
#include "base/file.h"
#include "brainbert/cpu.h"
#include "brainbert/embed.h"
#include "brainbert/session.h"
#include "features/band_power.h"
#include "formula.h"

/* Three channels: batches of 16 spectrograms hold some windows and a part of the next one. */
enum { RATE = 512, CHANNELS = 3, SECONDS = 21, WINDOW = RATE, F = 10, D = 14 };
static const bb_model_config config = {
    .hidden_dim = D, .feed_forward_dim = 30, .heads = 2, .layers = 2, .input_dim = F};

/* In no order, one twice, two whose windows leave the recording. */
static const double onsets[] = {7.25, 3, 19.5, 20.5, 3, 0, -0.5, 11.125, 5.7, 16, 2.2, 9};
enum { ONSETS = sizeof onsets / sizeof *onsets, KEPT = ONSETS - 2 };
static const bool kept[ONSETS] = {1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1};

static bb_spectrogram_recipe recipe(void) {
    bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    r.rate_hz = RATE, r.segment = 64, r.hop = 16, r.bins = F, r.trim = 2;
    return r;
}

/* A path that stays good. */
static const char *folder(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s", bb_temp_path(name));
    return path;
}

static bb_feature_options options(const char *cache) {
    bb_feature_options o = {.windows = bb_window_options_default(), .cache = cache};
    o.windows.signal = (bb_signal_recipe){.rate_hz = RATE};
    o.windows.window_s = 1;
    o.windows.onsets_s = onsets;
    o.windows.onset_count = ONSETS;
    o.windows.threads = 1;
    return o;
}

static bb_recording *recording(void) { return made_array("r.npy", CHANNELS, (int64_t)RATE * SECONDS, RATE); }

static bb_model *model(uint64_t seed) {
    bb_model *m;
    assert_ok(bb_model_open(bb_formula_model(seed == 3 ? "m3" : "m4", &config, seed), 0, &m, e));
    return m;
}

/* A spec by its name, with the spectrogram of this file's rate. */
static bb_feature_spec spec(const char *name, const bb_model *m) {
    bb_feature_spec s;
    assert_ok(bb_feature_spec_from_name(name, &s, e));
    if (s.kind == BB_FEATURE_ENCODER || s.kind == BB_FEATURE_SPECTROGRAM) s.recipe = recipe();
    s.model = s.kind == BB_FEATURE_ENCODER ? m : NULL;
    return s;
}

static bb_feature_set *compute(bb_recording *r, const bb_feature_options *o, const bb_feature_spec *s) {
    bb_feature_set *set;
    assert_ok(bb_features_compute(r, o, s, 1, &set, e));
    return set;
}

static const float *row_at(const bb_feature_set_info *i, int64_t channel, int64_t window) {
    return i->data + (channel * i->windows + window) * i->dim;
}

static size_t bytes_of(const bb_feature_set_info *i) {
    return (size_t)(i->channels * i->windows * i->dim) * sizeof *i->data;
}

static void assert_same(const bb_feature_set *a, const bb_feature_set *b) {
    const bb_feature_set_info *p = bb_feature_set_get_info(a), *q = bb_feature_set_get_info(b);
    assert_true(p->windows == q->windows && p->channels == q->channels && p->dim == q->dim);
    assert_memory_equal(p->data, q->data, bytes_of(p));
    assert_memory_equal(p->unsound, q->unsound, (size_t)(p->channels * p->windows));
}

/* The samples of one window. */
static const double *samples_of(bb_recording *r, size_t channel, int64_t window) {
    static double x[WINDOW];
    assert_ok(bb_recording_read(r, &channel, 1, llround(onsets[window] * RATE), WINDOW, x, e));
    return x;
}

/* ---------------------------------------------------------------- what the features are */

typedef struct embedded {
    float features[ONSETS][CHANNELS][3 * D];
    const size_t *order;
    int64_t size;
} embedded;

static bb_status keep(void *context, int64_t window, const float *features, const unsigned char *unsound,
                      bb_error *err) {
    embedded *m = context;
    (void)unsound, (void)err;
    for (int c = 0; c < CHANNELS; ++c)
        memcpy(m->features[m->order[window]][c], features + c * m->size, (size_t)m->size * sizeof *features);
    return BB_OK;
}

static void embed(bb_recording *r, const bb_window_options *o, const bb_model *m, const bb_pooling *pooling,
                  embedded *out) {
    const bb_spectrogram_recipe s = recipe();
    bb_window_stream *windows;
    bb_spectrogram_plan *plan;
    bb_encoder *encoder;
    assert_ok(bb_window_stream_create(r, o, &windows, e));
    assert_ok(bb_spectrogram_plan_create(&s, &plan, e));
    assert_ok(bb_encoder_create(m, BB_PRECISION_F32, 1, &encoder, e));
    out->order = bb_window_stream_info(windows)->onset_index;
    out->size = bb_pooling_size(pooling, bb_spectrogram_frames(plan, WINDOW), D);
    assert_ok(bb_embed(windows, plan, NULL, encoder, pooling, 1, keep, out, NULL, NULL, NULL, e));
    bb_encoder_destroy(encoder);
    bb_spectrogram_plan_destroy(plan);
    bb_window_stream_destroy(windows);
}

static void the_encoders_are_those_of_embed_bit_for_bit(void **state) {
    (void)state;
    static const char *const names[] = {"encoder", "encoder@mean", "encoder@segments:3"};
    static embedded expected;
    const bb_feature_options o = options(NULL);
    bb_recording *r = recording();
    bb_model *m = model(3);
    for (size_t n = 0; n < 3; ++n) {
        const bb_feature_spec s = spec(names[n], m);
        bb_feature_set *set = compute(r, &o, &s);
        const bb_feature_set_info *i = bb_feature_set_get_info(set);
        embed(r, &o.windows, m, &s.pooling, &expected);
        assert_true(i->windows == ONSETS && i->channels == CHANNELS && i->dim == expected.size);
        for (int w = 0; w < ONSETS; ++w)
            for (int c = 0; c < CHANNELS && kept[w]; ++c)
                assert_memory_equal(row_at(i, c, w), expected.features[w][c], (size_t)i->dim * sizeof(float));
        bb_feature_set_destroy(set);
    }
    bb_model_close(m);
    bb_recording_close(r);
}

/* [T,F] pooled by its definition, in double. */
static void pool_by_hand(const char *name, const float *x, int64_t frames, float *out) {
    const int K = strcmp(name, "stft@segments:4") == 0 ? 4 : 1;
    const bool center = strcmp(name, "stft") == 0;
    for (int64_t k = 0; k < K; ++k) {
        const int64_t first = center ? frames / 2 - 5 : k * frames / K,
                      end = center ? frames / 2 + 5 : (k + 1) * frames / K;
        for (int f = 0; f < F; ++f) {
            double sum = 0;
            for (int64_t t = first; t < end; ++t) sum += x[t * F + f];
            out[k * F + f] = (float)(sum / (double)(end - first));
        }
    }
}

static void check_spectrogram(bb_recording *r, const char *name, bb_normalization normalization, bool one) {
    bb_feature_options o = options(NULL);
    bb_feature_spec s = spec(name, NULL);
    s.recipe.normalization = normalization;
    o.one_electrode = one;
    bb_feature_set *set = compute(r, &o, &s);
    const bb_feature_set_info *i = bb_feature_set_get_info(set);
    bb_session_scales *scales;
    bb_spectrogram_plan *plan;
    assert_ok(bb_spectrogram_plan_create(&s.recipe, &plan, e));
    assert_ok((one ? bb_session_measure_pooled : bb_session_measure)(r, &o.windows, &s.recipe, NULL, NULL,
                                                                     &scales, e));
    void *scratch = aligned_alloc(64, bb_spectrogram_scratch(plan, WINDOW));
    const int64_t frames = bb_spectrogram_frames(plan, WINDOW);
    static float x[WINDOW * F], expected[4 * F];
    for (int w = 0; w < ONSETS; ++w)
        for (size_t c = 0; c < CHANNELS && kept[w]; ++c) {
            assert_ok(bb_spectrogram_compute(plan, samples_of(r, c, w), WINDOW,
                                             bb_session_scales_get(scales) + c, scratch, x, e));
            pool_by_hand(name, x, frames, expected);
            /* float32 sums of 30 numbers around 1 */
            assert_at_most(bb_max_error_f32(row_at(i, (int64_t)c, w), expected, (size_t)i->dim), 2e-6);
        }
    free(scratch);
    bb_session_scales_destroy(scales);
    bb_spectrogram_plan_destroy(plan);
    bb_feature_set_destroy(set);
}

static void spectrograms_are_pooled_frames(void **state) {
    (void)state;
    static const char *const names[] = {"stft", "stft@mean", "stft@segments:4"};
    bb_recording *r = recording();
    for (int n = 0; n < 3; ++n) {
        check_spectrogram(r, names[n], BB_NORMALIZE_WINDOW, false);
        check_spectrogram(r, names[n], BB_NORMALIZE_SESSION, false);
        check_spectrogram(r, names[n], BB_NORMALIZE_SESSION, true);
    }
    bb_recording_close(r);
}

static void voltages_are_the_samples(void **state) {
    (void)state;
    const bb_feature_options o = options(NULL);
    bb_recording *r = recording();
    const bb_feature_spec specs[] = {spec("voltage", NULL), spec("voltage:0.25", NULL),
                                     spec("voltage:0.25@segments:4", NULL), spec("voltage@mean", NULL)};
    bb_feature_set *sets[4];
    assert_ok(bb_features_compute(r, &o, specs, 4, sets, e));
    const bb_feature_set_info *i[4];
    for (int k = 0; k < 4; ++k) i[k] = bb_feature_set_get_info(sets[k]);
    assert_true(i[0]->dim == WINDOW && i[1]->dim == RATE / 4 && i[2]->dim == 4 && i[3]->dim == 1);
    for (int w = 0; w < ONSETS; ++w)
        for (size_t c = 0; c < CHANNELS && kept[w]; ++c) {
            const double *x = samples_of(r, c, w), *middle = x + (WINDOW - RATE / 4) / 2;
            double mean = 0, quarter = 0;
            for (int t = 0; t < WINDOW; ++t) assert_true(row_at(i[0], (int64_t)c, w)[t] == (float)x[t]);
            for (int t = 0; t < RATE / 4; ++t)
                assert_true(row_at(i[1], (int64_t)c, w)[t] == (float)middle[t]);
            for (int t = 0; t < WINDOW; ++t) mean += x[t];
            for (int t = 32; t < 64; ++t) quarter += middle[t];
            assert_true(row_at(i[3], (int64_t)c, w)[0] == (float)(mean / WINDOW));
            assert_true(row_at(i[2], (int64_t)c, w)[1] == (float)(quarter / 32));
        }
    for (int k = 0; k < 4; ++k) bb_feature_set_destroy(sets[k]);
    bb_recording_close(r);
}

static void band_powers_are_those_of_the_window(void **state) {
    (void)state;
    const bb_feature_options o = options(NULL);
    bb_recording *r = recording();
    const bb_feature_spec s = spec("bandpower@segments:2", NULL);
    bb_feature_set *set = compute(r, &o, &s);
    const bb_feature_set_info *i = bb_feature_set_get_info(set);
    bb_band_power *plan;
    assert_ok(bb_band_power_create(WINDOW, 2, RATE, &plan, e));
    void *scratch = aligned_alloc(64, bb_band_power_scratch(plan));
    assert_int_equal(i->dim, 2 * BB_BANDS);
    for (int w = 0; w < ONSETS; ++w)
        for (size_t c = 0; c < CHANNELS && kept[w]; ++c) {
            float expected[2 * BB_BANDS];
            bb_band_power_compute(plan, samples_of(r, c, w), scratch, expected);
            assert_memory_equal(row_at(i, (int64_t)c, w), expected, sizeof expected);
        }
    free(scratch);
    bb_band_power_destroy(plan);
    bb_feature_set_destroy(set);
    bb_recording_close(r);
}

/* ---------------------------------------------------------------- rows and sets */

static void rows_are_in_the_callers_order_and_dropped_ones_zero(void **state) {
    (void)state;
    const bb_feature_options o = options(NULL);
    bb_recording *r = recording();
    const bb_recording_info *info = bb_recording_get_info(r);
    const bb_feature_spec s = spec("voltage:0.25", NULL);
    bb_feature_set *set = compute(r, &o, &s);
    const bb_feature_set_info *i = bb_feature_set_get_info(set);
    assert_string_equal(i->name, "voltage:0.25");
    assert_true(i->window_s == 1 && i->rate_hz == RATE && !i->cached);
    for (int w = 0; w < ONSETS; ++w) {
        assert_int_equal(i->kept[w], kept[w]);
        if (kept[w]) assert_true(fabs(i->start_s[w] - onsets[w]) <= 0.5 / RATE);
        if (!kept[w]) assert_true(isnan(i->start_s[w]));
        for (int64_t c = 0; c < CHANNELS; ++c)
            for (int64_t t = 0; t < i->dim && !kept[w]; ++t) assert_true(row_at(i, c, w)[t] == 0);
    }
    for (size_t c = 0; c < CHANNELS; ++c) {
        assert_int_equal(i->sources[c], c);
        assert_ptr_equal(i->electrodes[c], &info->channels[c]);
        assert_string_equal(i->channel_names[c], info->channels[c].name);
    }
    bb_feature_set_destroy(set);
    bb_recording_close(r);
}

static void without_onsets_windows_stand_a_stride_apart(void **state) {
    (void)state;
    bb_feature_options o = options(NULL);
    o.windows.onsets_s = NULL, o.windows.onset_count = 0;
    bb_recording *r = recording();
    const bb_feature_spec s = spec("voltage", NULL);
    bb_feature_set *set = compute(r, &o, &s);
    const bb_feature_set_info *i = bb_feature_set_get_info(set);
    assert_int_equal(i->windows, SECONDS);
    for (int w = 0; w < SECONDS; ++w) assert_true(i->kept[w] && i->start_s[w] == w);
    bb_feature_set_destroy(set);
    bb_recording_close(r);
}

/* LA2 stands still from second 3 to second 5. */
static void unsound_windows_are_marked(void **state) {
    (void)state;
    static double data[2][RATE * SECONDS];
    const bb_edf_channel channels[2] = {{"LA1", -500, 500}, {"LA2", -500, 500}};
    bb_edf_writer *writer;
    bb_recording *r;
    for (int c = 0; c < 2; ++c)
        for (int t = 0; t < RATE * SECONDS; ++t)
            data[c][t] =
                c && t >= 3 * RATE && t < 5 * RATE ? 100 : 50 * bb_random_normal(1, (uint64_t)c, (uint64_t)t);
    assert_ok(bb_edf_writer_open(bb_temp_path("u.edf"), channels, 2, RATE, 0, NULL, 0, &writer, e));
    assert_ok(bb_edf_writer_append(writer, data[0], RATE * SECONDS, e));
    assert_ok(bb_edf_writer_close(writer, e));
    assert_ok(bb_recording_open(bb_temp_path("u.edf"), NULL, &r, e));
    const bb_feature_options o = options(folder("cache_u"));
    const bb_feature_spec s = spec("bandpower", NULL);
    for (int again = 0; again < 2; ++again) {
        bb_feature_set *set = compute(r, &o, &s);
        const bb_feature_set_info *i = bb_feature_set_get_info(set);
        assert_int_equal(i->cached, again);
        for (int w = 0; w < ONSETS; ++w) {
            assert_int_equal(i->unsound[w], 0);
            assert_int_equal(i->unsound[ONSETS + w],
                             onsets[w] == 3 || onsets[w] == 2.2 ? BB_UNSOUND_FLAT : 0);
        }
        bb_feature_set_destroy(set);
    }
    bb_recording_close(r);
}

static const char *const every[] = {"encoder",      "encoder@segments:3", "stft",
                                    "stft@none",    "voltage:0.25",       "bandpower",
                                    "encoder@mean", "voltage@segments:8", "stft@segments:2"};
enum { EVERY = sizeof every / sizeof *every };

static void make_every(const bb_model *m, bb_feature_spec specs[EVERY]) {
    for (size_t n = 0; n < EVERY; ++n) specs[n] = spec(every[n], m);
    specs[6].precision = BB_PRECISION_INT8; /* another encoder of the model, beside that of float32 */
    specs[8].recipe.normalization = BB_NORMALIZE_SESSION;
}

static void several_at_once_are_the_same_as_one_at_a_time(void **state) {
    (void)state;
    bb_feature_options o = options(NULL);
    bb_recording *r = recording();
    bb_model *m = model(3);
    bb_feature_spec specs[EVERY];
    bb_feature_set *sets[EVERY];
    make_every(m, specs);
    assert_ok(bb_features_compute(r, &o, specs, EVERY, sets, e));
    for (size_t n = 0; n < EVERY; ++n) {
        o.windows.threads = 2;
        bb_feature_set *alone = compute(r, &o, &specs[n]);
        assert_same(alone, sets[n]);
        bb_feature_set_destroy(alone);
    }
    for (size_t n = 0; n < EVERY; ++n) bb_feature_set_destroy(sets[n]);
    bb_model_close(m);
    bb_recording_close(r);
}

/* ---------------------------------------------------------------- the cache */

static int files_in(const char *folder) {
    DIR *d = opendir(folder);
    int count = 0;
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));) count += entry->d_name[0] != '.';
    closedir(d);
    return count;
}

static int never(void *context, int64_t done, int64_t total) {
    (void)context, (void)done, (void)total;
    fail_msg("progress was told of work");
    return 1;
}

static void hits_are_misses_byte_for_byte_and_no_work(void **state) {
    (void)state;
    const char *cache = folder("cache/deeper");
    bb_feature_options o = options(cache);
    bb_recording *r = recording();
    bb_model *m = model(3);
    bb_feature_spec specs[EVERY];
    bb_feature_set *first[EVERY], *again[EVERY];
    make_every(m, specs);
    assert_ok(bb_features_compute(r, &o, specs, EVERY / 2, first, e));
    for (size_t n = 0; n < EVERY / 2; ++n) bb_feature_set_destroy(first[n]);
    assert_ok(bb_features_compute(r, &o, specs, EVERY, first, e)); /* some are there, some are not */
    assert_int_equal(files_in(cache), EVERY);
    o.progress = never;
    assert_ok(bb_features_compute(r, &o, specs, EVERY, again, e));
    o.cache = NULL, o.progress = NULL;
    for (size_t n = 0; n < EVERY; ++n) {
        assert_int_equal(bb_feature_set_get_info(first[n])->cached, n < EVERY / 2);
        assert_true(bb_feature_set_get_info(again[n])->cached);
        assert_same(first[n], again[n]);
        bb_feature_set *fresh = compute(r, &o, &specs[n]);
        assert_same(fresh, again[n]);
        bb_feature_set_destroy(fresh);
        bb_feature_set_destroy(first[n]);
        bb_feature_set_destroy(again[n]);
    }
    bb_model_close(m);
    bb_recording_close(r);
}

static void two_specs_of_one_meaning_share_a_file(void **state) {
    (void)state;
    const char *cache = folder("twins");
    bb_feature_options o = options(cache);
    bb_recording *r = recording();
    bb_model *m = model(3), *same = model(3);
    const bb_feature_spec specs[] = {spec("voltage", NULL), spec("encoder", m), spec("voltage@none", NULL),
                                     spec("encoder", same)};
    bb_feature_set *sets[4];
    for (int again = 0; again < 2; ++again) {
        assert_ok(bb_features_compute(r, &o, specs, 4, sets, e));
        assert_int_equal(files_in(cache), 2);
        assert_same(sets[0], sets[2]);
        assert_same(sets[1], sets[3]);
        for (size_t n = 0; n < 4; ++n) {
            assert_int_equal(bb_feature_set_get_info(sets[n])->cached, again);
            bb_feature_set_destroy(sets[n]);
        }
    }
    bb_model_close(m);
    bb_model_close(same);
    bb_recording_close(r);
}

/* The only file of a folder. */
static void find_file(const char *folder, char *out, size_t room) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        if (entry->d_name[0] != '.') snprintf(out, room, "%s/%s", folder, entry->d_name);
    closedir(d);
}

static void damaged_files_are_made_anew(void **state) {
    (void)state;
    const char *cache = folder("cache_d");
    const bb_feature_options o = options(cache);
    bb_recording *r = recording();
    const bb_feature_spec s = spec("stft", NULL);
    bb_feature_set *first = compute(r, &o, &s);
    char path[1024];
    size_t size, now;
    find_file(cache, path, sizeof path);
    unsigned char *good = bb_slurp(path, &size);
    for (int damage = 0; damage < 5; ++damage) {
        /* Cut off; nothing; a bit of a row; of the head; another file's content under this name. */
        const size_t length = damage == 0 ? size - 1 : damage == 1 ? 0 : size;
        const size_t at = damage == 2 ? size - 3 : damage == 3 ? 9 : 40;
        unsigned char *bytes = malloc(size);
        memcpy(bytes, good, size);
        if (damage > 1) bytes[at] ^= 1;
        assert_ok(bb_file_write(path, bytes, length, e));
        free(bytes);
        bb_feature_set *again = compute(r, &o, &s);
        assert_false(bb_feature_set_get_info(again)->cached);
        assert_same(first, again);
        bb_feature_set_destroy(again);
        bytes = bb_slurp(path, &now);
        assert_true(now == size && memcmp(bytes, good, size) == 0);
        free(bytes);
    }
    assert_int_equal(files_in(cache), 1);
    free(good);
    bb_feature_set_destroy(first);
    bb_recording_close(r);
}

static bool is_cached(bb_recording *r, const bb_feature_options *o, const bb_feature_spec *s) {
    bb_feature_set *set = compute(r, o, s);
    const bool cached = bb_feature_set_get_info(set)->cached;
    bb_feature_set_destroy(set);
    return cached;
}

static void whatever_features_depend_on_makes_another_key(void **state) {
    (void)state;
    const bb_feature_options o = options(folder("cache_k"));
    bb_feature_options other = o;
    double later[ONSETS];
    bb_recording *r = recording();
    bb_model *m = model(3), *n = model(4), *same = model(3);
    bb_feature_spec s = spec("encoder", m), t;
    assert_false(is_cached(r, &o, &s));
    assert_true(is_cached(r, &o, &s));
    t = s, t.model = same;
    assert_true(is_cached(r, &o, &t)); /* the weights count, not where they are */
    other.windows.threads = 2;
    assert_true(is_cached(r, &other, &s));
    t = s, t.model = n;
    assert_false(is_cached(r, &o, &t));
    t = s, t.recipe.trim = 3;
    assert_false(is_cached(r, &o, &t));
    t = s, t.precision = BB_PRECISION_BF16;
    assert_false(is_cached(r, &o, &t));
    t = s, t.precision = BB_PRECISION_INT8;
    assert_false(is_cached(r, &o, &t));
    assert_true(is_cached(r, &o, &t));
    bb_cpu_limit(BB_CPU_PORTABLE);
    assert_true(is_cached(r, &o, &s)); /* its last bits alone are another level's */
    if (bb_cpu_best() > BB_CPU_PORTABLE) assert_false(is_cached(r, &o, &t));
    bb_cpu_limit(bb_cpu_best());
    t = s, t.pooling.kind = BB_POOL_MEAN;
    assert_false(is_cached(r, &o, &t));
    t = s, t.recipe.normalization = BB_NORMALIZE_SESSION;
    assert_false(is_cached(r, &o, &t));
    other = o, other.one_electrode = true;
    assert_true(is_cached(r, &other, &s)); /* it counts for sessions alone */
    assert_false(is_cached(r, &other, &t));
    memcpy(later, onsets, sizeof later);
    later[4] += 1.0 / RATE;
    other = o, other.windows.onsets_s = later;
    assert_false(is_cached(r, &other, &s));
    other = o, other.windows.window_s = 0.75;
    assert_false(is_cached(r, &other, &s));
    other = o, other.windows.signal.highpass_hz = 1;
    assert_false(is_cached(r, &other, &s));
    other = o, other.windows.bads = bb_recording_get_info(r)->channels[1].name;
    assert_false(is_cached(r, &other, &s));
    bb_model_close(m);
    bb_model_close(n);
    bb_model_close(same);
    bb_recording_close(r);
}

static bb_recording *open_array(const char *path, double rate_hz, const char *unit) {
    bb_recording *r;
    assert_ok(bb_recording_open(path, &(bb_recording_options){.rate_hz = rate_hz, .unit = unit}, &r, e));
    return r;
}

static void another_recording_or_another_reading_makes_another_key(void **state) {
    (void)state;
    bb_feature_options o = options(folder("cache_r"));
    const bb_feature_spec s = spec("voltage:0.25", NULL);
    bb_recording *r = recording();
    assert_false(is_cached(r, &o, &s));
    bb_recording_close(r);
    size_t size;
    unsigned char *bytes = bb_slurp(bb_temp_path("r.npy"), &size);
    r = open_array(bb_temp_file("moved.npy", bytes, size), RATE, NULL);
    assert_true(is_cached(r, &o, &s)); /* the content counts, not where it is */
    bb_recording_close(r);
    r = open_array(bb_temp_path("moved.npy"), RATE, "mV");
    assert_false(is_cached(r, &o, &s));
    bb_recording_close(r);
    bytes[size / 2] ^= 1;
    r = open_array(bb_temp_file("r.npy", bytes, size), RATE, NULL); /* as long, under the same name */
    assert_false(is_cached(r, &o, &s));
    bb_recording_close(r);
    free(bytes);
}

/* ---------------------------------------------------------------- progress and refusals */

typedef struct steps {
    int64_t done, total, calls, stop;
} steps;

static int count_steps(void *context, int64_t done, int64_t total) {
    steps *s = context;
    assert_true(done > s->done && done <= total && (s->total == 0 || s->total == total));
    s->done = done, s->total = total;
    return ++s->calls == s->stop;
}

static void progress_counts_and_can_stop_and_leaves_nothing(void **state) {
    (void)state;
    const char *cache = folder("cache_p");
    bb_feature_options o = options(cache);
    bb_recording *r = recording();
    bb_model *m = model(3);
    bb_feature_spec specs[3] = {spec("encoder", m), spec("encoder@mean", m), spec("stft@mean", NULL)};
    bb_feature_set *sets[3];
    specs[2].recipe.normalization = BB_NORMALIZE_SESSION;
    /* The session twice over, each of two encoders. */
    const int64_t total = 2 * SECONDS * CHANNELS + 2 * KEPT * CHANNELS;
    steps s = {0};
    o.progress = count_steps, o.progress_context = &s;
    for (int64_t stop = 1; stop < 46; stop += 11) {
        s = (steps){.stop = stop};
        assert_fails(bb_features_compute(r, &o, specs, 3, sets, e), BB_ERR_CANCELLED, "stopped");
        assert_true(s.calls == stop && !sets[0] && !sets[1] && !sets[2]);
        assert_int_equal(files_in(cache), 0);
    }
    s = (steps){0};
    assert_ok(bb_features_compute(r, &o, specs, 3, sets, e));
    assert_true(s.done == total && s.total == total);
    for (int n = 0; n < 3; ++n) bb_feature_set_destroy(sets[n]);
    o.cache = NULL; /* without an encoder windows x channels count once */
    s = (steps){0};
    bb_feature_spec plain[2] = {spec("voltage", NULL), spec("bandpower", NULL)};
    assert_ok(bb_features_compute(r, &o, plain, 2, sets, e));
    assert_true(s.done == (int64_t)KEPT * CHANNELS && s.total == s.done);
    for (int n = 0; n < 2; ++n) bb_feature_set_destroy(sets[n]);
    bb_model_close(m);
    bb_recording_close(r);
}

static bb_status try_spec(bb_recording *r, const bb_feature_spec *s, bb_error *err) {
    const bb_feature_options o = options(NULL);
    bb_feature_set *set;
    const bb_status status = bb_features_compute(r, &o, s, 1, &set, err);
    assert_null(set);
    return status;
}

static void specs_that_do_not_fit_are_refused(void **state) {
    (void)state;
    bb_recording *r = recording();
    bb_model *m = model(3);
    bb_feature_spec s = spec("encoder", NULL);
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "expected a model");
    s = spec("encoder", m), s.recipe.bins = F + 1;
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "the model's 10 bins, found 11");
    s = spec("encoder", m), s.recipe.bins = 0; /* the model's own recipe is the published one */
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "the signal's 512 Hz, found 2048");
    s = spec("stft@segments:4000", NULL);
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "found 4000");
    s = spec("stft", NULL), s.recipe.trim = 100;
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "leave no frame");
    s = spec("voltage:1.5", NULL);
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "the window's 1 s, found 1.5 s");
    s = spec("voltage:0.01@segments:6", NULL);
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "at most 5 segments");
    s = spec("bandpower@segments:600", NULL);
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "found 600");
    s = spec("voltage", NULL), s.pooling.kind = BB_POOL_CENTER;
    assert_fails(try_spec(r, &s, e), BB_ERR_ARGUMENT, "expected @mean");
    s = spec("voltage", NULL);
    bb_feature_options o = options(bb_temp_file("no_folder", "x", 1));
    bb_feature_set *set;
    assert_fails(bb_features_compute(r, &o, &s, 1, &set, e), BB_ERR_IO, "no_folder");
    bb_model_close(m);
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_encoders_are_those_of_embed_bit_for_bit),
        cmocka_unit_test(spectrograms_are_pooled_frames),
        cmocka_unit_test(voltages_are_the_samples),
        cmocka_unit_test(band_powers_are_those_of_the_window),
        cmocka_unit_test(rows_are_in_the_callers_order_and_dropped_ones_zero),
        cmocka_unit_test(without_onsets_windows_stand_a_stride_apart),
        cmocka_unit_test(unsound_windows_are_marked),
        cmocka_unit_test(several_at_once_are_the_same_as_one_at_a_time),
        cmocka_unit_test(hits_are_misses_byte_for_byte_and_no_work),
        cmocka_unit_test(two_specs_of_one_meaning_share_a_file),
        cmocka_unit_test(damaged_files_are_made_anew),
        cmocka_unit_test(whatever_features_depend_on_makes_another_key),
        cmocka_unit_test(another_recording_or_another_reading_makes_another_key),
        cmocka_unit_test(progress_counts_and_can_stop_and_leaves_nothing),
        cmocka_unit_test(specs_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
