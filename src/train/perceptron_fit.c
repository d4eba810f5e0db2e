/* Perceptrons on features that stand already: columns are standardised by the training windows, a batch at a
 * time, so that no second copy of the features is made. */
#include <math.h>
#include <omp.h>

#include "base/error.h"
#include "base/memory.h"
#include "train/learner.h"
#include "train/targets.h"

typedef struct table {
    const float *features;
    int64_t stride, width;
    float *mean, *inverse_sd; /* [width] */
} table;

bb_perceptron_options bb_perceptron_options_default(void) {
    return (bb_perceptron_options){.steps = 1000,
                                   .batch = 64,
                                   .rate = 1e-3,
                                   .weight_decay = 0.01,
                                   .clip = 1,
                                   .patience = 300,
                                   .factor = 0.1};
}

/* Of the training windows; each column by one thread in order. A column whose sd is of its numbers' rounding
 * is constant. */
static bb_status measure(table *t, const bb_targets *targets, bb_error *err) {
    enum { BLOCK = 64 };
    t->mean = bb_calloc((size_t)t->width, sizeof *t->mean);
    t->inverse_sd = bb_calloc((size_t)t->width, sizeof *t->inverse_sd);
    if (!t->mean || !t->inverse_sd)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld columns", (long long)t->width);
#pragma omp parallel for schedule(static)
    for (int64_t first = 0; first < t->width; first += BLOCK) {
        const int64_t count = t->width - first < BLOCK ? t->width - first : BLOCK;
        double sum[BLOCK] = {0}, squares[BLOCK] = {0};
        for (int64_t i = 0; i < targets->train_count; ++i) {
            const float *x = t->features + targets->train[i] * t->stride + first;
            for (int64_t c = 0; c < count; ++c) sum[c] += x[c];
        }
        for (int64_t c = 0; c < count; ++c) sum[c] /= (double)targets->train_count;
        for (int64_t i = 0; i < targets->train_count; ++i) {
            const float *x = t->features + targets->train[i] * t->stride + first;
            for (int64_t c = 0; c < count; ++c) squares[c] += (x[c] - sum[c]) * (x[c] - sum[c]);
        }
        for (int64_t c = 0; c < count; ++c) {
            const double sd = sqrt(squares[c] / (double)targets->train_count);
            t->mean[first + c] = (float)sum[c];
            t->inverse_sd[first + c] = sd > 1e-7 * fabs(sum[c]) ? (float)fmin(1 / sd, 3e38) : 0;
        }
    }
    return BB_OK;
}

static bb_status gather(void *self, const int64_t *items, int64_t count, int64_t first,
                        const bb_dropout *dropout, float *out, bb_error *err) {
    const table *t = self;
    (void)first, (void)dropout, (void)err;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; ++i) {
        const float *x = t->features + items[i] * t->stride;
        float *y = out + i * t->width;
        for (int64_t c = 0; c < t->width; ++c) y[c] = (x[c] - t->mean[c]) * t->inverse_sd[c];
    }
    return BB_OK;
}

static bb_status check(const float *features, int64_t stride, int64_t width, const bb_targets *targets,
                       const bb_perceptron_options *o, const bb_learning *learning, bb_error *err) {
    BB_TRY(bb_learning_check(learning, "perceptron", err));
    if (!(o->rate > 0 && o->rate <= 1e3) || o->hidden_count < 0 || o->hidden_count > BB_PERCEPTRON_HIDDEN)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "perceptron: expected a rate above 0 and up to %d hidden layers, found %g and %d",
                       BB_PERCEPTRON_HIDDEN, o->rate, o->hidden_count);
    for (int i = 0; i < o->hidden_count; ++i)
        if (o->hidden[i] < 1 || o->hidden[i] > 1 << 16)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "perceptron: hidden layer %d: expected 1 to 65536 units, found %d", i,
                           o->hidden[i]);
    if (!features || width < 1 || width > 1 << 30 || stride < width)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "perceptron: expected features of 1 number or more and rows no nearer than that, found "
            "%lld and a stride of %lld",
            (long long)width, (long long)stride);
    BB_TRY(bb_targets_check(targets, targets->count, err));
    return bb_targets_check_rows(targets, features, stride, width, err);
}

static bb_status fit(table *t, const bb_targets *targets, const bb_perceptron_options *o,
                     const bb_learning *learning, bb_fit_listener listener, void *context, bb_fit_result *out,
                     bb_error *err) {
    const bb_learner_source source = {.self = t, .dim = t->width, .forward = gather};
    bb_learner l = {0};
    bb_status status = measure(t, targets, err);
    if (status == BB_OK)
        status = bb_learner_create(targets, learning, &source, o->hidden, o->hidden_count, o->rate,
                                   learning->batch, &l, err);
    if (status == BB_OK) status = bb_learner_run(&l, listener, context, err);
    if (status == BB_OK) status = bb_learner_conclude(&l, out, err);
    bb_learner_free(&l);
    return status;
}

bb_status bb_perceptron_fit_predict(const float *features, int64_t stride, int64_t width,
                                    const bb_targets *targets, const bb_perceptron_options *o,
                                    bb_fit_listener listener, void *context, bb_fit_result *out,
                                    bb_error *err) {
    const bb_learning learning = {.steps = o->steps,
                                  .batch = o->batch,
                                  .weight_decay = o->weight_decay,
                                  .clip = o->clip,
                                  .check_every = o->check_every,
                                  .patience = o->patience,
                                  .factor = o->factor,
                                  .seed = o->seed};
    table t = {.features = features, .stride = stride, .width = width};
    *out = (bb_fit_result){0};
    BB_TRY(check(features, stride, width, targets, o, &learning, err));
    const int before = omp_get_max_threads();
    omp_set_num_threads(o->threads > 0 ? o->threads : omp_get_num_procs());
    const bb_status status = fit(&t, targets, o, &learning, listener, context, out, err);
    omp_set_num_threads(before);
    bb_free(t.mean);
    bb_free(t.inverse_sd);
    return status;
}
