#include "eval/coordinates.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/row_kernels.h"

/* A row whose distance from the space found so far is this share of the longest row's square adds rounding
 * alone. */
static const double least = 1e-11;

typedef struct finder {
    bb_design *d;
    int64_t train, rows, padded; /* rows to fit to; those and the ones to score; a multiple of 4 */
    double *x;                   /* [padded, D] standardised */
    double *products;            /* [padded, train]: of each row with the training rows */
    double *lower;               /* [rows, train]: coordinates, as far as found */
    double *left;                /* [train] squared distance of each from the space found */
} finder;

static void standardize_row(const bb_design *d, const float *row, double *out) {
    for (int64_t j = 0; j < d->x->dim; ++j) out[j] = (row[j] - d->centre[j]) * d->scale[j];
}

static bb_status begin(finder *f, bb_error *err) {
    const bb_design *d = f->d;
    const int64_t D = d->x->dim;
    f->train = d->train_count;
    f->rows = d->train_count + d->test_count;
    f->padded = (f->rows + 3) / 4 * 4;
    const int64_t columns = (f->train + 3) / 4 * 4;
    f->x = bb_calloc((size_t)(f->padded * D), sizeof *f->x);
    f->products = bb_calloc((size_t)(f->padded * columns), sizeof *f->products);
    f->lower = bb_calloc((size_t)(f->rows * f->train), sizeof *f->lower);
    f->left = bb_calloc((size_t)f->train, sizeof *f->left);
    if (!f->x || !f->products || !f->lower || !f->left)
        return bb_fail(err, BB_ERR_MEMORY, "no memory to fit a decoder to %lld rows", (long long)f->rows);
    for (int64_t i = 0; i < f->rows; ++i)
        standardize_row(d, i < f->train ? bb_design_train_row(d, i) : bb_design_test_row(d, i - f->train),
                        f->x + i * D);
    return BB_OK;
}

/* Every row with the training rows; of two training rows once. */
static void multiply(finder *f) {
    const bb_row_kernels *k = bb_row_kernels_get();
    const int64_t D = f->d->x->dim, columns = (f->train + 3) / 4 * 4;
    for (int64_t i = 0; i < f->padded; i += 4)
        for (int64_t j = 0; j < columns && j <= i; j += 4) {
            double out[16];
            k->gram(f->x + i * D, f->x + j * D, D, D, out);
            for (int a = 0; a < 4; ++a)
                for (int b = 0; b < 4; ++b) {
                    f->products[(i + a) * columns + j + b] = out[4 * a + b];
                    if (i + a < columns) f->products[(j + b) * columns + i + a] = out[4 * a + b];
                }
        }
}

static int64_t farthest(const finder *f) {
    int64_t best = 0;
    for (int64_t i = 1; i < f->train; ++i)
        if (f->left[i] > f->left[best]) best = i;
    return best;
}

/* One coordinate more for every row, along what the pivot row adds. */
static void extend(finder *f, int64_t rank, int64_t pivot) {
    const int64_t columns = (f->train + 3) / 4 * 4;
    const double root = sqrt(f->left[pivot]), *own = f->lower + pivot * f->train;
    for (int64_t i = 0; i < f->rows; ++i) {
        double *row = f->lower + i * f->train, sums[4] = {f->products[i * columns + pivot]};
        int64_t k = 0;
        for (; k + 4 <= rank; k += 4)
            for (int lane = 0; lane < 4; ++lane) sums[lane] -= row[k + lane] * own[k + lane];
        for (; k < rank; ++k) sums[0] -= row[k] * own[k];
        const double z = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / root;
        row[rank] = z;
        if (i < f->train) f->left[i] -= z * z;
    }
    f->lower[pivot * f->train + rank] = root;
    f->left[pivot] = 0;
}

static bb_status keep(finder *f, int64_t rank, bb_error *err) {
    bb_design *d = f->d;
    d->coordinates = bb_calloc((size_t)(f->rows * rank), sizeof *d->coordinates);
    d->triangle = bb_calloc((size_t)(rank * rank), sizeof *d->triangle);
    if (!d->coordinates || !d->triangle)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld coordinates", (long long)rank);
    for (int64_t i = 0; i < f->rows; ++i)
        for (int64_t k = 0; k < rank; ++k) d->coordinates[i * rank + k] = (float)f->lower[i * f->train + k];
    for (int64_t k = 0; k < rank; ++k)
        memcpy(d->triangle + k * rank, f->lower + d->pivots[k] * f->train,
               (size_t)rank * sizeof *d->triangle);
    d->dim = rank;
    return BB_OK;
}

static bb_status find(finder *f, bb_error *err) {
    const int64_t columns = (f->train + 3) / 4 * 4;
    multiply(f);
    f->d->pivots = bb_calloc((size_t)f->train, sizeof *f->d->pivots);
    if (!f->d->pivots) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit a decoder");
    double most = 0;
    for (int64_t i = 0; i < f->train; ++i) {
        f->left[i] = f->products[i * columns + i];
        most = fmax(most, f->left[i]);
    }
    int64_t rank = 0;
    for (; rank < f->train; ++rank) {
        const int64_t pivot = farthest(f);
        if (!(f->left[pivot] > least * most)) break;
        f->d->pivots[rank] = pivot;
        extend(f, rank, pivot);
    }
    if (rank == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "a decoder: expected rows that differ, found %lld alike",
                       (long long)f->train);
    return keep(f, rank, err);
}

bb_status bb_coordinates_find(bb_design *design, bb_error *err) {
    finder f = {.d = design};
    bb_status status = begin(&f, err);
    if (status == BB_OK) status = find(&f, err);
    bb_free(f.x);
    bb_free(f.products);
    bb_free(f.lower);
    bb_free(f.left);
    return status;
}

bb_status bb_coordinates_leave(const bb_design *d, const double *w, double *weights, bb_error *err) {
    const int64_t rank = d->dim, D = d->x->dim;
    double *a = bb_calloc((size_t)rank, sizeof *a), *row = bb_calloc((size_t)D, sizeof *row);
    bb_status status =
        a && row ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for %lld weights", (long long)D);
    for (int64_t i = rank; i-- > 0 && status == BB_OK;) { /* triangle' a = w */
        a[i] = w[i];
        for (int64_t k = i + 1; k < rank; ++k) a[i] -= d->triangle[k * rank + i] * a[k];
        a[i] /= d->triangle[i * rank + i];
    }
    memset(weights, 0, (size_t)D * sizeof *weights);
    for (int64_t i = 0; i < rank && status == BB_OK; ++i) {
        standardize_row(d, d->x->data + bb_design_train_at(d, d->pivots[i]) * d->x->stride, row);
        for (int64_t j = 0; j < D; ++j) weights[j] += a[i] * row[j];
    }
    bb_free(a);
    bb_free(row);
    return status;
}
