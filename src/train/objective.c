#include "train/objective.h"

#include <math.h>

bb_objective bb_objective_of(const bb_targets *t) {
    bb_objective o = {.targets = t, .outputs = t->classes > 2 ? t->classes : 1, .sd = 1};
    if (t->classes) return o;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < t->train_count; ++i) sum += t->numbers[t->train[i]];
    o.mean = sum / (double)t->train_count;
    for (int64_t i = 0; i < t->train_count; ++i) {
        const double apart = t->numbers[t->train[i]] - o.mean;
        squares += apart * apart;
    }
    const double sd = sqrt(squares / (double)t->train_count);
    if (sd > 0 && isfinite(sd)) o.sd = sd;
    return o;
}

static double binary(double z, int label, double share, float *d) {
    const double grown = exp(-fabs(z)), positive = z >= 0 ? 1 / (1 + grown) : grown / (1 + grown);
    if (d) *d = (float)(share * (positive - label));
    return fmax(z, 0) + log1p(grown) - label * z;
}

static double softmax(const float *z, int64_t classes, int label, double share, float *d) {
    double highest = z[0], sum = 0;
    for (int64_t k = 1; k < classes; ++k) highest = fmax(highest, z[k]);
    for (int64_t k = 0; k < classes; ++k) sum += exp(z[k] - highest);
    for (int64_t k = 0; d && k < classes; ++k)
        d[k] = (float)(share * (exp(z[k] - highest) / sum - (k == label)));
    return highest + log(sum) - z[label];
}

static double square(double z, double target, double share, float *d) {
    if (d) *d = (float)(share * 2 * (z - target));
    return (z - target) * (z - target);
}

double bb_objective_add(const bb_objective *o, const int64_t *items, int64_t count, int64_t of,
                        const float *z, float *d) {
    const bb_targets *t = o->targets;
    const double share = 1 / (double)of;
    double sum = 0;
    for (int64_t i = 0; i < count; ++i, z += o->outputs, d = d ? d + o->outputs : NULL) {
        if (t->classes == 0)
            sum += square(*z, (t->numbers[items[i]] - o->mean) / o->sd, share, d);
        else if (t->classes == 2)
            sum += binary(*z, t->labels[items[i]], share, d);
        else
            sum += softmax(z, t->classes, t->labels[items[i]], share, d);
    }
    return sum * share;
}

void bb_objective_scores(const bb_objective *o, const float *z, int64_t count, double *scores) {
    for (int64_t i = 0; i < count * o->outputs; ++i)
        scores[i] = o->targets->classes ? (double)z[i] : o->mean + o->sd * z[i];
}
