/* BrainBERT under training: forward pass, and backward pass beside it, in float32, the linear layers'
 * products of bf16 where wanted (rounded.h). All windows have the same number of frames; a batch is worked
 * off in parts, whose gradients add up.
 *
 * Shapes: B windows of a part, T frames, R = B T rows, F bins, D hidden, H heads, E feed-forward. */
#ifndef BB_TRAIN_NETWORK_H
#define BB_TRAIN_NETWORK_H

#include "nn/bf16_product.h"
#include "train/dropout.h"
#include "train/parameters.h"

/* What one layer's forward pass leaves for its backward pass. */
typedef struct bb_layer_state {
    float *qkv;     /* [R, 3D] */
    float *weights; /* [B, H, T, T]: softmax, before dropout */
    float *mixed;   /* [R, D] */
    float *normal1, *inverse_sd1,
        *mid;           /* [R, D], [R], [R, D]: LN(x + attention), before and after its gain */
    float *up, *active; /* [R, E]: before GELU; after it and dropout */
    float *normal2, *inverse_sd2, *out; /* as above: LN(mid + feed-forward) */
} bb_layer_state;

typedef struct bb_network {
    bb_parameters parameters;
    float *weights, *gradients; /* blocks */
    int threads;
    int64_t capacity, frames; /* most B of a part; T */
    float *positions;         /* [T, D] */
    int64_t windows;          /* of the part under way */
    const float *input;       /* [R, F], the caller's */
    bb_dropout dropout;
    int64_t first_window; /* the part's place in the batch, or in this rank's share of it */
    float *in_normal, *in_inverse_sd, *in_out;
    bb_layer_state *layers;
    float *head_up, *head_normal, *head_inverse_sd, *head_out; /* [R, D]; [R]; prediction's input [R, D] */
    float *prediction;                                         /* [R, F] */
    /* Scratch: gradients on their way back. */
    float *d_hidden, *d_branch, *d_wide, *d_qkv; /* [R, D], [R, D], [R, E], [R, 3D] */
    float *d_weights;                            /* [threads, 2, T, T] */
    float *partial;                              /* [row blocks, 2D]: gains' and biases' gradients */
    struct bb_rounded *rounded;                  /* NULL: products of float32 */
    /* Told in the backward pass that gradients[at ..] are what they will be; NULL: nobody is. */
    void (*finished)(void *context, int64_t at);
    void *finished_context;
} bb_network;

bb_status bb_network_create(const bb_model_config *config, int64_t windows, int64_t frames, int threads,
                            bb_arithmetic arithmetic, bb_network **out, bb_error *err);
void bb_network_destroy(bb_network *network);

/* Bytes that a network for parts of `windows` windows takes, weights and gradients among them. */
double bb_network_bytes(const bb_model_config *config, int64_t windows, int64_t frames, int threads,
                        bb_arithmetic arithmetic);

/* The most windows of a batch, at least one, that can be worked off at a time in `memory` bytes. */
int64_t bb_network_part(const bb_model_config *config, int64_t batch, int64_t frames, int threads,
                        bb_arithmetic arithmetic, double memory);

void bb_network_clear_gradients(bb_network *network);

/* input [windows, T, F], windows first_window .. of the batch -> network->prediction [windows, T, F]. The
 * input must stay until the backward pass; weights may change before window 0 alone, with which a batch
 * begins. */
bb_status bb_network_forward(bb_network *network, const float *input, int64_t windows, int64_t first_window,
                             const bb_dropout *dropout, bb_error *err);

/* d loss / d prediction [windows, T, F] of the part that went forward last; adds to network->gradients. */
bb_status bb_network_backward(bb_network *network, const float *d_prediction, bb_error *err);

/* ---- the same without the prediction head, for losses on the encoder's output */

/* As bb_network_forward, up to bb_network_output. */
bb_status bb_network_encode(bb_network *network, const float *input, int64_t windows, int64_t first_window,
                            const bb_dropout *dropout, bb_error *err);

/* [windows, T, D], the network's own, of the part that went forward last. */
const float *bb_network_output(const bb_network *network);

/* network->d_hidden holds d loss / d output [windows, T, D], which is used up; adds to network->gradients. */
bb_status bb_network_backward_from_output(bb_network *network, bb_error *err);

/* ---- the parts of the passes (attention.c) */
bb_status bb_attention_forward(bb_network *network, int layer, bb_error *err);
/* network->d_branch holds d mixed [R, D]; writes network->d_qkv. */
bb_status bb_attention_backward(bb_network *network, int layer, bb_error *err);

/* Sites of dropout, one number each. */
enum { BB_SITE_INPUT, BB_SITE_ATTENTION, BB_SITE_RESIDUAL1, BB_SITE_ACTIVE, BB_SITE_RESIDUAL2, BB_SITES };
static inline int bb_site(int layer, int site) { return layer * BB_SITES + site; }

/* A window's place in the batch of all ranks. */
static inline int64_t bb_network_place(const bb_network *n, int64_t window) {
    return n->dropout.first + n->first_window + window;
}

/* Tensors of the blocks. */
static inline const float *bb_network_weight(const bb_network *n, size_t tensor) {
    return n->weights + n->parameters.at[tensor];
}
static inline float *bb_network_gradient(const bb_network *n, size_t tensor) {
    return n->gradients + n->parameters.at[tensor];
}
static inline int64_t bb_network_rows(const bb_network *n) { return n->windows * n->frames; }

#endif
