#include "nn/vector_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support.h"

enum { GUARD = 64 }; /* floats behind every output that must stay as they were */
static const float guard_value = 12345;

static float *random_floats(int64_t count, uint64_t stream, double scale) {
    float *x = malloc((size_t)(count + GUARD) * sizeof *x);
    for (int64_t i = 0; i < count + GUARD; ++i)
        x[i] = i < count ? (float)(scale * bb_random_normal(1, stream, (uint64_t)i)) : guard_value;
    return x;
}

static void assert_guarded(const float *x, int64_t count) {
    for (int64_t i = count; i < count + GUARD; ++i) assert_true(x[i] == guard_value);
}

/* Runs `check` with the kernels of every level of this processor. */
static void at_every_level(void (*check)(const bb_vector_kernels *k)) {
    for (bb_cpu_level level = BB_CPU_PORTABLE; level <= bb_cpu_best(); ++level) {
        bb_cpu_limit(level);
        check(bb_vector_kernels_get());
    }
    bb_cpu_limit(bb_cpu_best());
}

static void the_level_chooses_the_kernels(void **state) {
    (void)state;
    bb_cpu_limit(BB_CPU_PORTABLE);
    assert_ptr_equal(bb_vector_kernels_get(), &bb_vector_kernels_portable);
    assert_int_equal(bb_cpu_current(), BB_CPU_PORTABLE);
    bb_cpu_limit(bb_cpu_best());
    assert_int_equal(bb_cpu_current(), bb_cpu_best());
}

/* ---------------------------------------------------------------- attention */

/* One row of softmax(scale q k^T) v in double; returns the largest |score|. */
static double reference_row(const bb_attention *a, int64_t row, double *out) {
    double *weights = malloc((size_t)a->frames * sizeof *weights), top = -INFINITY, largest = 0, sum = 0;
    for (int64_t t = 0; t < a->frames; ++t) {
        weights[t] = 0;
        for (int64_t d = 0; d < a->dim; ++d)
            weights[t] +=
                (double)a->query[row * a->query_stride + d] * (double)a->key[t * a->key_value_stride + d];
        weights[t] *= (double)a->scale;
        top = fmax(top, weights[t]);
        largest = fmax(largest, fabs(weights[t]));
    }
    for (int64_t t = 0; t < a->frames; ++t) sum += weights[t] = exp(weights[t] - top);
    for (int64_t d = 0; d < a->dim; ++d) {
        out[d] = 0;
        for (int64_t t = 0; t < a->frames; ++t)
            out[d] += weights[t] / sum * (double)a->value[t * a->key_value_stride + d];
    }
    free(weights);
    return largest;
}

/* Queries, keys and values in rows of `stride` floats, as the encoder keeps all heads side by side; what lies
 * between the heads must be neither read nor written. */
typedef struct operands {
    float *query, *key_value, *out, *scratch;
    bb_attention a;
} operands;

static operands make_operands(const bb_vector_kernels *k, int64_t rows, int64_t frames, int64_t dim,
                              int64_t gap, double query_scale) {
    const int64_t stride = dim + gap, pair = 2 * dim + gap;
    operands o = {.query = random_floats(rows * stride, 1, query_scale),
                  .key_value = random_floats(frames * pair, 2, 1),
                  .out = random_floats(rows * stride, 3, 0)};
    for (int64_t i = 0; i < rows * stride; ++i) {
        o.out[i] = guard_value;
        if (i % stride >= dim) o.query[i] = NAN;
    }
    for (int64_t i = 0; i < frames * pair; ++i)
        if (i % pair >= 2 * dim) o.key_value[i] = NAN;
    const size_t scratch = k->attention_scratch(frames, dim);
    o.scratch = aligned_alloc(64, (scratch * sizeof(float) + 63) / 64 * 64);
    for (size_t i = 0; i < scratch; ++i) o.scratch[i] = NAN; /* nothing is taken from the call before */
    o.a = (bb_attention){.query = o.query,
                         .query_stride = stride,
                         .query_rows = rows,
                         .key = o.key_value,
                         .value = o.key_value + dim,
                         .key_value_stride = pair,
                         .frames = frames,
                         .dim = dim,
                         .scale = 1.0f / sqrtf((float)dim),
                         .out = o.out,
                         .out_stride = stride};
    return o;
}

static void free_operands(operands *o) {
    free(o->query);
    free(o->key_value);
    free(o->out);
    free(o->scratch);
}

/* A score of size s is a float32 sum of `dim` products and is off by up to dim * 2^-24 * s at worst, by the
 * root of that many roundings in practice (4 of them allowed); a weight is off by as much relative to itself,
 * and values are up to 4. The mean over frames, the exponential's polynomial and its sum add some 2e-6. */
static void check_against_reference(const operands *o, int64_t dim) {
    double expected[128];
    for (int64_t i = 0; i < o->a.query_rows; ++i) {
        const double largest = reference_row(&o->a, i, expected);
        const double bound = 4e-6 + 4 * 4 * sqrt((double)dim) * 0x1p-24 * largest;
        for (int64_t d = 0; d < dim; ++d)
            assert_at_most(fabs((double)o->out[i * o->a.out_stride + d] - expected[d]), bound);
        for (int64_t d = dim; d < o->a.out_stride; ++d)
            assert_true(o->out[i * o->a.out_stride + d] == guard_value);
    }
    assert_guarded(o->out, o->a.query_rows * o->a.out_stride);
}

static void check_attention(const bb_vector_kernels *k, int64_t rows, int64_t frames, int64_t dim,
                            int64_t gap, double query_scale) {
    operands o = make_operands(k, rows, frames, dim, gap, query_scale);
    k->attention(&o.a, o.scratch);
    check_against_reference(&o, dim);
    free_operands(&o);
}

static void check_attention_shapes(const bb_vector_kernels *k) {
    const int64_t dims[] = {1, 7, 12, 32, 64, 65}, frames[] = {1, 5, 16, 186, 200};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; ++d)
        for (size_t t = 0; t < sizeof frames / sizeof *frames; ++t)
            for (int64_t rows = 1; rows <= 13; ++rows)
                check_attention(k, rows, frames[t], dims[d], rows % 3 * 5, 1);
    check_attention(k, 186, 186, 64, 704, 1);
}

static void attention_agrees_with_the_formula(void **state) {
    (void)state;
    at_every_level(check_attention_shapes);
}

/* Scores of some +-1e4: one frame takes all, and nothing overflows. */
static void check_large_scores(const bb_vector_kernels *k) {
    check_attention(k, 6, 186, 64, 3, 3e3);
    check_attention(k, 6, 5, 7, 3, 1e4);
    const float query[2] = {100, 100},
                key_value[4 * 4] = {100, 0, 1, 2, -100, 0, 3, 4, 0, 0, 5, 6e10f, 99, 0, 7, 8};
    float out[2], scratch[4096];
    k->attention(&(bb_attention){.query = query,
                                 .query_rows = 1,
                                 .query_stride = 2,
                                 .key = key_value,
                                 .value = key_value + 2,
                                 .key_value_stride = 4,
                                 .frames = 4,
                                 .dim = 2,
                                 .scale = 1,
                                 .out = out,
                                 .out_stride = 2},
                 scratch);
    /* Scores 1e4, -1e4, 0 and 9900: the others weigh less than 1e-37 each, times 6e10. */
    assert_at_most(fabs((double)out[0] - 1), 1e-6);
    assert_at_most(fabs((double)out[1] - 2), 1e-6);
}

static void large_scores_do_not_overflow(void **state) {
    (void)state;
    at_every_level(check_large_scores);
}

/* A query of zeros meets every frame equally: the mean of the values, to float32's rounding of a sum. */
static void check_equal_scores(const bb_vector_kernels *k) {
    const int64_t frames[] = {1, 5, 186, 200};
    for (size_t i = 0; i < 4; ++i) {
        operands o = make_operands(k, 5, frames[i], 12, 1, 0);
        k->attention(&o.a, o.scratch);
        for (int64_t d = 0; d < 12; ++d) {
            double mean = 0;
            for (int64_t t = 0; t < frames[i]; ++t)
                mean += (double)o.a.value[t * o.a.key_value_stride + d] / (double)frames[i];
            for (int64_t r = 0; r < 5; ++r)
                assert_at_most(fabs((double)o.out[r * o.a.out_stride + d] - mean), 1e-6);
        }
        free_operands(&o);
    }
}

static void equal_scores_give_the_mean(void **state) {
    (void)state;
    at_every_level(check_equal_scores);
}

/* ---------------------------------------------------------------- layer norm and mean */

/* Values of sd 3 around 2. The mean and the variance are sums of up to 771 floats: some 1e-6 relative. */
static void check_layer_norm(const bb_vector_kernels *k) {
    const int64_t dims[] = {1, 2, 7, 15, 16, 17, 35, 384, 768, 771};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; ++i) {
        const int64_t dim = dims[i], rows = 5;
        float *x = random_floats(rows * dim, 4, 3), *gain = random_floats(dim, 5, 1),
              *bias = random_floats(dim, 6, 1), *found = malloc((size_t)(rows * dim + GUARD) * sizeof *found);
        for (int64_t j = 0; j < rows * dim; ++j) x[j] += 2;
        memcpy(found, x, (size_t)(rows * dim + GUARD) * sizeof *found);
        k->layer_norm(found, rows, dim, gain, bias);
        for (int64_t r = 0; r < rows; ++r) {
            double mean = 0, variance = 0;
            for (int64_t d = 0; d < dim; ++d) mean += (double)x[r * dim + d] / (double)dim;
            for (int64_t d = 0; d < dim; ++d) variance += pow((double)x[r * dim + d] - mean, 2) / (double)dim;
            for (int64_t d = 0; d < dim; ++d)
                assert_at_most(
                    fabs((double)found[r * dim + d] -
                         (((double)x[r * dim + d] - mean) / sqrt(variance + 1e-5) * (double)gain[d] +
                          (double)bias[d])),
                    1e-5);
        }
        assert_guarded(found, rows * dim);
        free(x);
        free(gain);
        free(bias);
        free(found);
    }
}

static void layer_norm_agrees_with_the_formula(void **state) {
    (void)state;
    at_every_level(check_layer_norm);
}

/* No variance: the bias comes out, but for the mean's rounding (2^-22 of the value at most), which the 1e-5
 * under the root multiplies by 316. */
static void check_constant_rows(const bb_vector_kernels *k) {
    const float values[] = {0, 1, -0.1f, 3.7f, 100.3f};
    float x[35], gain[35], bias[35];
    for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
        for (int d = 0; d < 35; ++d) x[d] = values[i], gain[d] = 2, bias[d] = (float)d;
        k->layer_norm(x, 1, 35, gain, bias);
        for (int d = 0; d < 35; ++d)
            assert_at_most(fabs((double)x[d] - d), 4e-6 + 2 * 317 * 0x1p-22 * fabs((double)values[i]));
    }
}

static void a_constant_row_gives_the_bias(void **state) {
    (void)state;
    at_every_level(check_constant_rows);
}

/* Float32 sums of up to 186 values around 1. */
static void check_mean_rows(const bb_vector_kernels *k) {
    const int64_t dims[] = {1, 7, 16, 35, 768}, rows[] = {1, 2, 10, 186};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; ++i)
        for (size_t j = 0; j < sizeof rows / sizeof *rows; ++j) {
            float *x = random_floats(rows[j] * dims[i], 7, 1), *out = random_floats(dims[i], 8, 0);
            k->mean_rows(x, rows[j], dims[i], out);
            for (int64_t d = 0; d < dims[i]; ++d) {
                double mean = 0;
                for (int64_t r = 0; r < rows[j]; ++r) mean += (double)x[r * dims[i] + d] / (double)rows[j];
                assert_at_most(fabs((double)out[d] - mean), 1e-6);
            }
            assert_guarded(out, dims[i]);
            free(x);
            free(out);
        }
}

static void mean_rows_agrees_with_the_formula(void **state) {
    (void)state;
    at_every_level(check_mean_rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_chooses_the_kernels),
        cmocka_unit_test(attention_agrees_with_the_formula),
        cmocka_unit_test(large_scores_do_not_overflow),
        cmocka_unit_test(equal_scores_give_the_mean),
        cmocka_unit_test(layer_norm_agrees_with_the_formula),
        cmocka_unit_test(a_constant_row_gives_the_bias),
        cmocka_unit_test(mean_rows_agrees_with_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
