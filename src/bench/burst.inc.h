/* The float32 burst, included once per instruction set with two things defined: BB_VECTOR_BYTES, the bytes of
 * one vector register, and BB_BURST, the function to define. */
#include "base/vector.inc.h"
#include "bench/burst.h"

double BB_BURST(int64_t rounds, float *sink) {
    enum { CHAINS = 12 }; /* enough to hide the latency of two multiply-add units */
    vf sum[CHAINS];
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) sum[i] = splat((float)i);
    vf a = splat(0.999f), b = splat(0.001f);
    for (int64_t r = 0; r < rounds; ++r) {
        __asm__ volatile("" : "+m"(a), "+m"(b)); /* or the loop is computed at compile time */
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; ++i) sum[i] = sum[i] * a + b;
    }
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) *sink += sum_lanes(sum[i]);
    return 2.0 * CHAINS * LANES * (double)rounds;
}
