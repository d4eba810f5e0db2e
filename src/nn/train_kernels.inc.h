/* The body of the training kernels, included once per instruction set with BB_VECTOR_BYTES, the bytes of one
 * vector register, and BB_KERNELS, the table to define. Ends of rows that fill no register are worked off one
 * by one through a register of their own (`take`, `put`). */
#include <math.h>
#include <string.h>

#include "base/vector.inc.h"
#include "nn/bf16.inc.h"
#include "nn/gelu.inc.h"
#include "nn/train_kernels.h"

/* Up to LANES floats; the rest of the register is `fill`. */
INLINE vf take(const float *p, int64_t count, float fill) {
    if (count >= LANES) return load(p);
    vf v = splat(fill);
    for (int64_t i = 0; i < count; ++i) v[i] = p[i];
    return v;
}

INLINE void put(float *p, int64_t count, vf v) {
    if (count >= LANES) {
        store(p, v);
        return;
    }
    for (int64_t i = 0; i < count; ++i) p[i] = v[i];
}

static void norm_forward(float *x, int64_t rows, int64_t dim, const float *gain, const float *bias,
                         float *inverse_sd, float *y) {
    for (int64_t r = 0; r < rows; ++r, x += dim, y += dim) {
        vf sums = {0}, squares = {0};
        for (int64_t d = 0; d < dim; d += LANES) sums += take(x + d, dim - d, 0);
        const float mean = sum_lanes(sums) / (float)dim;
        for (int64_t d = 0; d < dim; d += LANES) {
            const vf apart = take(x + d, dim - d, mean) - splat(mean);
            squares += apart * apart;
        }
        const float scale = 1.0f / sqrtf(sum_lanes(squares) / (float)dim + 1e-5f);
        for (int64_t d = 0; d < dim; d += LANES) {
            const int64_t left = dim - d;
            const vf normal = (take(x + d, left, mean) - splat(mean)) * splat(scale);
            put(x + d, left, normal);
            put(y + d, left, normal * take(gain + d, left, 0) + take(bias + d, left, 0));
        }
        inverse_sd[r] = scale;
    }
}

/* With g = gain * dy: dx = (g - mean(g) - normal * mean(g * normal)) / sd. */
static void norm_backward(float *dy, int64_t rows, int64_t dim, const float *gain, const float *normal,
                          const float *inverse_sd, float *gain_gradient, float *bias_gradient) {
    for (int64_t r = 0; r < rows; ++r, dy += dim, normal += dim) {
        vf sums = {0}, products = {0};
        for (int64_t d = 0; d < dim; d += LANES) {
            const int64_t left = dim - d;
            const vf change = take(dy + d, left, 0), at = take(normal + d, left, 0);
            const vf g = change * take(gain + d, left, 0);
            sums += g;
            products += g * at;
            put(gain_gradient + d, left, take(gain_gradient + d, left, 0) + change * at);
            put(bias_gradient + d, left, take(bias_gradient + d, left, 0) + change);
        }
        const vf mean = splat(sum_lanes(sums) / (float)dim), slope = splat(sum_lanes(products) / (float)dim);
        for (int64_t d = 0; d < dim; d += LANES) {
            const int64_t left = dim - d;
            const vf g = take(dy + d, left, 0) * take(gain + d, left, 0);
            put(dy + d, left, (g - mean - take(normal + d, left, 0) * slope) * splat(inverse_sd[r]));
        }
    }
}

static void gelu_forward(const float *x, int64_t count, float *y) {
    for (int64_t i = 0; i < count; i += LANES) { put(y + i, count - i, gelu(take(x + i, count - i, 0))); }
}

/* d/dx x P(x) = P(x) + x e^(-x^2 / 2) / sqrt(2 pi) */
static void gelu_backward(const float *x, int64_t count, float *dy) {
    for (int64_t i = 0; i < count; i += LANES) {
        vf bell;
        const vf v = take(x + i, count - i, 0), tail = normal_tail(v, &bell);
        const vf below = select_vector(v > (vf){0}, splat(1.0f) - tail, tail);
        put(dy + i, count - i, take(dy + i, count - i, 0) * (below + v * bell * splat(0.39894228f)));
    }
}

static void add_bias(float *x, int64_t rows, int64_t dim, const float *bias) {
    for (int64_t r = 0; r < rows; ++r, x += dim)
        for (int64_t d = 0; d < dim; d += LANES)
            put(x + d, dim - d, take(x + d, dim - d, 0) + take(bias + d, dim - d, 0));
}

static void add(const float *x, int64_t count, float *y) {
    for (int64_t i = 0; i < count; i += LANES)
        put(y + i, count - i, take(y + i, count - i, 0) + take(x + i, count - i, 0));
}

/* A random number for each place: MurmurHash3's 32-bit finaliser (Appleby, 2011), with one half of the key
 * added to the place before it and the other half in its middle. */
INLINE vu random_lanes(vu place, uint32_t first, uint32_t second) {
    vu h = place + first;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = ((h ^ h >> 13) + second) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

static void dropout(uint64_t key, uint32_t threshold, float scale, int64_t count, float *x) {
    const uint32_t first = (uint32_t)key, second = (uint32_t)(key >> 32);
    vu place;
    for (uint32_t i = 0; i < LANES; ++i) place[i] = i;
    for (int64_t i = 0; i < count; i += LANES, place += (uint32_t)LANES) {
        const vi kept = random_lanes(place, first, second) >= threshold;
        put(x + i, count - i, take(x + i, count - i, 0) * select_vector(kept, splat(scale), (vf){0}));
    }
}

static float largest_of(const float *x, int64_t count) {
    vf top = splat(-INFINITY);
    for (int64_t i = 0; i < count; i += LANES) top = max_vector(take(x + i, count - i, -INFINITY), top);
    return largest_lane(top);
}

static void softmax_forward(float *x, int64_t rows, int64_t dim, float scale) {
    for (int64_t r = 0; r < rows; ++r, x += dim) {
        const vf top = splat(largest_of(x, dim)), factor = splat(scale);
        float sum = 0;
        for (int64_t d = 0; d < dim; d += LANES) {
            const vf e = exp_vector((take(x + d, dim - d, -INFINITY) - top) * factor);
            put(x + d, dim - d, e);
            sum += sum_lanes(take(x + d, dim - d, 0));
        }
        for (int64_t d = 0; d < dim; d += LANES)
            put(x + d, dim - d, take(x + d, dim - d, 0) * splat(1.0f / sum));
    }
}

static void softmax_backward(const float *p, int64_t rows, int64_t dim, float scale, float *dp) {
    for (int64_t r = 0; r < rows; ++r, p += dim, dp += dim) {
        vf sums = {0};
        for (int64_t d = 0; d < dim; d += LANES) sums += take(p + d, dim - d, 0) * take(dp + d, dim - d, 0);
        const vf mean = splat(sum_lanes(sums));
        for (int64_t d = 0; d < dim; d += LANES)
            put(dp + d, dim - d, splat(scale) * take(p + d, dim - d, 0) * (take(dp + d, dim - d, 0) - mean));
    }
}

static void to_bf16(const float *x, int64_t count, uint16_t *y) {
    for (int64_t i = 0; i < count; i += LANES) {
        const int64_t left = count - i;
        const vh halves = bf16_of(take(x + i, left, 0));
        if (left >= LANES)
            memcpy(y + i, &halves, sizeof halves);
        else
            for (int64_t k = 0; k < left; ++k) y[i + k] = halves[k];
    }
}

static void round_to_bf16(const float *x, int64_t count, float *y) {
    for (int64_t i = 0; i < count; i += LANES)
        put(y + i, count - i, (vf)(bf16_above(take(x + i, count - i, 0)) & 0xffff0000));
}

const bb_train_kernels BB_KERNELS = {
    .norm_forward = norm_forward,
    .norm_backward = norm_backward,
    .gelu_forward = gelu_forward,
    .gelu_backward = gelu_backward,
    .add_bias = add_bias,
    .add = add,
    .dropout = dropout,
    .softmax_forward = softmax_forward,
    .softmax_backward = softmax_backward,
    .to_bf16 = to_bf16,
    .round_to_bf16 = round_to_bf16,
};
