/* The forward pass and, in the opposite order, the backward pass. Written so that each step of the one stands
 * in the same place as its gradient in the other:
 *
 * x = drop(LN(in x + position));  L times: x = LN(x + drop(out attention(qkv x))), x = LN(x + drop(down
 * drop(gelu(up x))));  prediction = head_out LN(gelu(head x)). */
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "train/layer.h"
#include "train/rounded.h"

static bb_status input_forward(bb_network *n, bb_error *err) {
    const int64_t D = n->parameters.config.hidden_dim, T = n->frames;
    BB_TRY(bb_linear_forward(n, BB_IN_WEIGHT, n->input, n->in_normal, err));
    for (int64_t w = 0; w < n->windows; ++w)
        for (int64_t i = 0; i < T * D; ++i) n->in_normal[w * T * D + i] += n->positions[i];
    bb_norm_forward(n, BB_IN_NORM_GAIN, n->in_normal, n->in_inverse_sd, n->in_out);
    bb_drop(n, bb_site(n->parameters.config.layers, BB_SITE_INPUT), D, n->in_out);
    return BB_OK;
}

static bb_status input_backward(bb_network *n, bb_error *err) {
    bb_drop(n, bb_site(n->parameters.config.layers, BB_SITE_INPUT), n->parameters.config.hidden_dim,
            n->d_hidden);
    bb_norm_backward(n, BB_IN_NORM_GAIN, n->in_normal, n->in_inverse_sd, n->d_hidden);
    return bb_linear_backward(n, BB_IN_WEIGHT, n->input, n->d_hidden, false, NULL, err);
}

static const float *layer_input(const bb_network *n, int layer) {
    return layer ? n->layers[layer - 1].out : n->in_out;
}

static bb_status layer_forward(bb_network *n, int i, bb_error *err) {
    const bb_layer_state *s = &n->layers[i];
    const int64_t D = n->parameters.config.hidden_dim, E = n->parameters.config.feed_forward_dim;
    const float *x = layer_input(n, i);
    BB_TRY(bb_linear_forward(n, bb_layout_layer(i, BB_QKV_WEIGHT), x, s->qkv, err));
    BB_TRY(bb_attention_forward(n, i, err));
    BB_TRY(bb_linear_forward(n, bb_layout_layer(i, BB_OUT_WEIGHT), s->mixed, s->normal1, err));
    bb_drop(n, bb_site(i, BB_SITE_RESIDUAL1), D, s->normal1);
    bb_add(n, x, D, s->normal1);
    bb_norm_forward(n, bb_layout_layer(i, BB_NORM1_GAIN), s->normal1, s->inverse_sd1, s->mid);
    BB_TRY(bb_linear_forward(n, bb_layout_layer(i, BB_UP_WEIGHT), s->mid, s->up, err));
    bb_gelu_forward(n, s->up, E, s->active);
    bb_drop(n, bb_site(i, BB_SITE_ACTIVE), E, s->active);
    BB_TRY(bb_linear_forward(n, bb_layout_layer(i, BB_DOWN_WEIGHT), s->active, s->normal2, err));
    bb_drop(n, bb_site(i, BB_SITE_RESIDUAL2), D, s->normal2);
    bb_add(n, s->mid, D, s->normal2);
    bb_norm_forward(n, bb_layout_layer(i, BB_NORM2_GAIN), s->normal2, s->inverse_sd2, s->out);
    return BB_OK;
}

/* The branch's gradient begins as the sum's, which also goes past the branch. */
static void begin_branch(bb_network *n, int site) {
    const int64_t D = n->parameters.config.hidden_dim;
    memcpy(n->d_branch, n->d_hidden, (size_t)(bb_network_rows(n) * D) * sizeof *n->d_branch);
    bb_drop(n, site, D, n->d_branch);
}

/* d_hidden: d out -> d x. */
static bb_status layer_backward(bb_network *n, int i, bb_error *err) {
    const bb_layer_state *s = &n->layers[i];
    const int64_t E = n->parameters.config.feed_forward_dim;
    bb_norm_backward(n, bb_layout_layer(i, BB_NORM2_GAIN), s->normal2, s->inverse_sd2, n->d_hidden);
    begin_branch(n, bb_site(i, BB_SITE_RESIDUAL2));
    BB_TRY(bb_linear_backward(n, bb_layout_layer(i, BB_DOWN_WEIGHT), s->active, n->d_branch, false, n->d_wide,
                              err));
    bb_drop(n, bb_site(i, BB_SITE_ACTIVE), E, n->d_wide);
    bb_gelu_backward(n, s->up, E, n->d_wide);
    BB_TRY(
        bb_linear_backward(n, bb_layout_layer(i, BB_UP_WEIGHT), s->mid, n->d_wide, true, n->d_hidden, err));
    bb_norm_backward(n, bb_layout_layer(i, BB_NORM1_GAIN), s->normal1, s->inverse_sd1, n->d_hidden);
    begin_branch(n, bb_site(i, BB_SITE_RESIDUAL1));
    BB_TRY(bb_linear_backward(n, bb_layout_layer(i, BB_OUT_WEIGHT), s->mixed, n->d_branch, false, n->d_wide,
                              err));
    memcpy(n->d_branch, n->d_wide,
           (size_t)(bb_network_rows(n) * n->parameters.config.hidden_dim) * sizeof *n->d_branch);
    BB_TRY(bb_attention_backward(n, i, err));
    return bb_linear_backward(n, bb_layout_layer(i, BB_QKV_WEIGHT), layer_input(n, i), n->d_qkv, true,
                              n->d_hidden, err);
}

static bb_status head_forward(bb_network *n, bb_error *err) {
    const bb_model_config *c = &n->parameters.config;
    BB_TRY(
        bb_linear_forward(n, bb_layout_head(c, BB_HEAD_WEIGHT), layer_input(n, c->layers), n->head_up, err));
    bb_gelu_forward(n, n->head_up, c->hidden_dim, n->head_normal);
    bb_norm_forward(n, bb_layout_head(c, BB_HEAD_NORM_GAIN), n->head_normal, n->head_inverse_sd, n->head_out);
    return bb_linear_forward(n, bb_layout_head(c, BB_HEAD_OUT_WEIGHT), n->head_out, n->prediction, err);
}

static bb_status head_backward(bb_network *n, const float *d_prediction, bb_error *err) {
    const bb_model_config *c = &n->parameters.config;
    BB_TRY(bb_linear_backward(n, bb_layout_head(c, BB_HEAD_OUT_WEIGHT), n->head_out, d_prediction, false,
                              n->d_branch, err));
    bb_norm_backward(n, bb_layout_head(c, BB_HEAD_NORM_GAIN), n->head_normal, n->head_inverse_sd,
                     n->d_branch);
    bb_gelu_backward(n, n->head_up, c->hidden_dim, n->d_branch);
    return bb_linear_backward(n, bb_layout_head(c, BB_HEAD_WEIGHT), layer_input(n, c->layers), n->d_branch,
                              false, n->d_hidden, err);
}

static bb_status encoder_forward(bb_network *n, bb_error *err) {
    BB_TRY(input_forward(n, err));
    for (int i = 0; i < n->parameters.config.layers; ++i) BB_TRY(layer_forward(n, i, err));
    return BB_OK;
}

static void tell_finished(const bb_network *n, int64_t at) {
    if (n->finished) n->finished(n->finished_context, at);
}

static bb_status encoder_backward(bb_network *n, bb_error *err) {
    for (int i = n->parameters.config.layers; i-- > 0;) {
        BB_TRY(layer_backward(n, i, err));
        tell_finished(n, n->parameters.at[bb_layout_layer(i, 0)]);
    }
    BB_TRY(input_backward(n, err));
    tell_finished(n, 0);
    return BB_OK;
}

/* Sets OpenMP's number of threads, which belongs to the caller, and returns what it was. */
static int enter(const bb_network *n) {
    const int before = omp_get_max_threads();
    omp_set_num_threads(n->threads);
    return before;
}

bb_status bb_network_encode(bb_network *n, const float *input, int64_t windows, int64_t first_window,
                            const bb_dropout *dropout, bb_error *err) {
    if (windows < 1 || windows > n->capacity)
        return bb_fail(err, BB_ERR_ARGUMENT, "training: expected 1 to %lld windows at a time, found %lld",
                       (long long)n->capacity, (long long)windows);
    n->windows = windows;
    n->first_window = first_window;
    n->input = input;
    n->dropout = *dropout;
    if (n->rounded && first_window == 0) bb_rounded_take_weights(n);
    const int before = enter(n);
    const bb_status status = encoder_forward(n, err);
    omp_set_num_threads(before);
    return status;
}

const float *bb_network_output(const bb_network *n) { return layer_input(n, n->parameters.config.layers); }

bb_status bb_network_forward(bb_network *n, const float *input, int64_t windows, int64_t first_window,
                             const bb_dropout *dropout, bb_error *err) {
    BB_TRY(bb_network_encode(n, input, windows, first_window, dropout, err));
    const int before = enter(n);
    const bb_status status = head_forward(n, err);
    omp_set_num_threads(before);
    return status;
}

bb_status bb_network_backward_from_output(bb_network *n, bb_error *err) {
    const int before = enter(n);
    const bb_status status = encoder_backward(n, err);
    omp_set_num_threads(before);
    return status;
}

bb_status bb_network_backward(bb_network *n, const float *d_prediction, bb_error *err) {
    const int before = enter(n);
    const bb_status status = head_backward(n, d_prediction, err);
    omp_set_num_threads(before);
    if (status == BB_OK) tell_finished(n, n->parameters.at[bb_layout_head(&n->parameters.config, 0)]);
    return status == BB_OK ? bb_network_backward_from_output(n, err) : status;
}
