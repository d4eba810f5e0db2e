/* Finding chunks in the early formats' tree of them (HDF5 File Format Specification 3.0, III.A.1), by
 * ourselves: HDF5 1.10 goes down it wherever it leads. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5_check.h"

enum { HEAD = 24, MAX_LEVEL = 32, KEY = 8 }; /* a key begins with size and skipped filters */

/* Whether the element at `key`'s offsets comes before `at`, is it, or comes behind: -1, 0, 1. */
static int compare(const unsigned char *key, const uint64_t *at, int dims) {
    for (int d = 0; d < dims; ++d) {
        const uint64_t offset = bb_hdf5_word(key + KEY + 8 * d, 8);
        if (offset != at[d]) return offset < at[d] ? -1 : 1;
    }
    return 0;
}

/* The last of `count` children that does not begin behind `at`; below 0: none. */
static int64_t find_child(const unsigned char *children, size_t count, size_t step, const uint64_t *at,
                          int dims) {
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (compare(children + middle * step, at, dims) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (int64_t)low - 1;
}

/* One step down: the child at which `at` may be. */
static bool step_down(const bb_hdf5_ground *g, uint64_t *node, int *level, const uint64_t *at, int dims,
                      bb_hdf5_chunk *out) {
    unsigned char head[HEAD];
    if (!bb_hdf5_get(g, *node, head, sizeof head) || memcmp(head, "TREE\1", 5) != 0) return false;
    if (head[5] > MAX_LEVEL || (*level >= 0 && head[5] != *level - 1)) return false;
    *level = head[5];
    const size_t count = (size_t)bb_hdf5_word(head + 6, 2), step = KEY + 8 * ((size_t)dims + 1) + 8;
    unsigned char *children = bb_calloc(count * step + 1, 1);
    if (!children) return false;
    const bool there = bb_hdf5_get(g, *node + HEAD, children, count * step);
    const int64_t child = there ? find_child(children, count, step, at, dims) : -1;
    if (child >= 0) {
        const unsigned char *key = children + (size_t)child * step;
        *node = bb_hdf5_word(key + step - 8, 8);
        out->found = *level > 0 || compare(key, at, dims) == 0;
        out->size = bb_hdf5_word(key, 4);
        out->skipped = (uint32_t)bb_hdf5_word(key + 4, 4);
        out->address = *node;
    }
    bb_free(children);
    return there;
}

bool bb_hdf5_find_chunk(hid_t object, uint64_t tree, const uint64_t *at, int dims, bb_hdf5_chunk *out) {
    const bb_hdf5_ground *g = bb_hdf5_ground_of(object);
    int level = -1;
    *out = (bb_hdf5_chunk){0};
    if (tree == UINT64_MAX) return true;
    do {
        out->found = false;
        if (!g || !step_down(g, &tree, &level, at, dims, out)) return false;
    } while (out->found && level > 0);
    return true;
}
