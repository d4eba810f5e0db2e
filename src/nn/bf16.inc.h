/* bf16, the upper half of a float32, in the compiler's vectors; for the bodies of vector kernels, behind
 * base/vector.inc.h. */
typedef uint16_t vh __attribute__((vector_size(BB_VECTOR_BYTES / 2)));

/* The upper half of each number is its bf16: to the nearest, ties to even; what lies beyond the largest
 * becomes infinite, NaN stays NaN. Just under half a last place is added, and with an odd last place the rest
 * of the half, so that ties go to even ones; of a NaN that could carry into infinity, so that it is made
 * quiet instead, a bit that the upper half keeps. */
INLINE vu bf16_above(vf x) {
    const vu bits = (vu)x, nan = (vu)(x != x);
    const vu rounded = bits + 0x7fff + ((bits >> 16) & 1);
    return (nan & (bits | 0x400000)) | (~nan & rounded);
}

INLINE vh bf16_of(vf x) { return __builtin_convertvector(bf16_above(x) >> 16, vh); }

INLINE vf float_of(vh x) { return (vf)(__builtin_convertvector(x, vu) << 16); }

/* e^x for x <= 0, to 8e-5, a fiftieth of what rounding to bf16 adds: 2^n 2^f with |f| <= 1/2, 2^f as a
 * polynomial of least largest relative error. Below -87 as exp_vector. */
INLINE vf exp_for_bf16(vf x) {
    const vf y = max_vector(x, splat(-87.0f)) * splat(1.44269504f), n = round_vector(y), f = y - n;
    vf p = splat(0.0551716669f);
    p = p * f + splat(0.242611135f);
    p = p * f + splat(0.693260988f);
    return scale_by_power(p * f + splat(0.999928073f), n);
}
