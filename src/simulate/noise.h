/* Streaming 1/f^exponent noise: a sum of first-order autoregressive processes whose corner frequencies are
 * evenly spaced on a logarithmic axis, with variances proportional to corner^(1 - exponent). */
#ifndef BB_SIMULATE_NOISE_H
#define BB_SIMULATE_NOISE_H

#include <stdint.h>

enum { BB_NOISE_STAGES = 8 };

typedef struct bb_noise_recipe {
    double exponent; /* 0 < exponent < 2 */
    double sd_uv;
    double rate_hz;
} bb_noise_recipe;

typedef struct bb_noise {
    double decay[BB_NOISE_STAGES], gain[BB_NOISE_STAGES], state[BB_NOISE_STAGES];
    uint64_t seed, stream; /* the first of BB_NOISE_STAGES streams */
    uint64_t next;         /* sample */
} bb_noise;

void bb_noise_start(bb_noise *noise, bb_noise_recipe recipe, uint64_t seed, uint64_t stream);

/* Adds the next `samples` samples, uV, to `out`. The blocks' lengths do not change the values. */
void bb_noise_add(bb_noise *noise, int64_t samples, double *out);

/* Expected power between two frequencies, uV^2; what lies above half the rate counts as nothing. */
double bb_noise_band_power(bb_noise_recipe recipe, double low_hz, double high_hz);

/* One nearly normal draw, mean 0 and sd 1: the sum of four 16-bit uniform numbers, which reaches 3.5 and
 * costs a tenth of an exact one. */
double bb_noise_draw(uint64_t bits);

#endif
