#include "brainbert/embed.h"

#include <omp.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

/* Spectrograms given to the encoder at once: enough for full rate, few enough for a quick first window. */
enum { BATCH = 16 };

typedef struct embedder {
    bb_window_stream *stream;
    const bb_window_info *info;
    const bb_spectrogram_plan *plan;
    const bb_session_scale *sessions;
    bb_encoder *encoder;
    const bb_pooling *pooling;
    int threads;
    bb_feature_sink sink;
    void *sink_context;
    bb_progress progress;
    void *progress_context;
    bb_embed_stats stats;
    double begun;
    int64_t frames, bins, size; /* T, F, floats per channel and window */
    void *scratch;              /* of all threads */
    float *spectrograms;        /* [channels, T, F] */
    float *features;            /* [channels, size] */
} embedder;

static double lap(double *since) {
    const double now = bb_seconds(), seconds = now - *since;
    *since = now;
    return seconds;
}

static bb_status prepare(embedder *m, bb_error *err) {
    const bb_spectrogram_recipe *r = bb_spectrogram_plan_recipe(m->plan);
    const size_t C = m->info->channel_count;
    m->frames = bb_spectrogram_frames(m->plan, m->info->samples);
    m->bins = r->bins;
    if (m->bins != bb_encoder_config(m->encoder)->input_dim)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected spectrograms of the encoder's %d bins, found %d",
                       bb_encoder_config(m->encoder)->input_dim, r->bins);
    if (m->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "windows of %g s leave no spectrogram frame: expected more than %g s",
                       m->info->window_s, (2.0 * r->trim * r->hop - r->hop) / r->rate_hz);
    m->size = bb_pooling_size(m->pooling, m->frames, bb_encoder_config(m->encoder)->hidden_dim);
    m->scratch = bb_calloc((size_t)m->threads, bb_spectrogram_scratch(m->plan, m->info->samples));
    m->spectrograms = bb_calloc(C * (size_t)(m->frames * m->bins), sizeof *m->spectrograms);
    m->features = bb_calloc(C * (size_t)m->size, sizeof *m->features);
    return m->scratch && m->spectrograms && m->features
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu channels", C);
}

/* All channels of one window, BATCH at a time. */
static bb_status encode(embedder *m, int64_t window, bb_error *err) {
    const int64_t C = (int64_t)m->info->channel_count;
    for (int64_t c = 0; c < C; c += BATCH) {
        const bb_batch batch = {.spectrograms = m->spectrograms + c * m->frames * m->bins,
                                .windows = C - c < BATCH ? C - c : BATCH,
                                .frames = m->frames};
        BB_TRY(bb_encoder_pool(m->encoder, &batch, m->pooling, m->features + c * m->size, err));
        if (m->progress &&
            m->progress(m->progress_context, window * C + c + batch.windows, m->info->windows * C))
            return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    }
    return BB_OK;
}

static bb_status run(embedder *m, bb_error *err) {
    for (int64_t window = 0;; ++window) {
        const double *data;
        int64_t stride;
        double clock = bb_seconds();
        BB_TRY(bb_window_stream_next(m->stream, &data, &stride, err));
        m->stats.read_s += lap(&clock);
        if (!data) return BB_OK;
        BB_TRY(bb_spectrogram_compute_many(m->plan, data, stride, (int64_t)m->info->channel_count,
                                           m->info->samples, m->sessions, m->threads, m->scratch,
                                           m->spectrograms, err));
        m->stats.spectrogram_s += lap(&clock);
        BB_TRY(encode(m, window, err));
        m->stats.encode_s += lap(&clock);
        BB_TRY(m->sink(m->sink_context, window, m->features, bb_window_stream_unsound(m->stream), err));
        m->stats.write_s += lap(&clock);
        if (window == 0) m->stats.first_window_s = clock - m->begun;
    }
}

bb_status bb_embed(bb_window_stream *stream, const bb_spectrogram_plan *plan,
                   const bb_session_scale *sessions, bb_encoder *encoder, const bb_pooling *pooling,
                   int threads, bb_feature_sink sink, void *sink_context, bb_progress progress,
                   void *progress_context, bb_embed_stats *stats, bb_error *err) {
    embedder m = {.stream = stream,
                  .info = bb_window_stream_info(stream),
                  .plan = plan,
                  .sessions = sessions,
                  .encoder = encoder,
                  .pooling = pooling,
                  .threads = threads > 0 ? threads : omp_get_num_procs(),
                  .sink = sink,
                  .sink_context = sink_context,
                  .progress = progress,
                  .progress_context = progress_context,
                  .begun = bb_seconds()};
    bb_status status = prepare(&m, err);
    if (status == BB_OK) status = run(&m, err);
    if (stats) *stats = m.stats;
    bb_free(m.scratch);
    bb_free(m.spectrograms);
    bb_free(m.features);
    return status;
}
