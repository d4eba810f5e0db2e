/* Training with products of bf16: what the linear layers multiply is rounded, once, and kept beside the
 * float32 it was made of. Weights that are optimised, gradients, sums and everything that is no product of a
 * linear layer stay float32. (Micikevicius et al., ICLR 2018; Kalamkar et al. 2019) */
#ifndef BB_TRAIN_ROUNDED_H
#define BB_TRAIN_ROUNDED_H

#include "nn/bf16_product.h"
#include "train/network.h"

/* Shapes as in network.h; numbers of bb_operand_size bytes. */
typedef struct bb_rounded {
    bb_arithmetic arithmetic;
    bb_bf16_products *products;
    void *weights; /* a block */
    size_t tensors;
    void *
        *inputs; /* [tensors]: what a weight's layer was given in the forward pass [R, in]; of others NULL */
    void *d_output; /* [R, widest out]: of the layer whose backward pass is under way */
} bb_rounded;

/* For parts of up to `rows` rows. */
bb_status bb_rounded_create(const bb_parameters *parameters, int64_t rows, bb_arithmetic arithmetic,
                            bb_rounded **out, bb_error *err);
void bb_rounded_destroy(bb_rounded *rounded);

/* Bytes that it takes; 0 for BB_FLOAT32. */
double bb_rounded_bytes(const bb_model_config *config, int64_t rows, bb_arithmetic arithmetic);

/* The network's weights as they are now. */
void bb_rounded_take_weights(bb_network *network);

/* y[R, out] = x[R, in] W^T; keeps x. */
bb_status bb_rounded_forward(const bb_network *network, size_t tensor, const float *x, float *y,
                             bb_error *err);

/* From dy[R, out] and the x that was kept: the gradient of W grows; dx as in bb_linear_backward. */
bb_status bb_rounded_backward(const bb_network *network, size_t tensor, const float *dy, bool add, float *dx,
                              bb_error *err);

#endif
