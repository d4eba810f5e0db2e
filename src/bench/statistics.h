/* Figures of repeated measurements. */
#ifndef BB_BENCH_STATISTICS_H
#define BB_BENCH_STATISTICS_H

/* The middle of values[count], count >= 1; the mean of the two in the middle where that is even. Sorts them.
 */
double bb_median(double *values, int count);

/* The slope of log(y) over log(x) by least squares: p of y ~ x^p. 0 where all x are the same. */
double bb_log_slope(const double *x, const double *y, int count);

#endif
