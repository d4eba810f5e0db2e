/* What is unsound in a stretch of samples, found the slow way: every maximal run of the whole signal, then
 * its overlap with the stretch. */
#ifndef BB_TESTS_SIGNAL_SOUNDNESS_BY_HAND_H
#define BB_TESTS_SIGNAL_SOUNDNESS_BY_HAND_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "brainbert/windows.h"

static inline bool by_hand_missing(double x) { return !(fabs(x) <= 1e100); }

/* Whether sample t > 0 belongs to the run of the sample before it; `kind` is a BB_UNSOUND_ bit. */
static inline bool by_hand_goes_on(const double *x, int64_t t, int kind) {
    return kind != BB_UNSOUND_FLAT || x[t] == x[t - 1];
}

static inline bool by_hand_is(double x, int kind, double low, double high) {
    if (kind == BB_UNSOUND_MISSING) return by_hand_missing(x);
    if (kind == BB_UNSOUND_FLAT) return !by_hand_missing(x);
    return low < high && !by_hand_missing(x) && (x <= low || x >= high);
}

static inline int64_t by_hand_at_least(double rate_hz, int kind) {
    if (kind == BB_UNSOUND_MISSING) return 1;
    if (kind == BB_UNSOUND_CLIPPED) return 3;
    return (int64_t)fmax(10, ceil(0.1 * rate_hz - 1e-6));
}

/* The bits of x[0, n); *samples of each kind too when asked. */
static inline unsigned by_hand_bits(const double *x, int64_t n, double rate_hz, double low, double high,
                                    int64_t samples[5]) {
    unsigned found = 0;
    for (int kind = 1; kind <= 4; kind *= 2) {
        if (samples) samples[kind] = 0;
        for (int64_t from = 0, to; from < n; from = to) {
            to = from + 1;
            if (!by_hand_is(x[from], kind, low, high)) continue;
            while (to < n && by_hand_is(x[to], kind, low, high) && by_hand_goes_on(x, to, kind)) ++to;
            if (to - from < by_hand_at_least(rate_hz, kind)) continue;
            found |= (unsigned)kind;
            if (samples) samples[kind] += to - from;
        }
    }
    return found;
}

#endif
