#include "train/optimizer.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "ranks/collective.h"

bb_optimizer_recipe bb_optimizer_recipe_for(bb_optimizer_kind kind) {
    const bool lamb = kind == BB_OPTIMIZER_LAMB;
    return (bb_optimizer_recipe){.kind = kind,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999,
                                 .epsilon = lamb ? 1e-6 : 1e-8,
                                 .weight_decay = lamb ? 0 : 0.01};
}

/* Sums of squares in this many interleaved ones, which a compiler can do at once. */
enum { LANES = 8 };

static double sum_lanes(const double lanes[LANES]) {
    double sum = 0;
    for (int k = 0; k < LANES; ++k) sum += lanes[k];
    return sum;
}

static double squares_of(const float *x, int64_t count) {
    double lanes[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; ++k) lanes[k] += (double)x[i + k] * x[i + k];
    for (int k = 0; i < count; ++i, ++k) lanes[k] += (double)x[i] * x[i];
    return sum_lanes(lanes);
}

double bb_gradient_norm(const bb_stretches *s, const float *gradients) {
    double sum = 0;
#pragma omp parallel for schedule(static, 1)
    for (size_t i = 0; i < s->count; ++i)
        s->sums[i] = squares_of(gradients + s->list[i].at, s->list[i].count);
    for (size_t i = 0; i < s->count; ++i) sum += s->sums[i];
    bb_ranks_sum(s->ranks, &sum, 1);
    return sqrt(sum);
}

/* What a step needs of one stretch. */
typedef struct strip {
    int64_t count;
    const float *gradient;
    float *moment, *square, *weight;
} strip;

static void update_moments(const bb_optimizer_recipe *r, const strip *t, float scale) {
    const float b1 = (float)r->beta1, b2 = (float)r->beta2, c1 = 1 - b1, c2 = 1 - b2;
    for (int64_t i = 0; i < t->count; ++i) {
        const float g = scale * t->gradient[i];
        t->moment[i] = b1 * t->moment[i] + c1 * g;
        t->square[i] = b2 * t->square[i] + c2 * g * g;
    }
}

/* ---------------------------------------------------------------- LAMB */

static inline float lamb_update(const bb_optimizer_recipe *r, const strip *t, int64_t i) {
    return t->moment[i] / (sqrtf(t->square[i]) + (float)r->epsilon) + (float)r->weight_decay * t->weight[i];
}

static double update_squares(const bb_optimizer_recipe *r, const strip *t) {
    double lanes[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= t->count; i += LANES)
        for (int k = 0; k < LANES; ++k) {
            const double u = lamb_update(r, t, i + k);
            lanes[k] += u * u;
        }
    for (int k = 0; i < t->count; ++i, ++k) {
        const double u = lamb_update(r, t, i);
        lanes[k] += u * u;
    }
    return sum_lanes(lanes);
}

/* Squares of weights and updates, of the stretches -> of the tensors, all ranks' together. */
static void gather_norms(const bb_stretches *s) {
    memset(s->norms, 0, 2 * s->tensors * sizeof *s->norms);
    for (size_t i = 0; i < s->count; ++i)
        for (int k = 0; k < 2; ++k) s->norms[2 * s->list[i].tensor + (size_t)k] += s->sums[2 * i + (size_t)k];
    bb_ranks_sum(s->ranks, s->norms, 2 * s->tensors);
}

static double trust(const double squares[2]) {
    const double weights = fmin(sqrt(squares[0]), 10), update = sqrt(squares[1]);
    return weights > 0 && update > 0 ? weights / update : 1;
}

static void lamb_change(const bb_optimizer_recipe *r, const strip *t, float change) {
    for (int64_t i = 0; i < t->count; ++i) t->weight[i] -= change * lamb_update(r, t, i);
}

/* ---------------------------------------------------------------- AdamW */

static void adamw_change(const bb_optimizer_recipe *r, const strip *t, int64_t step, double rate) {
    const double corrected1 = 1 - pow(r->beta1, (double)(step + 1)),
                 corrected2 = 1 - pow(r->beta2, (double)(step + 1));
    const float change = (float)(rate / corrected1), root = (float)(1 / sqrt(corrected2)),
                keep = (float)(1 - rate * r->weight_decay), epsilon = (float)r->epsilon;
    for (int64_t i = 0; i < t->count; ++i)
        t->weight[i] = keep * t->weight[i] - change * t->moment[i] / (root * sqrtf(t->square[i]) + epsilon);
}

/* ---------------------------------------------------------------- the step */

void bb_optimizer_step(const bb_optimizer_recipe *r, const bb_stretches *s, int64_t step, double rate,
                       double scale, const float *gradients, float *moments, float *squares, float *weights) {
    const bool lamb = r->kind == BB_OPTIMIZER_LAMB;
#define STRIP(one)                                                                                           \
    { (one)->count, gradients + (one)->at, moments + (one)->own, squares + (one)->own, weights + (one)->at }
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < s->count; ++i) {
        const strip t = STRIP(&s->list[i]);
        update_moments(r, &t, (float)scale);
        if (!lamb) {
            adamw_change(r, &t, step, rate);
            continue;
        }
        s->sums[2 * i] = squares_of(t.weight, t.count);
        s->sums[2 * i + 1] = update_squares(r, &t);
    }
    if (!lamb) return;
    gather_norms(s);
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < s->count; ++i) {
        const strip t = STRIP(&s->list[i]);
        lamb_change(r, &t, (float)(rate * trust(s->norms + 2 * s->list[i].tensor)));
    }
#undef STRIP
}
