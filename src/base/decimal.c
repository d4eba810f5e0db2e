#include "base/decimal.h"

#include <math.h>
#include <stdio.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Digits from `at` on; those that no longer fit into 64 bits only count towards *dropped. */
static size_t take_digits(const char *text, size_t at, size_t length, uint64_t *mantissa, int *dropped) {
    for (; at < length && is_digit(text[at]); ++at) {
        if (*mantissa < UINT64_MAX / 10 - 1)
            *mantissa = *mantissa * 10 + (uint64_t)(text[at] - '0');
        else
            ++*dropped;
    }
    return at;
}

/* The exponent at `at`, or nothing: then `at` comes back and *exponent stays 0. */
static size_t take_exponent(const char *text, size_t at, size_t length, int *exponent) {
    if (at >= length || (text[at] != 'e' && text[at] != 'E')) return at;
    size_t next = at + 1;
    const bool negative = next < length && text[next] == '-';
    if (next < length && (text[next] == '-' || text[next] == '+')) ++next;
    if (next >= length || !is_digit(text[next])) return at;
    for (; next < length && is_digit(text[next]); ++next)
        if (*exponent < 10000) *exponent = *exponent * 10 + (text[next] - '0');
    if (negative) *exponent = -*exponent;
    return next;
}

size_t bb_decimal_parse(const char *text, size_t length, double *out) {
    size_t at = 0;
    while (at < length && (text[at] == ' ' || text[at] == '\t')) ++at;
    const bool negative = at < length && text[at] == '-';
    if (at < length && (text[at] == '-' || text[at] == '+')) ++at;
    uint64_t mantissa = 0;
    int dropped = 0, exponent = 0, unused = 0;
    size_t digits = at, end = take_digits(text, at, length, &mantissa, &dropped);
    digits = end - digits;
    int scale = dropped;
    if (end < length && (text[end] == '.' || text[end] == ',')) {
        const size_t first = end + 1;
        end = take_digits(text, first, length, &mantissa, &unused);
        digits += end - first;
        scale -= (int)(end - first) - unused;
    }
    if (digits == 0) return 0;
    end = take_exponent(text, end, length, &exponent);
    scale += exponent;
    /* Powers of ten up to 10^22 are exact, so short numbers are rounded only once. */
    const double size = scale < 0 ? (double)mantissa / pow(10, -scale) : (double)mantissa * pow(10, scale);
    const double value = mantissa == 0 ? 0.0 : size;
    if (!isfinite(value)) return 0;
    *out = negative ? -value : value;
    return end;
}

size_t bb_decimal_write(int64_t value, int decimals, char *out) {
    uint64_t whole = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, unit = 1;
    for (int i = 0; i < decimals; ++i) unit *= 10;
    uint64_t fraction = whole % unit;
    whole /= unit;
    while (decimals > 0 && fraction % 10 == 0) {
        fraction /= 10;
        --decimals;
    }
    int n = snprintf(out, BB_DECIMAL_ROOM, "%s%llu", value < 0 ? "-" : "", (unsigned long long)whole);
    if (decimals > 0)
        n +=
            snprintf(out + n, BB_DECIMAL_ROOM - (size_t)n, ".%0*llu", decimals, (unsigned long long)fraction);
    return (size_t)n;
}
