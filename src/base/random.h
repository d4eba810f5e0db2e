/* A counter-based generator: the value depends on (seed, stream, index) alone, so results do not depend on
 * threads or on the order of the draws. splitmix64 of Steele, Lea and Flood, OOPSLA 2014, over a counter. */
#ifndef BB_BASE_RANDOM_H
#define BB_BASE_RANDOM_H

#include <math.h>
#include <stdint.h>

static inline uint64_t bb_random_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t bb_random_bits(uint64_t seed, uint64_t stream, uint64_t index) {
    const uint64_t key = bb_random_mix(seed * UINT64_C(0x9E3779B97F4A7C15) + stream);
    return bb_random_mix(key + (index + 1) * UINT64_C(0x9E3779B97F4A7C15));
}

/* Uniform in [0, 1). */
static inline double bb_random_uniform(uint64_t seed, uint64_t stream, uint64_t index) {
    return (double)(bb_random_bits(seed, stream, index) >> 11) * 0x1p-53;
}

/* Standard normal by Box and Muller; draw `index` uses the uniforms 2 index and 2 index + 1. */
static inline double bb_random_normal(uint64_t seed, uint64_t stream, uint64_t index) {
    const double u = 1.0 - bb_random_uniform(seed, stream, 2 * index);
    const double v = bb_random_uniform(seed, stream, 2 * index + 1);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

#endif
