#include "simulate/noise.h"

#include <math.h>

#include "base/random.h"

static const double pi = 3.14159265358979323846;
static const double lowest_corner_hz = 0.1;

static inline double draw(uint64_t bits) {
    const int64_t sum =
        (int64_t)((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48));
    /* variance of one: (65536^2 - 1) / 12 */
    return (double)(sum - 131070) * 2.6428997921303014e-05;
}

double bb_noise_draw(uint64_t bits) { return draw(bits); }

/* Of two stages driven by the same white noise. */
static double covariance(const bb_noise_filter *f, int j, int k) {
    return f->gain[j] * f->gain[k] / (1 - f->decay[j] * f->decay[k]);
}

/* Poles at the corners and, between each two, a zero that lies exponent / 2 of the logarithmic way up: the
 * mean slope of the gain is then -exponent / 2. A stage's gain is the residue at its pole, all of them
 * positive. */
bb_noise_filter bb_noise_filter_make(double exponent, double sd_uv, double rate_hz) {
    bb_noise_filter f = {.rate_hz = rate_hz};
    const double ratio = pow(rate_hz / 3 / lowest_corner_hz, 1.0 / (BB_NOISE_STAGES - 1));
    double variance = 0;
    for (int k = 0; k < BB_NOISE_STAGES; ++k) {
        const double corner = lowest_corner_hz * pow(ratio, k);
        f.decay[k] = exp(-2 * pi * corner / rate_hz);
        f.gain[k] = (1 - f.decay[k]) / corner;
        for (int j = 0; j < BB_NOISE_STAGES; ++j) {
            /* over the corner itself, so that numbers stay of a size */
            if (j != k) f.gain[k] /= pow(ratio, j - k) - 1;
            if (j != BB_NOISE_STAGES - 1) f.gain[k] *= pow(ratio, j - k + exponent / 2) - 1;
        }
    }
    for (int j = 0; j < BB_NOISE_STAGES; ++j)
        for (int k = 0; k < BB_NOISE_STAGES; ++k) variance += covariance(&f, j, k);
    for (int k = 0; k < BB_NOISE_STAGES; ++k) f.gain[k] *= sd_uv / sqrt(variance);
    return f;
}

/* The states' covariance is L L'; L times independent draws has it (Cholesky). */
void bb_noise_start(bb_noise *noise, const bb_noise_filter *filter, uint64_t seed, uint64_t stream) {
    double l[BB_NOISE_STAGES][BB_NOISE_STAGES];
    *noise = (bb_noise){.filter = *filter, .seed = seed, .stream = stream, .next = BB_NOISE_STAGES};
    for (int j = 0; j < BB_NOISE_STAGES; ++j) {
        for (int k = 0; k <= j; ++k) {
            double rest = covariance(filter, j, k);
            for (int i = 0; i < k; ++i) rest -= l[j][i] * l[k][i];
            l[j][k] = j == k ? sqrt(fmax(rest, 0)) : l[k][k] > 0 ? rest / l[k][k] : 0;
            noise->state[j] += l[j][k] * draw(bb_random_bits(seed, stream, (uint64_t)k));
        }
    }
}

void bb_noise_add(bb_noise *noise, int64_t samples, double *out) {
    const bb_noise_filter f = noise->filter;
    const uint64_t seed = noise->seed, stream = noise->stream, next = noise->next;
    double s[BB_NOISE_STAGES];
    for (int k = 0; k < BB_NOISE_STAGES; ++k) s[k] = noise->state[k];
    for (int64_t t = 0; t < samples; ++t) {
        const double w = draw(bb_random_bits(seed, stream, next + (uint64_t)t));
        for (int k = 0; k < BB_NOISE_STAGES; ++k) s[k] = f.decay[k] * s[k] + f.gain[k] * w;
        out[t] += ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
    for (int k = 0; k < BB_NOISE_STAGES; ++k) noise->state[k] = s[k];
    noise->next += (uint64_t)samples;
}

/* 2 / rate |sum of gain / (1 - decay exp(-i w))|^2 at w = 2 pi f / rate. */
double bb_noise_density(const bb_noise_filter *f, double hz) {
    const double c = cos(2 * pi * hz / f->rate_hz), s = sin(2 * pi * hz / f->rate_hz);
    double real = 0, imaginary = 0;
    for (int k = 0; k < BB_NOISE_STAGES; ++k) {
        const double a = 1 - f->decay[k] * c, b = f->decay[k] * s, scale = f->gain[k] / (a * a + b * b);
        real += a * scale;
        imaginary -= b * scale;
    }
    return 2 / f->rate_hz * (real * real + imaginary * imaginary);
}

double bb_noise_band_power(const bb_noise_filter *f, double low_hz, double high_hz) {
    high_hz = fmin(high_hz, f->rate_hz / 2);
    if (high_hz <= low_hz) return 0;
    const int steps = (int)ceil(high_hz - low_hz);
    const double width = (high_hz - low_hz) / steps;
    double power = 0;
    for (int i = 0; i < steps; ++i) power += width * bb_noise_density(f, low_hz + (i + 0.5) * width);
    return power;
}
