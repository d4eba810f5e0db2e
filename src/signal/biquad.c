/* Filter design: coefficients of second-order sections. */
#include <complex.h>
#include <math.h>

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
