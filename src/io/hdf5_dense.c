/* Groups' lists of names as the latest format keeps them, where there are many: a tree of version 2 (HDF5
 * File Format Specification 3.0, III.A.2) of where each lies in a fractal heap (III.G). Both have checksums,
 * which tell damage but not deceit, and HDF5 1.10 believes them about how much a node or block holds. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5_check.h"

enum {
    HEAP_HEAD = 146,
    BLOCK_HEAD = 13, /* without its offset in the heap */
    CHECKSUM = 4,
    HASH = 4, /* of a name, then its place in the heap */
    ID = 7,
    NAMES = 5, /* a type of tree */
    MAX_LINK = 1 << 16
};

typedef struct block {
    uint64_t offset, size, address; /* in the heap; in the file */
} block;

typedef struct names {
    const bb_hdf5_ground *ground;
    uint64_t heap;               /* where its header lies */
    uint64_t width, start, most; /* blocks in a row; the first row's length of them, the longest of all */
    size_t offset_width, length_width; /* bytes of an object's offset and length */
    size_t overhead;                   /* of a block */
    unsigned rows;                     /* of the root block */
    block *blocks;                     /* in order of their offset */
    size_t count, capacity;
    uint64_t left; /* bytes that the file still has room for */
    unsigned char *link;
} names;

static unsigned log2_of(uint64_t value) { return value ? 63u - (unsigned)__builtin_clzll(value) : 0; }

static bool is_power(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

static bool pay(names *n, uint64_t bytes) {
    if (bytes > n->left) return false;
    n->left -= bytes;
    return true;
}

/* ---------------------------------------------------------------- the heap */

/* Rows of blocks: two of the first length, then each twice as long as the one before. */
static uint64_t row_size(const names *n, unsigned row) { return n->start << (row ? row - 1 : 0); }

static uint64_t row_offset(const names *n, unsigned row) {
    return row ? n->start * n->width << (row - 1) : 0;
}

/* The start of a block of either kind. */
static bool block_fits(const names *n, const char mark[4], uint64_t address, uint64_t offset) {
    unsigned char head[BLOCK_HEAD + 8];
    return bb_hdf5_get(n->ground, address, head, BLOCK_HEAD + n->offset_width) &&
           memcmp(head, mark, 4) == 0 && head[4] == 0 && bb_hdf5_word(head + 5, 8) == n->heap &&
           bb_hdf5_word(head + BLOCK_HEAD, n->offset_width) == offset;
}

static bool take_block(names *n, uint64_t address, uint64_t offset, uint64_t size) {
    if (!pay(n, size) || !block_fits(n, "FHDB", address, offset)) return false;
    if (bb_grow((void **)&n->blocks, &n->capacity, n->count + 1, sizeof *n->blocks) != 0) return false;
    n->blocks[n->count++] = (block){offset, size, address};
    return true;
}

/* A block of blocks; those behind the longest ones are blocks of blocks again, of fewer rows. */
static bool take_blocks(names *n, uint64_t address, uint64_t offset, unsigned rows) {
    const unsigned direct = log2_of(n->most) - log2_of(n->start) + 2;
    const size_t bytes = (size_t)(rows * n->width) * 8;
    if (rows == 0 || !pay(n, bytes) || !block_fits(n, "FHIB", address, offset)) return false;
    unsigned char *entries = bb_calloc(bytes, 1);
    bool sound = entries && bb_hdf5_get(n->ground, address + BLOCK_HEAD + n->offset_width, entries, bytes);
    for (size_t i = 0; i < bytes / 8 && sound; ++i) {
        const unsigned row = (unsigned)(i / n->width);
        const uint64_t child = bb_hdf5_word(entries + 8 * i, 8), size = row_size(n, row);
        const uint64_t at = offset + row_offset(n, row) + i % n->width * size;
        if (child == UINT64_MAX) continue;
        sound = row < direct ? take_block(n, child, at, size)
                             : take_blocks(n, child, at, log2_of(size) - log2_of(n->start * n->width) + 1);
    }
    bb_free(entries);
    return sound;
}

/* Heaps of links are not packed, and have no objects kept outside of their blocks. */
static bool take_heap(names *n) {
    unsigned char h[HEAP_HEAD];
    if (!bb_hdf5_get(n->ground, n->heap, h, sizeof h) || memcmp(h, "FRHP\0", 5) != 0) return false;
    if (bb_hdf5_word(h + 5, 2) != ID || bb_hdf5_word(h + 7, 2) != 0 || bb_hdf5_word(h + 22, 8) != UINT64_MAX)
        return false;
    const uint64_t longest = bb_hdf5_word(h + 10, 4), bits = bb_hdf5_word(h + 128, 2),
                   root = bb_hdf5_word(h + 132, 8);
    n->width = bb_hdf5_word(h + 110, 2);
    n->start = bb_hdf5_word(h + 112, 8);
    n->most = bb_hdf5_word(h + 120, 8);
    n->rows = (unsigned)bb_hdf5_word(h + 140, 2);
    if (!is_power(n->width) || !is_power(n->start) || !is_power(n->most) || n->start > n->most ||
        n->most > 1 << 24 || n->width > 1 << 10 || longest == 0 || bits > 40)
        return false;
    const unsigned first_bits = log2_of(n->start * n->width);
    if (bits < first_bits || n->rows > bits - first_bits + 1 || n->most > UINT64_C(1) << bits) return false;
    const size_t by_block = (log2_of(n->most) + 7) / 8, by_object = log2_of(longest) / 8 + 1;
    n->offset_width = (size_t)(bits + 7) / 8;
    n->length_width = by_block < by_object ? by_block : by_object;
    n->overhead = BLOCK_HEAD + n->offset_width + (h[9] & 2 ? CHECKSUM : 0);
    if (1 + n->offset_width + n->length_width > ID || n->offset_width == 0) return false;
    if (root == UINT64_MAX) return true; /* it is empty */
    return n->rows == 0 ? take_block(n, root, 0, n->start) : take_blocks(n, root, 0, n->rows);
}

/* ---------------------------------------------------------------- its names */

/* The link that a record leads to: in a block, or so short that the record holds it. */
static bool record_fits(void *data, const unsigned char *record) {
    const names *n = data;
    const unsigned char *id = record + HASH;
    if (id[0] >> 4 == 2) return (id[0] & 15) + 1 < ID && bb_hdf5_link_fits(id + 1, (id[0] & 15) + 1);
    if (id[0] >> 4 != 0) return false;
    const uint64_t offset = bb_hdf5_word(id + 1, n->offset_width),
                   length = bb_hdf5_word(id + 1 + n->offset_width, n->length_width);
    size_t low = 0, high = n->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (n->blocks[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || length > MAX_LINK) return false;
    const block *b = &n->blocks[low - 1];
    const uint64_t inside = offset - b->offset;
    return inside >= n->overhead && inside < b->size && length <= b->size - inside &&
           bb_hdf5_get(n->ground, b->address + inside, n->link, (size_t)length) &&
           bb_hdf5_link_fits(n->link, (size_t)length);
}

bool bb_hdf5_dense_names_are_sound(const bb_hdf5_ground *g, uint64_t heap, uint64_t tree) {
    names n = {.ground = g, .heap = heap, .left = (uint64_t)g->input.size, .link = bb_calloc(MAX_LINK, 1)};
    const bool sound =
        n.link && take_heap(&n) && bb_hdf5_second_tree_is_sound(g, tree, NAMES, HASH + ID, record_fits, &n);
    bb_free(n.link);
    bb_free(n.blocks);
    return sound;
}
