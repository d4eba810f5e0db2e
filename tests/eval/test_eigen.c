#include "eval/eigen.h"

#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "support.h"

static double *symmetric_matrix(int64_t n, uint64_t seed) {
    double *a = bb_calloc((size_t)(n * n), sizeof *a);
    assert_non_null(a);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j <= i; ++j)
            a[i * n + j] = a[j * n + i] = bb_random_normal(seed, (uint64_t)i, (uint64_t)j);
    return a;
}

/* The second difference on n points has the eigenvalues 2 - 2 cos(k pi / (n + 1)). The bound is LAPACK's: a
 * small multiple of n * 2^-53 times the largest value, which is below 4. */
static void second_difference_has_its_known_values(void **state) {
    (void)state;
    enum { N = 300 };
    for (int vectors = 0; vectors < 2; ++vectors) {
        double *a = bb_calloc((size_t)N * N, sizeof *a), values[N];
        for (int i = 0; i < N; ++i) {
            a[i * N + i] = 2;
            if (i) a[i * N + i - 1] = a[(i - 1) * N + i] = -1;
        }
        assert_ok((vectors ? bb_eigen_symmetric : bb_eigen_symmetric_values)(a, N, values, e));
        for (int k = 0; k < N; ++k)
            assert_at_most(fabs(values[k] - (2 - 2 * cos((N - k) * M_PI / (N + 1)))), 4 * N * 0x1p-53);
        bb_free(a);
    }
}

/* The rows are orthonormal, and A v = lambda v. Entries are normal, so that the norm of A is near 2 sqrt(n).
 */
static void vectors_are_rows_and_belong_to_their_values(void **state) {
    (void)state;
    enum { N = 97 };
    double *a = symmetric_matrix(N, 3), *v = symmetric_matrix(N, 3), values[N];
    assert_ok(bb_eigen_symmetric(v, N, values, e));
    const double tolerance = N * 0x1p-53 * 2 * sqrt(N);
    for (int i = 0; i < N; ++i) {
        if (i) assert_true(values[i] <= values[i - 1]);
        for (int j = 0; j < N; ++j) {
            double dot = 0, product = 0;
            for (int k = 0; k < N; ++k) {
                dot += v[i * N + k] * v[j * N + k];
                product += a[j * N + k] * v[i * N + k];
            }
            assert_at_most(fabs(dot - (i == j)), tolerance);
            assert_at_most(fabs(product - values[i] * v[i * N + j]), tolerance);
        }
    }
    bb_free(a);
    bb_free(v);
}

static void only_one_triangle_is_read(void **state) {
    (void)state;
    double whole[4] = {2, 1, 1, 3}, half[4] = {2, NAN, 1, 3}, a[2], b[2];
    assert_ok(bb_eigen_symmetric(whole, 2, a, e));
    assert_ok(bb_eigen_symmetric(half, 2, b, e));
    assert_true(a[0] == b[0] && a[1] == b[1]);
    assert_at_most(fabs(a[0] - (5 + sqrt(5)) / 2), 1e-15);
}

static void several_threads_may_call_at_once(void **state) {
    (void)state;
    enum { N = 60, CALLS = 24 };
    double alone[N], *matrix = symmetric_matrix(N, 9);
    assert_ok(bb_eigen_symmetric(matrix, N, alone, e));
    int wrong = 0;
#pragma omp parallel for num_threads(4) reduction(+ : wrong)
    for (int c = 0; c < CALLS; ++c) {
        double *a = symmetric_matrix(N, 9), values[N];
        wrong += bb_eigen_symmetric(a, N, values, NULL) != BB_OK;
        for (int i = 0; i < N * N; ++i) wrong += fabs(a[i] - matrix[i]) > 1e-12; /* one path, one sign */
        for (int i = 0; i < N; ++i) wrong += fabs(values[i] - alone[i]) > 1e-12;
        bb_free(a);
    }
    assert_int_equal(wrong, 0);
    bb_free(matrix);
}

static void what_is_no_matrix_is_refused(void **state) {
    (void)state;
    double a[4] = {1, 0, NAN, 1}, values[2];
    assert_fails(bb_eigen_symmetric(a, 2, values, e), BB_ERR_ARGUMENT, "row 1, column 0");
    assert_fails(bb_eigen_symmetric_values(a, 0, values, e), BB_ERR_ARGUMENT, "order 0");
    assert_fails(bb_eigen_symmetric_values(a, (int64_t)1 << 40, values, e), BB_ERR_ARGUMENT, "expected 1 to");
    double one = -7;
    assert_ok(bb_eigen_symmetric(&one, 1, values, e));
    assert_true(one == 1 && values[0] == -7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_difference_has_its_known_values),
        cmocka_unit_test(vectors_are_rows_and_belong_to_their_values),
        cmocka_unit_test(only_one_triangle_is_read),
        cmocka_unit_test(several_threads_may_call_at_once),
        cmocka_unit_test(what_is_no_matrix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
