#include "simulate/theory.h"

#include <math.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

/* Correlation between bins `apart` of white noise under a Hann window. */
static double noise_overlap(int apart) {
    static const double overlap[] = {1, -2.0 / 3, 1.0 / 6};
    return apart <= 2 ? overlap[apart] : 0;
}

/* Fourier coefficient of sin^4(pi t / T) over T: what a tone leaves in a bin `apart` from its own. */
static double tone_leak(int apart) {
    static const double leak[] = {3.0 / 8, -1.0 / 4, 1.0 / 16};
    return apart <= 2 ? leak[apart] : 0;
}

/* The bins' complex amplitudes, over the noise's variance in one of them: covariance[k][l]. */
static void fill_covariance(double snr, int tones, double c[BB_TONES][BB_TONES]) {
    for (int k = 0; k < tones; ++k) {
        for (int l = 0; l < tones; ++l) {
            double shared = 0;
            for (int j = 0; j < tones; ++j) shared += tone_leak(abs(k - j)) * tone_leak(abs(l - j));
            c[k][l] = noise_overlap(abs(k - l)) + snr * 64 / 9 * shared;
        }
    }
}

/* One rotation of Jacobi's, which makes c[p][q] zero and keeps the eigenvalues. */
static void rotate(double c[BB_TONES][BB_TONES], int n, int p, int q) {
    if (c[p][q] == 0) return;
    const double angle = 0.5 * atan2(2 * c[p][q], c[q][q] - c[p][p]), s = sin(angle), co = cos(angle);
    for (int k = 0; k < n; ++k) {
        const double a = c[k][p], b = c[k][q];
        c[k][p] = co * a - s * b;
        c[k][q] = s * a + co * b;
    }
    for (int k = 0; k < n; ++k) {
        const double a = c[p][k], b = c[q][k];
        c[p][k] = co * a - s * b;
        c[q][k] = s * a + co * b;
    }
}

/* The power's sum is one of exponentially distributed numbers with these means: the covariance's eigenvalues.
 */
typedef struct power_law {
    int count;
    double means[BB_TONES];
} power_law;

static power_law power_law_of(double snr, int tones) {
    double c[BB_TONES][BB_TONES];
    power_law law = {.count = tones};
    fill_covariance(snr, tones, c);
    /* Six sweeps take matrices of this size to rounding; eight are on the safe side. */
    for (int sweep = 0; sweep < 8; ++sweep)
        for (int p = 0; p < tones; ++p)
            for (int q = p + 1; q < tones; ++q) rotate(c, tones, p, q);
    for (int k = 0; k < tones; ++k) law.means[k] = c[k][k];
    return law;
}

/* Log of the modulus and the angle of the law's characteristic function, prod 1 / (1 - i u mean). */
static void add_transform(const power_law *law, double u, double sign, double *modulus, double *angle) {
    for (int k = 0; k < law->count; ++k) {
        *modulus -= 0.5 * log1p(u * law->means[k] * u * law->means[k]);
        *angle += sign * atan(u * law->means[k]);
    }
}

/* P(high > low) = 1/2 + (1 / pi) int_0^inf Im f(u) / u du, f the characteristic function of high - low
 * (Gil-Pelaez, Biometrika 38, 1951), by the midpoint rule, which converges exponentially here. */
static double auc(const power_law *high, const power_law *low) {
    double variance = 0, sum = 0;
    for (int k = 0; k < high->count; ++k) variance += pow(high->means[k], 2) + pow(low->means[k], 2);
    const double step = 0.1 / sqrt(variance);
    for (int i = 0; i < 100000; ++i) {
        double modulus = 0, angle = 0;
        add_transform(high, (i + 0.5) * step, 1, &modulus, &angle);
        add_transform(low, (i + 0.5) * step, -1, &modulus, &angle);
        sum += exp(modulus) * sin(angle) / (i + 0.5);
        if (modulus < -30) break; /* 1e-13 */
    }
    return fmin(0.5 + sum / pi, 1);
}

typedef struct moments {
    double mean, variance;
} moments;

/* Of the logarithm of the power's sum: a gamma distribution with the sum's mean and variance comes near it,
 * whose logarithm has the moments digamma(shape) + log(scale) and trigamma(shape), here by their asymptotic
 * series. */
static moments log_power(const power_law *law) {
    double mean = 0, variance = 0;
    for (int k = 0; k < law->count; ++k) {
        mean += law->means[k];
        variance += law->means[k] * law->means[k];
    }
    const double a = mean * mean / variance;
    return (moments){log(mean) - 1 / (2 * a) - 1 / (12 * a * a),
                     1 / a + 1 / (2 * a * a) + 1 / (6 * a * a * a)};
}

static double d_prime(const power_law *high, const power_law *low) {
    const moments a = log_power(high), b = log_power(low);
    return (a.mean - b.mean) / sqrt((a.variance + b.variance) / 2);
}

bb_power_theory bb_theory_power(double snr, int tones) {
    if (tones == 0 || !(snr > 0)) return (bb_power_theory){.auc_word = 0.5, .auc_classes = 0.5};
    const power_law none = power_law_of(0, tones), soft = power_law_of(snr / 4, tones),
                    loud = power_law_of(snr, tones);
    return (bb_power_theory){.d_prime = {d_prime(&soft, &none), d_prime(&loud, &none)},
                             .d_prime_classes = d_prime(&loud, &soft),
                             .auc_word = (auc(&soft, &none) + auc(&loud, &none)) / 2,
                             .auc_classes = auc(&loud, &soft)};
}

/* Power that the noise leaves in the demodulated amplitude 2 / W sum of w x exp(-i 2 pi f t): the density
 * seen through the window's squared spectrum, W being the window's sum. */
static double phase_noise_power(const bb_plan *plan, const bb_contact_plan *c) {
    const double step = 0.05, length = bb_phase_window_s;
    double power = 0;
    for (double hz = step / 2; hz < 4 * c->rhythm_hz; hz += step) {
        const double x = (hz - c->rhythm_hz) * length, sinc = fabs(x) < 1e-9 ? 1 : sin(pi * x) / (pi * x);
        const double spectrum = fabs(fabs(x) - 1) < 1e-9 ? 0.5 : sinc / (1 - x * x);
        power += 2 * step * bb_contact_density(plan, c, hz) * spectrum * spectrum;
    }
    return power;
}

/* exp(-x) I_n(x) for n = 0 and 1, from (1/pi) int_0^pi exp(x (cos u - 1)) cos(n u) du; the trapezoidal rule
 * converges exponentially for it. */
static double scaled_bessel(int n, double x) {
    const int steps = 64 + (int)(8 * sqrt(x));
    double sum = 0;
    for (int i = 0; i <= steps; ++i) {
        const double u = pi * i / steps, weight = i == 0 || i == steps ? 0.5 : 1;
        sum += weight * exp(x * (cos(u) - 1)) * cos(n * u);
    }
    return sum / steps;
}

void bb_theory_itpc(const bb_plan *plan, const bb_contact_plan *c, double itpc[BB_CLASSES]) {
    /* Mean distance of two draws from the Hann density is 0.2055 of its length. The walk's mean under the
     * window then has the variance D (L / 2 - 0.2055 L / 2), and strays from it by D 0.2055 L / 2. */
    const double length = bb_phase_window_s, apart = 0.2055 * length / 2;
    const double settled = bb_phase_centre_s - length / 2 - bb_reset_end_s;
    const double walked = exp(-bb_phase_diffusion * (settled + length / 2 - apart) / 2);
    const double amplitude = c->rhythm_uv * exp(-bb_phase_diffusion * apart / 2);
    const double ratio = amplitude * amplitude / phase_noise_power(plan, c);
    const double seen = sqrt(pi * ratio) / 2 * (scaled_bessel(0, ratio / 2) + scaled_bessel(1, ratio / 2));
    for (int k = 0; k < BB_CLASSES; ++k) itpc[k] = c->responds ? bb_locking[k] * walked * seen : 0;
}
