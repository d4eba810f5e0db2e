#include "bench/statistics.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bb_median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

double bb_log_slope(const double *x, const double *y, int count) {
    double mean_x = 0, mean_y = 0, products = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
        mean_x += log(x[i]) / count;
        mean_y += log(y[i]) / count;
    }
    for (int i = 0; i < count; ++i) {
        products += (log(x[i]) - mean_x) * (log(y[i]) - mean_y);
        squares += (log(x[i]) - mean_x) * (log(x[i]) - mean_x);
    }
    return squares > 0 ? products / squares : 0;
}
