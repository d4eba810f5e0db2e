/* Object headers as they are stored (HDF5 File Format Specification 3.0, IV.A.1), read by ourselves: for what
 * we take from them, and to see that the library can be asked. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5_check.h"

enum { CONTINUATION = 16, SMALL = 2048, PREFIX = 40, MAX_BLOCK = 1 << 20, MAX_BLOCKS = 512 };

typedef struct header {
    const bb_input *file;
    uint64_t base;
    unsigned char small[SMALL], *large, *bytes; /* one block of messages */
    size_t capacity, size;
    uint64_t at, next[MAX_BLOCKS][2]; /* where the block lies; where the header goes on, and for how long */
    int block_count;
    bool second, ordered, broken; /* of version 2; with the order of creation in each message */
    bool (*visit)(void *data, const bb_hdf5_message *message);
    void *data;
} header;

/* All of a block, or nothing. */
static bool load(header *h, uint64_t offset, uint64_t size) {
    const uint64_t end = (uint64_t)h->file->size;
    if (size > MAX_BLOCK || h->base > end || offset > end - h->base || size > end - h->base - offset)
        return false;
    if (size > SMALL && bb_grow((void **)&h->large, &h->capacity, (size_t)size, 1) != 0) return false;
    h->bytes = size > SMALL ? h->large : h->small;
    h->at = offset + h->base;
    h->size = (size_t)size;
    return bb_input_read(h->file, (int64_t)h->at, h->bytes, h->size, NULL) == BB_OK;
}

/* The first block; `start` is where its messages begin. */
static bool load_first(header *h, uint64_t address, size_t *start) {
    const uint64_t end = (uint64_t)h->file->size;
    if (h->base > end || address > end - h->base) return false;
    const uint64_t left = end - h->base - address;
    if (!load(h, address, left < PREFIX ? left : PREFIX) || h->size < 16) return false;
    h->second = memcmp(h->bytes, (const char[4]){'O', 'H', 'D', 'R'}, 4) == 0;
    if (!h->second) {
        *start = 16;
        return h->bytes[0] == 1 && load(h, address, 16 + bb_hdf5_word(h->bytes + 8, 4));
    }
    const unsigned flags = h->bytes[5];
    const size_t width = (size_t)1 << (flags & 3), at = 6 + (flags & 32 ? 16u : 0) + (flags & 16 ? 4u : 0);
    if (h->bytes[4] != 2 || at + width > h->size) return false;
    *start = at + width;
    h->ordered = flags & 4;
    const uint64_t length = bb_hdf5_word(h->bytes + at, width);
    if (length > MAX_BLOCK || !load(h, address, *start + length + 4)) return false;
    h->size -= 4; /* a checksum */
    return true;
}

static bool load_next(header *h, int index) {
    if (h->next[index][1] < 8 || !load(h, h->next[index][0], h->next[index][1])) return false;
    if (!h->second) return true;
    h->size -= 4;
    return memcmp(h->bytes, (const char[4]){'O', 'C', 'H', 'K'}, 4) == 0;
}

static bool keep_next(header *h, const bb_hdf5_message *m) {
    if (m->size < 16 || h->block_count == MAX_BLOCKS) return false;
    const uint64_t offset = bb_hdf5_word(m->bytes, 8);
    for (int i = 0; i < h->block_count; ++i)
        if (h->next[i][0] == offset) return false;
    h->next[h->block_count][0] = offset;
    h->next[h->block_count++][1] = bb_hdf5_word(m->bytes + 8, 8);
    return true;
}

/* The messages of the block from `at` on; whether `visit` has had enough. */
static bool scan(header *h, size_t at) {
    const size_t head = h->second ? h->ordered ? 6 : 4 : 8;
    while (at + head <= h->size) {
        const unsigned char *m = h->bytes + at;
        const bb_hdf5_message message = {.type = (unsigned)(h->second ? m[0] : bb_hdf5_word(m, 2)),
                                         .flags = h->second ? m[3] : m[4],
                                         .second = h->second,
                                         .bytes = m + head,
                                         .size = (size_t)bb_hdf5_word(m + (h->second ? 1 : 2), 2),
                                         .place = (int64_t)(h->at + at + head)};
        h->broken |= message.size > h->size - at - head || (!h->second && message.size % 8 != 0);
        if (!h->broken && message.type == CONTINUATION) h->broken = !keep_next(h, &message);
        if (h->broken) return false;
        if (message.type != CONTINUATION && h->visit(h->data, &message)) return true;
        at += head + message.size;
    }
    return false;
}

static bool walk(header *h, uint64_t address) {
    size_t start;
    if (!load_first(h, address, &start)) {
        h->broken = true;
        return false;
    }
    if (scan(h, start)) return true;
    for (int i = 0; i < h->block_count && !h->broken; ++i) {
        if (!load_next(h, i))
            h->broken = true;
        else if (scan(h, h->second ? 4 : 0))
            return true;
    }
    return false;
}

static void begin(header *h, const bb_input *file, uint64_t base,
                  bool (*visit)(void *data, const bb_hdf5_message *message), void *data) {
    h->file = file, h->base = base, h->visit = visit, h->data = data;
    h->large = NULL, h->capacity = 0, h->block_count = 0;
    h->second = h->ordered = h->broken = false;
}

bool bb_hdf5_messages(const bb_input *file, uint64_t base, uint64_t address,
                      bool (*visit)(void *data, const bb_hdf5_message *message), void *data) {
    header h;
    begin(&h, file, base, visit, data);
    const bool stopped = walk(&h, address);
    bb_free(h.large);
    return stopped;
}

bool bb_hdf5_every_message(const bb_hdf5_ground *ground, uint64_t address,
                           bool (*is_wrong)(void *data, const bb_hdf5_message *message), void *data) {
    header h;
    begin(&h, &ground->input, ground->base, is_wrong, data);
    const bool stopped = walk(&h, address);
    bb_free(h.large);
    return !stopped && !h.broken;
}
