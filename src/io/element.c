#include "io/element.h"

#include <math.h>
#include <string.h>

bool bb_element_is_number(bb_element e) {
    const bool known = e.width == 2 || e.width == 4 || e.width == 8;
    return e.kind == 'f' ? known : (e.kind == 'i' || e.kind == 'u') && (known || e.width == 1);
}

float bb_half_to_f32(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 0) return (sign ? -0x1p-24f : 0x1p-24f) * (float)fraction;
    /* Exponents are biased by 15 in a half and by 127 in a float; 31 stands for infinity and NaN. */
    const uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Subnormal halves are whole multiples of 2^-24, which adding 0.5 makes the float's own last bits. */
static uint32_t subnormal_half(float magnitude) {
    const float shifted = magnitude + 0.5f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return bits & 0x7ff; /* 0x400, the least normal half, included */
}

uint16_t bb_half_from_f32(float value) {
    const float magnitude = fabsf(value);
    uint32_t bits, half;
    memcpy(&bits, &magnitude, sizeof bits);
    if (isnan(value))
        half = 0x7e00;
    else if (magnitude >= 65520)
        half = 0x7c00;
    else if (magnitude < 0x1p-14f)
        half = subnormal_half(magnitude);
    else /* the exponent's bias of 127 to 15; a carry out of the fraction goes into the exponent, as it should
          */
        half = (bits - (112u << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
    return (uint16_t)(half | (signbit(value) ? 0x8000 : 0));
}

/* One loop for each type: the compiler sees what it converts. */
#define CONVERT(bits, swap, type)                                                                            \
    for (int64_t i = 0; i < count; ++i, at += stride) {                                                      \
        bits raw;                                                                                            \
        type value;                                                                                          \
        memcpy(&raw, at, sizeof raw);                                                                        \
        if (element.big_endian) raw = swap(raw);                                                             \
        memcpy(&value, &raw, sizeof value);                                                                  \
        out[i] = (double)value * scale;                                                                      \
    }                                                                                                        \
    break
#define SAME(byte) (byte)
#define KIND(letter, width) (letter) << 8 | (width)

static void halves(bb_element element, const unsigned char *at, int64_t stride, int64_t count, double scale,
                   double *out) {
    for (int64_t i = 0; i < count; ++i, at += stride) {
        const uint16_t low = at[element.big_endian], high = at[!element.big_endian];
        out[i] = (double)bb_half_to_f32((uint16_t)(high << 8 | low)) * scale;
    }
}

void bb_elements_to_f64(bb_element element, const void *data, int64_t step, int64_t count, double scale,
                        double *out) {
    const unsigned char *at = data;
    const int64_t stride = step * (int64_t)element.width;
    switch (KIND(element.kind, element.width)) {
    case KIND('i', 1):
        CONVERT(uint8_t, SAME, int8_t);
    case KIND('u', 1):
        CONVERT(uint8_t, SAME, uint8_t);
    case KIND('i', 2):
        CONVERT(uint16_t, __builtin_bswap16, int16_t);
    case KIND('u', 2):
        CONVERT(uint16_t, __builtin_bswap16, uint16_t);
    case KIND('i', 4):
        CONVERT(uint32_t, __builtin_bswap32, int32_t);
    case KIND('u', 4):
        CONVERT(uint32_t, __builtin_bswap32, uint32_t);
    case KIND('i', 8):
        CONVERT(uint64_t, __builtin_bswap64, int64_t);
    case KIND('u', 8):
        CONVERT(uint64_t, __builtin_bswap64, uint64_t);
    case KIND('f', 2):
        halves(element, at, stride, count, scale, out);
        break;
    case KIND('f', 4):
        CONVERT(uint32_t, __builtin_bswap32, float);
    case KIND('f', 8):
        CONVERT(uint64_t, __builtin_bswap64, double);
    }
}

void bb_element_limits(bb_element element, double *low, double *high) {
    const int bits = 8 * element.width;
    *low = *high = 0;
    if (element.kind == 'i') *low = -ldexp(1, bits - 1);
    if (element.kind == 'i') *high = ldexp(1, bits - 1) - 1;
    if (element.kind == 'u') *high = ldexp(1, bits) - 1;
}
