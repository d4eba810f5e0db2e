#include "brainbert/embed.h"

#include <omp.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "embed/encode_batch.h"
#include "embed/pipeline.h"

/* A batch on its way round: spectrograms to be, of one window and channel each. Windows go on from one batch
 * to the next. */
typedef struct batch {
    int64_t count;
    double *samples;        /* [batch, samples] */
    unsigned char *unsound; /* [batch] */
    float *features;        /* [batch, size] */
} batch;

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
    double begun;
    int64_t channels, frames, bins, size; /* C, T, F, floats per channel and window */
    int64_t rows;                         /* of a batch */
    batch batches[BB_PIPELINE_SLOTS];
    /* The calling thread's. */
    int64_t encoded;              /* windows x channels */
    bb_session_scale *row_scales; /* [rows] of the batch under way, where there are sessions */
    void *scratch;                /* of all threads */
    float *spectrograms;          /* [rows, T, F] */
    double spectrogram_s, encode_s;
    /* The second thread's: the window that is read, of which the channels from `next_channel` on are still to
     * go into a batch, and the one on its way to the sink, of which the first `got_channels` are there. */
    const double *data;
    int64_t stride, next_channel;
    float *window; /* [C, size] */
    unsigned char *window_unsound;
    int64_t got_channels, delivered; /* delivered: windows */
    double read_s, write_s, first_window_s;
} embedder;

static double lap(double *since) {
    const double now = bb_seconds(), seconds = now - *since;
    *since = now;
    return seconds;
}

/* ---------------------------------------------------------------- the second thread: reading */

static void take_row(embedder *m, batch *b) {
    const int64_t samples = m->info->samples, c = m->next_channel++;
    memcpy(b->samples + b->count * samples, m->data + c * m->stride, (size_t)samples * sizeof *b->samples);
    b->unsound[b->count++] = bb_window_stream_unsound(m->stream)[c];
}

static bb_status fill(void *context, int slot, bool *filled, bb_error *err) {
    embedder *m = context;
    batch *b = &m->batches[slot];
    double clock = bb_seconds();
    for (b->count = 0; b->count < m->rows; take_row(m, b)) {
        if (m->next_channel < m->channels) continue;
        BB_TRY(bb_window_stream_next(m->stream, &m->data, &m->stride, err));
        if (!m->data) break;
        m->next_channel = 0;
    }
    *filled = b->count > 0;
    m->read_s += lap(&clock);
    return BB_OK;
}

/* ---------------------------------------------------------------- the calling thread */

static bb_status make_spectrograms(embedder *m, const batch *b, bb_error *err) {
    const int64_t samples = m->info->samples;
    for (int64_t i = 0; m->sessions && i < b->count; ++i)
        m->row_scales[i] = m->sessions[(m->encoded + i) % m->channels];
    return bb_spectrogram_compute_many(m->plan, b->samples, samples, b->count, samples,
                                       m->sessions ? m->row_scales : NULL, m->threads, m->scratch,
                                       m->spectrograms, err);
}

static bb_status encode(void *context, int slot, bb_error *err) {
    embedder *m = context;
    const batch *b = &m->batches[slot];
    double clock = bb_seconds();
    BB_TRY(make_spectrograms(m, b, err));
    m->spectrogram_s += lap(&clock);
    const bb_batch in = {.spectrograms = m->spectrograms, .windows = b->count, .frames = m->frames};
    BB_TRY(bb_encoder_pool(m->encoder, &in, m->pooling, b->features, err));
    m->encode_s += lap(&clock);
    m->encoded += b->count;
    if (m->progress && m->progress(m->progress_context, m->encoded, m->info->windows * m->channels) != 0)
        return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    return BB_OK;
}

/* ---------------------------------------------------------------- the second thread: writing */

static bb_status give_window(embedder *m, bb_error *err) {
    m->got_channels = 0;
    BB_TRY(m->sink(m->sink_context, m->delivered, m->window, m->window_unsound, err));
    if (m->delivered++ == 0) m->first_window_s = bb_seconds() - m->begun;
    return BB_OK;
}

static bb_status deliver(void *context, int slot, bb_error *err) {
    embedder *m = context;
    const batch *b = &m->batches[slot];
    double clock = bb_seconds();
    for (int64_t i = 0; i < b->count; ++i) {
        memcpy(m->window + m->got_channels * m->size, b->features + i * m->size,
               (size_t)m->size * sizeof *m->window);
        m->window_unsound[m->got_channels++] = b->unsound[i];
        if (m->got_channels == m->channels) BB_TRY(give_window(m, err));
    }
    m->write_s += lap(&clock);
    return BB_OK;
}

/* ---------------------------------------------------------------- the call */

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
    return bb_encode_check(m->pooling, m->frames, err);
}

static bool allocate_batch(const embedder *m, batch *b) {
    b->samples = bb_calloc((size_t)(m->rows * m->info->samples), sizeof *b->samples);
    b->unsound = bb_calloc((size_t)m->rows, 1);
    b->features = bb_calloc((size_t)(m->rows * m->size), sizeof *b->features);
    return b->samples && b->unsound && b->features;
}

static bb_status allocate(embedder *m, bb_error *err) {
    const size_t rows = (size_t)m->rows, C = (size_t)m->channels;
    m->row_scales = bb_calloc(m->sessions ? rows : 0, sizeof *m->row_scales);
    m->scratch = bb_calloc((size_t)m->threads, bb_spectrogram_scratch(m->plan, m->info->samples));
    m->spectrograms = bb_calloc(rows * (size_t)(m->frames * m->bins), sizeof *m->spectrograms);
    m->window = bb_calloc(C * (size_t)m->size, sizeof *m->window);
    m->window_unsound = bb_calloc(C, 1);
    bool complete = m->row_scales && m->scratch && m->spectrograms && m->window && m->window_unsound;
    for (int i = 0; i < BB_PIPELINE_SLOTS; ++i) complete = complete && allocate_batch(m, &m->batches[i]);
    return complete ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %zu channels", C);
}

static void release(embedder *m) {
    bb_free(m->row_scales);
    bb_free(m->scratch);
    bb_free(m->spectrograms);
    bb_free(m->window);
    bb_free(m->window_unsound);
    for (int i = 0; i < BB_PIPELINE_SLOTS; ++i) {
        bb_free(m->batches[i].samples);
        bb_free(m->batches[i].unsound);
        bb_free(m->batches[i].features);
    }
}

static int resolve(int threads) { return threads > 0 ? threads : omp_get_num_procs(); }

static bb_status run(embedder *m, bb_pipeline_waits *waits, bb_error *err) {
    const bb_stages stages = {.context = m, .fill = fill, .work = encode, .drain = deliver};
    BB_TRY(check(m, err));
    m->channels = m->next_channel = (int64_t)m->info->channel_count;
    m->size = bb_pooling_size(m->pooling, m->frames, bb_encoder_config(m->encoder)->hidden_dim);
    m->rows = bb_encode_batch(m->threads);
    const bb_status status = allocate(m, err);
    return status == BB_OK ? bb_pipeline_run(&stages, waits, err) : status;
}

/* Reading and filtering a window take one thread 0.07 to 1.4 ms, the encoder 40 to 150 ms of a processor
 * (docs/performance.md, "The pipeline"): one thread is enough for some thirty. A team of several would
 * besides make OpenMP's threads outnumber the processors, whereupon they fall asleep between any two loops.
 */
int bb_embed_stream_threads(int threads) { return 1 + resolve(threads) / 32; }

void bb_embed_stats_add(bb_embed_stats *sum, const bb_embed_stats *one) {
    if (sum->first_window_s == 0) sum->first_window_s = one->first_window_s;
    sum->total_s += one->total_s;
    sum->spectrogram_s += one->spectrogram_s;
    sum->encode_s += one->encode_s;
    sum->wait_input_s += one->wait_input_s;
    sum->wait_output_s += one->wait_output_s;
    sum->read_s += one->read_s;
    sum->write_s += one->write_s;
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
                  .threads = resolve(threads),
                  .sink = sink,
                  .sink_context = sink_context,
                  .progress = progress,
                  .progress_context = progress_context,
                  .begun = bb_seconds()};
    bb_pipeline_waits waits = {0};
    const bb_status status = run(&m, &waits, err);
    if (stats)
        *stats = (bb_embed_stats){.total_s = bb_seconds() - m.begun,
                                  .spectrogram_s = m.spectrogram_s,
                                  .encode_s = m.encode_s,
                                  .wait_input_s = waits.input_s,
                                  .wait_output_s = waits.output_s,
                                  .read_s = m.read_s,
                                  .write_s = m.write_s,
                                  .first_window_s = m.first_window_s};
    release(&m);
    return status;
}
