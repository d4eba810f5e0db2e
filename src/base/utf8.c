#include "base/utf8.h"

size_t bb_utf8_length(const unsigned char *at, size_t left) {
    static const unsigned smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (at[0] < 0x80) return 1;
    const size_t n = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || n > left) return 0;
    unsigned code = at[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; ++i) {
        if ((at[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    return code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

bool bb_utf8_valid(const void *text, size_t length) {
    const unsigned char *bytes = text;
    for (size_t at = 0, n; at < length; at += n)
        if ((n = bb_utf8_length(bytes + at, length - at)) == 0) return false;
    return true;
}

size_t bb_utf8_put(uint32_t code, char *out) {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = '?';
    const size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(first[n] | code);
    return n;
}
