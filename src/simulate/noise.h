/* Streaming 1/f^exponent noise: white noise through a filter whose poles and zeros alternate evenly on a
 * logarithmic axis of frequency, written as a sum of first-order low-passes. */
#ifndef BB_SIMULATE_NOISE_H
#define BB_SIMULATE_NOISE_H

#include <stdint.h>

enum { BB_NOISE_STAGES = 8 };

/* state_k[n] = decay_k state_k[n-1] + gain_k w[n], the noise is the states' sum; w has mean 0 and sd 1. */
typedef struct bb_noise_filter {
    double decay[BB_NOISE_STAGES], gain[BB_NOISE_STAGES];
    double rate_hz;
} bb_noise_filter;

typedef struct bb_noise {
    bb_noise_filter filter;
    double state[BB_NOISE_STAGES];
    uint64_t seed, stream;
    uint64_t next; /* draw */
} bb_noise;

/* 0 < exponent < 2; `sd_uv` is the whole noise's standard deviation. */
bb_noise_filter bb_noise_filter_make(double exponent, double sd_uv, double rate_hz);

/* Begins as if it had been running for ever. */
void bb_noise_start(bb_noise *noise, const bb_noise_filter *filter, uint64_t seed, uint64_t stream);

/* Adds the next `samples` samples, uV, to `out`. The blocks' lengths do not change the values. */
void bb_noise_add(bb_noise *noise, int64_t samples, double *out);

/* One-sided power density at a frequency, uV^2 / Hz. */
double bb_noise_density(const bb_noise_filter *filter, double hz);

/* Expected power between two frequencies, uV^2; what lies above half the rate counts as nothing. */
double bb_noise_band_power(const bb_noise_filter *filter, double low_hz, double high_hz);

/* One nearly normal draw, mean 0 and sd 1: the sum of four 16-bit uniform numbers, which reaches 3.5 and
 * costs a tenth of an exact one. */
double bb_noise_draw(uint64_t bits);

#endif
