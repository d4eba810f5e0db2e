#include "brainbert/embed.h"

#include <omp.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "embed/encode_queue.h"

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
    bb_encode_queue *queue;
    /* What is encoded and not yet in the sink, and what was unsound in the windows that are not; the windows
     * in the sink and those begun. */
    float *features; /* [features_room, size] */
    int64_t features_held;
    unsigned char *unsound; /* [begun - done, channels] */
    int64_t done, begun_windows;
} embedder;

static double lap(double *since) {
    const double now = bb_seconds(), seconds = now - *since;
    *since = now;
    return seconds;
}

/* The rest of a window, and the batch that ends the next one: more features never wait. */
static int64_t features_room(int64_t channels) { return 2 * channels + BB_ENCODE_BATCH; }

/* Windows of which some spectrogram waits or whose features do. */
static int64_t unsound_room(int64_t channels) { return BB_ENCODE_BATCH / channels + 3; }

static bb_status take_features(void *context, int64_t first, int64_t count, const float *features,
                               bb_error *err) {
    embedder *m = context;
    memcpy(m->features + m->features_held * m->size, features, (size_t)(count * m->size) * sizeof *features);
    m->features_held += count;
    const int64_t all = m->info->windows * (int64_t)m->info->channel_count;
    if (m->progress && m->progress(m->progress_context, first + count, all) != 0)
        return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    return BB_OK;
}

static bb_status check(embedder *m, bb_error *err) {
    const bb_spectrogram_recipe *r = bb_spectrogram_plan_recipe(m->plan);
    m->frames = bb_spectrogram_frames(m->plan, m->info->samples);
    m->bins = r->bins;
    if (m->bins != bb_encoder_config(m->encoder)->input_dim)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected spectrograms of the encoder's %d bins, found %d",
                       bb_encoder_config(m->encoder)->input_dim, r->bins);
    if (m->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "windows of %g s leave no spectrogram frame: expected more than %g s",
                       m->info->window_s, (2.0 * r->trim * r->hop - r->hop) / r->rate_hz);
    return BB_OK;
}

static bb_status prepare(embedder *m, bb_error *err) {
    const size_t C = m->info->channel_count;
    BB_TRY(check(m, err));
    BB_TRY(bb_encode_queue_create(m->encoder, m->pooling, m->frames, take_features, m, &m->queue, err));
    m->size = bb_encode_queue_size(m->queue);
    m->scratch = bb_calloc((size_t)m->threads, bb_spectrogram_scratch(m->plan, m->info->samples));
    m->spectrograms = bb_calloc(C * (size_t)(m->frames * m->bins), sizeof *m->spectrograms);
    m->features = bb_calloc((size_t)(features_room((int64_t)C) * m->size), sizeof *m->features);
    m->unsound = bb_calloc((size_t)unsound_room((int64_t)C), C);
    return m->scratch && m->spectrograms && m->features && m->unsound
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu channels", C);
}

/* Gives the sink every window of which all channels are encoded. */
static bb_status deliver(embedder *m, bb_error *err) {
    const int64_t C = (int64_t)m->info->channel_count;
    int64_t windows = 0;
    bb_status status = BB_OK;
    for (; status == BB_OK && (windows + 1) * C <= m->features_held; ++windows) {
        status = m->sink(m->sink_context, m->done + windows, m->features + windows * C * m->size,
                         m->unsound + windows * C, err);
        if (m->done + windows == 0) m->stats.first_window_s = bb_seconds() - m->begun;
    }
    m->features_held -= windows * C;
    m->done += windows;
    memmove(m->features, m->features + windows * C * m->size,
            (size_t)(m->features_held * m->size) * sizeof *m->features);
    memmove(m->unsound, m->unsound + windows * C, (size_t)((m->begun_windows - m->done) * C));
    return status;
}

/* The next window into the queue; false behind the last one. */
static bb_status step(embedder *m, bool *more, bb_error *err) {
    const int64_t C = (int64_t)m->info->channel_count;
    const double *data;
    int64_t stride;
    double clock = bb_seconds();
    BB_TRY(bb_window_stream_next(m->stream, &data, &stride, err));
    m->stats.read_s += lap(&clock);
    *more = data != NULL;
    if (data) {
        memcpy(m->unsound + (m->begun_windows - m->done) * C, bb_window_stream_unsound(m->stream), (size_t)C);
        ++m->begun_windows;
        BB_TRY(bb_spectrogram_compute_many(m->plan, data, stride, C, m->info->samples, m->sessions,
                                           m->threads, m->scratch, m->spectrograms, err));
    }
    m->stats.spectrogram_s += lap(&clock);
    BB_TRY(data ? bb_encode_queue_push(m->queue, m->spectrograms, C, err)
                : bb_encode_queue_flush(m->queue, err));
    m->stats.encode_s += lap(&clock);
    const bb_status status = deliver(m, err);
    m->stats.write_s += lap(&clock);
    return status;
}

static bb_status run(embedder *m, bb_error *err) {
    for (bool more = true; more;) BB_TRY(step(m, &more, err));
    return BB_OK;
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
    bb_free(m.unsound);
    bb_encode_queue_destroy(m.queue);
    return status;
}
