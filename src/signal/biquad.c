/* Filter design: coefficients of second-order sections. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "brainbert/signal.h"

static const double pi = 3.14159265358979323846;

bb_biquad bb_design_notch(double f0_hz, double q, double rate_hz) {
    const double w0 = 2 * pi * f0_hz / rate_hz;
    const double beta = tan(w0 / q / 2); /* -3 dB at the edges of the band f0 / q */
    const double gain = 1 / (1 + beta);
    return (bb_biquad){gain, -2 * gain * cos(w0), gain, -2 * gain * cos(w0), 2 * gain - 1};
}

/* Poles of the analogue prototype lie on the unit circle's left half; s -> warped / s makes the low-pass a
 * high-pass with all its zeros at s = 0; the bilinear transform moves those to z = 1. The section nearest to
 * the unit circle comes last, and the gain sits in the first one. */
size_t bb_design_highpass(int order, double cutoff_hz, double rate_hz, bb_biquad out[4]) {
    if (order < 1 || order > 8) return 0;
    const double warped = 4 * tan(pi * cutoff_hz / rate_hz); /* at a rate of 2 */
    size_t count = 0;
    double gain = 1;
    if (order % 2) {
        const double z = (4 - warped) / (4 + warped);
        gain *= 4 / (4 + warped);
        out[count++] = (bb_biquad){1, -1, 0, -z, 0};
    }
    for (int k = order / 2 - 1; k >= 0; --k) {
        const double complex prototype = -cexp(I * pi * (2 * k + 1 - order) / (2 * order));
        const double complex s = warped / prototype;
        const double complex z = (4 + s) / (4 - s);
        const double distance = cabs(4 - s);
        gain *= 16 / (distance * distance);
        out[count++] = (bb_biquad){1, -2, 1, -2 * creal(z), creal(z) * creal(z) + cimag(z) * cimag(z)};
    }
    out[0].b0 *= gain, out[0].b1 *= gain, out[0].b2 *= gain;
    return count;
}

/* A pair of poles: conjugates, or two real ones. (1 - a/z)(1 - b/z) = 1 + a1/z + a2/z^2. */
typedef struct pole_pair {
    double a1, a2;
    double distance;     /* of the nearer pole from the unit circle */
    double complex near; /* that pole */
} pole_pair;

/* The band-pass poles that a pole of the analogue prototype becomes: s -> (s^2 + w0^2) / (B s) leaves
 * s = B p / 2 +- sqrt((B p / 2)^2 - w0^2), and the bilinear transform (4 + s) / (4 - s) at a rate of 2. */
static void split_pole(double complex prototype, double width, double centre, double complex z[2]) {
    const double complex half = prototype * width / 2, root = csqrt(half * half - centre * centre);
    z[0] = (4 + half + root) / (4 - half - root);
    z[1] = (4 + half - root) / (4 - half + root);
}

static pole_pair make_pair(double complex a, double complex b) {
    const bool first = fabs(1 - cabs(a)) <= fabs(1 - cabs(b));
    return (pole_pair){.a1 = -creal(a + b),
                       .a2 = creal(a * b),
                       .distance = fmin(fabs(1 - cabs(a)), fabs(1 - cabs(b))),
                       .near = first ? a : b};
}

static int farther_first(const void *a, const void *b) {
    const pole_pair *x = a, *y = b;
    return (x->distance < y->distance) - (x->distance > y->distance);
}

/* Zeros: `order` at z = 1 and as many at z = -1. The pairs choose theirs in turn, the one nearest to the unit
 * circle first, the nearest two that are left: so no section's gain is far from the whole filter's. The
 * first to choose is the last section. */
static void place_zeros(const pole_pair *pairs, int order, bb_biquad *out) {
    int left[2] = {order, order}; /* at 1, at -1 */
    for (int k = order - 1; k >= 0; --k) {
        double sum = 0, product = 1;
        for (int i = 0; i < 2; ++i) {
            const bool nearer = cabs(pairs[k].near - 1) <= cabs(pairs[k].near + 1);
            const bool at_one = left[0] > 0 && (nearer || left[1] == 0);
            --left[at_one ? 0 : 1];
            sum += at_one ? 1 : -1;
            product *= at_one ? 1 : -1;
        }
        out[k] = (bb_biquad){1, -sum, product, pairs[k].a1, pairs[k].a2};
    }
}

/* The poles of the analogue low-pass prototype, as above; then low-pass to band-pass (Oppenheim and Schafer,
 * Discrete-Time Signal Processing, chapter 7). The gain is the product of B * 4 / ((4 - s1) (4 - s2)) over
 * the pairs of poles and sits in the first section; 4 / (4 - s) = (1 + z) / 2. */
size_t bb_design_bandpass(int order, double low_hz, double high_hz, double rate_hz, bb_biquad out[8]) {
    if (order < 1 || order > 8) return 0;
    const double low = 4 * tan(pi * low_hz / rate_hz), high = 4 * tan(pi * high_hz / rate_hz);
    const double width = high - low, centre = sqrt(low * high);
    pole_pair pairs[8];
    int count = 0;
    double complex z[2], gain = 1;
    for (int k = 0; k < order / 2; ++k) {
        split_pole(-cexp(I * pi * (2 * k + 1 - order) / (2 * order)), width, centre, z);
        for (int i = 0; i < 2; ++i) {
            gain *= width / 4 * (1 + z[i]) / 2 * conj((1 + z[i]) / 2);
            pairs[count++] = make_pair(z[i], conj(z[i]));
        }
    }
    if (order % 2) {
        split_pole(-1, width, centre, z);
        gain *= width / 4 * (1 + z[0]) / 2 * ((1 + z[1]) / 2);
        pairs[count++] = make_pair(z[0], z[1]);
    }
    qsort(pairs, (size_t)count, sizeof *pairs, farther_first);
    place_zeros(pairs, order, out);
    out[0].b0 *= creal(gain), out[0].b1 *= creal(gain), out[0].b2 *= creal(gain);
    return (size_t)count;
}
