#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "brainbert/dimension.h"
#include "support.h"

static void agrees_with_scikit_learn(void **state) {
    (void)state;
    bb_array_f64 x = bb_golden_f64("pca_embeddings.npy"), expected = bb_golden_f64("pca_ratios.npy");
    cJSON *json;
    assert_ok(bb_json_read(bb_test_path("golden/pca.json"), &json, e));
    const int64_t n = x.shape[0], dim = x.shape[1], given = expected.shape[0];
    double *ratios = calloc((size_t)dim, sizeof *ratios), sum = 0;
    assert_ok(bb_pca_ratios(x.data, n, dim, 1, ratios, e));
    /* Eigenvalues of the product are off by a small multiple of 2^-53 of the largest. */
    assert_at_most(bb_max_error_f64(ratios, expected.data, (size_t)given), 1e-13);
    for (int64_t i = 0; i < dim; ++i) sum += ratios[i];
    assert_at_most(fabs(sum - 1), 1e-14);
    assert_int_equal(bb_intrinsic_dimension(ratios, given, 0.95),
                     cJSON_GetObjectItem(json, "dimension_95")->valueint);
    cJSON_Delete(json);
    free(ratios);
    bb_array_f64_free(&x);
    bb_array_f64_free(&expected);
}

/* n windows of `rank` cosines over the windows, which are centred and orthogonal, along orthogonal directions
 * (cosines over the columns), with variances weight[k], around a mean: the ratios are the weights over their
 * sum. */
static void make_known(double *x, int n, int dim, const double *weight, int rank) {
    for (int i = 0; i < n; ++i)
        for (int d = 0; d < dim; ++d) {
            x[i * dim + d] = 100 + d;
            for (int k = 0; k < rank; ++k)
                x[i * dim + d] += sqrt(weight[k]) * cos(M_PI * (k + 1) * (i + 0.5) / n) *
                                  cos(M_PI * (k + 1) * (d + 0.5) / dim);
        }
}

static void check_known(int n, int dim) {
    static const double weight[4] = {5, 2.5, 2, 0.5};
    double *x = calloc((size_t)(n * dim), sizeof *x);
    const int small = n < dim ? n : dim;
    double *ratios = calloc((size_t)small, sizeof *ratios);
    make_known(x, n, dim, weight, 4);
    assert_ok(bb_pca_ratios(x, n, dim, 2, ratios, e));
    /* The mean is a hundred times the deviations, so that these lose two decimals. */
    for (int k = 0; k < small; ++k) assert_at_most(fabs(ratios[k] - (k < 4 ? weight[k] / 10 : 0)), 1e-13);
    assert_int_equal(bb_intrinsic_dimension(ratios, small, 0.95 + 1e-9), 4);
    assert_int_equal(bb_intrinsic_dimension(ratios, small, 0.95 - 1e-9), 3);
    assert_int_equal(bb_intrinsic_dimension(ratios, small, 0.4), 1);
    free(x);
    free(ratios);
}

static void known_variances_come_out(void **state) {
    (void)state;
    check_known(200, 30); /* more windows than numbers */
    check_known(30, 200); /* and the other way round */
    check_known(40, 40);
}

static void floats_are_doubles_and_threads_do_not_matter(void **state) {
    (void)state;
    enum { ROWS = 50, COLUMNS = 37 };
    float x[ROWS * COLUMNS];
    double wide[ROWS * COLUMNS], a[COLUMNS], b[COLUMNS], c[COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; ++i) {
        x[i] = (float)bb_random_normal(1, 0, (uint64_t)i);
        wide[i] = (double)x[i];
    }
    assert_ok(bb_pca_ratios_f32(x, ROWS, COLUMNS, 1, a, e));
    assert_ok(bb_pca_ratios(wide, ROWS, COLUMNS, 3, b, e));
    assert_ok(bb_pca_ratios_f32(x, ROWS, COLUMNS, 0, c, e));
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(a, c, sizeof a);
}

static void what_has_no_components(void **state) {
    (void)state;
    double same[12], ratios[3] = {7, 7, 7}, odd[4] = {1, 2, INFINITY, 3};
    for (int i = 0; i < 12; ++i) same[i] = 0.1 + i % 3;
    assert_ok(bb_pca_ratios(same, 4, 3, 1, ratios, e)); /* constant columns, whose means are rounded */
    assert_true(ratios[0] == 0 && ratios[1] == 0 && ratios[2] == 0);
    assert_int_equal(bb_intrinsic_dimension(ratios, 3, 0.95), 0);
    assert_fails(bb_pca_ratios(odd, 2, 2, 1, ratios, e), BB_ERR_ARGUMENT, "column 0");
    assert_fails(bb_pca_ratios(same, 1, 3, 1, ratios, e), BB_ERR_ARGUMENT, "2 windows or more");
    assert_fails(bb_pca_ratios(same, 1 << 20, 1 << 20, 1, ratios, e), BB_ERR_ARGUMENT, "up to 16384");
}

/* As the published loop counts: never reached is all of them. */
static void dimension_by_hand(void **state) {
    (void)state;
    const double ratios[4] = {0.5, 0.25, 0.125, 0.0625};
    assert_int_equal(bb_intrinsic_dimension(ratios, 4, 0.5), 2); /* more than, not as much as */
    assert_int_equal(bb_intrinsic_dimension(ratios, 4, 0.49), 1);
    assert_int_equal(bb_intrinsic_dimension(ratios, 4, 0.95), 4);
    assert_int_equal(bb_intrinsic_dimension(ratios, 0, 0.95), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn),
        cmocka_unit_test(known_variances_come_out),
        cmocka_unit_test(floats_are_doubles_and_threads_do_not_matter),
        cmocka_unit_test(what_has_no_components),
        cmocka_unit_test(dimension_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
