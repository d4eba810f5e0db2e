/* The encoder's parts: made by encoder_create.c, run by encoder_forward.c, fed by encoder.c. */
#ifndef BB_MODEL_ENCODER_H
#define BB_MODEL_ENCODER_H

#include "base/barrier.h"
#include "model/model.h"
#include "nn/packed.h"

typedef struct bb_norm {
    float *gain, *bias;
} bb_norm;

typedef struct bb_encoder_layer {
    bb_packed *query, *key_value, *out, *up, *down;
    bb_norm norm1, norm2;
} bb_encoder_layer;

/* What a precision makes of the rows between products. */
typedef struct bb_encoder_formats {
    bb_format product;   /* what the layers' products multiply */
    bb_format attention; /* queries, keys, values and what is mixed of them */
    bb_format wide;      /* out of GELU */
} bb_encoder_formats;

/* The windows of one chunk as rows of one matrix: window w has its frames[w] rows from first[w] on, and of
 * these the kept[w] from keep_first[w] on are wanted after the last layer, as rows kept_first[w] .. of a
 * matrix of their own. Both begin at even rows, since rows may be multiplied in pairs: behind an odd number
 * of them lies a row of padding. first[windows], kept_first[windows]: all rows. */
typedef struct bb_chunk {
    int64_t windows, capacity;
    bool narrow; /* after the last layer the kept rows alone are wanted, be they all of a window's */
    int64_t *first, *frames, *kept_first, *kept, *keep_first;
} bb_chunk;

/* The activations of one chunk, [rows, .] each; they grow to the largest chunk seen. */
typedef struct bb_space {
    bb_barrier barrier; /* of the team that works in it */
    bb_chunk chunk;
    int64_t rows;
    bb_words input, hidden, selected; /* float32: [F], [D], [D] */
    bb_words operand; /* [D]: hidden or selected as products multiply it; none where they do so themselves */
    bb_words query, key_value, mixed;     /* of the attention's format: [D], [2D], [D] */
    bb_words wide;                        /* [feed-forward] */
    bb_words mixed_operand, wide_operand; /* the two as products multiply them; or none */
} bb_space;

/* One of `count` threads that work on a chunk together. */
typedef struct bb_share {
    int index, count;
    bb_barrier *barrier; /* the team's */
    uint32_t *scratch;   /* its own */
} bb_share;

struct bb_encoder {
    bb_model_config config;
    bb_precision precision;
    bb_encoder_formats formats;
    const bb_product_kernels *kernels;
    int threads;
    bb_packed *in, *head, *head_out; /* head: NULL when the model has none */
    bb_norm in_norm, head_norm;
    bb_encoder_layer *layers;
    float *positions; /* [position_count, D] */
    int64_t position_count;
    bb_space *spaces;  /* [threads] */
    uint32_t *scratch; /* [threads, scratch_size] */
    size_t scratch_size;
};

/* Grow the working memory; never shrink it. */
bb_status bb_space_reserve(bb_space *space, const bb_encoder *encoder, int64_t rows, bb_error *err);
void bb_space_free(bb_space *space);

/* `length` rounded up to whole pairs. */
static inline int64_t bb_chunk_rows(int64_t length) { return (length + 1) / 2 * 2; }

bb_status bb_encoder_reserve_frames(bb_encoder *encoder, int64_t longest_window, bb_error *err);

/* space->input, cut up as space->chunk says -> the encoder output of the kept rows, *out in the space. All
 * threads of a share's team call it. */
void bb_encoder_forward(const bb_encoder *encoder, bb_space *space, bb_share share, const float **out);

/* The same through the prediction head -> *out [rows, F], rows *stride floats apart, in the space. */
void bb_encoder_forward_head(const bb_encoder *encoder, bb_space *space, bb_share share, const float **out,
                             int64_t *stride);

/* Waits for the team. */
void bb_share_wait(bb_share share);

/* Of `count` things a share has [bb_share_begin(share, count), bb_share_end(share, count)). */
static inline int64_t bb_share_begin(bb_share s, int64_t count) { return count * s.index / s.count; }
static inline int64_t bb_share_end(bb_share s, int64_t count) { return count * (s.index + 1) / s.count; }

#endif
