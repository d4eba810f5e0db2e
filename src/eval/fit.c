#include "eval/fit.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/minimize.h"
#include "eval/row_kernels.h"

/* Rows are summed up in at most so many portions, whatever the number of threads, so that sums do not depend
 * on it.
 */
enum { PORTIONS = 16, PORTION_ROWS = 64 };

/* Where the bound is far from the loss's true curvature, as where classes are all but separable, the metric
 * is made anew at the point that so many evaluations led to; and after so many times the point is taken as it
 * is. */
enum { EVALUATIONS = 30, METRICS = 40 };

typedef struct fitter {
    const bb_design *design;
    const bb_decoder_targets *targets;
    const bb_metric *metric;
    const bb_row_kernels *kernels;
    double strength, bound;
    int outputs, threads, portions;
    int64_t dim, portion_size; /* numbers that a portion sums up */
    double *scaled; /* [outputs, dim + 1]: weights of rows as they lie in memory, and their intercept */
    double *sums;   /* [portions, portion_size]: gradients [outputs, dim], of intercepts [outputs], loss */
    double *scores; /* [portions, outputs] */
} fitter;

int bb_fit_outputs(const bb_decoder_targets *t) { return t->kind == BB_SOFTMAX ? t->classes : 1; }

int64_t bb_fit_size(const bb_design *d, const bb_decoder_targets *t) {
    return bb_fit_outputs(t) * (d->dim + 1);
}

double bb_fit_bound(const bb_decoder_targets *t) {
    switch (t->kind) {
    case BB_LOGISTIC:
        return 0.25;
    case BB_SOFTMAX:
        return 0.5; /* of p (1 - p) and what couples the classes */
    case BB_SQUARES:
        break;
    }
    return 1;
}

/* ---------------------------------------------------------------- losses */

/* log(1 + exp(x)) without overflow. */
static double log1p_exp(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }

/* f -> d loss / d f in place; returns the loss. */
static double softmax_loss(double *f, int classes, int label) {
    double most = f[0], sum = 0;
    for (int k = 1; k < classes; ++k) most = fmax(most, f[k]);
    const double own = f[label] - most;
    for (int k = 0; k < classes; ++k) sum += f[k] = exp(f[k] - most);
    for (int k = 0; k < classes; ++k) f[k] /= sum;
    f[label] -= 1;
    return log(sum) - own;
}

static double loss_of(const bb_decoder_targets *t, int64_t row, double *f) {
    if (t->kind == BB_SOFTMAX) return softmax_loss(f, t->classes, t->labels[row]);
    if (t->kind == BB_SQUARES) {
        *f -= t->values[row];
        return 0.5 * *f * *f;
    }
    const double sign = t->labels[row] == 1 ? 1 : -1, margin = sign * *f;
    *f = -sign / (1 + exp(margin));
    return log1p_exp(-margin);
}

/* ---------------------------------------------------------------- one evaluation */

static void scale_weights(const fitter *m, const double *w) {
    const bb_design *d = m->design;
    for (int k = 0; k < m->outputs; ++k) {
        double *u = m->scaled + k * (m->dim + 1), intercept = w[m->outputs * m->dim + k];
        memcpy(u, w + k * m->dim, (size_t)m->dim * sizeof *u);
        for (int64_t j = 0; j < m->dim && !d->coordinates; ++j) {
            u[j] *= d->scale[j];
            intercept -= u[j] * d->centre[j];
        }
        u[m->dim] = intercept;
    }
}

static void score_row(const fitter *m, const float *row, double *f) {
    for (int k = 0; k < m->outputs; ++k) {
        const double *u = m->scaled + k * (m->dim + 1);
        f[k] = m->kernels->dot(row, u, m->dim) + u[m->dim];
    }
}

static void sum_portion(const fitter *m, int portion) {
    const bb_design *d = m->design;
    double *sums = m->sums + portion * m->portion_size, *f = m->scores + portion * m->outputs;
    const int64_t first = d->train_count * portion / m->portions,
                  end = d->train_count * (portion + 1) / m->portions, K = m->outputs;
    memset(sums, 0, (size_t)m->portion_size * sizeof *sums);
    for (int64_t i = first; i < end; ++i) {
        const float *row = bb_design_train_row(d, i);
        score_row(m, row, f);
        sums[K * m->dim + K] += loss_of(m->targets, bb_design_train_at(d, i), f);
        for (int64_t k = 0; k < K; ++k) {
            m->kernels->add(f[k], row, m->dim, sums + k * m->dim);
            sums[K * m->dim + k] += f[k];
        }
    }
}

/* Portions -> gradient of the whole objective; returns its value. */
static double finish(const fitter *m, const double *w, double *gradient) {
    const bb_design *d = m->design;
    const int64_t K = m->outputs, dim = m->dim;
    for (int p = 1; p < m->portions; ++p)
        for (int64_t i = 0; i < m->portion_size; ++i) m->sums[i] += m->sums[p * m->portion_size + i];
    double value = m->strength * m->sums[K * dim + K];
    for (int64_t k = 0; k < K; ++k) {
        const double total = m->sums[K * dim + k];
        gradient[K * dim + k] = m->strength * total;
        for (int64_t j = 0; j < dim; ++j) {
            double g = m->sums[k * dim + j];
            if (!d->coordinates) g = (g - d->centre[j] * total) * d->scale[j];
            gradient[k * dim + j] = m->strength * g + w[k * dim + j];
            value += 0.5 * w[k * dim + j] * w[k * dim + j];
        }
    }
    return value;
}

static double evaluate(void *context, const double *w, double *gradient) {
    fitter *m = context;
    scale_weights(m, w);
    if (m->threads == 1) {
        for (int p = 0; p < m->portions; ++p) sum_portion(m, p);
    } else {
#pragma omp parallel for num_threads(m->threads) schedule(dynamic)
        for (int p = 0; p < m->portions; ++p) sum_portion(m, p);
    }
    return finish(m, w, gradient);
}

static void precondition(void *context, double *v) {
    const fitter *m = context;
    for (int k = 0; k < m->outputs; ++k) {
        bb_metric_solve(m->metric, v + k * m->dim);
        v[m->outputs * m->dim + k] /= m->strength * m->bound * (double)m->design->train_count;
    }
}

/* ---------------------------------------------------------------- fitting and scoring */

static bb_status begin(fitter *m, bb_error *err) {
    m->portion_size = m->outputs * (m->dim + 1) + 1;
    m->scaled = bb_calloc((size_t)(m->outputs * (m->dim + 1)), sizeof *m->scaled);
    m->sums = bb_calloc((size_t)(m->portions * m->portion_size), sizeof *m->sums);
    m->scores = bb_calloc((size_t)(m->portions * m->outputs), sizeof *m->scores);
    return m->scaled && m->sums && m->scores
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)m->dim);
}

static void end(fitter *m) {
    bb_free(m->scaled);
    bb_free(m->sums);
    bb_free(m->scores);
}

/* The curvature of each training row's loss at the point last looked at, of several classes the largest. */
static void curvatures(const fitter *m, double *out) {
    for (int64_t i = 0; i < m->design->train_count; ++i) {
        double *f = m->scores;
        score_row(m, bb_design_train_row(m->design, i), f);
        if (m->targets->kind == BB_SOFTMAX) softmax_loss(f, m->outputs, 0), f[0] += 1;
        if (m->targets->kind == BB_LOGISTIC) f[0] = 1 / (1 + exp(-f[0]));
        out[i] = 0;
        for (int k = 0; k < m->outputs; ++k) out[i] = fmax(out[i], f[k] * (1 - f[k]));
        if (m->targets->kind == BB_SQUARES) out[i] = 1;
    }
}

static bb_status renew(fitter *m, const double *w, bb_metric *own, bb_error *err) {
    const bb_design *d = m->design;
    double *weights = bb_calloc((size_t)d->train_count, sizeof *weights), total = 0;
    float *squares = bb_calloc((size_t)(d->dim * d->dim), sizeof *squares);
    bb_status status = weights && squares
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to fit %lld weights", (long long)d->dim);
    bb_metric_free(own);
    if (status == BB_OK) {
        scale_weights(m, w);
        curvatures(m, weights);
        for (int64_t i = 0; i < d->train_count; ++i) total += weights[i];
        status = bb_metric_sum(d, weights, m->threads, squares, err);
    }
    if (status == BB_OK) status = bb_metric_create(d->dim, squares, m->strength, own, err);
    m->metric = own;
    m->bound = fmax(total / (double)d->train_count, 1e-9);
    bb_free(weights);
    bb_free(squares);
    return status;
}

static bb_status run(fitter *m, double tolerance, double *w, int *evaluations, bb_error *err) {
    const bb_objective objective = {bb_fit_size(m->design, m->targets), m, evaluate, precondition};
    bb_metric own = {0};
    bool done = false;
    bb_status status = bb_minimize(&objective, tolerance, EVALUATIONS, w, evaluations, &done, err);
    for (int k = 0; k < METRICS && status == BB_OK && !done; ++k) {
        status = renew(m, w, &own, err);
        if (status == BB_OK)
            status = bb_minimize(&objective, tolerance, EVALUATIONS, w, evaluations, &done, err);
    }
    bb_metric_free(&own);
    return status;
}

bb_status bb_fit(const bb_design *d, const bb_decoder_targets *t, double strength, const bb_metric *metric,
                 double tolerance, int threads, double *w, int *evaluations, bb_error *err) {
    const int64_t portions = d->train_count / PORTION_ROWS;
    int count = 0;
    fitter m = {.design = d,
                .targets = t,
                .metric = metric,
                .kernels = bb_row_kernels_get(),
                .strength = strength,
                .bound = bb_fit_bound(t),
                .outputs = bb_fit_outputs(t),
                .threads = threads > 0 ? threads : omp_get_num_procs(),
                .portions = portions < 1          ? 1
                            : portions > PORTIONS ? PORTIONS
                                                  : (int)portions,
                .dim = d->dim};
    bb_status status = begin(&m, err);
    if (status == BB_OK) status = run(&m, tolerance, w, &count, err);
    if (evaluations) *evaluations = count;
    end(&m);
    return status;
}

bb_status bb_fit_score(const bb_design *d, const bb_decoder_targets *t, const double *w, double *out,
                       bb_error *err) {
    fitter m = {.design = d,
                .kernels = bb_row_kernels_get(),
                .outputs = bb_fit_outputs(t),
                .portions = 1,
                .dim = d->dim};
    const bb_status status = begin(&m, err);
    if (status == BB_OK) {
        scale_weights(&m, w);
        for (int64_t i = 0; i < d->test_count; ++i)
            score_row(&m, bb_design_test_row(d, i), out + i * m.outputs);
    }
    end(&m);
    return status;
}
