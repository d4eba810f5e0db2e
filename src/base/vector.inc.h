/* The compiler's vector types at one width, for the bodies of vector kernels: include with BB_VECTOR_BYTES,
 * the bytes of one register, defined. Each width is the same arithmetic in the same order per lane; only the
 * number of lanes differs. */
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define LANES (BB_VECTOR_BYTES / 4)
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef int32_t vi __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef uint32_t vu __attribute__((vector_size(BB_VECTOR_BYTES)));
typedef float vf_unaligned __attribute__((vector_size(BB_VECTOR_BYTES), aligned(4), may_alias));

INLINE vf load(const float *p) { return *(const vf_unaligned *)p; }
INLINE void store(float *p, vf v) { *(vf_unaligned *)p = v; }
INLINE vf splat(float x) { return x - (vf){0}; }
INLINE vf select_vector(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

/* a > b ? a : b, which compilers do not find in C. */
INLINE vf max_vector(vf a, vf b) {
#if defined(__AVX512F__) && BB_VECTOR_BYTES == 64
    return (vf)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX__) && BB_VECTOR_BYTES == 32
    return (vf)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE__) && BB_VECTOR_BYTES == 16
    return (vf)_mm_max_ps((__m128)a, (__m128)b);
#else
    return select_vector(a > b, a, b);
#endif
}

INLINE int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

/* The compiler must have v in a register here. */
#if defined(__x86_64__)
#define BB_KEEP_IN_REGISTER(v) __asm__("" : "+x"(v))
#else
#define BB_KEEP_IN_REGISTER(v) (void)(v)
#endif

/* The nearest whole number, for |x| < 2^22: adding 1.5 * 2^23 leaves no room for a fraction. */
INLINE vf round_vector(vf x) {
    const vf shift = splat(12582912.0f);
    return (x + shift) - shift;
}

/* 2^n for whole n from -126 to 127, put together in the exponent bits. */
INLINE vf scale_by_power(vf p, vf n) { return (vf)((vi)p + (__builtin_convertvector(n, vi) << 23)); }

INLINE float sum_lanes(vf v) {
    float sum = 0;
    for (int i = 0; i < LANES; ++i) sum += v[i];
    return sum;
}

INLINE float largest_lane(vf v) {
    float max = v[0];
    for (int i = 1; i < LANES; ++i) max = v[i] > max ? v[i] : max;
    return max;
}

/* e^r for |r| <= ln 2 / 2, by its Taylor polynomial of degree 7 (truncation under 6e-9). */
INLINE vf exp_near_zero(vf r) {
    vf p = splat(1.0f / 5040);
    p = p * r + splat(1.0f / 720);
    p = p * r + splat(1.0f / 120);
    p = p * r + splat(1.0f / 24);
    p = p * r + splat(1.0f / 6);
    p = p * r + splat(0.5f);
    p = p * r + splat(1.0f);
    return p * r + splat(1.0f);
}

/* e^x for x <= 0: x = n ln 2 + r with |r| <= ln 2 / 2. Below -87 the result is the smallest normal number,
 * near enough to 0 for a softmax. */
INLINE vf exp_vector(vf x) {
    x = max_vector(x, splat(-87.0f));
    const vf n = round_vector(x * splat(1.44269504f));
    return scale_by_power(exp_near_zero((x - n * splat(0.693359375f)) - n * splat(-2.12194440e-4f)), n);
}
