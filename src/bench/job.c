#include "bench/job.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "bench/count.h"
#include "brainbert/session.h"

/* What is open while a job runs. */
typedef struct run {
    const bb_job *job;
    bb_recipe recipe;
    bb_recording *recording;
    bb_session_scales *scales; /* NULL: the recipe does not normalise by session */
    bb_window_stream *stream;
    bb_spectrogram_plan *plan;
    bb_feature_file *file;
} run;

static bb_status open_recording(run *r, bb_error *err) {
    const bb_signal_wishes wishes = bb_signal_wishes_none();
    BB_TRY(bb_recording_open(r->job->recording, NULL, &r->recording, err));
    bb_window_options w = bb_window_options_default();
    w.signal = bb_signal_recipe_for(&r->recipe.signal, &wishes, bb_recording_get_info(r->recording));
    w.window_s = r->job->window_s > 0 ? r->job->window_s : r->recipe.window_s;
    w.threads = bb_embed_stream_threads(r->job->threads);
    r->recipe.signal = w.signal;
    r->recipe.window_s = w.window_s;
    if (r->recipe.spectrogram.normalization == BB_NORMALIZE_SESSION)
        BB_TRY(bb_session_measure(r->recording, &w, &r->recipe.spectrogram, NULL, NULL, &r->scales, err));
    return bb_window_stream_create(r->recording, &w, &r->stream, err);
}

static bb_status open_features(run *r, bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(r->stream);
    char *recipe = bb_recipe_to_json(&r->recipe);
    const bb_feature_layout layout = {.windows = w->windows,
                                      .channels = (int64_t)w->channel_count,
                                      .dim = bb_encoder_config(r->job->encoder)->hidden_dim,
                                      .channel_names = w->channels,
                                      .window_s = w->window_s,
                                      .recipe_json = recipe,
                                      .model = bb_model_get_info(r->job->model)->path,
                                      .pooling = "center"};
    const bb_status status = bb_feature_file_create(r->job->features, &layout, &r->file, err);
    free(recipe);
    return status;
}

static bb_status write_window(void *context, int64_t window, const float *features,
                              const unsigned char *unsound, bb_error *err) {
    const run *r = context;
    return bb_feature_file_write(r->file, window, r->job->recording,
                                 bb_window_stream_info(r->stream)->start_s[window], NULL, features, unsound,
                                 err);
}

static bb_status embed(run *r, bb_job_result *out, bb_error *err) {
    const bb_pooling pooling = {.kind = BB_POOL_CENTER, .segments = 1};
    BB_TRY(open_recording(r, err));
    BB_TRY(bb_spectrogram_plan_create(&r->recipe.spectrogram, &r->plan, err));
    BB_TRY(open_features(r, err));
    BB_TRY(bb_embed(r->stream, r->plan, r->scales ? bb_session_scales_get(r->scales) : NULL, r->job->encoder,
                    &pooling, r->job->threads, write_window, r, r->job->progress, r->job->progress_context,
                    &out->stats, err));
    bb_feature_file *file = r->file;
    r->file = NULL;
    return bb_feature_file_close(file, err);
}

static void count(const run *r, bb_job_result *out) {
    const bb_window_info *w = bb_window_stream_info(r->stream);
    const int64_t frames = bb_spectrogram_frames(r->plan, w->samples);
    out->window_s = w->window_s;
    out->channels = (int)w->channel_count;
    out->windows = w->windows * (int64_t)w->channel_count;
    out->flop = (double)out->windows * bb_center_flop(bb_encoder_config(r->job->encoder), frames);
}

bb_status bb_job_run(const bb_job *job, bb_job_result *out, bb_error *err) {
    run r = {.job = job, .recipe = bb_model_get_info(job->model)->recipe};
    const double begun = bb_seconds();
    *out = (bb_job_result){0};
    const bb_status status = embed(&r, out, err);
    out->seconds = bb_seconds() - begun;
    if (status == BB_OK) count(&r, out);
    bb_feature_file_abandon(r.file);
    bb_spectrogram_plan_destroy(r.plan);
    bb_window_stream_destroy(r.stream);
    bb_session_scales_destroy(r.scales);
    bb_recording_close(r.recording);
    return status;
}
