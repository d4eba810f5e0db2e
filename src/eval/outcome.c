#include "eval/outcome.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/metrics.h"
#include "eval/measure.h"

static double mean_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i];
    return n > 0 ? sum / (double)n : NAN;
}

/* A class for every tested window: the decoder's own decision. */
static void decide(const bb_decoding_plan *p, const bb_measure *m, const double *scores, int *decided,
                   int *truth) {
    const bb_decoder_targets t = bb_plan_targets(p, 0);
    for (int64_t i = 0; i < m->first[m->folds]; ++i) {
        const double *f = scores + m->cells[i] * p->outputs;
        int best = 0;
        for (int k = 1; k < p->outputs; ++k)
            if (f[k] > f[best]) best = k;
        decided[i] = p->outputs > 1 ? best : f[0] > 0;
        truth[i] = t.labels[m->rows[i]];
    }
}

static bb_status judge_classes(const bb_decoding_plan *p, const bb_measure *m, const double *scores,
                               bb_decoding *out, bb_error *err) {
    const int64_t n = m->first[m->folds];
    int *decided = bb_calloc((size_t)(2 * n), sizeof *decided), *truth = decided + n;
    if (!decided) return bb_fail(err, BB_ERR_MEMORY, "no memory to score %lld windows", (long long)n);
    decide(p, m, scores, decided, truth);
    out->accuracy = bb_balanced_accuracy(decided, truth, NULL, n, p->outputs > 1 ? p->outputs : 2);
    if (p->outputs == 1) out->f1 = bb_f1_score(decided, truth, NULL, n);
    bb_free(decided);
    return BB_OK;
}

/* The true labels' score, its draws, and what else is said of them. */
static bb_status judge(const bb_decoding_plan *p, const double *scores, int part, bb_decoding *out,
                       bb_error *err) {
    bb_measure m;
    bb_status status = bb_measure_begin(p, 0, scores, part, &m, err);
    if (status == BB_OK) {
        out->windows = m.first[m.folds] / p->repeats;
        out->score = bb_measure_score(&m, NULL);
        for (int d = 0; d < p->options.draws; ++d)
            out->draws[d] = bb_measure_score(&m, p->draws + d * p->trials);
        if (p->task.targets.kind == BB_SQUARES)
            out->r_squared = bb_r_squared(m.values, m.scores, NULL, m.first[m.folds]);
        else
            status = judge_classes(p, &m, scores, out, err);
    }
    bb_measure_end(&m);
    return status;
}

static bb_status judge_control(const bb_decoding_plan *p, int version, const double *scores, int part,
                               double *out, bb_error *err) {
    bb_measure m;
    const bb_status status = bb_measure_begin(p, version, scores, part, &m, err);
    if (status == BB_OK) *out = bb_measure_score(&m, NULL);
    bb_measure_end(&m);
    return status;
}

/* Scores of all windows -> those of the part's own. */
static void keep_part(const bb_decoding_plan *p, int part, const double *scores, double *own) {
    for (int64_t i = 0; i < p->repeats * p->task.items.count; ++i) {
        if (!bb_plan_is_of_part(p, i % p->task.items.count, part)) continue;
        memcpy(own, scores + i * p->outputs, (size_t)p->outputs * sizeof *own);
        own += p->outputs;
    }
}

static bb_status outcome(const bb_decoding_plan *p, const double *scores, int part, bb_decoding *out,
                         bb_error *err) {
    const int64_t n = p->repeats * p->task.items.count * p->outputs,
                  own = p->repeats * bb_plan_part_windows(p, part) * p->outputs;
    *out = (bb_decoding){.part = part, .f1 = NAN, .accuracy = NAN, .r_squared = NAN};
    out->scores = bb_calloc((size_t)own, sizeof *out->scores);
    out->draws = bb_calloc((size_t)p->options.draws, sizeof *out->draws);
    out->controls = bb_calloc((size_t)p->options.controls, sizeof *out->controls);
    if (!out->scores || !out->draws || !out->controls)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for scores");
    keep_part(p, part, scores, out->scores);
    BB_TRY(judge(p, scores, part, out, err));
    for (int c = 0; c < p->options.controls; ++c)
        BB_TRY(judge_control(p, c + 1, scores + (c + 1) * n, part, &out->controls[c], err));
    out->control_mean = mean_of(out->controls, p->options.controls);
    out->control = bb_prediction_interval(out->controls, p->options.controls, 0.95);
    return bb_percentile_interval(out->draws, p->options.draws, 0.95, &out->interval, err);
}

bb_status bb_outcomes(const bb_decoding_plan *p, const double *scores, int64_t electrodes, int threads,
                      bb_decoding *out, bb_error *err) {
    const int parts = p->task.parts;
    const int64_t size = p->versions * p->repeats * p->task.items.count * p->outputs;
    bb_status failed = BB_OK;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t i = 0; i < electrodes * parts; ++i) {
        bb_error own = {0};
        const bb_status status =
            outcome(p, scores + i / parts * size, parts > 1 ? (int)(i % parts) : -1, &out[i], &own);
#pragma omp critical
        if (status != BB_OK && failed == BB_OK) {
            failed = status;
            if (err) *err = own;
        }
    }
    return failed;
}

void bb_decoding_free(bb_decoding *d) {
    bb_free(d->scores);
    bb_free(d->draws);
    bb_free(d->controls);
    *d = (bb_decoding){0};
}

/* ---------------------------------------------------------------- over electrodes */

/* x[k] = mean of draw (or control) k over the decodings that have a score, `scored` of them. */
static void average(const bb_decoding *decodings, int64_t count, int64_t scored, bool controls, int n,
                    double *x) {
    for (int k = 0; k < n; ++k) {
        double sum = 0;
        for (int64_t e = 0; e < count; ++e)
            if (isfinite(decodings[e].score))
                sum += (controls ? decodings[e].controls[k] : decodings[e].draws[k]) / (double)scored;
        x[k] = scored > 0 ? sum : NAN;
    }
}

bb_status bb_decoding_average(const bb_decoding *decodings, int64_t count, int draws, int controls,
                              bb_decoding_mean *out, bb_error *err) {
    double *x = bb_calloc((size_t)(draws > controls ? draws : controls), sizeof *x), squares = 0;
    *out = (bb_decoding_mean){.score = NAN, .sd = NAN};
    for (int64_t e = 0; e < count; ++e) out->electrodes += isfinite(decodings[e].score);
    const double scored = (double)out->electrodes;
    if (!x) return bb_fail(err, BB_ERR_MEMORY, "no memory for a mean");
    if (out->electrodes > 0) out->score = 0;
    for (int64_t e = 0; e < count; ++e)
        if (isfinite(decodings[e].score)) out->score += decodings[e].score / scored;
    for (int64_t e = 0; e < count; ++e)
        if (isfinite(decodings[e].score)) squares += pow(decodings[e].score - out->score, 2);
    out->sd = sqrt(squares / scored);
    average(decodings, count, out->electrodes, true, controls, x);
    out->control_mean = mean_of(x, controls);
    out->control = bb_prediction_interval(x, controls, 0.95);
    average(decodings, count, out->electrodes, false, draws, x);
    const bb_status status = bb_percentile_interval(x, draws, 0.95, &out->interval, err);
    bb_free(x);
    return status;
}

/* ---------------------------------------------------------------- curves */

/* Adds the weight times the fold's true positive rate at each of `points` rates. */
static void add_curve(const bb_roc_point *curve, int64_t count, int points, double weight, double *out) {
    for (int i = 0; i < points; ++i) {
        const double rate = (double)i / (points - 1);
        int64_t k = 0;
        while (k + 1 < count && curve[k + 1].false_positive_rate <= rate) ++k;
        double y = curve[k].true_positive_rate;
        if (k + 1 < count) {
            const double run = curve[k + 1].false_positive_rate - curve[k].false_positive_rate;
            y += (curve[k + 1].true_positive_rate - y) * (rate - curve[k].false_positive_rate) / run;
        }
        out[i] += weight * y;
    }
}

/* The curves of folds, weighted by the pairs that each compares. */
static bb_status add_curves(const bb_measure *m, bb_roc_point *curve, int points, double *out,
                            bb_error *err) {
    double all = 0;
    for (int k = 0; k < m->folds; ++k) {
        const int64_t at = m->first[k], n = m->first[k + 1] - at;
        int64_t count, positive = 0;
        for (int64_t i = 0; i < n; ++i) positive += m->labels[at + i];
        const double weight = (double)positive * (double)(n - positive);
        if (!(weight > 0)) continue;
        BB_TRY(bb_roc_curve(m->scores + at, m->labels + at, NULL, n, curve, &count, err));
        add_curve(curve, count, points, weight, out);
        all += weight;
    }
    for (int i = 0; i < points; ++i) out[i] /= all;
    return BB_OK;
}

/* What keep_part kept, in its place again; NaN elsewhere. */
static void spread_part(const bb_decoding_plan *p, int part, const double *own, double *scores) {
    for (int64_t i = 0; i < p->repeats * p->task.items.count; ++i)
        scores[i] = bb_plan_is_of_part(p, i % p->task.items.count, part) ? *own++ : NAN;
}

bb_status bb_decoding_roc(const bb_decoding_plan *p, const bb_decoding *decoding, int points,
                          double *true_positive, bb_error *err) {
    bb_measure m;
    const int64_t n = p->task.items.count;
    if (p->outputs > 1 || p->task.targets.kind == BB_SQUARES || points < 2)
        return bb_fail(err, BB_ERR_ARGUMENT, "a ROC curve: expected two classes");
    memset(true_positive, 0, (size_t)points * sizeof *true_positive);
    bb_roc_point *curve = bb_calloc((size_t)n + 1, sizeof *curve);
    double *scores = bb_calloc((size_t)(p->repeats * n), sizeof *scores);
    bb_status status = curve && scores ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a curve");
    if (status == BB_OK) {
        spread_part(p, decoding->part, decoding->scores, scores);
        status = bb_measure_begin(p, 0, scores, decoding->part, &m, err);
        if (status == BB_OK) status = add_curves(&m, curve, points, true_positive, err);
        bb_measure_end(&m);
    }
    bb_free(scores);
    bb_free(curve);
    return status;
}
