/* Each kernel at every processor level against its definition in double, over widths that fill no register.
 */
#include "nn/train_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support.h"

enum { ROWS = 5, MOST = 200 };
static const int64_t widths[] = {1, 7, 16, 45, 186};

static void fill(float *x, int64_t count, uint64_t stream) {
    for (int64_t i = 0; i < count; ++i) x[i] = (float)(2 * bb_random_normal(1, stream, (uint64_t)i));
}

typedef void check(const bb_train_kernels *k, int64_t dim);

static void at_every_level(check *one) {
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        for (size_t i = 0; i < sizeof widths / sizeof *widths; ++i) one(bb_train_kernels_get(), widths[i]);
    }
    bb_cpu_limit(bb_cpu_best());
}

/* y = gain normal + bias, and the gradient of sum(c y) by its formula in double. */
static void check_norm(const bb_train_kernels *k, int64_t dim) {
    float x[ROWS * MOST] = {0}, start[ROWS * MOST], y[ROWS * MOST], c[ROWS * MOST] = {0}, gain[MOST],
                   bias[MOST], inverse[ROWS];
    float gain_gradient[MOST] = {0}, bias_gradient[MOST] = {0};
    fill(x, ROWS * dim, 1);
    fill(c, ROWS * dim, 2);
    fill(gain, dim, 3);
    fill(bias, dim, 4);
    memcpy(start, x, sizeof x);
    k->norm_forward(x, ROWS, dim, gain, bias, inverse, y);
    float dx[ROWS * MOST];
    memcpy(dx, c, sizeof dx);
    k->norm_backward(dx, ROWS, dim, gain, x, inverse, gain_gradient, bias_gradient);
    for (int r = 0; r < ROWS; ++r) {
        const float *row = start + r * dim;
        double mean = 0, variance = 0, g_mean = 0, g_slope = 0;
        for (int64_t d = 0; d < dim; ++d) mean += row[d] / (double)dim;
        for (int64_t d = 0; d < dim; ++d) variance += (row[d] - mean) * (row[d] - mean) / (double)dim;
        const double scale = 1 / sqrt(variance + 1e-5);
        for (int64_t d = 0; d < dim; ++d) {
            const double g = (double)c[r * dim + d] * gain[d];
            g_mean += g / (double)dim;
            g_slope += g * (row[d] - mean) * scale / (double)dim;
        }
        for (int64_t d = 0; d < dim; ++d) {
            const double normal = (row[d] - mean) * scale, g = (double)c[r * dim + d] * gain[d];
            /* float32 sums over up to 200 values of some 5 */
            assert_at_most(fabs(y[r * dim + d] - (normal * gain[d] + bias[d])), 2e-5);
            assert_at_most(fabs(dx[r * dim + d] - (g - g_mean - normal * g_slope) * scale),
                           1e-4 * (1 + scale));
        }
    }
    for (int64_t d = 0; d < dim; ++d) {
        double sum = 0;
        for (int r = 0; r < ROWS; ++r) sum += c[r * dim + d];
        assert_at_most(fabs(bias_gradient[d] - sum), 1e-5);
    }
}

static void check_gelu(const bb_train_kernels *k, int64_t dim) {
    float x[MOST] = {0}, y[MOST], dy[MOST] = {0};
    for (int64_t i = 0; i < dim; ++i) {
        x[i] = (float)(-8 + 16.0 * (double)i / (double)dim);
        dy[i] = 1;
    }
    k->gelu_forward(x, dim, y);
    k->gelu_backward(x, dim, dy);
    for (int64_t i = 0; i < dim; ++i) {
        const double below = 0.5 * erfc(-x[i] / sqrt(2)), bell = exp(-0.5 * x[i] * x[i]) / sqrt(2 * M_PI);
        assert_at_most(fabs(y[i] - x[i] * below), 2e-6); /* erf to 1.5e-7, times up to 8, and float32 */
        assert_at_most(fabs(dy[i] - (below + x[i] * bell)), 1e-6);
    }
}

static void check_softmax(const bb_train_kernels *k, int64_t dim) {
    float x[ROWS * MOST] = {0}, p[ROWS * MOST], d[ROWS * MOST] = {0}, back[ROWS * MOST];
    fill(x, ROWS * dim, 5);
    fill(d, ROWS * dim, 6);
    memcpy(p, x, sizeof p);
    memcpy(back, d, sizeof back);
    k->softmax_forward(p, ROWS, dim, 0.7f);
    k->softmax_backward(p, ROWS, dim, 0.7f, back);
    for (int r = 0; r < ROWS; ++r) {
        double sum = 0, mean = 0;
        for (int64_t i = 0; i < dim; ++i) sum += exp(0.7f * (double)x[r * dim + i]);
        for (int64_t i = 0; i < dim; ++i) mean += exp(0.7f * (double)x[r * dim + i]) / sum * d[r * dim + i];
        for (int64_t i = 0; i < dim; ++i) {
            const double expected = exp(0.7f * (double)x[r * dim + i]) / sum;
            assert_at_most(fabs(p[r * dim + i] - expected), 1e-6);
            assert_at_most(fabs(back[r * dim + i] - 0.7 * expected * (d[r * dim + i] - mean)), 3e-6);
        }
    }
}

static void check_sums(const bb_train_kernels *k, int64_t dim) {
    float x[ROWS * MOST] = {0}, y[MOST] = {0}, bias[MOST], before[ROWS * MOST], sums[MOST];
    fill(x, ROWS * dim, 7);
    fill(y, dim, 8);
    fill(bias, dim, 9);
    memcpy(before, x, sizeof x);
    memcpy(sums, y, sizeof y);
    k->add_bias(x, ROWS, dim, bias);
    for (int64_t i = 0; i < ROWS * dim; ++i) assert_true(x[i] == before[i] + bias[i % dim]);
    k->add(before, dim, sums);
    for (int64_t i = 0; i < dim; ++i) assert_true(sums[i] == y[i] + before[i]);
}

static uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Of the two bf16 around a number the nearer one, of two equally near ones the even one; the one after the
 * largest stands for infinity. */
static uint16_t bf16_of(float x) {
    const uint16_t below = (uint16_t)(bits_of(x) >> 16), above = (uint16_t)(below + 1);
    if ((bits_of(x) & 0xffff) == 0) return below;
    const bool last = (above & 0x7fff) == 0x7f80;
    const double low = float_of((uint32_t)below << 16),
                 high = last ? copysign(ldexp(1, 128), x) : float_of((uint32_t)above << 16);
    const double to_low = fabs(x - low), to_high = fabs(high - x);
    if (to_low == to_high) return below & 1 ? above : below;
    return to_low < to_high ? below : above;
}

/* Ties of both kinds, what rounds up into the next power of two or to infinity, the smallest numbers, NaN
 * whose upper half alone would be infinite, and random bits. */
static void check_bf16(const bb_train_kernels *k, int64_t dim) {
    static const uint32_t edges[] = {
        0,          0x80000000, 0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0x3f817fff, 0x3fffffff,
        0x7f7f8000, 0x7f7f7fff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7f800001, 0xff80ffff, 0x7fffffff,
        0xffffffff, 1,          0x8000,     0x18000,    0x807fffff, 0x00ffffff,
    };
    enum { EDGES = sizeof edges / sizeof *edges, GUARD = 0x5555 };
    float x[MOST], rounded[MOST + 1];
    uint16_t halves[MOST + 1];
    for (uint64_t round = 0; round < 2 * EDGES; ++round) {
        for (int64_t i = 0; i < dim; ++i)
            x[i] = float_of(((uint64_t)i + round) % 2 ? edges[(round / 2 + (uint64_t)i) % EDGES]
                                                      : (uint32_t)(bb_random_bits(2, round, (uint64_t)i)));
        halves[dim] = GUARD;
        rounded[dim] = GUARD;
        k->to_bf16(x, dim, halves);
        k->round_to_bf16(x, dim, rounded);
        assert_true(halves[dim] == GUARD && rounded[dim] == GUARD);
        for (int64_t i = 0; i < dim; ++i) {
            assert_int_equal(bits_of(rounded[i]), (uint32_t)halves[i] << 16);
            if (isnan(x[i]))
                assert_true(isnan(rounded[i]));
            else
                assert_int_equal(halves[i], bf16_of(x[i]));
        }
    }
}

static void layer_norm_agrees(void **state) { (void)state, at_every_level(check_norm); }
static void gelu_agrees(void **state) { (void)state, at_every_level(check_gelu); }
static void softmax_agrees(void **state) { (void)state, at_every_level(check_softmax); }
static void sums_agree(void **state) { (void)state, at_every_level(check_sums); }
static void bf16_agrees(void **state) { (void)state, at_every_level(check_bf16); }

/* MurmurHash3's finaliser with the key's halves before and inside it. */
static bool drops(uint64_t key, uint32_t threshold, uint32_t place) {
    uint32_t h = place + (uint32_t)key;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = ((h ^ h >> 13) + (uint32_t)(key >> 32)) * 0xc2b2ae35u;
    return (h ^ h >> 16) < threshold;
}

static void check_dropout(const bb_train_kernels *k, int64_t dim) {
    const uint64_t key = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)dim;
    float x[MOST], start[MOST] = {0};
    fill(start, dim, 1);
    memcpy(x, start, sizeof x);
    k->dropout(key, 1u << 30, 1.25f, dim, x);
    for (int64_t i = 0; i < dim; ++i)
        assert_true(x[i] == (drops(key, 1u << 30, (uint32_t)i) ? 0 : start[i] * 1.25f));
}

static void dropout_agrees(void **state) {
    (void)state;
    at_every_level(check_dropout);
}

/* Neither places that follow each other nor keys that do go together. */
static void dropout_is_random(void **state) {
    (void)state;
    enum { KEYS = 64, PLACES = 4096, PAIRS = KEYS * PLACES };
    static float x[KEYS][PLACES];
    const double p = 0.1;
    double all = 0, neighbours = 0, keys = 0;
    for (int key = 0; key < KEYS; ++key) {
        for (int i = 0; i < PLACES; ++i) x[key][i] = 1;
        bb_train_kernels_get()->dropout(bb_random_bits(1, 2, (uint64_t)key), (uint32_t)(p * 0x1p32), 1,
                                        PLACES, x[key]);
    }
    for (int key = 0; key < KEYS; ++key)
        for (int i = 0; i < PLACES; ++i) {
            const bool gone = x[key][i] == 0;
            all += gone;
            neighbours += gone && x[key][(i + 1) % PLACES] == 0;
            keys += gone && x[(key + 1) % KEYS][i] == 0;
        }
    /* five standard deviations of so many draws */
    assert_at_most(fabs(all / PAIRS - p), 5 * sqrt(p * (1 - p) / PAIRS));
    assert_at_most(fabs(neighbours / PAIRS - p * p), 5 * sqrt(p * p / PAIRS));
    assert_at_most(fabs(keys / PAIRS - p * p), 5 * sqrt(p * p / PAIRS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_norm_agrees), cmocka_unit_test(gelu_agrees),
        cmocka_unit_test(softmax_agrees),    cmocka_unit_test(sums_agree),
        cmocka_unit_test(dropout_agrees),    cmocka_unit_test(dropout_is_random),
        cmocka_unit_test(bf16_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
