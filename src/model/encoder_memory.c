#include "base/error.h"
#include "base/memory.h"
#include "model/encoder.h"
#include "model/positions.h"
#include "nn/vector_kernels.h"

static void free_activations(bb_encoder *e) {
    bb_free(e->input);
    bb_free(e->hidden);
    bb_free(e->query);
    bb_free(e->key_value);
    bb_free(e->mixed);
    bb_free(e->feed_forward);
    bb_free(e->selected);
    e->input = e->hidden = e->query = e->key_value = e->mixed = e->feed_forward = e->selected = NULL;
    e->rows = 0;
}

static bb_status reserve_rows(bb_encoder *e, int64_t rows, bb_error *err) {
    if (rows <= e->rows) return BB_OK;
    const size_t R = (size_t)rows, D = (size_t)e->config.hidden_dim, size = sizeof(float);
    free_activations(e);
    e->input = bb_calloc(R * (size_t)e->config.input_dim, size);
    e->hidden = bb_calloc(R * D, size);
    e->query = bb_calloc(R * D, size);
    e->key_value = bb_calloc(R * 2 * D, size);
    e->mixed = bb_calloc(R * D, size);
    e->feed_forward = bb_calloc(R * (size_t)e->config.feed_forward_dim, size);
    e->selected = bb_calloc(R * D, size);
    if (!e->input || !e->hidden || !e->query || !e->key_value || !e->mixed || !e->feed_forward ||
        !e->selected) {
        free_activations(e);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for the activations of %lld frames", (long long)rows);
    }
    e->rows = rows;
    return BB_OK;
}

static bb_status reserve_positions(bb_encoder *e, int64_t frames, bb_error *err) {
    if (frames <= e->position_count) return BB_OK;
    const int64_t D = e->config.hidden_dim;
    float *table = bb_calloc((size_t)(frames * D), sizeof *table);
    if (!table) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld positions", (long long)frames);
    bb_fill_positions(frames, D, table);
    bb_free(e->positions);
    e->positions = table;
    e->position_count = frames;
    return BB_OK;
}

static bb_status reserve_attention(bb_encoder *e, int64_t frames, bb_error *err) {
    const size_t floats =
        bb_vector_kernels_get()->attention_scratch(frames, e->config.hidden_dim / e->config.heads);
    const size_t aligned = (floats + 15) / 16 * 16;
    if (aligned <= e->attention_scratch_size) return BB_OK;
    bb_free(e->attention_scratch);
    e->attention_scratch = bb_calloc(aligned * (size_t)e->threads, sizeof(float));
    e->attention_scratch_size = e->attention_scratch ? aligned : 0;
    return e->attention_scratch
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for attention over %lld frames", (long long)frames);
}

bb_status bb_encoder_reserve_windows(bb_encoder *e, int64_t windows, bb_error *err) {
    bb_chunk *c = &e->chunk;
    if (windows <= c->capacity) return BB_OK;
    bb_free(c->first);
    bb_free(c->kept);
    bb_free(c->keep_first);
    c->first = bb_calloc((size_t)windows + 1, sizeof *c->first);
    c->kept = bb_calloc((size_t)windows + 1, sizeof *c->kept);
    c->keep_first = bb_calloc((size_t)windows, sizeof *c->keep_first);
    c->capacity = c->first && c->kept && c->keep_first ? windows : 0;
    return c->capacity ? BB_OK
                       : bb_fail(err, BB_ERR_MEMORY, "no memory for %lld windows", (long long)windows);
}

bb_status bb_encoder_reserve(bb_encoder *e, int64_t rows, int64_t longest_window, bb_error *err) {
    BB_TRY(reserve_rows(e, rows, err));
    BB_TRY(reserve_positions(e, longest_window, err));
    return reserve_attention(e, longest_window, err);
}

void bb_encoder_free_memory(bb_encoder *e) {
    free_activations(e);
    bb_free(e->positions);
    bb_free(e->chunk.first);
    bb_free(e->chunk.kept);
    bb_free(e->chunk.keep_first);
    bb_free(e->attention_scratch);
}
