#include "eval/eigen.h"

#include <lapacke.h>
#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"

static bb_status check_matrix(const double *a, int64_t n, bb_error *err) {
    if (n < 1 || n > BB_EIGEN_ORDER_MOST)
        return bb_fail(err, BB_ERR_ARGUMENT, "eigenvalues of a matrix of order %lld, expected 1 to %d",
                       (long long)n, BB_EIGEN_ORDER_MOST);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j <= i; ++j)
            if (!isfinite(a[i * n + j]))
                return bb_fail(err, BB_ERR_ARGUMENT,
                               "eigenvalues: row %lld, column %lld of the matrix is not finite", (long long)i,
                               (long long)j);
    return BB_OK;
}

/* LAPACK counts columns first: its upper triangle is our lower one, and its column i, an eigenvector, our row
 * i. The *_work call, since the other one reads the environment. */
static lapack_int decompose(char job, double *a, int64_t n, double *values, bool *out_of_memory) {
    const lapack_int order = (lapack_int)n;
    double size = 0;
    lapack_int whole_size = 0;
    lapack_int info =
        LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'U', order, a, order, values, &size, -1, &whole_size, -1);
    if (info != 0) return info;
    double *work = bb_calloc((size_t)size, sizeof *work);
    lapack_int *whole_work = bb_calloc((size_t)whole_size, sizeof *whole_work);
    *out_of_memory = !work || !whole_work;
    if (!*out_of_memory)
        info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, job, 'U', order, a, order, values, work,
                                   (lapack_int)size, whole_work, whole_size);
    bb_free(work);
    bb_free(whole_work);
    return info;
}

static void swap(double *a, double *b) {
    const double kept = *a;
    *a = *b;
    *b = kept;
}

/* LAPACK's values ascend. */
static void reverse_order(double *vectors, int64_t n, double *values) {
    for (int64_t i = 0, j = n - 1; i < j; ++i, --j) {
        swap(&values[i], &values[j]);
        if (!vectors) continue;
        for (int64_t k = 0; k < n; ++k) swap(&vectors[i * n + k], &vectors[j * n + k]);
    }
}

static bb_status eigen(char job, double *a, int64_t n, double *values, bb_error *err) {
    BB_TRY(check_matrix(a, n, err));
    bool out_of_memory = false;
    const lapack_int info = decompose(job, a, n, values, &out_of_memory);
    if (out_of_memory)
        return bb_fail(err, BB_ERR_MEMORY, "eigenvalues of a matrix of order %lld: not enough memory",
                       (long long)n);
    if (info != 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "eigenvalues of a matrix of order %lld: LAPACK's dsyevd says %d",
                       (long long)n, (int)info);
    reverse_order(job == 'V' ? a : NULL, n, values);
    return BB_OK;
}

bb_status bb_eigen_symmetric(double *a, int64_t n, double *values, bb_error *err) {
    return eigen('V', a, n, values, err);
}

bb_status bb_eigen_symmetric_values(double *a, int64_t n, double *values, bb_error *err) {
    return eigen('N', a, n, values, err);
}
