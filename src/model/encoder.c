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

/* How many windows from `begin` on make a chunk: at least one, then while they fit BB_CHUNK_ROWS. */
static int64_t chunk_windows(const bb_batch *b, int64_t begin) {
    int64_t rows = 0, w = begin;
    while (w < b->windows && (w == begin || rows + length_of(b, w) <= BB_CHUNK_ROWS))
        rows += length_of(b, w++);
    return w - begin;
}

static bb_status load_chunk(bb_encoder *e, const job *j, int64_t begin, int64_t windows, bb_error *err) {
    const bb_batch *b = j->batch;
    const int64_t F = e->config.input_dim;
    bb_chunk *c = &e->chunk;
    int64_t rows = 0, kept = 0, longest = 0;
    for (int64_t w = 0; w < windows; ++w) {
        const int64_t length = length_of(b, begin + w);
        const bb_frame_range range =
            j->output == OUTPUT_POOLED ? bb_pooling_range(j->pooling, length) : (bb_frame_range){0, length};
        c->first[w] = rows;
        c->kept[w] = kept;
        c->keep_first[w] = range.first;
        rows += length;
        kept += range.count;
        if (length > longest) longest = length;
    }
    c->windows = windows;
    c->first[windows] = rows;
    c->kept[windows] = kept;
    BB_TRY(bb_encoder_reserve(e, rows, longest, err));
    for (int64_t w = 0; w < windows; ++w)
        memcpy(e->input + c->first[w] * F, b->spectrograms + (begin + w) * b->frames * F,
               (size_t)(length_of(b, begin + w) * F) * sizeof(float));
    return BB_OK;
}

/* Rows of `width` floats back to windows of T frames, padding zero. */
static void scatter(const bb_encoder *e, const job *j, int64_t begin, const float *rows, int64_t width) {
    const bb_chunk *c = &e->chunk;
    const int64_t T = j->batch->frames;
    for (int64_t w = 0; w < c->windows; ++w) {
        const int64_t length = c->first[w + 1] - c->first[w];
        float *out = j->out + (begin + w) * T * width;
        memcpy(out, rows + c->first[w] * width, (size_t)(length * width) * sizeof(float));
        memset(out + length * width, 0, (size_t)((T - length) * width) * sizeof(float));
    }
}

static bb_status finish_prediction(bb_encoder *e, const job *j, int64_t begin, const float *rows,
                                   bb_error *err) {
    float *predicted;
    BB_TRY(bb_encoder_forward_head(e, rows, e->chunk.first[e->chunk.windows], &predicted, err));
    scatter(e, j, begin, predicted, e->config.input_dim);
    return BB_OK;
}

static void finish_pooled(const bb_encoder *e, const job *j, int64_t begin, const float *rows) {
    const bb_chunk *c = &e->chunk;
    const int64_t D = e->config.hidden_dim,
                  size = bb_pooling_size(j->pooling, j->batch->frames, e->config.hidden_dim);
    for (int64_t w = 0; w < c->windows; ++w)
        bb_pool_rows(j->pooling, rows + c->kept[w] * D, c->kept[w + 1] - c->kept[w], D,
                     j->out + (begin + w) * size);
}

static bb_status run_chunks(bb_encoder *e, const job *j, bb_error *err) {
    for (int64_t begin = 0; begin < j->batch->windows;) {
        const int64_t windows = chunk_windows(j->batch, begin);
        float *rows;
        BB_TRY(bb_encoder_reserve_windows(e, windows, err));
        BB_TRY(load_chunk(e, j, begin, windows, err));
        BB_TRY(bb_encoder_forward(e, &rows, err));
        switch (j->output) {
        case OUTPUT_FRAMES:
            scatter(e, j, begin, rows, e->config.hidden_dim);
            break;
        case OUTPUT_PREDICTION:
            BB_TRY(finish_prediction(e, j, begin, rows, err));
            break;
        case OUTPUT_POOLED:
            finish_pooled(e, j, begin, rows);
            break;
        }
        begin += windows;
    }
    return BB_OK;
}

static bb_status run(bb_encoder *e, const job *j, bb_error *err) {
    BB_TRY(check_job(e, j, err));
    const int before = bb_encoder_enter(e);
    const bb_status status = run_chunks(e, j, err);
    omp_set_num_threads(before);
    return status;
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

const char *bb_encoder_backend(void) { return bb_linear_backend_version(); }
