#include "nn/vector_kernels.h"

#include "numbers.h"

static void the_level_chooses_the_kernels(void **state) {
    (void)state;
    bb_cpu_limit(BB_CPU_PORTABLE);
    assert_ptr_equal(bb_vector_kernels_get(), &bb_vector_kernels_portable);
    assert_int_equal(bb_cpu_current(), BB_CPU_PORTABLE);
    bb_cpu_limit(bb_cpu_best());
    assert_int_equal(bb_cpu_current(), bb_cpu_best());
}

/* ---------------------------------------------------------------- layer norm and mean */

/* Values of sd 3 around 2. The mean and the variance are sums of up to 771 floats: some 1e-6 relative. */
static void check_layer_norm(void) {
    const bb_vector_kernels *k = bb_vector_kernels_get();
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
static void check_constant_rows(void) {
    const bb_vector_kernels *k = bb_vector_kernels_get();
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
static void check_mean_rows(void) {
    const bb_vector_kernels *k = bb_vector_kernels_get();
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
        cmocka_unit_test(layer_norm_agrees_with_the_formula),
        cmocka_unit_test(a_constant_row_gives_the_bias),
        cmocka_unit_test(mean_rows_agrees_with_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
