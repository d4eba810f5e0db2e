#include "io/utf8.h"

#include <stdint.h>

bool bb_utf8_valid(const void *text, size_t length) {
    const unsigned char *at = text;
    for (size_t i = 0; i < length;) {
        const unsigned lead = at[i++];
        if (lead < 0x80) continue;
        if (lead < 0xc2 || lead > 0xf4) return false;
        const size_t more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if (more > length - i) return false;
        uint32_t code = lead & (0x3fu >> more);
        for (size_t k = 0; k < more; ++k, ++i) {
            if ((at[i] & 0xc0) != 0x80) return false;
            code = code << 6 | (at[i] & 0x3fu);
        }
        const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return false;
    }
    return true;
}
