#include "eval/metric.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "nn/product.h"

enum {
    BLOCK = 64, /* columns factored at a time */
    PANEL = 256 /* columns of a sum of squares at a time: the half above the diagonal is not needed */
};

/* ---------------------------------------------------------------- the sum of squares */

/* Rows looked at: of more than three for each feature every so manyth. */
static int64_t rows_looked_at(const bb_design *d) {
    const int64_t enough = 3 * d->dim > 512 ? 3 * d->dim : 512;
    return d->train_count < enough ? d->train_count : enough;
}

static void take_row(const bb_design *d, int64_t i, float *out) {
    const float *row = bb_design_train_row(d, i);
    if (d->coordinates)
        memcpy(out, row, (size_t)d->dim * sizeof *out);
    else
        for (int64_t j = 0; j < d->dim; ++j) out[j] = (float)((row[j] - d->centre[j]) * d->scale[j]);
}

static bb_status square(const float *x, int64_t rows, int64_t dim, float *squares, bb_error *err) {
    for (int64_t j = 0; j < dim; j += PANEL) {
        const int64_t width = dim - j < PANEL ? dim - j : PANEL;
        BB_TRY(bb_product((bb_operand){x + j, dim, true}, (bb_operand){x + j, dim, false}, dim - j, width,
                          rows, false, squares + j * dim + j, dim, err));
    }
    return BB_OK;
}

static bb_status sum(const bb_design *d, const double *weights, int64_t rows, float *x, float *squares,
                     int threads, bb_error *err) {
#pragma omp parallel for if (threads != 1)
    for (int64_t i = 0; i < rows; ++i) {
        const int64_t row = i * d->train_count / rows;
        take_row(d, row, x + i * d->dim);
        const float root = weights ? (float)sqrt(weights[row]) : 1;
        for (int64_t j = 0; j < d->dim && weights; ++j) x[i * d->dim + j] *= root;
    }
    BB_TRY(square(x, rows, d->dim, squares, err));
    const float share = (float)d->train_count / (float)rows;
    for (int64_t i = 0; i < d->dim * d->dim && rows < d->train_count; ++i) squares[i] *= share;
    return BB_OK;
}

bb_status bb_metric_sum(const bb_design *d, const double *weights, int threads, float *squares,
                        bb_error *err) {
    const int64_t rows = rows_looked_at(d);
    float *x = bb_calloc((size_t)(rows * d->dim), sizeof *x);
    if (!x) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)d->dim);
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs());
    const bb_status status = sum(d, weights, rows, x, squares, threads, err);
    omp_set_num_threads(before);
    bb_free(x);
    return status;
}

bb_status bb_metric_gather(bb_design *d, int threads, bb_error *err) {
    d->squares = bb_calloc((size_t)(d->dim * d->dim), sizeof *d->squares);
    if (!d->squares) return bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)d->dim);
    return bb_metric_sum(d, NULL, threads, d->squares, err);
}

/* ---------------------------------------------------------------- factoring */

/* The block of columns [at, at + width): its triangle, then the rows below it. */
static void factor_block(float *a, int64_t dim, int64_t at, int64_t width, float *inverses) {
    for (int64_t i = at; i < dim; ++i) {
        float *row = a + i * dim + at;
        const int64_t last = i - at < width ? i - at : width;
        for (int64_t k = 0; k < last; ++k) {
            const float *pivot = a + (at + k) * dim + at;
            float sum = row[k];
            for (int64_t l = 0; l < k; ++l) sum -= row[l] * pivot[l];
            row[k] = sum * inverses[at + k];
        }
        if (i >= at + width) continue;
        float sum = row[last];
        for (int64_t l = 0; l < last; ++l) sum -= row[l] * row[l];
        row[last] = sqrtf(fmaxf(sum, 1e-6f)); /* P is at least 1; rounding may say less */
        inverses[i] = 1 / row[last];
    }
}

/* What is right of the block, lower half, less what its columns explain. */
static bb_status subtract(float *a, float *copy, int64_t dim, int64_t at, int64_t width, bb_error *err) {
    const int64_t first = at + width, rows = dim - first;
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t k = 0; k < width; ++k) copy[i * width + k] = -a[(first + i) * dim + at + k];
    for (int64_t j = 0; j < rows; j += PANEL) {
        const int64_t columns = rows - j < PANEL ? rows - j : PANEL;
        BB_TRY(bb_product((bb_operand){copy + j * width, width, false},
                          (bb_operand){a + (first + j) * dim + at, dim, true}, rows - j, columns, width, true,
                          a + (first + j) * dim + first + j, dim, err));
    }
    return BB_OK;
}

static bb_status factor(bb_metric *m, bb_error *err) {
    float *copy = bb_calloc((size_t)(m->dim * BLOCK), sizeof *copy);
    bb_status status = copy ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory to fit a decoder");
    for (int64_t at = 0; at < m->dim && status == BB_OK; at += BLOCK) {
        const int64_t width = m->dim - at < BLOCK ? m->dim - at : BLOCK;
        factor_block(m->factor, m->dim, at, width, m->inverses);
        if (at + width < m->dim) status = subtract(m->factor, copy, m->dim, at, width, err);
    }
    bb_free(copy);
    return status;
}

bb_status bb_metric_create(int64_t dim, const float *squares, double weight, bb_metric *m, bb_error *err) {
    *m = (bb_metric){.dim = dim};
    m->factor = bb_calloc((size_t)(dim * dim), sizeof *m->factor);
    m->inverses = bb_calloc((size_t)dim, sizeof *m->inverses);
    m->scratch = bb_calloc((size_t)dim, sizeof *m->scratch);
    if (!m->factor || !m->inverses || !m->scratch)
        return bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)dim);
    double most = 0;
    for (int64_t i = 0; i < dim; ++i) most = fmax(most, squares[i * dim + i]);
    /* What float32 cannot tell from nothing beside the largest entries. */
    const float ridge = (float)(1 + 1e-6 * weight * most);
    for (int64_t i = 0; i < dim; ++i) {
        for (int64_t j = 0; j <= i; ++j) m->factor[i * dim + j] = (float)weight * squares[i * dim + j];
        m->factor[i * dim + i] += ridge;
    }
    return factor(m, err);
}

void bb_metric_free(bb_metric *m) {
    bb_free(m->factor);
    bb_free(m->inverses);
    bb_free(m->scratch);
    *m = (bb_metric){0};
}

void bb_metric_solve(const bb_metric *m, double *v) {
    const int64_t dim = m->dim;
    float *y = m->scratch;
    double size = 0;
    for (int64_t i = 0; i < dim; ++i) size = fmax(size, fabs(v[i]));
    if (!(size > 0)) return;
    for (int64_t i = 0; i < dim; ++i) y[i] = (float)(v[i] / size); /* gradients grow small */
    for (int64_t i = 0; i < dim; ++i) {
        const float *row = m->factor + i * dim;
        float sums[8] = {y[i]};
        int64_t k = 0;
        for (; k + 8 <= i; k += 8)
            for (int lane = 0; lane < 8; ++lane) sums[lane] -= row[k + lane] * y[k + lane];
        for (; k < i; ++k) sums[0] -= row[k] * y[k];
        for (int lane = 1; lane < 8; ++lane) sums[0] += sums[lane];
        y[i] = sums[0] * m->inverses[i];
    }
    for (int64_t i = dim; i-- > 0;) {
        const float *row = m->factor + i * dim;
        y[i] *= m->inverses[i];
        for (int64_t k = 0; k < i; ++k) y[k] -= y[i] * row[k];
    }
    for (int64_t i = 0; i < dim; ++i) v[i] = y[i] * size;
}
