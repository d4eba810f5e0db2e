#include "simulate/noise.h"

#include <math.h>

#include "base/random.h"

static const double pi = 3.14159265358979323846;
static const double lowest_corner_hz = 0.1;

double bb_noise_draw(uint64_t bits) {
    const uint64_t sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
    /* variance of one: (65536^2 - 1) / 12 */
    return ((double)sum - 131070) * 2.6428997921303014e-05;
}

/* Decay per sample and standard deviation of every stage. */
static void make_stages(bb_noise_recipe recipe, double *decay, double *sd) {
    const double ratio = pow(recipe.rate_hz / 3 / lowest_corner_hz, 1.0 / (BB_NOISE_STAGES - 1));
    double corner = lowest_corner_hz, total = 0;
    for (int k = 0; k < BB_NOISE_STAGES; ++k, corner *= ratio) {
        decay[k] = exp(-2 * pi * corner / recipe.rate_hz);
        sd[k] = pow(corner, (1 - recipe.exponent) / 2);
        total += sd[k] * sd[k];
    }
    for (int k = 0; k < BB_NOISE_STAGES; ++k) sd[k] *= recipe.sd_uv / sqrt(total);
}

void bb_noise_start(bb_noise *noise, bb_noise_recipe recipe, uint64_t seed, uint64_t stream) {
    double sd[BB_NOISE_STAGES];
    make_stages(recipe, noise->decay, sd);
    noise->seed = seed;
    noise->stream = stream;
    noise->next = 1;
    for (int k = 0; k < BB_NOISE_STAGES; ++k) {
        noise->gain[k] = sd[k] * sqrt(1 - noise->decay[k] * noise->decay[k]);
        /* Draw 0 sets the state of a process that has always been running. */
        noise->state[k] = sd[k] * bb_noise_draw(bb_random_bits(seed, stream + (uint64_t)k, 0));
    }
}

void bb_noise_add(bb_noise *noise, int64_t samples, double *out) {
    double state[BB_NOISE_STAGES];
    for (int k = 0; k < BB_NOISE_STAGES; ++k) state[k] = noise->state[k];
    for (int64_t t = 0; t < samples; ++t) {
        double sum = 0;
        for (int k = 0; k < BB_NOISE_STAGES; ++k) {
            const uint64_t bits =
                bb_random_bits(noise->seed, noise->stream + (uint64_t)k, noise->next + (uint64_t)t);
            state[k] = noise->decay[k] * state[k] + noise->gain[k] * bb_noise_draw(bits);
            sum += state[k];
        }
        out[t] += sum;
    }
    for (int k = 0; k < BB_NOISE_STAGES; ++k) noise->state[k] = state[k];
    noise->next += (uint64_t)samples;
}

/* One-sided density of an AR(1) process of decay a and variance s^2 at w = 2 pi f / rate:
 * 2 s^2 (1 - a^2) / (rate (1 - 2 a cos w + a^2)); summed in steps of about 1 Hz. */
double bb_noise_band_power(bb_noise_recipe recipe, double low_hz, double high_hz) {
    double decay[BB_NOISE_STAGES], sd[BB_NOISE_STAGES];
    make_stages(recipe, decay, sd);
    high_hz = fmin(high_hz, recipe.rate_hz / 2);
    if (high_hz <= low_hz) return 0;
    const int steps = (int)ceil(high_hz - low_hz);
    const double width = (high_hz - low_hz) / steps;
    double power = 0;
    for (int i = 0; i < steps; ++i) {
        const double cosine = cos(2 * pi * (low_hz + (i + 0.5) * width) / recipe.rate_hz);
        for (int k = 0; k < BB_NOISE_STAGES; ++k)
            power += width * 2 * sd[k] * sd[k] * (1 - decay[k] * decay[k]) /
                     (recipe.rate_hz * (1 - 2 * decay[k] * cosine + decay[k] * decay[k]));
    }
    return power;
}
