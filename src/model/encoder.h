/* The encoder's parts: made by encoder_create.c, run by encoder_forward.c, fed by encoder.c. */
#ifndef BB_MODEL_ENCODER_H
#define BB_MODEL_ENCODER_H

#include "model/model.h"
#include "nn/linear.h"

/* Windows are worked off in chunks of about this many frames: enough rows for the products to run at full
 * rate, few enough for a chunk's activations to stay in a cache of a few megabytes (docs/performance.md). */
enum { BB_CHUNK_ROWS = 768 };

typedef struct bb_norm {
    float *gain, *bias;
} bb_norm;

typedef struct bb_encoder_layer {
    bb_linear *query, *key_value, *out, *up, *down;
    bb_norm norm1, norm2;
} bb_encoder_layer;

/* The windows of one chunk as rows of one matrix: window w has rows [first[w], first[w + 1]), and of its
 * frames [keep_first[w], keep_first[w] + kept[w + 1] - kept[w]) are wanted after the last layer, as rows
 * kept[w] .. */
typedef struct bb_chunk {
    int64_t windows, capacity;
    int64_t *first, *kept, *keep_first;
} bb_chunk;

struct bb_encoder {
    bb_model_config config;
    bb_precision precision;
    int threads;
    bb_linear *in, *head, *head_out; /* head: NULL when the model has none */
    bb_norm in_norm, head_norm;
    bb_encoder_layer *layers;
    float *positions; /* [position_count, D] */
    int64_t position_count;
    bb_chunk chunk;
    /* Activations, [rows, .] each; `rows` grows to the largest chunk seen. */
    int64_t rows;
    float *input, *hidden, *query, *key_value, *mixed, *feed_forward, *selected;
    float *attention_scratch; /* per thread */
    size_t attention_scratch_size;
};

/* Sets OpenMP's number of threads, which belongs to the caller, and returns what it was: to be put back. */
int bb_encoder_enter(const bb_encoder *encoder);

/* Grow the working memory; never shrink it. */
bb_status bb_encoder_reserve(bb_encoder *encoder, int64_t rows, int64_t longest_window, bb_error *err);
bb_status bb_encoder_reserve_windows(bb_encoder *encoder, int64_t windows, bb_error *err);
void bb_encoder_free_memory(bb_encoder *encoder);

/* encoder->input, cut up as encoder->chunk says -> the encoder output of the kept rows; *out points into the
 * encoder. */
bb_status bb_encoder_forward(bb_encoder *encoder, float **out, bb_error *err);

/* rows [count, D] of encoder output through the prediction head -> *out [count, F], inside the encoder. */
bb_status bb_encoder_forward_head(bb_encoder *encoder, const float *rows, int64_t count, float **out,
                                  bb_error *err);

#endif
