#include "train/layer.h"

#include <string.h>

#include "base/error.h"
#include "nn/product.h"
#include "nn/train_kernels.h"
#include "train/rounded.h"
#include "train/row_blocks.h"

/* Columns that one thread sums up over all rows. */
enum { COLUMN_BLOCK = 256 };

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* x[rows, width] summed over rows into sums[width], each column by one thread in order. */
static void sum_columns(const bb_network *n, const float *x, int64_t rows, int64_t width, float *sums) {
    const bb_train_kernels *k = bb_train_kernels_get();
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t column = 0; column < width; column += COLUMN_BLOCK)
        for (int64_t r = 0; r < rows; ++r)
            k->add(x + r * width + column, smaller(COLUMN_BLOCK, width - column), sums + column);
}

/* y[R, out] = x[R, in] W^T */
static bb_status forward_product(const bb_network *n, size_t tensor, const float *x, float *y,
                                 bb_error *err) {
    if (n->rounded) return bb_rounded_forward(n, tensor, x, y, err);
    const bb_tensor_spec spec = bb_layout_at(&n->parameters.config, tensor);
    const int64_t R = bb_network_rows(n), in = spec.columns, out = spec.rows;
    return bb_product((bb_operand){x, in, false}, (bb_operand){bb_network_weight(n, tensor), in, true}, R,
                      out, in, false, y, out, err);
}

bb_status bb_linear_forward(const bb_network *n, size_t tensor, const float *x, float *y, bb_error *err) {
    const int64_t R = bb_network_rows(n), out = bb_layout_at(&n->parameters.config, tensor).rows;
    const bb_train_kernels *k = bb_train_kernels_get();
    const float *bias = bb_network_weight(n, tensor + 1);
    BB_TRY(forward_product(n, tensor, x, y, err));
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < bb_row_blocks(R); ++b)
        k->add_bias(y + b * BB_ROW_BLOCK * out, bb_rows_of_block(R, b), out, bias);
    return BB_OK;
}

/* The gradient of W grows by dy^T x; dx[R, in] = dy W, or with `add` += . */
static bb_status backward_products(const bb_network *n, size_t tensor, const float *x, const float *dy,
                                   bool add, float *dx, bb_error *err) {
    if (n->rounded) return bb_rounded_backward(n, tensor, dy, add, dx, err);
    const bb_tensor_spec spec = bb_layout_at(&n->parameters.config, tensor);
    const int64_t R = bb_network_rows(n), in = spec.columns, out = spec.rows;
    BB_TRY(bb_product((bb_operand){dy, out, true}, (bb_operand){x, in, false}, out, in, R, true,
                      bb_network_gradient(n, tensor), in, err));
    if (!dx) return BB_OK;
    return bb_product((bb_operand){dy, out, false}, (bb_operand){bb_network_weight(n, tensor), in, false}, R,
                      in, out, add, dx, in, err);
}

bb_status bb_linear_backward(const bb_network *n, size_t tensor, const float *x, const float *dy, bool add,
                             float *dx, bb_error *err) {
    const int64_t out = bb_layout_at(&n->parameters.config, tensor).rows;
    BB_TRY(backward_products(n, tensor, x, dy, add, dx, err));
    sum_columns(n, dy, bb_network_rows(n), out, bb_network_gradient(n, tensor + 1));
    return BB_OK;
}

void bb_norm_forward(const bb_network *n, size_t tensor, float *x, float *inverse_sd, float *y) {
    const bb_train_kernels *k = bb_train_kernels_get();
    const int64_t R = bb_network_rows(n), D = n->parameters.config.hidden_dim;
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < bb_row_blocks(R); ++b) {
        const int64_t r = b * BB_ROW_BLOCK;
        k->norm_forward(x + r * D, bb_rows_of_block(R, b), D, bb_network_weight(n, tensor),
                        bb_network_weight(n, tensor + 1), inverse_sd + r, y + r * D);
    }
}

void bb_norm_backward(bb_network *n, size_t tensor, const float *normal, const float *inverse_sd, float *dy) {
    const bb_train_kernels *k = bb_train_kernels_get();
    const int64_t R = bb_network_rows(n), D = n->parameters.config.hidden_dim, blocks = bb_row_blocks(R);
    memset(n->partial, 0, (size_t)(blocks * 2 * D) * sizeof *n->partial);
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < blocks; ++b) {
        const int64_t r = b * BB_ROW_BLOCK;
        k->norm_backward(dy + r * D, bb_rows_of_block(R, b), D, bb_network_weight(n, tensor), normal + r * D,
                         inverse_sd + r, n->partial + b * 2 * D, n->partial + b * 2 * D + D);
    }
    for (int64_t b = 0; b < blocks; ++b) {
        k->add(n->partial + b * 2 * D, D, bb_network_gradient(n, tensor));
        k->add(n->partial + b * 2 * D + D, D, bb_network_gradient(n, tensor + 1));
    }
}

void bb_gelu_forward(const bb_network *n, const float *x, int64_t width, float *y) {
    const bb_train_kernels *k = bb_train_kernels_get();
    const int64_t R = bb_network_rows(n);
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < bb_row_blocks(R); ++b)
        k->gelu_forward(x + b * BB_ROW_BLOCK * width, bb_rows_of_block(R, b) * width,
                        y + b * BB_ROW_BLOCK * width);
}

void bb_gelu_backward(const bb_network *n, const float *x, int64_t width, float *dy) {
    const bb_train_kernels *k = bb_train_kernels_get();
    const int64_t R = bb_network_rows(n);
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < bb_row_blocks(R); ++b)
        k->gelu_backward(x + b * BB_ROW_BLOCK * width, bb_rows_of_block(R, b) * width,
                         dy + b * BB_ROW_BLOCK * width);
}

void bb_drop(const bb_network *n, int site, int64_t width, float *x) {
    if (n->dropout.rate <= 0) return;
    const int64_t count = n->frames * width;
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t w = 0; w < n->windows; ++w)
        bb_dropout_apply(&n->dropout, bb_network_place(n, w), site, count, x + w * count);
}

void bb_add(const bb_network *n, const float *x, int64_t width, float *y) {
    const bb_train_kernels *k = bb_train_kernels_get();
    const int64_t R = bb_network_rows(n);
#pragma omp parallel for num_threads(n->threads) schedule(static)
    for (int64_t b = 0; b < bb_row_blocks(R); ++b) {
        const int64_t at = b * BB_ROW_BLOCK * width;
        k->add(x + at, bb_rows_of_block(R, b) * width, y + at);
    }
}
