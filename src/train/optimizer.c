#include "train/optimizer.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"

bb_optimizer_recipe bb_optimizer_recipe_for(bb_optimizer_kind kind) {
    const bool lamb = kind == BB_OPTIMIZER_LAMB;
    return (bb_optimizer_recipe){.kind = kind,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999,
                                 .epsilon = lamb ? 1e-6 : 1e-8,
                                 .weight_decay = lamb ? 0 : 0.01};
}

static double squares_of(const float *x, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += (double)x[i] * x[i];
    return sum;
}

double bb_gradient_norm(const bb_parameters *p, const float *gradients) {
    double sum = 0;
#pragma omp parallel for ordered schedule(static, 1)
    for (size_t i = 0; i < p->count; ++i) {
        const double one = squares_of(gradients + p->at[i], p->sizes[i]);
#pragma omp ordered
        sum += one;
    }
    return sqrt(sum);
}

/* What a step needs of one tensor. */
typedef struct tensor {
    int64_t count;
    const float *gradient;
    float *moment, *square, *weight;
} tensor;

static void update_moments(const bb_optimizer_recipe *r, const tensor *t, float scale) {
    const float b1 = (float)r->beta1, b2 = (float)r->beta2, c1 = 1 - b1, c2 = 1 - b2;
    for (int64_t i = 0; i < t->count; ++i) {
        const float g = scale * t->gradient[i];
        t->moment[i] = b1 * t->moment[i] + c1 * g;
        t->square[i] = b2 * t->square[i] + c2 * g * g;
    }
}

static inline float lamb_update(const bb_optimizer_recipe *r, const tensor *t, int64_t i) {
    return t->moment[i] / (sqrtf(t->square[i]) + (float)r->epsilon) + (float)r->weight_decay * t->weight[i];
}

static void lamb_step(const bb_optimizer_recipe *r, const tensor *t, double rate) {
    double update_squares = 0;
    for (int64_t i = 0; i < t->count; ++i) {
        const double u = lamb_update(r, t, i);
        update_squares += u * u;
    }
    const double weight_norm = fmin(sqrt(squares_of(t->weight, t->count)), 10),
                 update_norm = sqrt(update_squares);
    const double trust = weight_norm > 0 && update_norm > 0 ? weight_norm / update_norm : 1;
    const float change = (float)(rate * trust);
    for (int64_t i = 0; i < t->count; ++i) t->weight[i] -= change * lamb_update(r, t, i);
}

static void adamw_step(const bb_optimizer_recipe *r, const tensor *t, int64_t step, double rate) {
    const double corrected1 = 1 - pow(r->beta1, (double)(step + 1)),
                 corrected2 = 1 - pow(r->beta2, (double)(step + 1));
    const float change = (float)(rate / corrected1), root = (float)(1 / sqrt(corrected2)),
                keep = (float)(1 - rate * r->weight_decay), epsilon = (float)r->epsilon;
    for (int64_t i = 0; i < t->count; ++i)
        t->weight[i] = keep * t->weight[i] - change * t->moment[i] / (root * sqrtf(t->square[i]) + epsilon);
}

void bb_optimizer_step(const bb_optimizer_recipe *r, const bb_parameters *p, int64_t step, double rate,
                       double scale, const float *gradients, float *moments, float *squares, float *weights) {
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < p->count; ++i) {
        const int64_t at = p->at[i];
        const tensor t = {p->sizes[i], gradients + at, moments + at, squares + at, weights + at};
        update_moments(r, &t, (float)scale);
        if (r->kind == BB_OPTIMIZER_LAMB)
            lamb_step(r, &t, rate);
        else
            adamw_step(r, &t, step, rate);
    }
}
