/* A look at a dataset's stored layout before the HDF5 library takes it: HDF5 1.10 divides by the length of a
 * chunk without a check for 0. Only the one message is read, as the HDF5 File Format Specification 3.0
 * (IV.A.1 object headers, IV.A.2.i data layout) has it; whatever else a header holds is left to the library.
 */
#include <string.h>

#include "io/hdf5.h"

enum { LAYOUT = 8, CONTINUATION = 16, CHUNKED = 2, MAX_BLOCK = 1 << 16, MAX_BLOCKS = 64 };

/* The bytes of one block of messages. */
typedef struct block {
    const bb_recording *r;
    unsigned char bytes[MAX_BLOCK];
    size_t size;
} block;

static uint64_t number(const unsigned char *at, size_t width) {
    uint64_t value = 0;
    for (size_t i = 0; i < width && i < 8; ++i) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static bool load(block *b, uint64_t offset, uint64_t size) {
    const uint64_t file = (uint64_t)b->r->size;
    if (offset >= file) return false;
    if (size > MAX_BLOCK) size = MAX_BLOCK;
    b->size = (size_t)(size < file - offset ? size : file - offset);
    return bb_recording_pread(b->r, (int64_t)offset, b->bytes, b->size, NULL) == BB_OK;
}

/* Whether a layout message of `size` bytes says that chunks have a length of 0 along some dimension. */
static bool has_zero(const unsigned char *m, size_t size) {
    if (size < 4) return false;
    const bool early = m[0] < 3;
    if (m[early ? 2 : 1] != CHUNKED) return false;
    const size_t ranks = m[early ? 1 : m[0] == 4 ? 3 : 2], width = m[0] == 4 && size > 4 ? m[4] : 4;
    const size_t first = early ? 16 : m[0] == 4 ? 5 : 11;
    for (size_t d = 0; d < ranks && width > 0 && first + (d + 1) * width <= size; ++d)
        if (number(m + first + d * width, width) == 0) return true;
    return ranks == 0 || width == 0;
}

/* Messages from `at` on in the block; notes where the header goes on. */
static bool scan(const block *b, size_t at, bool second, bool ordered, uint64_t next[2]) {
    const size_t head = second ? ordered ? 6 : 4 : 8;
    while (at + head <= b->size) {
        const unsigned char *m = b->bytes + at;
        const size_t type = second ? m[0] : number(m, 2), size = number(m + (second ? 1 : 2), 2);
        if (size > b->size - at - head) return false;
        if (type == LAYOUT && has_zero(m + head, size)) return true;
        if (type == CONTINUATION && size >= 16) {
            next[0] = number(m + head, 8);
            next[1] = number(m + head + 8, 8);
        }
        at += head + size;
    }
    return false;
}

bool bb_hdf5_has_empty_chunks(const bb_recording *r, uint64_t address) {
    static const char first_mark[4] = "OHDR", next_mark[4] = "OCHK";
    block b = {.r = r};
    if (!load(&b, address, MAX_BLOCK) || b.size < 32) return false;
    const bool second = memcmp(b.bytes, first_mark, 4) == 0;
    const unsigned flags = second ? b.bytes[5] : 0;
    const size_t width = (size_t)1 << (flags & 3), start = 6 + (flags & 32 ? 16u : 0) + (flags & 16 ? 4u : 0);
    const size_t at = second ? start + width : 16;
    const uint64_t length = second ? number(b.bytes + start, width) : number(b.bytes + 8, 4);
    if (length < b.size - at) b.size = at + (size_t)length;
    uint64_t next[2] = {0, 0};
    if (scan(&b, at, second, flags & 4, next)) return true;
    for (int i = 0; i < MAX_BLOCKS && next[1] > 0; ++i) {
        const uint64_t offset = next[0], size = next[1];
        next[1] = 0;
        if (!load(&b, offset, size) || (second && (b.size < 4 || memcmp(b.bytes, next_mark, 4) != 0)))
            return false;
        if (scan(&b, second ? 4 : 0, second, flags & 4, next)) return true;
    }
    return false;
}
