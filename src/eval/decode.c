/* Units of work are one electrode's one fold: the strength is chosen on the fold's training part, for the
 * true labels and for each shuffle of them anew, and what was chosen is fitted to all of that part and scores
 * the rest. A design (rows standardised, coordinates, metric) does not depend on labels and serves all of
 * them. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/decoding.h"
#include "eval/fit.h"
#include "eval/measure.h"
#include "eval/outcome.h"
#include "eval/targets.h"
#include "eval/trained.h"
#include "ranks/collective.h"

/* Strengths tried, in units of one over the number of features: what a standardised window's squared length
 * is. */
enum { STRENGTHS = 6, MIDDLE = 2 };
static const double strengths[STRENGTHS] = {1e-2, 1e-1, 1, 1e1, 1e2, 1e3};

typedef struct unit {
    const bb_decoding_plan *plan;
    const bb_decoding_features *features;
    double *scores; /* [versions, repeats, count, outputs] of this electrode; this fold's rows are written */
    int64_t *train, *test; /* rows that are not spoilt */
    double *weights;       /* [versions, size] what the weaker penalty before found */
    double *f;             /* [test, outputs] */
    double *sums, *shares; /* [versions, STRENGTHS] scores of the inner folds, and their weights */
} unit;

static double strength_of(const unit *u, int s) { return strengths[s] / (double)u->features->rows.dim; }

/* Rows that are not spoilt -> out; how many. */
static int64_t sound_rows(const unit *u, const int64_t *rows, int64_t count, int64_t *out) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i)
        if (!u->features->spoilt || !u->features->spoilt[rows[i]]) out[kept++] = rows[i];
    return kept;
}

static bool fits(const bb_decoder_targets *t, const int64_t *rows, int64_t count) {
    bb_error never;
    return count >= 2 && bb_check_targets(t, rows, count, &never) == BB_OK;
}

/* ---------------------------------------------------------------- choosing the strength */

static bb_status try_strength(unit *u, const bb_design *d, int s, const int64_t *test, bb_error *err) {
    const bb_decoding_plan *p = u->plan;
    const double strength = strength_of(u, s);
    bb_metric metric;
    bb_status status =
        bb_metric_create(d->dim, d->squares, strength * bb_fit_bound(&p->task.targets), &metric, err);
    for (int v = 0; v < p->versions && status == BB_OK; ++v) {
        const bb_decoder_targets t = bb_plan_targets(p, v);
        double score, weight, *w = u->weights + v * bb_fit_size(d, &t);
        if (!fits(&t, d->train, d->train_count)) continue;
        status = bb_fit(d, &t, strength, &metric, p->options.tolerance, 1, w, NULL, err);
        if (status == BB_OK) status = bb_fit_score(d, &t, w, u->f, err);
        if (status == BB_OK) status = bb_measure_once(&t, test, d->test_count, u->f, &score, &weight, err);
        if (status != BB_OK || !(weight > 0)) continue;
        u->sums[v * STRENGTHS + s] += weight * score;
        u->shares[v * STRENGTHS + s] += weight;
    }
    bb_metric_free(&metric);
    return status;
}

static bb_status try_fold(unit *u, const bb_fold *fold, bb_error *err) {
    const int64_t train = sound_rows(u, fold->train, fold->train_count, u->train),
                  test = sound_rows(u, fold->test, fold->test_count, u->test);
    if (train < 2 || test < 1) return BB_OK;
    bb_design *d;
    BB_TRY(bb_design_create(&u->features->rows, u->train, train, u->test, test, true, 1, &d, err));
    bb_status status = BB_OK;
    memset(u->weights, 0,
           (size_t)(u->plan->versions * bb_fit_size(d, &u->plan->task.targets)) * sizeof *u->weights);
    for (int s = 0; s < STRENGTHS && status == BB_OK; ++s) status = try_strength(u, d, s, u->test, err);
    bb_design_destroy(d);
    return status;
}

/* The best in the inner folds; of equals the strongest penalty. */
static int best_strength(const unit *u, int version) {
    const double *sums = u->sums + version * STRENGTHS, *shares = u->shares + version * STRENGTHS;
    int best = -1;
    for (int s = 0; s < STRENGTHS; ++s)
        if (shares[s] > 0 && (best < 0 || sums[s] / shares[s] > sums[best] / shares[best] + 1e-12)) best = s;
    return best < 0 ? MIDDLE : best;
}

/* ---------------------------------------------------------------- one fold */

static bb_status score_version(unit *u, const bb_design *d, int repeat, const bb_metric *metric, int version,
                               double strength, bb_error *err) {
    const bb_decoding_plan *p = u->plan;
    const bb_decoder_targets t = bb_plan_targets(p, version);
    if (!fits(&t, d->train, d->train_count)) return BB_OK;
    memset(u->weights, 0, (size_t)bb_fit_size(d, &t) * sizeof *u->weights);
    BB_TRY(bb_fit(d, &t, strength, metric, p->options.tolerance, 1, u->weights, NULL, err));
    BB_TRY(bb_fit_score(d, &t, u->weights, u->f, err));
    for (int64_t i = 0; i < d->test_count; ++i)
        memcpy(u->scores + ((version * p->repeats + repeat) * p->task.items.count + d->test[i]) * p->outputs,
               u->f + i * p->outputs, (size_t)p->outputs * sizeof *u->f);
    return BB_OK;
}

static bb_status score_fold(unit *u, int repeat, int64_t train, int64_t test, bb_error *err) {
    const bb_decoding_plan *p = u->plan;
    bb_design *d;
    BB_TRY(bb_design_create(&u->features->rows, u->train, train, u->test, test, true, 1, &d, err));
    bb_status status = BB_OK;
    for (int s = 0; s < STRENGTHS && status == BB_OK; ++s) {
        bb_metric metric = {0};
        for (int v = 0; v < p->versions && status == BB_OK; ++v) {
            if (best_strength(u, v) != s) continue;
            if (!metric.factor)
                status = bb_metric_create(d->dim, d->squares,
                                          strength_of(u, s) * bb_fit_bound(&p->task.targets), &metric, err);
            if (status == BB_OK) status = score_version(u, d, repeat, &metric, v, strength_of(u, s), err);
        }
        bb_metric_free(&metric);
    }
    bb_design_destroy(d);
    return status;
}

static bb_status decode_fold(unit *u, int fold, bb_error *err) {
    const bb_plan_fold *f = &u->plan->fold[fold];
    for (int k = 0; f->inner && k < bb_split_folds(f->inner); ++k)
        BB_TRY(try_fold(u, bb_split_fold(f->inner, k), err));
    const int64_t train = sound_rows(u, f->train, f->train_count, u->train),
                  test = sound_rows(u, f->test, f->test_count, u->test);
    return train < 2 || test < 1 ? BB_OK : score_fold(u, f->repeat, train, test, err);
}

static bb_status convex_unit(unit *u, int fold, bb_error *err) {
    const bb_decoding_plan *p = u->plan;
    const int64_t n = p->task.items.count, D = u->features->rows.dim;
    const int64_t size = p->outputs * ((D < n ? D : n) + 1);
    u->train = bb_calloc((size_t)n, sizeof *u->train);
    u->test = bb_calloc((size_t)n, sizeof *u->test);
    u->weights = bb_calloc((size_t)(p->versions * size), sizeof *u->weights);
    u->f = bb_calloc((size_t)(n * p->outputs), sizeof *u->f);
    u->sums = bb_calloc((size_t)(p->versions * STRENGTHS), sizeof *u->sums);
    u->shares = bb_calloc((size_t)(p->versions * STRENGTHS), sizeof *u->shares);
    bb_status status = u->train && u->test && u->weights && u->f && u->sums && u->shares
                           ? BB_OK
                           : bb_fail(err, BB_ERR_MEMORY, "no memory to decode %lld windows", (long long)n);
    if (status == BB_OK) status = decode_fold(u, fold, err);
    bb_free(u->train);
    bb_free(u->test);
    bb_free(u->weights);
    bb_free(u->f);
    bb_free(u->sums);
    bb_free(u->shares);
    return status;
}

/* ---------------------------------------------------------------- all of it */

typedef struct decoder {
    const bb_decoding_plan *plan;
    const bb_decoding_features *features;
    double *scores;      /* [electrodes, versions, repeats, count, outputs] */
    int64_t size;        /* of one electrode's scores */
    int64_t units, mine; /* in all, and this rank's */
    bb_progress progress;
    void *progress_context;
    bb_status status; /* the first failure */
    bb_error *err;
    int64_t done;
    omp_lock_t lock; /* of status, err, done */
} decoder;

/* Whose unit `i` is. Ranks take turns, and change places now and then: where each would have the same folds
 * of all electrodes, the larger folds would be work for some of them alone. */
static int rank_of(const decoder *d, int64_t i) {
    const int ranks = bb_ranks_count(d->plan->options.ranks);
    return (int)((i + i / ((int64_t)d->plan->folds * ranks)) % ranks);
}

static bool is_mine(const decoder *d, int64_t i) {
    return rank_of(d, i) == bb_ranks_me(d->plan->options.ranks);
}

/* Not 0 to stop. */
static int tell(const decoder *d) {
    return d->progress && omp_get_thread_num() == 0
               ? d->progress(d->progress_context, d->done * d->units / d->mine, d->units)
               : 0;
}

/* The lock and not a critical section: the caller's progress may do anything. */
static void finish_unit(decoder *d, bb_status status, const bb_error *err) {
    omp_set_lock(&d->lock);
    ++d->done;
    if (status != BB_OK && d->status == BB_OK) {
        d->status = status;
        if (d->err) *d->err = *err;
    }
    if (d->status == BB_OK && tell(d) != 0) d->status = bb_fail(d->err, BB_ERR_CANCELLED, "stopped");
    omp_unset_lock(&d->lock);
}

static bool failed(decoder *d) {
    omp_set_lock(&d->lock);
    const bool yes = d->status != BB_OK;
    omp_unset_lock(&d->lock);
    return yes;
}

/* A training takes long: whether to go on is asked between its steps, too. */
static int ask(void *context, const bb_fit_step *step) {
    decoder *d = context;
    (void)step;
    omp_set_lock(&d->lock);
    const bool stop = d->status != BB_OK || tell(d) != 0;
    omp_unset_lock(&d->lock);
    return stop;
}

static void run_units(decoder *d, int threads) {
    const int64_t folds = d->plan->folds;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t i = 0; i < d->units; ++i) {
        bb_error err = {0};
        if (!is_mine(d, i) || failed(d)) continue;
        if (d->plan->options.decoder != BB_DECODER_FINETUNED)
            omp_set_num_threads(1); /* for products within; of this task alone */
        unit u = {
            .plan = d->plan, .features = &d->features[i / folds], .scores = d->scores + i / folds * d->size};
        const bb_status status =
            d->plan->options.decoder == BB_DECODER_CONVEX
                ? convex_unit(&u, (int)(i % folds), &err)
                : bb_trained_unit(d->plan, u.features, (int)(i % folds), ask, d, u.scores, &err);
        finish_unit(d, status, &err);
    }
}

static bb_status check(const bb_decoding_plan *p, const bb_decoding_features *features, int64_t count,
                       bb_error *err) {
    for (int64_t e = 0; e < count; ++e)
        if (features[e].rows.count != p->task.items.count)
            return bb_fail(err, BB_ERR_ARGUMENT, "decoding: expected features of %lld windows, found %lld",
                           (long long)p->task.items.count, (long long)features[e].rows.count);
    return BB_OK;
}

bb_status bb_decode(const bb_decoding_plan *plan, const bb_decoding_features *features, int64_t count,
                    bb_progress progress, void *progress_context, bb_decoding *out, bb_error *err) {
    const int threads = plan->options.threads > 0 ? plan->options.threads : omp_get_num_procs();
    decoder d = {.plan = plan,
                 .features = features,
                 .units = count * plan->folds,
                 .size = plan->versions * plan->repeats * plan->task.items.count * plan->outputs,
                 .progress = progress,
                 .progress_context = progress_context,
                 .err = err};
    memset(out, 0, (size_t)(count * plan->task.parts) * sizeof *out);
    BB_TRY(check(plan, features, count, err));
    d.scores = bb_calloc((size_t)(count * d.size), sizeof *d.scores);
    if (!d.scores)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld scores", (long long)(count * d.size));
    for (int64_t i = 0; i < d.units; ++i) d.mine += is_mine(&d, i);
    memset(d.scores, 0xff, (size_t)(count * d.size) * sizeof *d.scores); /* NaN, and what merges with any */
    omp_init_lock(&d.lock);
    /* Fine-tuning has work for all threads within one fold. */
    run_units(&d, plan->options.decoder == BB_DECODER_FINETUNED ? 1 : threads);
    omp_destroy_lock(&d.lock);
    bb_status status = d.status;
    /* A window's score of a version and a repeat is of one fold, and so of one rank. */
    if (status == BB_OK)
        bb_ranks_merge(plan->options.ranks, (uint64_t *)(void *)d.scores, (size_t)(count * d.size));
    if (status == BB_OK) status = bb_outcomes(plan, d.scores, count, threads, out, err);
    for (int64_t i = 0; i < count * plan->task.parts && status != BB_OK; ++i) bb_decoding_free(&out[i]);
    bb_free(d.scores);
    return status;
}
