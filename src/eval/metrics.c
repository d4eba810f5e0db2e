#include "brainbert/metrics.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

static double weight_of(const double *weights, int64_t i) { return weights ? weights[i] : 1; }

double bb_f1_score(const int *predicted, const int *labels, const double *weights, int64_t n) {
    double both = 0, either = 0; /* 2 TP + FP + FN counts every 1 on either side */
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i);
        if (predicted[i] == 1 && labels[i] == 1) both += w;
        either += w * ((predicted[i] == 1) + (labels[i] == 1));
    }
    return either > 0 ? 2 * both / either : 0;
}

double bb_accuracy(const int *predicted, const int *labels, const double *weights, int64_t n) {
    double right = 0, all = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i);
        if (predicted[i] == labels[i]) right += w;
        all += w;
    }
    return all > 0 ? right / all : NAN;
}

double bb_balanced_accuracy(const int *predicted, const int *labels, const double *weights, int64_t n,
                            int classes) {
    double sum = 0;
    int present = 0;
    for (int k = 0; k < classes; ++k) {
        double found = 0, all = 0;
        for (int64_t i = 0; i < n; ++i) {
            if (labels[i] != k) continue;
            const double w = weight_of(weights, i);
            if (predicted[i] == k) found += w;
            all += w;
        }
        if (!(all > 0)) continue;
        sum += found / all;
        ++present;
    }
    return present > 0 ? sum / present : NAN;
}

static double loss_of(double p) { return -log(fmin(fmax(p, DBL_EPSILON), 1 - DBL_EPSILON)); }

double bb_log_loss(const double *p, const int *labels, const double *weights, int64_t n) {
    double sum = 0, all = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i);
        if (isnan(p[i])) return NAN; /* fmax would make it a number */
        sum += w * loss_of(labels[i] == 1 ? p[i] : 1 - p[i]);
        all += w;
    }
    return all > 0 ? sum / all : NAN;
}

double bb_log_loss_classes(const double *p, const int *labels, const double *weights, int64_t n,
                           int classes) {
    double sum = 0, all = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i);
        if (labels[i] < 0 || labels[i] >= classes || isnan(p[i * classes + labels[i]])) return NAN;
        sum += w * loss_of(p[i * classes + labels[i]]);
        all += w;
    }
    return all > 0 ? sum / all : NAN;
}

static double mean_of(const double *x, const double *weights, int64_t n) {
    double sum = 0, all = 0;
    for (int64_t i = 0; i < n; ++i) {
        sum += weight_of(weights, i) * x[i];
        all += weight_of(weights, i);
    }
    return sum / all;
}

/* Differences from a rounded mean would give a constant a variance. */
static bool is_constant(const double *x, const double *weights, int64_t n) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; ++i) {
        if (!(weight_of(weights, i) > 0)) continue;
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    return !(low < high);
}

double bb_pearson(const double *x, const double *y, const double *weights, int64_t n) {
    if (is_constant(x, weights, n) || is_constant(y, weights, n)) return NAN;
    const double mx = mean_of(x, weights, n), my = mean_of(y, weights, n);
    double xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i), dx = x[i] - mx, dy = y[i] - my;
        xx += w * dx * dx;
        yy += w * dy * dy;
        xy += w * dx * dy;
    }
    const double r = xy / sqrt(xx) / sqrt(yy);
    return isnan(r) ? r : fmax(-1, fmin(1, r));
}

double bb_r_squared(const double *truth, const double *predicted, const double *weights, int64_t n) {
    if (is_constant(truth, weights, n)) return NAN;
    const double mean = mean_of(truth, weights, n);
    double total = 0, residual = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double w = weight_of(weights, i), d = truth[i] - mean, r = truth[i] - predicted[i];
        total += w * d * d;
        residual += w * r * r;
    }
    return 1 - residual / total;
}
