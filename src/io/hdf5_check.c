#include "io/hdf5_check.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum {
    LINK_INFO = 2,
    DATATYPE = 3,
    LINK = 6,
    GROUP_INFO = 10,
    SHARED_MESSAGES = 15,
    SYMBOL_TABLE = 17,
    TREE_K = 19,
    DRIVER_INFO = 20,
    ATTRIBUTE_INFO = 21,
    REFERENCE_COUNT = 22,
    FILE_SPACE = 23,
    CACHE_IMAGE = 24,
    SHARED = 2 /* a flag */
};

bool bb_hdf5_get(const bb_hdf5_ground *g, uint64_t address, unsigned char *out, size_t size) {
    const uint64_t end = (uint64_t)g->input.size;
    return g->base <= end && address <= end - g->base && size <= end - g->base - address &&
           bb_input_read(&g->input, (int64_t)(address + g->base), out, size, NULL) == BB_OK;
}

/* ---------------------------------------------------------------- headers */

/* A link in a group's header (IV.A.2.g). */
bool bb_hdf5_link_fits(const unsigned char *m, size_t size) {
    if (size < 3 || m[0] != 1) return false;
    const unsigned flags = m[1], type = flags & 8 ? m[2] : 0;
    const size_t width = (size_t)1 << (flags & 3);
    size_t at = 2 + (flags & 8 ? 1u : 0) + (flags & 4 ? 8u : 0) + (flags & 16 ? 1u : 0);
    if (at + width > size) return false;
    const uint64_t name = bb_hdf5_word(m + at, width);
    at += width;
    if (name == 0 || name > size - at) return false;
    at += (size_t)name;
    if (type == 0) return size - at >= 8;
    return size - at >= 2 && bb_hdf5_word(m + at, 2) <= size - at - 2;
}

/* Whether and where a group has many names (IV.A.2.c). */
static bool link_info_fits(const bb_hdf5_ground *g, const bb_hdf5_message *m) {
    if (m->size < 2 || m->size < 18u + (m->bytes[1] & 1 ? 8u : 0) + (m->bytes[1] & 2 ? 8u : 0)) return false;
    const unsigned char *at = m->bytes + 2 + (m->bytes[1] & 1 ? 8 : 0);
    const uint64_t heap = bb_hdf5_word(at, 8), tree = bb_hdf5_word(at + 8, 8);
    return heap == UINT64_MAX || bb_hdf5_dense_names_are_sound(g, heap, tree);
}

/* Messages that the library reads of any object. */
static bool is_wrong(void *data, const bb_hdf5_message *m) {
    const bb_hdf5_ground *g = data;
    if (m->flags & SHARED && m->type != DATATYPE) return true;
    switch (m->type) {
    case LINK_INFO:
        return !link_info_fits(g, m);
    case ATTRIBUTE_INFO:
        return m->size < 2 || m->size < 18u + (m->bytes[1] & 1 ? 2u : 0) + (m->bytes[1] & 2 ? 8u : 0);
    case GROUP_INFO:
        return m->size < 2 || m->size < 2u + (m->bytes[1] & 1 ? 4u : 0) + (m->bytes[1] & 2 ? 4u : 0);
    case LINK:
        return !bb_hdf5_link_fits(m->bytes, m->size);
    case REFERENCE_COUNT:
        return !m->second || m->size < 5;
    case SYMBOL_TABLE:
        return m->size < 16 ||
               !bb_hdf5_symbols_are_sound(g, bb_hdf5_word(m->bytes, 8), bb_hdf5_word(m->bytes + 8, 8));
    case SHARED_MESSAGES:
    case TREE_K:
    case DRIVER_INFO:
    case FILE_SPACE:
    case CACHE_IMAGE:
        return true; /* none of an object's */
    default:
        return false;
    }
}

/* Where in the set what is known of `address` is or would be: twice the address, and 1 if it is wrong. */
static size_t find_known(const bb_hdf5_ground *g, uint64_t address) {
    size_t at = (size_t)(address * UINT64_C(0x9E3779B97F4A7C15) >> 32) % g->known_capacity;
    while (g->known[at] != 0 && g->known[at] >> 1 != address) at = (at + 1) % g->known_capacity;
    return at;
}

/* A set that can't grow forgets nothing but the newcomer, which is then looked at again. */
static void keep_known(bb_hdf5_ground *g, uint64_t address, bool wrong) {
    if (2 * (g->known_count + 1) > g->known_capacity) {
        bb_hdf5_ground larger = *g;
        larger.known_capacity = g->known_capacity ? 2 * g->known_capacity : 64;
        if (!(larger.known = bb_calloc(larger.known_capacity, sizeof *larger.known))) return;
        for (size_t i = 0; i < g->known_capacity; ++i)
            if (g->known[i]) larger.known[find_known(&larger, g->known[i] >> 1)] = g->known[i];
        bb_free(g->known);
        *g = larger;
    }
    g->known[find_known(g, address)] = address << 1 | wrong;
    ++g->known_count;
}

bool bb_hdf5_is_sound(bb_hdf5_ground *g, uint64_t address) {
    if (address == 0 || address > (uint64_t)g->input.size) return false; /* the superblock; nowhere */
    const uint64_t known = g->known_capacity ? g->known[find_known(g, address)] : 0;
    if (known != 0) return !(known & 1);
    const bool sound = bb_hdf5_every_message(g, address, is_wrong, g);
    keep_known(g, address, !sound);
    return sound;
}

void bb_hdf5_ground_free(bb_hdf5_ground *g) {
    bb_free(g->known);
    g->known = NULL;
    g->known_count = g->known_capacity = 0;
}

/* ---------------------------------------------------------------- the superblock (II.A) */

/* What may stand in its extension: the trees' sizes, and how space was given out. */
static bool is_wrong_extension(void *data, const bb_hdf5_message *m) {
    bb_hdf5_ground *g = data;
    if (m->type == 0) return false;
    if (m->flags & SHARED) return true;
    if (m->type == TREE_K) {
        if (m->size < 7 || m->bytes[0] != 0) return true;
        g->tree_k = (unsigned)bb_hdf5_word(m->bytes + 3, 2);
        g->leaf_k = (unsigned)bb_hdf5_word(m->bytes + 5, 2);
        return bb_hdf5_word(m->bytes + 1, 2) == 0;
    }
    if (m->type != FILE_SPACE || m->size < 29 || m->bytes[0] != 1 || m->bytes[1] > 3) return true;
    const uint64_t page = bb_hdf5_word(m->bytes + 11, 8);
    return page < 512 || page > 1 << 30 || (m->bytes[2] && m->size < 29 + 12 * 8);
}

static bb_status fail_root(const char *path, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: /: damaged HDF5: the root group is damaged", path);
}

/* Versions 0 and 1: `s` begins at the addresses. The root group's names lie where its header says or, as the
 * library believes if none lie there, where the superblock does. */
static bb_status check_first(bb_hdf5_ground *g, const unsigned char *s, const char *path, bb_error *err) {
    if (bb_hdf5_word(s + 24, 8) != UINT64_MAX)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected HDF5 in one file, found one of several", path);
    const unsigned char *root = s + 32;
    if (bb_hdf5_word(root + 16, 4) == 1 &&
        !bb_hdf5_symbols_are_sound(g, bb_hdf5_word(root + 24, 8), bb_hdf5_word(root + 32, 8)))
        return fail_root(path, err);
    return bb_hdf5_is_sound(g, bb_hdf5_word(root + 8, 8)) ? BB_OK : fail_root(path, err);
}

static bb_status check_second(bb_hdf5_ground *g, const unsigned char *s, const char *path, bb_error *err) {
    const uint64_t extension = bb_hdf5_word(s + 20, 8);
    g->leaf_k = 4, g->tree_k = 16;
    if (extension != UINT64_MAX && !bb_hdf5_every_message(g, extension, is_wrong_extension, g))
        return bb_fail(err, BB_ERR_FORMAT, "%s: damaged HDF5, or an extension of it that is not read", path);
    return bb_hdf5_is_sound(g, bb_hdf5_word(s + 36, 8)) ? BB_OK : fail_root(path, err);
}

bool bb_hdf5_is_hdf5(const bb_input *file, uint64_t *base) {
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char mark[sizeof signature];
    const uint64_t end = (uint64_t)file->size;
    for (*base = 0; *base <= end && end - *base >= sizeof mark; *base = *base ? 2 * *base : 512)
        if (bb_input_read(file, (int64_t)*base, mark, sizeof mark, NULL) != BB_OK)
            return false;
        else if (memcmp(mark, signature, sizeof mark) == 0)
            return true;
    return false;
}

bb_status bb_hdf5_check_superblock(bb_hdf5_ground *g, const char *path, bb_error *err) {
    unsigned char s[100];
    if (!bb_hdf5_is_hdf5(&g->input, &g->base))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected HDF5, found something else", path);
    const bool early = bb_hdf5_get(g, 0, s, 48) && s[8] < 2;
    if (!bb_hdf5_get(g, 0, s, early ? sizeof s : 48) || s[8] > 3)
        return bb_fail(err, BB_ERR_FORMAT, "%s: file: damaged HDF5: its superblock is damaged", path);
    const unsigned char *widths = s + (early ? 13 : 9);
    if (widths[0] != 8 || widths[1] != 8)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected HDF5 with addresses of 8 bytes, found %u and %u", path, widths[0],
                       widths[1]);
    if (!early) return check_second(g, s, path, err);
    g->leaf_k = (unsigned)bb_hdf5_word(s + 16, 2);
    g->tree_k = (unsigned)bb_hdf5_word(s + 18, 2);
    return check_first(g, s + (s[8] == 1 ? 28 : 24), path, err);
}
