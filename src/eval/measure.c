#include "eval/measure.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/metrics.h"

void bb_softmax(double *f, int classes) {
    double most = f[0], sum = 0;
    for (int k = 1; k < classes; ++k) most = fmax(most, f[k]);
    for (int k = 0; k < classes; ++k) sum += f[k] = exp(f[k] - most);
    for (int k = 0; k < classes; ++k) f[k] /= sum;
}

/* ---------------------------------------------------------------- one decoder */

/* Pairs to compare of labels [n]: positives times negatives, by weight. */
static double pairs(const int *labels, const double *weights, int64_t n) {
    double positive = 0, negative = 0;
    for (int64_t i = 0; i < n; ++i) *(labels[i] == 1 ? &positive : &negative) += weights ? weights[i] : 1;
    return positive * negative;
}

static bb_status measure_numbers(const bb_decoder_targets *t, const int64_t *rows, int64_t count,
                                 const double *f, double *score, double *weight) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum -= (f[i] - t->values[rows[i]]) * (f[i] - t->values[rows[i]]);
    *weight = (double)count;
    *score = count > 0 ? sum / (double)count : NAN;
    return BB_OK;
}

bb_status bb_measure_once(const bb_decoder_targets *t, const int64_t *rows, int64_t count, const double *f,
                          double *score, double *weight, bb_error *err) {
    if (t->kind == BB_SQUARES) return measure_numbers(t, rows, count, f, score, weight);
    const int K = t->kind == BB_SOFTMAX ? t->classes : 1;
    double *p = bb_calloc((size_t)(count * (K + 1)), sizeof *p), *column = p + count * K, sum = 0;
    int *labels = bb_calloc((size_t)count, sizeof *labels);
    bb_status status = p && labels
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to score %lld windows", (long long)count);
    if (status == BB_OK) memcpy(p, f, (size_t)(count * K) * sizeof *p);
    for (int64_t i = 0; i < count && K > 1 && status == BB_OK; ++i) bb_softmax(p + i * K, K);
    *weight = 0;
    for (int k = 0; k < K && status == BB_OK; ++k) {
        double auc = NAN;
        for (int64_t i = 0; i < count; ++i) {
            labels[i] = K > 1 ? t->labels[rows[i]] == k : t->labels[rows[i]] == 1;
            column[i] = p[i * K + k];
        }
        const double own = pairs(labels, NULL, count);
        if (own > 0) status = bb_roc_auc(column, labels, NULL, count, &auc, err);
        if (own > 0) sum += own * auc, *weight += own;
    }
    *score = *weight > 0 ? sum / *weight : NAN;
    bb_free(p);
    bb_free(labels);
    return status;
}

/* ---------------------------------------------------------------- many folds */

static void list_rows(bb_measure *m, const double *scores, int part) {
    const bb_decoding_plan *p = m->plan;
    int64_t at = 0;
    for (int k = 0; k < m->folds; ++k) {
        const bb_plan_fold *f = &p->fold[k];
        const int64_t first = f->repeat * p->task.items.count;
        m->first[k] = at;
        for (int64_t i = 0; i < f->test_count; ++i) {
            const int64_t row = f->test[i];
            if (isnan(scores[(first + row) * p->outputs]) || !bb_plan_is_of_part(p, row, part)) continue;
            m->rows[at] = row;
            m->cells[at++] = first + row;
        }
    }
    m->first[m->folds] = at;
}

static bb_status fill(bb_measure *m, const double *scores, bb_error *err) {
    const bb_decoder_targets t = bb_plan_targets(m->plan, m->version);
    const int K = m->plan->outputs;
    const int64_t all = m->first[m->folds];
    for (int64_t i = 0; i < all; ++i) {
        double f[BB_CLASSES_MOST];
        memcpy(f, scores + m->cells[i] * K, (size_t)K * sizeof *f);
        if (K > 1) bb_softmax(f, K);
        if (t.values) m->values[i] = t.values[m->rows[i]];
        for (int k = 0; k < m->curves; ++k) {
            m->scores[k * all + i] = f[k];
            if (t.labels)
                m->labels[k * all + i] = K > 1 ? t.labels[m->rows[i]] == k : t.labels[m->rows[i]] == 1;
        }
    }
    for (int k = 0; k < m->curves && t.labels; ++k)
        for (int fold = 0; fold < m->folds; ++fold) {
            const int64_t at = k * all + m->first[fold];
            BB_TRY(bb_score_order(m->scores + at, m->first[fold + 1] - m->first[fold], m->orders + at, err));
        }
    return BB_OK;
}

bb_status bb_measure_begin(const bb_decoding_plan *plan, int version, const double *scores, int part,
                           bb_measure *m, bb_error *err) {
    const size_t n = (size_t)(plan->repeats * bb_plan_part_windows(plan, part));
    *m = (bb_measure){.plan = plan, .version = version, .folds = plan->folds, .curves = plan->outputs};
    const size_t all = n * (size_t)m->curves;
    m->first = bb_calloc((size_t)plan->folds + 1, sizeof *m->first);
    m->rows = bb_calloc(n, sizeof *m->rows);
    m->cells = bb_calloc(n, sizeof *m->cells);
    m->scores = bb_calloc(all, sizeof *m->scores);
    m->orders = bb_calloc(all, sizeof *m->orders);
    m->labels = bb_calloc(all, sizeof *m->labels);
    m->values = bb_calloc(n, sizeof *m->values);
    m->weights = bb_calloc(n, sizeof *m->weights);
    if (!m->first || !m->rows || !m->cells || !m->scores || !m->orders || !m->labels || !m->values ||
        !m->weights)
        return bb_fail(err, BB_ERR_MEMORY, "no memory to score %zu windows", n);
    list_rows(m, scores, part);
    return fill(m, scores, err);
}

void bb_measure_end(bb_measure *m) {
    bb_free(m->first);
    bb_free(m->rows);
    bb_free(m->cells);
    bb_free(m->scores);
    bb_free(m->orders);
    bb_free(m->labels);
    bb_free(m->values);
    bb_free(m->weights);
    *m = (bb_measure){0};
}

static double score_curve(const bb_measure *m, int curve) {
    const int64_t all = m->first[m->folds];
    double sum = 0, weight = 0;
    for (int k = 0; k < m->folds; ++k) {
        const int64_t at = curve * all + m->first[k], n = m->first[k + 1] - m->first[k];
        const double own = pairs(m->labels + at, m->weights + m->first[k], n);
        if (!(own > 0)) continue;
        sum += own * bb_roc_auc_ordered(m->scores + at, m->labels + at, m->weights + m->first[k],
                                        m->orders + at, n);
        weight += own;
    }
    return sum / weight;
}

static double score_numbers(const bb_measure *m) {
    double sum = 0, weight = 0;
    for (int k = 0; k < m->folds; ++k) {
        const int64_t at = m->first[k], n = m->first[k + 1] - at;
        const double r = bb_pearson(m->scores + at, m->values + at, m->weights + at, n);
        double own = 0;
        for (int64_t i = 0; i < n; ++i) own += m->weights[at + i];
        if (isnan(r)) continue;
        sum += own * r;
        weight += own;
    }
    return sum / weight;
}

double bb_measure_score(bb_measure *m, const double *weights) {
    const int64_t *trial_of = m->plan->trial_of;
    for (int64_t i = 0; i < m->first[m->folds]; ++i)
        m->weights[i] = weights ? weights[trial_of[m->rows[i]]] : 1;
    if (m->plan->task.targets.kind == BB_SQUARES) return score_numbers(m);
    double sum = 0;
    for (int k = 0; k < m->curves; ++k) sum += score_curve(m, k);
    return sum / m->curves;
}
