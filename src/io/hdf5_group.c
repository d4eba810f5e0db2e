/* Groups' lists of names as the early formats keep them: a tree of nodes, whose leaves point to the names in
 * a heap. HDF5 1.10 goes down the tree wherever it leads, believes the leaves about their length, follows the
 * heap's free blocks however often they lead back, and reads names until a zero. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5_check.h"

enum { NODE_HEAD = 24, LEAF_HEAD = 8, ENTRY = 40, MAX_LEVEL = 16, SOFT = 2 };

/* The chain of free blocks, each with the offset of the next and its own length, ends at 1. No block overlaps
 * another, so that there are no more of them than fit. */
static bool free_blocks_end(const bb_hdf5_ground *g, uint64_t bytes, uint64_t size, uint64_t at) {
    unsigned char block[16];
    for (uint64_t left = size / sizeof block; at != 1; --left) {
        if (left == 0 || size < sizeof block || at > size - sizeof block ||
            !bb_hdf5_get(g, bytes + at, block, sizeof block))
            return false;
        if (bb_hdf5_word(block + 8, 8) > size - at) return false;
        at = bb_hdf5_word(block, 8);
    }
    return true;
}

/* The size of the names in the heap at `address`; 0 if it is not sound. A heap ends in a zero, be it of the
 * last name, of its padding or of a free block. */
static uint64_t check_heap(const bb_hdf5_ground *g, uint64_t address) {
    unsigned char head[32], last;
    if (!bb_hdf5_get(g, address, head, sizeof head) || memcmp(head, "HEAP", 5) != 0) return 0;
    const uint64_t size = bb_hdf5_word(head + 8, 8), bytes = bb_hdf5_word(head + 24, 8);
    const uint64_t end = (uint64_t)g->input.size;
    if (size == 0 || bytes > end || size > end - bytes) return 0;
    if (!bb_hdf5_get(g, bytes + size - 1, &last, 1) || last != 0) return 0;
    return free_blocks_end(g, bytes, size, bb_hdf5_word(head + 16, 8)) ? size : 0;
}

typedef struct tree {
    const bb_hdf5_ground *ground;
    uint64_t names; /* bytes of them */
    uint64_t left;  /* bytes of nodes that the file still has room for */
    unsigned char *buffer[MAX_LEVEL + 1];
} tree;

static bool check_leaf(tree *t, uint64_t address) {
    unsigned char head[LEAF_HEAD], entry[8 * ENTRY];
    if (!bb_hdf5_get(t->ground, address, head, sizeof head) || memcmp(head, "SNOD\1", 5) != 0) return false;
    const size_t count = (size_t)bb_hdf5_word(head + 6, 2);
    if (count > 2 * (size_t)t->ground->leaf_k || t->left < LEAF_HEAD + count * ENTRY) return false;
    t->left -= LEAF_HEAD + count * ENTRY;
    for (size_t i = 0; i < count; i += 8) {
        const size_t n = count - i < 8 ? count - i : 8;
        if (!bb_hdf5_get(t->ground, address + LEAF_HEAD + i * ENTRY, entry, n * ENTRY)) return false;
        for (size_t k = 0; k < n; ++k) {
            const unsigned char *e = entry + k * ENTRY;
            const bool soft = bb_hdf5_word(e + 16, 4) == SOFT;
            if (bb_hdf5_word(e, 8) >= t->names || (soft && bb_hdf5_word(e + 24, 4) >= t->names)) return false;
        }
    }
    return true;
}

/* The node at `address`, of `level` (below 0: whichever). Each level is one below the last. */
static bool check_node(tree *t, uint64_t address, int level) {
    unsigned char head[NODE_HEAD];
    if (!bb_hdf5_get(t->ground, address, head, sizeof head) || memcmp(head, "TREE\0", 5) != 0) return false;
    const size_t count = (size_t)bb_hdf5_word(head + 6, 2), size = count * 16 + 8;
    if (head[5] > MAX_LEVEL || (level >= 0 && head[5] != level)) return false;
    if (count > 2 * (size_t)t->ground->tree_k || t->left < NODE_HEAD + size) return false;
    t->left -= NODE_HEAD + size;
    level = head[5];
    unsigned char *children = t->buffer[level];
    if (!children && !(children = t->buffer[level] = bb_calloc(4 * (size_t)t->ground->tree_k * 8 + 8, 1)))
        return false;
    if (!bb_hdf5_get(t->ground, address + NODE_HEAD, children, size)) return false;
    for (size_t i = 0; i <= count; ++i) {
        if (bb_hdf5_word(children + 16 * i, 8) >= t->names) return false;
        if (i == count) break;
        const uint64_t child = bb_hdf5_word(children + 16 * i + 8, 8);
        if (!(level == 0 ? check_leaf(t, child) : check_node(t, child, level - 1))) return false;
    }
    return true;
}

bool bb_hdf5_symbols_are_sound(const bb_hdf5_ground *g, uint64_t tree_at, uint64_t heap_at) {
    tree t = {.ground = g, .names = check_heap(g, heap_at), .left = (uint64_t)g->input.size};
    if (t.names == 0 || g->leaf_k == 0 || g->tree_k == 0) return false;
    const bool sound = check_node(&t, tree_at, -1);
    for (int i = 0; i <= MAX_LEVEL; ++i) bb_free(t.buffer[i]);
    return sound;
}
