/* Principal components: the variances alone. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/dimension.h"
#include "eval/eigen.h"

/* Sums run over so many partial sums at once, which the compiler keeps in vectors; a fixed number, so that
 * every processor adds in one order. */
enum { LANES = 8 };

static double dot(const double *a, const double *b, int64_t n) {
    double lanes[LANES] = {0}, sum = 0;
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int l = 0; l < LANES; ++l) lanes[l] += a[k + l] * b[k + l];
    for (; k < n; ++k) lanes[k % LANES] += a[k] * b[k];
    for (int l = 0; l < LANES; ++l) sum += lanes[l];
    return sum;
}

/* rows [m,k] -> the lower triangle of rows rows^T [m,m]. */
static void multiply_by_itself(const double *rows, int64_t m, int64_t k, int threads, double *product) {
#pragma omp parallel for schedule(dynamic, 4) num_threads(threads)
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j <= i; ++j) product[i * m + j] = dot(rows + i * k, rows + j * k, k);
}

typedef struct matrix {
    const double *doubles; /* [n,dim]; NULL: floats */
    const float *floats;
    int64_t n, dim;
} matrix;

static double at(const matrix *x, int64_t i, int64_t d) {
    const int64_t k = i * x->dim + d;
    return x->doubles ? x->doubles[k] : (double)x->floats[k];
}

/* x minus its columns' means, as rows of the smaller side: [n,dim], or turned [dim,n]. A constant column is
 * exactly 0, however its mean is rounded. */
static bb_status centre(const matrix *x, double *rows, bb_error *err) {
    for (int64_t d = 0; d < x->dim; ++d) {
        double mean = 0;
        bool varies = false;
        for (int64_t i = 0; i < x->n; ++i) {
            mean += at(x, i, d);
            varies = varies || at(x, i, d) != at(x, 0, d);
        }
        mean /= (double)x->n;
        if (!isfinite(mean))
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "principal components: column %lld is not finite, or too large", (long long)d);
        for (int64_t i = 0; i < x->n && varies; ++i)
            rows[x->dim <= x->n ? d * x->n + i : i * x->dim + d] = at(x, i, d) - mean;
    }
    return BB_OK;
}

/* Eigenvalues to shares of their sum. What is below 0 is rounding. */
static void share_out(double *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += values[i] = fmax(values[i], 0);
    for (int64_t i = 0; i < count; ++i) values[i] = sum > 0 ? values[i] / sum : 0;
}

static bool is_constant(const double *rows, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
        if (rows[i] != 0) return false;
    return true;
}

static bb_status find_ratios(const matrix *x, int threads, double *rows, double *product, double *ratios,
                             bb_error *err) {
    const int64_t small = x->n < x->dim ? x->n : x->dim, large = x->n + x->dim - small;
    BB_TRY(centre(x, rows, err));
    memset(ratios, 0, (size_t)small * sizeof *ratios);
    if (is_constant(rows, small * large)) return BB_OK;
    multiply_by_itself(rows, small, large, threads > 0 ? threads : omp_get_num_procs(), product);
    BB_TRY(bb_eigen_symmetric_values(product, small, ratios, err));
    share_out(ratios, small);
    return BB_OK;
}

static bb_status pca(const matrix *x, int threads, double *ratios, bb_error *err) {
    const int64_t small = x->n < x->dim ? x->n : x->dim;
    if (x->n < 2 || x->dim < 1 || small > BB_EIGEN_ORDER_MOST)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "principal components: expected 2 windows or more, and up to %d of these or of their "
                       "numbers, found %lld windows of %lld",
                       BB_EIGEN_ORDER_MOST, (long long)x->n, (long long)x->dim);
    double *rows = bb_calloc((size_t)x->n, (size_t)x->dim * sizeof *rows);
    double *product = bb_calloc((size_t)(small * small), sizeof *product);
    const bb_status status =
        rows && product
            ? find_ratios(x, threads, rows, product, ratios, err)
            : bb_fail(err, BB_ERR_MEMORY, "principal components: no memory for %lld windows of %lld",
                      (long long)x->n, (long long)x->dim);
    bb_free(rows);
    bb_free(product);
    return status;
}

bb_status bb_pca_ratios(const double *x, int64_t n, int64_t dim, int threads, double *ratios, bb_error *err) {
    return pca(&(matrix){.doubles = x, .n = n, .dim = dim}, threads, ratios, err);
}

bb_status bb_pca_ratios_f32(const float *x, int64_t n, int64_t dim, int threads, double *ratios,
                            bb_error *err) {
    return pca(&(matrix){.floats = x, .n = n, .dim = dim}, threads, ratios, err);
}

int64_t bb_intrinsic_dimension(const double *ratios, int64_t count, double share) {
    double sum = 0;
    for (int64_t d = 0; d < count; ++d) {
        if (sum > share) return d;
        sum += ratios[d];
    }
    return sum > 0 ? count : 0;
}
