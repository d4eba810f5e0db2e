/* What the product kernels do beside products (test_packed.c): formats and the softmax's exponentials. */
#include "nn/product_kernels.h"

#include "numbers.h"

static void the_level_chooses_the_kernels(void **state) {
    (void)state;
    bb_cpu_limit(BB_CPU_PORTABLE);
    assert_ptr_equal(bb_product_kernels_get(), &bb_product_kernels_portable);
    bb_cpu_limit(bb_cpu_best());
    const bb_product_kernels *k = bb_product_kernels_get();
    assert_true(k->rows <= BB_TILE_ROWS && k->columns <= BB_TILE_COLUMNS);
    assert_true(k->units[BB_FORMAT_INT8] == (bb_cpu_best() >= BB_CPU_AVX512_VNNI));
    assert_true(k->units[BB_FORMAT_BF16] == (bb_cpu_best() >= BB_CPU_AVX512_BF16));
}

static void check_bf16(void) {
    const int64_t counts[] = {1, 2, 15, 16, 17, 33, 768};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
        const int64_t n = counts[i];
        float *x = random_floats(n, 1, 3);
        const float ties[] = {1.00390625f, 1.01171875f, -0.0f, INFINITY, 3.4e38f, 1e-30f};
        for (int64_t k = 0; k < n && k < 6; ++k) x[k] = ties[k];
        uint16_t y[770];
        memset(y, 0x55, sizeof y);
        bb_product_kernels_get()->to_bf16(x, n, (uint32_t *)y);
        for (int64_t k = 0; k < n; ++k) assert_int_equal(y[k], nearest_bf16(x[k]));
        if (n % 2) assert_int_equal(y[n], 0);
        assert_int_equal(y[n + n % 2], 0x5555);
        x[0] = NAN;
        bb_product_kernels_get()->to_bf16(x, n, (uint32_t *)y);
        assert_true(isnan(float_from_bf16(y[0])));
        free(x);
    }
}

static void bf16_is_the_nearest(void **state) {
    (void)state;
    at_every_level(check_bf16);
}

/* Every number within half a step, the ends exactly on one (to float32's rounding of 255 steps). */
static void check_bytes_from(bb_format from) {
    const int64_t counts[] = {1, 2, 3, 16, 17, 35, 768};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
        const int64_t n = counts[i];
        float *x = random_floats(n, 2, 3);
        bb_words source = make_words(from, 1, n, x), bytes = make_words(BB_FORMAT_INT8, 1, n, NULL);
        bb_product_kernels_get()->to_bytes(from, source.words, n, bytes.words, bytes.scale, bytes.offset);
        double low = INFINITY, high = -INFINITY;
        for (int64_t k = 0; k < n; ++k) {
            low = fmin(low, number_at(&source, 0, k));
            high = fmax(high, number_at(&source, 0, k));
        }
        assert_at_most(fabs((double)bytes.offset[0] - low), 0);
        assert_at_most(fabs((double)bytes.scale[0] * 255 - (high - low)), 1e-5);
        for (int64_t k = 0; k < n; ++k)
            assert_at_most(fabs(number_at(&bytes, 0, k) - number_at(&source, 0, k)),
                           0.501 * (double)bytes.scale[0] + 1e-6);
        for (int64_t k = n; k % 4; ++k) assert_int_equal(((const uint8_t *)bytes.words)[k], 0);
        free(x);
        free_words(&source);
        free_words(&bytes);
    }
}

static void check_bytes(void) {
    check_bytes_from(BB_FORMAT_F32);
    check_bytes_from(BB_FORMAT_BF16);
}

static void bytes_are_the_nearest_steps(void **state) {
    (void)state;
    at_every_level(check_bytes);
}

/* Float32: the polynomial's 1e-7, and what the exponent is off by, some roundings of a number of its size (up
 * to 60); bf16: rounding by 2^-8 and the polynomial's 8e-5. */
static void check_exponentials(void) {
    const bb_product_kernels *k = bb_product_kernels_get();
    const int64_t counts[] = {1, 2, 31, 186};
    for (bb_format to = BB_FORMAT_F32; to <= BB_FORMAT_BF16; ++to)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
            const int64_t n = counts[i], padded = (n + k->columns - 1) / k->columns * k->columns;
            float *scores = random_floats(padded, 5, 20), start[256];
            memcpy(start, scores, (size_t)padded * sizeof *scores);
            bb_words words = make_words(to, 1, padded, NULL);
            const double sum = (double)k->exponentiate(scores, n, padded, 0.5f, to, words.words);
            double top = -INFINITY, total = 0;
            for (int64_t t = 0; t < n; ++t) top = fmax(top, (double)start[t]);
            for (int64_t t = 0; t < n; ++t) {
                const double power = 0.5 * ((double)start[t] - top), wanted = exp(power);
                const double float32 = 4e-7 - 4 * 0x1p-24 * power;
                total += wanted;
                assert_at_most(fabs(number_at(&words, 0, t) - wanted),
                               1e-30 + wanted * (float32 + (to == BB_FORMAT_F32 ? 0 : 0x1p-8 + 1e-4)));
            }
            for (int64_t t = n; t < padded; ++t) assert_true(number_at(&words, 0, t) == 0);
            assert_at_most(fabs(sum / total - 1), to == BB_FORMAT_F32 ? 2e-6 : 1e-4);
            free(scores);
            free_words(&words);
        }
}

static void exponentials_agree_with_the_formula(void **state) {
    (void)state;
    at_every_level(check_exponentials);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_chooses_the_kernels),
        cmocka_unit_test(bf16_is_the_nearest),
        cmocka_unit_test(bytes_are_the_nearest_steps),
        cmocka_unit_test(exponentials_agree_with_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
