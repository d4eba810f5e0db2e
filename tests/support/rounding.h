/* How far features of another precision are from the exact ones. */
#ifndef BB_TESTS_ROUNDING_H
#define BB_TESTS_ROUNDING_H

#include <math.h>
#include <stdint.h>

typedef struct bb_rounding {
    double differences, squares; /* sums over all numbers added */
    double cosine;               /* the least of a row; begins as 1; a NaN stays */
} bb_rounding;

/* Rows of `width` numbers: found beside exact. */
static inline void bb_rounding_add(bb_rounding *r, const float *found, const float *exact, int64_t rows,
                                   int64_t width) {
    for (int64_t row = 0; row < rows; ++row) {
        double xy = 0, xx = 0, yy = 0;
        for (int64_t i = row * width; i < (row + 1) * width; ++i) {
            const double x = (double)found[i], y = (double)exact[i];
            xy += x * y, xx += x * x, yy += y * y, r->differences += (x - y) * (x - y);
        }
        r->squares += yy;
        const double cosine = xy / sqrt(xx * yy);
        if (!(cosine >= r->cosine)) r->cosine = cosine;
    }
}

/* In Frobenius' norm. */
static inline double bb_rounding_relative(const bb_rounding *r) { return sqrt(r->differences / r->squares); }

#endif
