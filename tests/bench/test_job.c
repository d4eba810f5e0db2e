#include <math.h>
#include <string.h>

#include "bench/job.h"
#include "support.h"

/* A recording has as many channels left as were asked for, whatever its reference takes away, and whole
 * windows. */
static void made_recordings_have_the_channels_asked_for(void **state) {
    (void)state;
    const bb_reference references[] = {BB_REFERENCE_LAPLACIAN, BB_REFERENCE_BIPOLAR, BB_REFERENCE_CAR,
                                       BB_REFERENCE_NONE};
    bb_signal_recipe recipe = bb_signal_recipe_default();
    for (int i = 0; i < 4; ++i)
        for (int channels = i == 2 ? 2 : 1; channels <= 4; channels += 2) { /* one alone has no average */
            const char *path = bb_temp_path("made.edf");
            bb_recording *recording;
            bb_window_stream *stream;
            bb_window_options w = bb_window_options_default();
            w.signal = recipe;
            w.signal.reference = recipe.reference = references[i];
            w.window_s = 2.5;
            assert_ok(bb_job_make_recording(path, &recipe, channels, 8, 2.5, e));
            assert_ok(bb_recording_open(path, NULL, &recording, e));
            assert_ok(bb_window_stream_create(recording, &w, &stream, e));
            const bb_window_info *info = bb_window_stream_info(stream);
            assert_int_equal(info->channel_count, channels);
            assert_int_equal(info->windows, 3);
            bb_window_stream_destroy(stream);
            bb_recording_close(recording);
        }
}

static void a_job_counts_what_it_embedded(void **state) {
    (void)state;
    const char *recording = bb_temp_path("made.edf"), *features = bb_temp_path("made.npy");
    bb_model *model;
    bb_encoder *encoder;
    bb_job_result result;
    assert_ok(bb_model_open(bb_test_path("golden/tiny"), 0, &model, e));
    assert_ok(bb_encoder_create(model, BB_PRECISION_F32, 1, &encoder, e));
    const bb_model_info *m = bb_model_get_info(model);
    assert_ok(bb_job_make_recording(recording, &m->recipe.signal, 3, 10, 5, e));
    const bb_job job = {
        .recording = recording, .features = features, .model = model, .encoder = encoder, .threads = 1};
    assert_ok(bb_job_run(&job, &result, e));
    assert_int_equal(result.windows, 6);
    assert_int_equal(result.channels, 3);
    assert_true(result.window_s == 5 && result.seconds >= result.stats.encode_s && result.stats.encode_s > 0);
    assert_true(result.flop == 6 * bb_encoder_pooled_flop(&m->config, 186, 10));
    bb_array written;
    assert_ok(bb_array_read(features, &written, e));
    assert_true(written.shape[0] == 2 && written.shape[1] == 3 && written.shape[2] == m->config.hidden_dim);
    bb_array_free(&written);
    bb_encoder_destroy(encoder);
    bb_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_recordings_have_the_channels_asked_for),
        cmocka_unit_test(a_job_counts_what_it_embedded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
