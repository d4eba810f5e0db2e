#if defined(__x86_64__)
#include <immintrin.h>

#include "bench/burst.h"

/* Each lane adds the products of four pairs of bytes to an int32. */
double bb_burst_int8_avx512_vnni(int64_t rounds, float *sink) {
    enum { CHAINS = 12, OPERATIONS = 16 * 4 * 2 };
    __m512i sum[CHAINS];
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) sum[i] = _mm512_set1_epi32(i);
    /* 2 and -2 beside each other: the sums do not overflow. */
    const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi16(0x02FE);
    for (int64_t r = 0; r < rounds; ++r)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; ++i) sum[i] = _mm512_dpbusd_epi32(sum[i], a, b);
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; ++i) *sink += (float)_mm512_reduce_add_epi32(sum[i]);
    return (double)CHAINS * OPERATIONS * (double)rounds;
}
#else
typedef int bb_no_avx512_vnni_here; /* an empty file is not C */
#endif
