#include "train/perceptron.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "nn/product.h"
#include "nn/train_kernels.h"

/* Streams of random numbers that nothing else of a training draws from: epochs have small numbers. */
static const uint64_t weight_streams = UINT64_C(0x6865616400000000);

static void draw_weights(bb_perceptron *p, uint64_t seed) {
    for (size_t i = 0; i < p->parameters.count; ++i) {
        const double bound = 1 / sqrt((double)p->widths[i / 2]);
        float *w = p->weights + p->parameters.at[i];
        const int64_t count = p->parameters.sizes[i];
#pragma omp parallel for
        for (int64_t k = 0; k < count; ++k)
            w[k] = (float)(bound * (2 * bb_random_uniform(seed, weight_streams + i, (uint64_t)k) - 1));
    }
}

static bb_status allocate(bb_perceptron *p, int64_t rows, bb_error *err) {
    int64_t sizes[2 * BB_PERCEPTRON_LAYERS];
    for (int l = 0; l < p->layers; ++l) {
        sizes[2 * l] = p->widths[l] * p->widths[l + 1];
        sizes[2 * l + 1] = p->widths[l + 1];
    }
    BB_TRY(bb_parameters_of_sizes(sizes, 2 * (size_t)p->layers, &p->parameters, err));
    p->weights = bb_parameters_block(&p->parameters);
    p->gradients = bb_parameters_block(&p->parameters);
    bool enough = p->weights && p->gradients;
    for (int l = 0; l < p->layers && enough; ++l) {
        p->outputs[l] = bb_calloc((size_t)(rows * p->widths[l + 1]), sizeof(float));
        if (l > 0) p->gradients_in[l] = bb_calloc((size_t)(rows * p->widths[l]), sizeof(float));
        enough = p->outputs[l] && (l == 0 || p->gradients_in[l]);
    }
    return enough ? BB_OK
                  : bb_fail(err, BB_ERR_MEMORY, "no memory for a perceptron on %lld numbers",
                            (long long)p->widths[0]);
}

bb_status bb_perceptron_create(int64_t width, const int *hidden, int hidden_count, int64_t outputs,
                               int64_t rows, uint64_t seed, bb_perceptron *out, bb_error *err) {
    *out = (bb_perceptron){.layers = hidden_count + 1};
    out->widths[0] = width;
    for (int l = 0; l < hidden_count; ++l) out->widths[l + 1] = hidden[l];
    out->widths[out->layers] = outputs;
    const bb_status status = allocate(out, rows, err);
    if (status == BB_OK)
        draw_weights(out, seed);
    else
        bb_perceptron_free(out);
    return status;
}

void bb_perceptron_free(bb_perceptron *p) {
    for (int l = 0; l < p->layers; ++l) {
        bb_free(p->outputs[l]);
        bb_free(p->gradients_in[l]);
    }
    bb_free(p->weights);
    bb_free(p->gradients);
    bb_parameters_free(&p->parameters);
    *p = (bb_perceptron){0};
}

/* ---------------------------------------------------------------- the passes */

static float *weight_of(const bb_perceptron *p, float *block, int layer) {
    return block + p->parameters.at[2 * layer];
}
static float *bias_of(const bb_perceptron *p, float *block, int layer) {
    return block + p->parameters.at[2 * layer + 1];
}

/* y[rows, out] = x[rows, in] W^T + b, with `rectified` max(0, it). */
static bb_status layer_forward(bb_perceptron *p, int l, const float *x, int64_t rows, bool rectified,
                               bb_error *err) {
    const int64_t in = p->widths[l], out = p->widths[l + 1];
    float *y = p->outputs[l];
    BB_TRY(bb_product((bb_operand){x, in, false}, (bb_operand){weight_of(p, p->weights, l), in, true}, rows,
                      out, in, false, y, out, err));
    bb_train_kernels_get()->add_bias(y, rows, out, bias_of(p, p->weights, l));
    for (int64_t i = 0; rectified && i < rows * out; ++i) y[i] = y[i] > 0 ? y[i] : 0;
    return BB_OK;
}

/* dy[rows, out] -> the gradients of W and b; dx[rows, in] unless NULL. */
static bb_status layer_backward(bb_perceptron *p, int l, const float *x, int64_t rows, const float *dy,
                                float *dx, bb_error *err) {
    const int64_t in = p->widths[l], out = p->widths[l + 1];
    float *bias = bias_of(p, p->gradients, l);
    BB_TRY(bb_product((bb_operand){dy, out, true}, (bb_operand){x, in, false}, out, in, rows, true,
                      weight_of(p, p->gradients, l), in, err));
    for (int64_t r = 0; r < rows; ++r) bb_train_kernels_get()->add(dy + r * out, out, bias);
    if (!dx) return BB_OK;
    return bb_product((bb_operand){dy, out, false}, (bb_operand){weight_of(p, p->weights, l), in, false},
                      rows, in, out, false, dx, in, err);
}

bb_status bb_perceptron_forward(bb_perceptron *p, const float *x, int64_t rows, bb_error *err) {
    for (int l = 0; l < p->layers; ++l)
        BB_TRY(layer_forward(p, l, l ? p->outputs[l - 1] : x, rows, l + 1 < p->layers, err));
    return BB_OK;
}

bb_status bb_perceptron_backward(bb_perceptron *p, const float *x, int64_t rows, const float *d, float *dx,
                                 bb_error *err) {
    for (int l = p->layers; l-- > 0;) {
        const float *in = l ? p->outputs[l - 1] : x;
        float *d_in = l ? p->gradients_in[l] : dx;
        BB_TRY(layer_backward(p, l, in, rows, d, d_in, err));
        for (int64_t i = 0; l && i < rows * p->widths[l]; ++i) /* ReLU's slope */
            d_in[i] = in[i] > 0 ? d_in[i] : 0;
        d = d_in;
    }
    return BB_OK;
}
