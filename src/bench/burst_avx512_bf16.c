#if defined(__x86_64__)
#include <immintrin.h>

#include "bench/burst.h"

/* Each lane adds the products of two pairs of bf16 to a float32. */
double bb_burst_bf16_avx512_bf16(int64_t rounds, float *sink) {
    enum { CHAINS = 12, OPERATIONS = 16 * 2 * 2 };
    __m512 sum[CHAINS];
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) sum[i] = _mm512_set1_ps((float)i);
    /* 0.01 and -0.01 beside each other: the sums neither overflow nor become subnormal. */
    const __m512bh a = (__m512bh)_mm512_set1_epi32(0x3C243C24), b = (__m512bh)_mm512_set1_epi32(0x3C24BC24);
    for (int64_t r = 0; r < rounds; ++r)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; ++i) sum[i] = _mm512_dpbf16_ps(sum[i], a, b);
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) *sink += _mm512_reduce_add_ps(sum[i]);
    return (double)CHAINS * OPERATIONS * (double)rounds;
}
#else
typedef int bb_no_avx512_bf16_here; /* an empty file is not C */
#endif
