/* Attention (Vaswani et al. 2017, eq. 1) and its gradient, one head of one window a task: with P = softmax(q
 * k^T / sqrt d) and Pd = dropout(P), o = Pd v,
 *
 * dv = Pd^T do,  dP = dropout(do v^T),  dS = P (dP - rowsum(P dP)) / sqrt d,  dq = dS k,  dk = dS^T q. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "nn/product.h"
#include "nn/train_kernels.h"
#include "train/network.h"

/* One head: its columns of qkv, its weights, its output. */
typedef struct head {
    int64_t frames, dim, hidden;
    int64_t window; /* in the batch */
    int64_t place;  /* of its weights' first number among the window's */
    int site;
    const float *qkv; /* [T, 3D] from its first query column */
    float *weights;   /* [T, T] */
    float scale;
} head;

static head head_of(const bb_network *n, int layer, int64_t task) {
    const bb_model_config *c = &n->parameters.config;
    const int64_t T = n->frames, D = c->hidden_dim, H = c->heads, dim = D / H, w = task / H, h = task % H;
    const bb_layer_state *s = &n->layers[layer];
    return (head){.frames = T,
                  .dim = dim,
                  .hidden = D,
                  .window = bb_network_place(n, w),
                  .site = bb_site(layer, BB_SITE_ATTENTION),
                  .place = h * T * T,
                  .qkv = s->qkv + w * T * 3 * D + h * dim,
                  .weights = s->weights + task * T * T,
                  .scale = 1.0f / sqrtf((float)dim)};
}

static bb_operand rows(const float *data, int64_t stride) { return (bb_operand){data, stride, false}; }
static bb_operand columns(const float *data, int64_t stride) { return (bb_operand){data, stride, true}; }

/* Each head of a window draws from a stream of its own. */
static void drop(const bb_network *n, const head *h, float *weights) {
    const int64_t task = h->window * n->parameters.config.heads + h->place / (h->frames * h->frames);
    bb_dropout_apply(&n->dropout, task, h->site, h->frames * h->frames, weights);
}

static bb_status forward_head(const bb_network *n, const head *h, float *dropped, float *out, bb_error *err) {
    const int64_t T = h->frames, D = h->hidden;
    BB_TRY(
        bb_product(rows(h->qkv, 3 * D), columns(h->qkv + D, 3 * D), T, T, h->dim, false, h->weights, T, err));
    bb_train_kernels_get()->softmax_forward(h->weights, T, T, h->scale);
    memcpy(dropped, h->weights, (size_t)(T * T) * sizeof *dropped);
    drop(n, h, dropped);
    return bb_product(rows(dropped, T), rows(h->qkv + 2 * D, 3 * D), T, h->dim, T, false, out, D, err);
}

static bb_status backward_head(const bb_network *n, const head *h, const float *d_out, float *scratch,
                               float *d_qkv, bb_error *err) {
    const int64_t T = h->frames, D = h->hidden, dim = h->dim;
    float *dropped = scratch, *d_weights = scratch + T * T;
    memcpy(dropped, h->weights, (size_t)(T * T) * sizeof *dropped);
    drop(n, h, dropped);
    BB_TRY(bb_product(columns(dropped, T), rows(d_out, D), T, dim, T, false, d_qkv + 2 * D, 3 * D, err));
    BB_TRY(bb_product(rows(d_out, D), columns(h->qkv + 2 * D, 3 * D), T, T, dim, false, d_weights, T, err));
    drop(n, h, d_weights);
    bb_train_kernels_get()->softmax_backward(h->weights, T, T, h->scale, d_weights);
    BB_TRY(bb_product(rows(d_weights, T), rows(h->qkv + D, 3 * D), T, dim, T, false, d_qkv, 3 * D, err));
    return bb_product(columns(d_weights, T), rows(h->qkv, 3 * D), T, dim, T, false, d_qkv + D, 3 * D, err);
}

static bb_status run(bb_network *n, int layer, bool backward, bb_error *err) {
    const int64_t H = n->parameters.config.heads, T = n->frames, tasks = n->windows * H;
    bb_status status = BB_OK;
#pragma omp parallel for num_threads(n->threads) schedule(dynamic)
    for (int64_t task = 0; task < tasks; ++task) {
        const head h = head_of(n, layer, task);
        float *scratch = n->d_weights + (int64_t)omp_get_thread_num() * 2 * T * T;
        const int64_t at = task / H * T * h.hidden + task % H * h.dim;
        bb_error own = {0};
        const bb_status one =
            backward ? backward_head(n, &h, n->d_branch + at, scratch,
                                     n->d_qkv + task / H * T * 3 * h.hidden + task % H * h.dim, &own)
                     : forward_head(n, &h, scratch, n->layers[layer].mixed + at, &own);
        if (one != BB_OK) {
#pragma omp critical
            {
                status = one;
                if (err) *err = own;
            }
        }
    }
    return status;
}

bb_status bb_attention_forward(bb_network *n, int layer, bb_error *err) { return run(n, layer, false, err); }
bb_status bb_attention_backward(bb_network *n, int layer, bb_error *err) { return run(n, layer, true, err); }
