/* The latest format's lists of chunks (HDF5 File Format Specification 3.0, VII), whose heads HDF5 1.10
 * believes about their own parts and about how many chunks they list. */
#include <string.h>

#include "io/hdf5_check.h"

enum { FIXED = 3, EXTENSIBLE = 4, TREE = 5, PLAIN_CHUNKS = 10, PACKED_CHUNKS = 11 };
enum { FIXED_HEAD = 24, EXTENSIBLE_HEAD = 12 };

static unsigned log2_of(uint64_t value) { return value ? 63u - (unsigned)__builtin_clzll(value) : 0; }

/* An array of as many entries as there can be chunks. */
static bool fixed_fits(const bb_hdf5_ground *g, const bb_hdf5_index *i, size_t entry) {
    unsigned char h[FIXED_HEAD];
    return bb_hdf5_get(g, i->address, h, sizeof h) && memcmp(h, "FAHD\0", 5) == 0 && h[5] == i->packed &&
           h[6] == entry && h[7] >= 1 && h[7] <= 32 && bb_hdf5_word(h + 8, 8) >= i->chunks;
}

/* An array that grows: entries in its first block, then blocks of entries, then blocks of those. */
static bool extensible_fits(const bb_hdf5_ground *g, const bb_hdf5_index *i, size_t entry) {
    unsigned char h[EXTENSIBLE_HEAD];
    if (!bb_hdf5_get(g, i->address, h, sizeof h) || memcmp(h, "EAHD\0", 5) != 0 || h[5] != i->packed ||
        h[6] != entry)
        return false;
    const unsigned bits = h[7], first = h[8], shortest = h[9], pointers = h[10], page_bits = h[11];
    if (bits < 1 || bits > 63 || i->chunks > UINT64_C(1) << bits || first == 0) return false;
    if (shortest == 0 || shortest & (shortest - 1) || pointers < 2 || pointers & (pointers - 1)) return false;
    return page_bits >= 1 && page_bits <= bits && bits >= log2_of(shortest) &&
           1 + bits - log2_of(shortest) >= 2 * log2_of(pointers);
}

bool bb_hdf5_index_is_sound(const bb_hdf5_ground *g, const bb_hdf5_index *i) {
    if (i->address == UINT64_MAX) return true;       /* nothing was written yet */
    size_t length = 1 + (log2_of(i->bytes) + 8) / 8; /* of a packed chunk's length */
    if (length > 8) length = 8;
    const size_t entry = 8 + (i->packed ? length + 4 : 0);
    if (i->kind == FIXED) return fixed_fits(g, i, entry);
    if (i->kind == EXTENSIBLE) return extensible_fits(g, i, entry);
    return i->kind != TREE ||
           bb_hdf5_second_tree_is_sound(g, i->address, i->packed ? PACKED_CHUNKS : PLAIN_CHUNKS,
                                        entry + 8 * i->dims, NULL, NULL);
}
