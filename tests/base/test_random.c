#include "base/random.h"

#include "support.h"

enum { DRAWS = 1 << 20 };

/* With seed and stream 0 the key is 0, and what comes out is splitmix64 from state 0, whose first values are
 * published with the algorithm; the others were worked out by whole-number arithmetic of another language. */
static void bits_are_the_known_ones(void **state) {
    (void)state;
    assert_true(bb_random_bits(0, 0, 0) == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(bb_random_bits(0, 0, 1) == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(bb_random_bits(1, 0, 0) == UINT64_C(0xa706dd2f4d197e6f));
    assert_true(bb_random_bits(0, 1, 0) == UINT64_C(0xbfef8030ddc2d772));
    assert_true(bb_random_bits(7, 3, 1000000007) == UINT64_C(0x6c27f36de33294c1));
    assert_true(bb_random_bits(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_C(0x4dab2c1ce9210c4c));
}

static void uniforms_are_the_upper_bits(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 1000; ++i) {
        const double u = bb_random_uniform(5, 2, i);
        assert_true(u >= 0 && u < 1);
        assert_true(u == (double)(bb_random_bits(5, 2, i) / 2048) / 9007199254740992.0);
    }
}

/* The mean of n draws of standard deviation s lies within 5 s / sqrt(n) of the true one but for one seed in
 * a million; so does the variance, whose draws have a standard deviation of sqrt(1/180) and sqrt(2). The seed
 * is fixed, so that this passes always or never. */
static void uniforms_have_their_mean_and_variance(void **state) {
    (void)state;
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < DRAWS; ++i) {
        const double u = bb_random_uniform(11, 4, i) - 0.5;
        sum += u;
        squares += u * u;
    }
    assert_at_most(fabs(sum / DRAWS), 5 * sqrt(1.0 / 12 / DRAWS));
    assert_at_most(fabs(squares / DRAWS - 1.0 / 12), 5 * sqrt(1.0 / 180 / DRAWS));
}

static void normals_have_their_moments_and_tails(void **state) {
    (void)state;
    double sum = 0, squares = 0, fourths = 0;
    int beyond = 0;
    for (uint64_t i = 0; i < DRAWS; ++i) {
        const double x = bb_random_normal(11, 4, i);
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
        beyond += fabs(x) > 2;
    }
    assert_at_most(fabs(sum / DRAWS), 5 * sqrt(1.0 / DRAWS));
    assert_at_most(fabs(squares / DRAWS - 1), 5 * sqrt(2.0 / DRAWS));
    /* E x^8 - (E x^4)^2 = 105 - 9. */
    assert_at_most(fabs(fourths / DRAWS - 3), 5 * sqrt(96.0 / DRAWS));
    const double p = erfc(2 / sqrt(2.0));
    assert_at_most(fabs(beyond / (double)DRAWS - p), 5 * sqrt(p * (1 - p) / DRAWS));
}

/* Neighbouring seeds, streams and indices have nothing to do with each other: a correlation of n pairs is
 * 1 / sqrt(n) large by chance. */
static void neighbours_are_not_correlated(void **state) {
    (void)state;
    double products[3] = {0};
    for (uint64_t i = 0; i < DRAWS; ++i) {
        const double x = bb_random_normal(1, 1, i);
        products[0] += x * bb_random_normal(2, 1, i);
        products[1] += x * bb_random_normal(1, 2, i);
        products[2] += x * bb_random_normal(1, 1, i + 1);
    }
    for (int k = 0; k < 3; ++k) assert_at_most(fabs(products[k] / DRAWS), 5 * sqrt(1.0 / DRAWS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_the_known_ones),
        cmocka_unit_test(uniforms_are_the_upper_bits),
        cmocka_unit_test(uniforms_have_their_mean_and_variance),
        cmocka_unit_test(normals_have_their_moments_and_tails),
        cmocka_unit_test(neighbours_are_not_correlated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
