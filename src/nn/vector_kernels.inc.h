/* The body of the vector kernels, included once per instruction set with BB_VECTOR_BYTES, the
 * bytes of one vector register, and BB_KERNELS, the table to define. */
#include <math.h>
#include <string.h>

#include "base/vector.inc.h"
#include "nn/vector_kernels.h"

static void layer_norm(float *x, int64_t rows, int64_t dim, const float *gain, const float *bias) {
    const int64_t whole = dim / LANES * LANES;
    for (int64_t r = 0; r < rows; ++r, x += dim) {
        vf sums = {0}, squares = {0};
        for (int64_t d = 0; d < whole; d += LANES) sums += load(x + d);
        float mean = sum_lanes(sums);
        for (int64_t d = whole; d < dim; ++d) mean += x[d];
        mean /= (float)dim;
        for (int64_t d = 0; d < whole; d += LANES) {
            const vf c = load(x + d) - splat(mean);
            squares += c * c;
        }
        float variance = sum_lanes(squares);
        for (int64_t d = whole; d < dim; ++d) variance += (x[d] - mean) * (x[d] - mean);
        const float scale = 1.0f / sqrtf(variance / (float)dim + 1e-5f);
        for (int64_t d = 0; d < whole; d += LANES)
            store(x + d, (load(x + d) - splat(mean)) * splat(scale) * load(gain + d) + load(bias + d));
        for (int64_t d = whole; d < dim; ++d) x[d] = (x[d] - mean) * scale * gain[d] + bias[d];
    }
}

static void mean_rows(const float *x, int64_t rows, int64_t dim, float *out) {
    const float scale = 1.0f / (float)rows;
    int64_t d = 0;
    for (; d + LANES <= dim; d += LANES) {
        vf sum = {0};
        for (int64_t r = 0; r < rows; ++r) sum += load(x + r * dim + d);
        store(out + d, sum * splat(scale));
    }
    for (; d < dim; ++d) {
        float sum = 0;
        for (int64_t r = 0; r < rows; ++r) sum += x[r * dim + d];
        out[d] = sum * scale;
    }
}

const bb_vector_kernels BB_KERNELS = {
    .layer_norm = layer_norm,
    .mean_rows = mean_rows,
};
