/* A look at object headers as they are stored (HDF5 File Format Specification 3.0, IV.A.1 object headers),
 * because the library can't be asked: HDF5 1.10 divides by the length of a chunk without a check for 0, and
 * reads attributes through the global heap, whose indices it trusts, and follows the free blocks of a group's
 * heap however often they lead back. */
#include <string.h>

#include "io/hdf5.h"

enum { LAYOUT = 8, CONTINUATION = 16, SYMBOL_TABLE = 17, CHUNKED = 2, MAX_BLOCK = 1 << 16, MAX_BLOCKS = 64 };

typedef struct header {
    const bb_input *file;
    uint64_t base;
    unsigned char bytes[MAX_BLOCK]; /* of one block of messages */
    size_t size;
    uint64_t at, next[MAX_BLOCKS][2]; /* where the block lies; where the header goes on, and for how long */
    int block_count;
    bool second, ordered; /* of version 2; with the order of creation in each message */
    bool (*visit)(void *data, const bb_hdf5_message *message);
    void *data;
} header;

static bool load(header *h, uint64_t offset, uint64_t size) {
    const uint64_t end = (uint64_t)h->file->size;
    if (h->base > end || offset >= end - h->base) return false;
    h->at = offset + h->base;
    if (size > MAX_BLOCK) size = MAX_BLOCK;
    h->size = (size_t)(size < end - h->at ? size : end - h->at);
    return bb_input_read(h->file, (int64_t)h->at, h->bytes, h->size, NULL) == BB_OK;
}

/* The messages of the block from `at` on. */
static bool scan(header *h, size_t at) {
    const size_t head = h->second ? h->ordered ? 6 : 4 : 8;
    while (at + head <= h->size) {
        const unsigned char *m = h->bytes + at;
        const bb_hdf5_message message = {.type = (unsigned)(h->second ? m[0] : bb_hdf5_word(m, 2)),
                                         .flags = h->second ? m[3] : m[4],
                                         .bytes = m + head,
                                         .size = (size_t)bb_hdf5_word(m + (h->second ? 1 : 2), 2),
                                         .place = (int64_t)(h->at + at + head)};
        if (message.size > h->size - at - head) return false;
        if (message.type == CONTINUATION && message.size >= 16 && h->block_count < MAX_BLOCKS) {
            h->next[h->block_count][0] = bb_hdf5_word(m + head, 8);
            h->next[h->block_count++][1] = bb_hdf5_word(m + head + 8, 8);
        } else if (h->visit(h->data, &message)) {
            return true;
        }
        at += head + message.size;
    }
    return false;
}

bool bb_hdf5_messages(const bb_input *file, uint64_t base, uint64_t address,
                      bool (*visit)(void *data, const bb_hdf5_message *message), void *data) {
    static const char first_mark[4] = "OHDR", next_mark[4] = "OCHK";
    header h;
    h.file = file, h.base = base, h.visit = visit, h.data = data, h.block_count = 0;
    if (!load(&h, address, MAX_BLOCK) || h.size < 32) return false;
    h.second = memcmp(h.bytes, first_mark, 4) == 0;
    const unsigned flags = h.second ? h.bytes[5] : 0;
    const size_t width = (size_t)1 << (flags & 3), start = 6 + (flags & 32 ? 16u : 0) + (flags & 16 ? 4u : 0);
    const size_t at = h.second ? start + width : 16;
    const uint64_t length = h.second ? bb_hdf5_word(h.bytes + start, width) : bb_hdf5_word(h.bytes + 8, 4);
    h.ordered = flags & 4;
    if (at > h.size) return false;
    if (length < h.size - at) h.size = at + (size_t)length;
    if (scan(&h, at)) return true;
    for (int i = 0; i < h.block_count; ++i) {
        if (!load(&h, h.next[i][0], h.next[i][1])) continue;
        if (h.second && (h.size < 8 || memcmp(h.bytes, next_mark, 4) != 0)) continue;
        if (h.second) h.size -= 4; /* a checksum */
        if (scan(&h, h.second ? 4 : 0)) return true;
    }
    return false;
}

/* Whether a layout message says that chunks have a length of 0 along some dimension (IV.A.2.i). */
static bool has_zero(void *data, const bb_hdf5_message *message) {
    (void)data;
    const unsigned char *m = message->bytes;
    const size_t size = message->size;
    if (message->type != LAYOUT || size < 4) return false;
    const bool early = m[0] < 3;
    if (m[early ? 2 : 1] != CHUNKED) return false;
    const size_t ranks = m[early ? 1 : m[0] == 4 ? 3 : 2], width = m[0] == 4 && size > 4 ? m[4] : 4;
    const size_t first = early ? 16 : m[0] == 4 ? 5 : 11;
    for (size_t d = 0; d < ranks && width > 0 && first + (d + 1) * width <= size; ++d)
        if (bb_hdf5_word(m + first + d * width, width) == 0) return true;
    return ranks == 0 || width == 0;
}

bool bb_hdf5_has_empty_chunks(const bb_input *file, uint64_t base, uint64_t address) {
    return bb_hdf5_messages(file, base, address, has_zero, NULL);
}

typedef struct place {
    const bb_input *file;
    uint64_t base;
} place;

static bool read_words(const place *p, uint64_t at, unsigned char *out, size_t size) {
    const uint64_t end = (uint64_t)p->file->size;
    return at <= end && p->base <= end - at && size <= end - at - p->base &&
           bb_input_read(p->file, (int64_t)(at + p->base), out, size, NULL) == BB_OK;
}

/* Whether a symbol table's local heap (III.D) has a list of free blocks, each with the offset of the next,
 * that does not end: at 1, or where none can be, which the library finds itself. Brent's search for cycles.
 */
static bool leads_back(void *data, const bb_hdf5_message *message) {
    const place *p = data;
    unsigned char heap[32], block[8];
    if (message->type != SYMBOL_TABLE || message->size < 16 ||
        !read_words(p, bb_hdf5_word(message->bytes + 8, 8), heap, sizeof heap))
        return false;
    const uint64_t size = bb_hdf5_word(heap + 8, 8), bytes = bb_hdf5_word(heap + 24, 8);
    uint64_t at = bb_hdf5_word(heap + 16, 8), mark = at;
    for (uint64_t n = 1, renew = 2; at != 1 && at < size && bytes < (uint64_t)p->file->size; ++n) {
        if (!read_words(p, bytes + at, block, sizeof block)) return false;
        at = bb_hdf5_word(block, sizeof block);
        if (at == mark) return true;
        if (n == renew) mark = at, renew *= 2;
    }
    return false;
}

bool bb_hdf5_has_endless_heap(const bb_input *file, uint64_t base, uint64_t address) {
    place p = {file, base};
    return bb_hdf5_messages(file, base, address, leads_back, &p);
}
