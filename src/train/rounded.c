#include "train/rounded.h"

#include "base/error.h"
#include "base/memory.h"

/* Matrices are what linear layers multiply by; vectors are biases and gains. */
static bool is_matrix(const bb_tensor_spec *spec) { return spec->columns > 0; }

static int64_t widest_output(const bb_model_config *c) {
    int64_t widest = 0;
    for (size_t i = 0; i < bb_layout_count(c); ++i) {
        const bb_tensor_spec spec = bb_layout_at(c, i);
        if (is_matrix(&spec) && spec.rows > widest) widest = spec.rows;
    }
    return widest;
}

double bb_rounded_bytes(const bb_model_config *c, int64_t rows, bb_arithmetic arithmetic) {
    if (arithmetic == BB_FLOAT32) return 0;
    double numbers = (double)(rows * widest_output(c));
    for (size_t i = 0; i < bb_layout_count(c); ++i) {
        const bb_tensor_spec spec = bb_layout_at(c, i);
        numbers += (double)bb_spec_count(&spec) + (is_matrix(&spec) ? (double)(rows * spec.columns) : 0);
    }
    return numbers * (double)bb_operand_size(arithmetic);
}

static bb_status allocate(bb_rounded *r, const bb_parameters *p, int64_t rows, bb_error *err) {
    const size_t size = bb_operand_size(r->arithmetic);
    r->weights = bb_calloc((size_t)p->at[p->count], size);
    r->tensors = p->count;
    r->inputs = bb_calloc(p->count, sizeof *r->inputs);
    r->d_output = bb_calloc((size_t)(rows * widest_output(&p->config)), size);
    bool enough = r->weights && r->inputs && r->d_output;
    for (size_t i = 0; enough && i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        if (!is_matrix(&spec)) continue;
        r->inputs[i] = bb_calloc((size_t)(rows * spec.columns), size);
        enough = r->inputs[i] != NULL;
    }
    return enough ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for rounded weights and activations");
}

bb_status bb_rounded_create(const bb_parameters *parameters, int64_t rows, bb_arithmetic arithmetic,
                            bb_rounded **out, bb_error *err) {
    *out = NULL;
    bb_rounded *r = bb_calloc(1, sizeof *r);
    if (!r) return bb_fail(err, BB_ERR_MEMORY, "no memory for rounded weights and activations");
    r->arithmetic = arithmetic;
    bb_status status = bb_bf16_products_create(arithmetic, &r->products, err);
    if (status == BB_OK) status = allocate(r, parameters, rows, err);
    if (status == BB_OK)
        *out = r;
    else
        bb_rounded_destroy(r);
    return status;
}

void bb_rounded_destroy(bb_rounded *r) {
    if (!r) return;
    for (size_t i = 0; r->inputs && i < r->tensors; ++i) bb_free(r->inputs[i]);
    bb_bf16_products_destroy(r->products);
    bb_free(r->inputs);
    bb_free(r->weights);
    bb_free(r->d_output);
    bb_free(r);
}

void bb_rounded_take_weights(bb_network *n) {
    bb_operand_round(n->rounded->arithmetic, n->weights, n->parameters.at[n->parameters.count], n->threads,
                     n->rounded->weights);
}

/* Row by row. */
static bb_bf16_operand plain(const void *data, int64_t columns) {
    return (bb_bf16_operand){data, columns, false};
}
static bb_bf16_operand transposed(const void *data, int64_t columns) {
    return (bb_bf16_operand){data, columns, true};
}

static const void *weight(const bb_network *n, size_t tensor) {
    return (const char *)n->rounded->weights +
           (size_t)n->parameters.at[tensor] * bb_operand_size(n->rounded->arithmetic);
}

bb_status bb_rounded_forward(const bb_network *n, size_t tensor, const float *x, float *y, bb_error *err) {
    const bb_rounded *r = n->rounded;
    const bb_tensor_spec spec = bb_layout_at(&n->parameters.config, tensor);
    const int64_t R = bb_network_rows(n), in = spec.columns, out = spec.rows;
    bb_operand_round(r->arithmetic, x, R * in, n->threads, r->inputs[tensor]);
    return bb_bf16_product(r->products, plain(r->inputs[tensor], in), transposed(weight(n, tensor), in), R,
                           out, in, false, y, out, err);
}

bb_status bb_rounded_backward(const bb_network *n, size_t tensor, const float *dy, bool add, float *dx,
                              bb_error *err) {
    const bb_rounded *r = n->rounded;
    const bb_tensor_spec spec = bb_layout_at(&n->parameters.config, tensor);
    const int64_t R = bb_network_rows(n), in = spec.columns, out = spec.rows;
    bb_operand_round(r->arithmetic, dy, R * out, n->threads, r->d_output);
    BB_TRY(bb_bf16_product(r->products, transposed(r->d_output, out), plain(r->inputs[tensor], in), out, in,
                           R, true, bb_network_gradient(n, tensor), in, err));
    if (!dx) return BB_OK;
    return bb_bf16_product(r->products, plain(r->d_output, out), plain(weight(n, tensor), in), R, in, out,
                           add, dx, in, err);
}
