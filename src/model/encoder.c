#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "model/encoder.h"
#include "model/pooling.h"

typedef enum output { OUTPUT_FRAMES, OUTPUT_PREDICTION, OUTPUT_POOLED } output;

typedef struct job {
    const bb_batch *batch;
    output output;
    const bb_pooling *pooling;
    float *out;
} job;

static int64_t length_of(const bb_batch *b, int64_t w) { return b->lengths ? b->lengths[w] : b->frames; }

static bb_status check_job(const bb_encoder *e, const job *j, bb_error *err) {
    const bb_batch *b = j->batch;
    if (b->windows < 0 || b->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "expected a batch of windows with at least one frame, found %lld by %lld",
                       (long long)b->windows, (long long)b->frames);
    for (int64_t w = 0; w < b->windows; ++w)
        if (length_of(b, w) < 1 || length_of(b, w) > b->frames)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "window %lld: expected a length of 1 to %lld frames, found %lld", (long long)w,
                           (long long)b->frames, (long long)length_of(b, w));
    if (j->output == OUTPUT_PREDICTION && !e->head)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "the model has no prediction head (spec_prediction_head.*)");
    for (int64_t w = 0; j->output == OUTPUT_POOLED && j->pooling->kind == BB_POOL_SEGMENTS && w < b->windows;
         ++w)
        if (j->pooling->segments < 1 || j->pooling->segments > length_of(b, w))
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "window %lld has %lld frames: expected 1 to as many segments, found %d",
                           (long long)w, (long long)length_of(b, w), j->pooling->segments);
    return BB_OK;
}

/* ---------------------------------------------------------------- chunks */

/* Windows of one thread are worked off in chunks of about this many frames: enough rows for a layer's weights
 * to be read seldom, few enough for a chunk's activations to stay in a cache of a few megabytes
 * (docs/performance.md). Threads that share a chunk take more. */
enum { CHUNK_ROWS = 560, SHARED_CHUNK_ROWS = 4 * CHUNK_ROWS };

static int64_t rows_of(const bb_batch *b, int64_t w) { return bb_chunk_rows(length_of(b, w)); }

/* How many windows of [begin, end) make a chunk: at least one, then while they fit. */
static int64_t chunk_windows(const bb_batch *b, int64_t begin, int64_t end, int64_t most_rows) {
    int64_t rows = 0, w = begin;
    while (w < end && (w == begin || rows + rows_of(b, w) <= most_rows)) rows += rows_of(b, w++);
    return w - begin;
}

static void lay_out_chunk(bb_chunk *c, const job *j, int64_t begin, int64_t windows) {
    int64_t rows = 0, kept = 0;
    for (int64_t w = 0; w < windows; ++w) {
        const int64_t length = length_of(j->batch, begin + w);
        const bb_frame_range range =
            j->output == OUTPUT_POOLED ? bb_pooling_range(j->pooling, length) : (bb_frame_range){0, length};
        c->first[w] = rows;
        c->frames[w] = length;
        c->kept_first[w] = kept;
        c->kept[w] = range.count;
        c->keep_first[w] = range.first;
        rows += bb_chunk_rows(length);
        kept += bb_chunk_rows(range.count);
    }
    c->windows = windows;
    c->narrow = j->output == OUTPUT_POOLED && j->pooling->kind == BB_POOL_CENTER;
    c->first[windows] = rows;
    c->kept_first[windows] = kept;
}

static void load_windows(const bb_encoder *e, bb_space *space, const job *j, int64_t begin, bb_share s) {
    const bb_batch *b = j->batch;
    const int64_t F = e->config.input_dim;
    const bb_chunk *c = &space->chunk;
    for (int64_t w = bb_share_begin(s, c->windows); w < bb_share_end(s, c->windows); ++w)
        for (int64_t r = 0; r < bb_chunk_rows(c->frames[w]); ++r) {
            uint32_t *to = space->input.words + (c->first[w] + r) * space->input.stride;
            if (r < c->frames[w])
                memcpy(to, b->spectrograms + ((begin + w) * b->frames + r) * F, (size_t)F * sizeof(float));
            else
                memset(to, 0, (size_t)F * sizeof(float));
        }
}

/* Rows of `width` floats, `stride` apart, back to window w of T frames, padding zero. */
static void scatter(const bb_chunk *c, const job *j, int64_t begin, int64_t w, const float *rows,
                    int64_t width, int64_t stride) {
    const int64_t T = j->batch->frames, length = c->frames[w];
    float *out = j->out + (begin + w) * T * width;
    for (int64_t r = 0; r < length; ++r)
        memcpy(out + r * width, rows + (c->first[w] + r) * stride, (size_t)width * sizeof(float));
    memset(out + length * width, 0, (size_t)((T - length) * width) * sizeof(float));
}

static void deliver(const bb_encoder *e, const bb_chunk *c, const job *j, int64_t begin, const float *rows,
                    int64_t stride, bb_share s) {
    const int64_t D = e->config.hidden_dim;
    for (int64_t w = bb_share_begin(s, c->windows); w < bb_share_end(s, c->windows); ++w)
        if (j->output == OUTPUT_POOLED)
            bb_pool_rows(j->pooling, rows + c->kept_first[w] * D, c->kept[w], D,
                         j->out + (begin + w) *
                                      bb_pooling_size(j->pooling, j->batch->frames, e->config.hidden_dim));
        else
            scatter(c, j, begin, w, rows, j->output == OUTPUT_PREDICTION ? e->config.input_dim : D, stride);
}

/* The windows [begin, end) by a team in one space. */
static void run_windows(const bb_encoder *e, bb_space *space, const job *j, int64_t begin, int64_t end,
                        bb_share s) {
    while (begin < end) {
        const int64_t windows =
            chunk_windows(j->batch, begin, end, s.count > 1 ? SHARED_CHUNK_ROWS : CHUNK_ROWS);
        const float *rows;
        int64_t stride = e->config.hidden_dim;
        if (s.index == 0) lay_out_chunk(&space->chunk, j, begin, windows);
        bb_share_wait(s);
        load_windows(e, space, j, begin, s);
        bb_share_wait(s);
        bb_encoder_forward(e, space, s, &rows);
        if (j->output == OUTPUT_PREDICTION) bb_encoder_forward_head(e, space, s, &rows, &stride);
        deliver(e, &space->chunk, j, begin, rows, stride, s);
        bb_share_wait(s);
        begin += windows;
    }
}

/* ---------------------------------------------------------------- threads */

static int64_t rows_between(const bb_batch *b, int64_t begin, int64_t end) {
    int64_t rows = 0;
    for (int64_t w = begin; w < end; ++w) rows += rows_of(b, w);
    return rows;
}

/* Whether each of `threads` can have windows of its own, with nothing shared but the weights, and none much
 * more to do than the others. */
static bool windows_of_their_own(const bb_batch *b, int threads) {
    int64_t most = 0;
    for (int t = 0; t < threads; ++t) {
        const bb_share s = {.index = t, .count = threads};
        const int64_t rows = rows_between(b, bb_share_begin(s, b->windows), bb_share_end(s, b->windows));
        if (rows > most) most = rows;
    }
    return 10 * most * threads <= 11 * rows_between(b, 0, b->windows);
}

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

/* The most rows of a chunk in a thread's space. The first is everybody's where windows are shared; another is
 * its thread's own, of one in t + 1 or more, none of which has a tenth more than its share. */
static int64_t space_rows(const bb_encoder *e, int t, int64_t all, int64_t longest) {
    const int64_t chunk = t == 0 && e->threads > 1 ? SHARED_CHUNK_ROWS : CHUNK_ROWS,
                  most = chunk > longest ? chunk : bb_chunk_rows(longest);
    return at_most(most, t == 0 ? all : bb_chunk_rows(11 * all / (10 * (t + 1))));
}

/* For as many threads as there may be, and as few. */
static bb_status reserve(bb_encoder *e, const job *j, bb_error *err) {
    const int64_t all = rows_between(j->batch, 0, j->batch->windows);
    int64_t longest = 1;
    for (int64_t w = 0; w < j->batch->windows; ++w)
        if (length_of(j->batch, w) > longest) longest = length_of(j->batch, w);
    BB_TRY(bb_encoder_reserve_frames(e, longest, err));
    for (int t = 0; t < e->threads; ++t) {
        if (t > 0 && j->batch->windows == 1) break;
        BB_TRY(bb_space_reserve(&e->spaces[t], e, space_rows(e, t, all, longest), err));
    }
    return BB_OK;
}

static void run_thread(bb_encoder *e, const job *j, int index, int count) {
    const int64_t windows = j->batch->windows;
    bb_share s = {.index = index, .count = count};
    const bool own = windows_of_their_own(j->batch, count);
    const int64_t begin = own ? bb_share_begin(s, windows) : 0,
                  end = own ? bb_share_end(s, windows) : windows;
    if (own) s = (bb_share){.index = 0, .count = 1};
    bb_space *space = &e->spaces[own ? index : 0];
    s.scratch = e->scratch + (size_t)index * e->scratch_size;
    s.barrier = &space->barrier;
    run_windows(e, space, j, begin, end, s);
}

static bb_status run(bb_encoder *e, const job *j, bb_error *err) {
    BB_TRY(check_job(e, j, err));
    if (j->batch->windows == 0) return BB_OK;
    BB_TRY(reserve(e, j, err));
    /* OpenMP may give fewer threads than are asked for. */
#pragma omp parallel num_threads(e->threads)
    run_thread(e, j, omp_get_thread_num(), omp_get_num_threads());
    return BB_OK;
}

bb_status bb_encoder_encode(bb_encoder *e, const bb_batch *batch, float *out, bb_error *err) {
    return run(e, &(job){.batch = batch, .output = OUTPUT_FRAMES, .out = out}, err);
}

bb_status bb_encoder_predict(bb_encoder *e, const bb_batch *batch, float *out, bb_error *err) {
    return run(e, &(job){.batch = batch, .output = OUTPUT_PREDICTION, .out = out}, err);
}

bb_status bb_encoder_pool(bb_encoder *e, const bb_batch *batch, const bb_pooling *pooling, float *out,
                          bb_error *err) {
    if (pooling->kind == BB_POOL_NONE) return bb_encoder_encode(e, batch, out, err);
    return run(e, &(job){.batch = batch, .output = OUTPUT_POOLED, .pooling = pooling, .out = out}, err);
}

/* Keys and values are wanted of all T frames in every layer; the rest of the last layer of `kept` alone. */
double bb_encoder_pooled_flop(const bb_model_config *c, int64_t frames, int64_t kept) {
    const double T = (double)frames, D = c->hidden_dim, FF = c->feed_forward_dim;
    const double rows = (c->layers - 1) * T + (double)kept; /* summed over the layers */
    return 2 * T * D * c->input_dim + c->layers * 2 * T * (2 * D * D) +
           rows * (2 * (2 * D * D + 2 * D * FF) + 4 * T * D);
}

double bb_encoder_flop(const bb_model_config *c, int64_t frames) {
    return bb_encoder_pooled_flop(c, frames, frames);
}
