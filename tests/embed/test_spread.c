/* A job in chunks writes what bb_embed does in one go, goes on where it ended, and trusts no chunk that is
 * not its own and whole. One process by itself: other numbers of ranks are tests/cli/test_ranks_data.sh. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/made_recording.h"
#include "base/file.h"
#include "brainbert/embed_ranks.h"
#include "formula.h"

/* 20 channels: chunks of 51 windows, so that the recordings have three and two. */
enum { RATE = 256, CHANNELS = 20, WINDOW = 128, STRIDE = 64, D = 35, F = 23, RECORDINGS = 2, CHUNKS = 5 };
static const int64_t windows[RECORDINGS] = {110, 60};
static const char *const files[RECORDINGS] = {"first.npy", "second.npy"};
static const bb_model_config odd = {
    .hidden_dim = D, .feed_forward_dim = 81, .heads = 5, .layers = 3, .input_dim = F};

typedef struct world {
    bb_embed_job job;
    bb_feature_layout layout;
    bb_model *model;
    bb_spectrogram_plan *plan;
    int64_t told, stop_at; /* recordings told of; windows x channels after which the work stops */
} world;

enum { PATH = 512 };

/* Longer than bb_temp_path keeps it. */
static const char *temp_path(const char *name, char out[PATH]) {
    snprintf(out, PATH, "%s", bb_temp_path(name));
    return out;
}

static bb_status open_made(void *context, size_t index, bool to_embed, bb_embed_source *out, bb_error *err) {
    (void)context, (void)to_embed;
    bb_window_options o = bb_window_options_default();
    o.signal = (bb_signal_recipe){.rate_hz = RATE, .highpass_hz = 1};
    o.window_s = (double)WINDOW / RATE, o.stride_s = (double)STRIDE / RATE;
    const bb_recording_options options = {.rate_hz = RATE};
    bb_status status = bb_recording_open(bb_temp_path(files[index]), &options, &out->recording, err);
    if (status == BB_OK) status = bb_window_stream_create(out->recording, &o, &out->stream, err);
    return status;
}

static void close_made(void *context, bb_embed_source *source) {
    (void)context;
    bb_window_stream_destroy(source->stream);
    bb_recording_close(source->recording);
}

static void tell(void *context, const bb_embed_source *source, int64_t repaired,
                 const bb_unsound_seconds *unsound, size_t count) {
    world *w = context;
    size_t same;
    assert_int_equal(repaired, 0);
    const bb_unsound_seconds *own = bb_window_stream_unsound_seconds(source->stream, &same);
    assert_int_equal(count, same);
    for (size_t i = 0; i < count; ++i) {
        assert_string_equal(unsound[i].channel, own[i].channel);
        assert_true(unsound[i].flat_s == (w->told == 1 && i == 3 ? 1 : 0)); /* see write_recording */
    }
    ++w->told;
}

static void write_recording(size_t index, uint64_t seed) {
    const int64_t samples = (windows[index] - 1) * STRIDE + WINDOW, shape[2] = {CHANNELS, samples};
    float *data = malloc((size_t)(CHANNELS * samples) * sizeof *data);
    for (int64_t i = 0; i < CHANNELS * samples; ++i)
        data[i] = (float)(50 * bb_random_normal(seed, 0, (uint64_t)i));
    for (int t = 0; index == 1 && t < RATE; ++t) data[3 * samples + 100 + t] = 7; /* a flat second */
    assert_ok(bb_array_write(bb_temp_path(files[index]), data, shape, 2, e));
    free(data);
}

static world make_world(void) {
    world w = {.stop_at = INT64_MAX};
    bb_spectrogram_recipe r = bb_spectrogram_recipe_default();
    r.rate_hz = RATE, r.segment = 64, r.hop = 16, r.bins = F, r.trim = 2;
    static const char *names[CHANNELS];
    for (int c = 0; c < CHANNELS; ++c) names[c] = "x";
    for (size_t i = 0; i < RECORDINGS; ++i) write_recording(i, i);
    assert_ok(bb_model_open(bb_formula_model("odd", &odd, 3), 0, &w.model, e));
    assert_ok(bb_spectrogram_plan_create(&r, &w.plan, e));
    w.layout = (bb_feature_layout){.windows = windows[0] + windows[1],
                                   .channels = CHANNELS,
                                   .dim = D,
                                   .channel_names = names,
                                   .window_s = (double)WINDOW / RATE};
    w.job = (bb_embed_job){.recordings = RECORDINGS,
                           .open = open_made,
                           .close = close_made,
                           .tell = tell,
                           .model = w.model,
                           .plan = w.plan,
                           .pooling = {.kind = BB_POOL_MEAN},
                           .threads = 2,
                           .asked = "a"};
    assert_ok(bb_embed_encoder(w.model, BB_PRECISION_F32, 2, NULL, &w.job.encoder, e));
    return w;
}

static void free_world(world *w) {
    bb_encoder_destroy(w->job.encoder);
    bb_spectrogram_plan_destroy(w->plan);
    bb_model_close(w->model);
}

static int stop(void *context, int64_t done, int64_t total) {
    const world *w = context;
    assert_true(done <= total);
    return done >= w->stop_at;
}

static bb_embed_report spread(world *w, const char *path, bb_status expected) {
    bb_embed_report report = {0};
    w->job.context = w;
    w->told = 0;
    assert_int_equal(bb_embed_spread(&w->job, &w->layout, path, stop, w, &report, NULL), expected);
    return report;
}

typedef struct sink {
    bb_feature_file *file;
    const bb_embed_source *source;
    int64_t written;
} sink;

static bb_status take(void *context, int64_t window, const float *features, const unsigned char *unsound,
                      bb_error *err) {
    sink *s = context;
    return bb_feature_file_write(s->file, s->written++, bb_recording_get_info(s->source->recording)->path,
                                 bb_window_stream_info(s->source->stream)->start_s[window], NULL, features,
                                 unsound, err);
}

static void embed_in_one_go(const world *w, const char *path) {
    sink s = {0};
    assert_ok(bb_feature_file_create(path, &w->layout, &s.file, e));
    for (size_t i = 0; i < RECORDINGS; ++i) {
        bb_embed_source source = {0};
        assert_ok(open_made(NULL, i, true, &source, e));
        s.source = &source;
        assert_ok(bb_embed(source.stream, w->plan, NULL, w->job.encoder, &w->job.pooling, 2, take, &s, NULL,
                           NULL, NULL, e));
        close_made(NULL, &source);
    }
    assert_ok(bb_feature_file_close(s.file, e));
}

static void assert_same_file(const char *a, const char *b) {
    size_t n, m;
    unsigned char *x = bb_slurp(a, &n), *y = bb_slurp(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    free(x), free(y);
}

/* Parts in PATH.parts; the first one's path. */
static int count_parts(const char *path, char first[PATH]) {
    char folder[PATH + 8];
    int count = 0;
    snprintf(folder, sizeof folder, "%s.parts", path);
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        if (bb_has_suffix(entry->d_name, ".part") && ++count == 1)
            snprintf(first, PATH, "%.200s/%.200s", folder, entry->d_name);
    if (entries) closedir(entries);
    return count;
}

static void chunks_make_the_file_that_one_go_makes(void **state) {
    (void)state;
    static const char *const names[2][2] = {{"whole.h5", "spread.h5"}, {"whole_.npy", "spread_.npy"}};
    world w = make_world();
    for (int i = 0; i < 2; ++i) {
        char one[PATH], many[PATH], part[PATH];
        embed_in_one_go(&w, temp_path(names[i][0], one));
        const bb_embed_report report = spread(&w, temp_path(names[i][1], many), BB_OK);
        assert_int_equal(report.chunks, CHUNKS);
        assert_int_equal(report.reused, 0);
        assert_int_equal(w.told, RECORDINGS);
        assert_same_file(one, many);
        assert_int_equal(count_parts(many, part), 0);
    }
    free_world(&w);
}

static void a_job_that_was_stopped_goes_on(void **state) {
    (void)state;
    char whole[PATH], path[PATH], part[PATH];
    temp_path("whole.h5", whole), temp_path("stopped.h5", path);
    world w = make_world();
    embed_in_one_go(&w, whole);
    w.stop_at = 2500; /* in the third chunk of 1,020 windows x channels */
    spread(&w, path, BB_ERR_CANCELLED);
    assert_false(bb_file_exists(path));
    const int kept = count_parts(path, part);
    assert_in_range(kept, 1, CHUNKS - 1); /* what was encoded last may not be written yet */
    assert_int_equal(truncate(part, 300), 0);
    w.stop_at = INT64_MAX;
    assert_int_equal(spread(&w, path, BB_OK).reused, kept - 1);
    assert_same_file(whole, path);
    free_world(&w);
}

/* Stops a job behind its first chunks, changes the world, and looks whether they are used. */
static void other_features_use_no_old_chunk(void **state) {
    (void)state;
    for (int change = 0; change < 4; ++change) {
        char path[PATH], part[PATH];
        temp_path("changed.h5", path);
        world w = make_world();
        w.stop_at = 2500;
        spread(&w, path, BB_ERR_CANCELLED);
        assert_true(count_parts(path, part) > 0);
        w.stop_at = 1; /* again, so that nothing is left but what it uses */
        if (change == 1) w.job.asked = "b";
        if (change == 2) w.job.pooling.kind = BB_POOL_CENTER;
        if (change == 3) write_recording(1, 9);
        const bb_embed_report report = spread(&w, path, BB_ERR_CANCELLED);
        assert_int_equal(report.reused > 0, change == 0);
        assert_int_equal(count_parts(path, part) > 0, change == 0);
        w.stop_at = INT64_MAX;
        spread(&w, path, BB_OK);
        free_world(&w);
    }
}

static void auto_is_one_precision(void **state) {
    (void)state;
    world w = make_world();
    bb_encoder *encoder;
    assert_ok(bb_embed_encoder(w.model, BB_PRECISION_AUTO, 1, NULL, &encoder, e));
    assert_int_not_equal(bb_encoder_precision(encoder), BB_PRECISION_AUTO);
    bb_encoder_destroy(encoder);
    free_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_make_the_file_that_one_go_makes),
        cmocka_unit_test(a_job_that_was_stopped_goes_on),
        cmocka_unit_test(other_features_use_no_old_chunk),
        cmocka_unit_test(auto_is_one_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
