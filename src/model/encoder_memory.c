#include "base/error.h"
#include "base/memory.h"
#include "model/encoder.h"
#include "model/positions.h"
#include "nn/attention.h"
#include "nn/strassen.h"

static void free_words(bb_words *x) {
    bb_free(x->words);
    bb_free(x->scale);
    bb_free(x->offset);
    *x = (bb_words){0};
}

static void free_activations(bb_space *s) {
    bb_words *const all[] = {&s->input,     &s->hidden, &s->selected, &s->operand,       &s->query,
                             &s->key_value, &s->mixed,  &s->wide,     &s->mixed_operand, &s->wide_operand};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) free_words(all[i]);
    s->rows = 0;
}

static void free_chunk(bb_chunk *c) {
    bb_free(c->first);
    bb_free(c->frames);
    bb_free(c->kept_first);
    bb_free(c->kept);
    bb_free(c->keep_first);
    *c = (bb_chunk){0};
}

void bb_space_free(bb_space *s) {
    free_activations(s);
    free_chunk(&s->chunk);
}

/* [rows, numbers]; `stride` in words. */
static bool make_words(bb_words *x, bb_format format, int64_t rows, int64_t stride) {
    *x = (bb_words){.format = format, .stride = stride};
    x->words = bb_calloc((size_t)rows * (size_t)stride, sizeof *x->words);
    if (!x->words || format != BB_FORMAT_INT8) return x->words != NULL;
    x->scale = bb_calloc((size_t)rows, sizeof *x->scale);
    x->offset = bb_calloc((size_t)rows, sizeof *x->offset);
    return x->scale && x->offset;
}

static bool make(bb_words *x, bb_format format, int64_t rows, int64_t numbers) {
    if (format == BB_FORMAT_PAIRS)
        return make_words(x, format, rows / 2,
                          bb_word_stride(BB_FORMAT_F32, BB_STRASSEN_PRODUCTS * numbers / 2));
    return make_words(x, format, rows, bb_word_stride(format, numbers));
}

static bool make_activations(bb_space *s, const bb_encoder *e, int64_t rows) {
    const int64_t D = e->config.hidden_dim, FF = e->config.feed_forward_dim;
    const bb_encoder_formats f = e->formats;
    /* What leaves the encoder lies without gaps. */
    bool made = make_words(&s->hidden, BB_FORMAT_F32, rows, D) &&
                make_words(&s->selected, BB_FORMAT_F32, rows, D) &&
                make(&s->input, BB_FORMAT_F32, rows, e->config.input_dim) &&
                make(&s->query, f.attention, rows, D) && make(&s->key_value, f.attention, rows, 2 * D) &&
                make(&s->mixed, f.attention, rows, D) && make(&s->wide, f.wide, rows, FF);
    if (f.product != BB_FORMAT_F32) made = made && make(&s->operand, f.product, rows, D);
    if (f.product != f.attention) made = made && make(&s->mixed_operand, f.product, rows, D);
    if (f.product != f.wide) made = made && make(&s->wide_operand, f.product, rows, FF);
    return made;
}

static bool make_chunk(bb_chunk *c, int64_t windows) {
    int64_t **const all[] = {&c->first, &c->frames, &c->kept_first, &c->kept, &c->keep_first};
    c->capacity = windows;
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        *all[i] = bb_calloc((size_t)windows + 1, sizeof **all[i]);
        if (!*all[i]) return false;
    }
    return true;
}

/* A window has one row at least. */
bb_status bb_space_reserve(bb_space *s, const bb_encoder *e, int64_t rows, bb_error *err) {
    if (rows <= s->rows) return BB_OK;
    bb_space_free(s);
    if (!make_activations(s, e, rows) || !make_chunk(&s->chunk, rows)) {
        bb_space_free(s);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for the activations of %lld frames", (long long)rows);
    }
    s->rows = rows;
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

static bb_status reserve_scratch(bb_encoder *e, int64_t frames, bb_error *err) {
    const size_t words = bb_attention_scratch(e->kernels, frames, e->config.hidden_dim / e->config.heads);
    const size_t aligned = (words + 15) / 16 * 16;
    if (aligned <= e->scratch_size) return BB_OK;
    bb_free(e->scratch);
    e->scratch = bb_calloc(aligned * (size_t)e->threads, sizeof *e->scratch);
    e->scratch_size = e->scratch ? aligned : 0;
    return e->scratch
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for attention over %lld frames", (long long)frames);
}

bb_status bb_encoder_reserve_frames(bb_encoder *e, int64_t longest_window, bb_error *err) {
    BB_TRY(reserve_positions(e, longest_window, err));
    return reserve_scratch(e, longest_window, err);
}
