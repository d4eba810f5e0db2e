/* The building blocks of the passes: linear layers, LayerNorm, GELU, dropout over all rows of a part, on the
 * network's threads, forward beside backward. `tensor` is the place of a weight (or gain) in the parameters;
 * its bias follows. */
#ifndef BB_TRAIN_LAYER_H
#define BB_TRAIN_LAYER_H

#include "train/network.h"

/* y[R, out] = x[R, in] W^T + b */
bb_status bb_linear_forward(const bb_network *network, size_t tensor, const float *x, float *y,
                            bb_error *err);

/* From dy[R, out] and the x of the forward pass: the gradients of W and b grow; dx[R, in] = dy W, or with
 * `add` += ; dx NULL: not wanted. */
bb_status bb_linear_backward(const bb_network *network, size_t tensor, const float *x, const float *dy,
                             bool add, float *dx, bb_error *err);

/* x[R, D] -> normalised in place; y[R, D] = gain * it + bias. */
void bb_norm_forward(const bb_network *network, size_t tensor, float *x, float *inverse_sd, float *y);
/* dy[R, D] -> dx in place; the gradients of gain and bias grow. */
void bb_norm_backward(bb_network *network, size_t tensor, const float *normal, const float *inverse_sd,
                      float *dy);

void bb_gelu_forward(const bb_network *network, const float *x, int64_t width, float *y);
void bb_gelu_backward(const bb_network *network, const float *x, int64_t width, float *dy);

/* x[R, width] in place, each window from a stream of its own. */
void bb_drop(const bb_network *network, int site, int64_t width, float *x);

/* y[R, width] += x. */
void bb_add(const bb_network *network, const float *x, int64_t width, float *y);

#endif
