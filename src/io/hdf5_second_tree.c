/* Trees of version 2 (HDF5 File Format Specification 3.0, III.A.2). HDF5 1.10 believes a node's parent about
 * how many records it has. */
#include <string.h>

#include "base/memory.h"
#include "io/hdf5_check.h"

enum { HEAD = 38, NODE_HEAD = 6, CHECKSUM = 4, MAX_DEPTH = 16, MAX_NODE = 1 << 20 };

typedef struct tree {
    const bb_hdf5_ground *ground;
    unsigned char type;
    size_t record, node;
    uint64_t left;                /* bytes of nodes that the file still has room for */
    uint64_t most[MAX_DEPTH + 1]; /* records of a node, by its height */
    size_t count_width, total_width[MAX_DEPTH + 1];
    bool (*fits)(void *data, const unsigned char *record);
    void *data;
} tree;

static size_t width_of(uint64_t most) { return (63u - (unsigned)__builtin_clzll(most | 1)) / 8 + 1; }

/* How many records a node of each height has room for, as the library computes it. */
static bool measure(tree *t, unsigned depth) {
    if (t->node < NODE_HEAD + CHECKSUM + t->record || t->node > MAX_NODE || depth > MAX_DEPTH) return false;
    uint64_t total = t->most[0] = (t->node - NODE_HEAD - CHECKSUM) / t->record;
    t->count_width = width_of(total);
    t->total_width[0] = 0;
    for (unsigned h = 1; h <= depth; ++h) {
        const size_t step = 8 + t->count_width + t->total_width[h - 1], taken = NODE_HEAD + CHECKSUM + step;
        if (t->node < taken + t->record + step) return false;
        t->most[h] = (t->node - taken) / (t->record + step);
        if (__builtin_mul_overflow(total, t->most[h] + 1, &total) || total > UINT64_MAX - t->most[h])
            return false;
        total += t->most[h];
        t->total_width[h] = width_of(total);
    }
    return true;
}

static bool is_node(const tree *t, const unsigned char *node, unsigned height) {
    return memcmp(node, height ? "BTIN\0" : "BTLF\0", NODE_HEAD - 1) == 0 && node[NODE_HEAD - 1] == t->type;
}

/* A node and those below it; of height 0 it is a leaf. Behind the records, a node has the places of those
 * below, how many records they have, and, two levels up, how many all below them have. */
static bool node_fits(tree *t, uint64_t address, unsigned height, uint64_t records) {
    if (records > t->most[height] || t->left < t->node) return false;
    t->left -= t->node;
    unsigned char *node = bb_calloc(t->node, 1);
    bool sound = node && bb_hdf5_get(t->ground, address, node, t->node) && is_node(t, node, height);
    for (uint64_t i = 0; i < records && sound && t->fits; ++i)
        sound = t->fits(t->data, node + NODE_HEAD + i * t->record);
    const size_t step = 8 + t->count_width + (height ? t->total_width[height - 1] : 0);
    for (uint64_t i = 0; i <= records && sound && height; ++i) {
        const unsigned char *below = node + NODE_HEAD + records * t->record + i * step;
        sound = node_fits(t, bb_hdf5_word(below, 8), height - 1, bb_hdf5_word(below + 8, t->count_width));
    }
    bb_free(node);
    return sound;
}

bool bb_hdf5_second_tree_is_sound(const bb_hdf5_ground *g, uint64_t address, unsigned type, size_t record,
                                  bool (*fits)(void *data, const unsigned char *record), void *data) {
    tree t = {.ground = g,
              .type = (unsigned char)type,
              .record = record,
              .left = (uint64_t)g->input.size,
              .fits = fits,
              .data = data};
    unsigned char h[HEAD];
    if (!bb_hdf5_get(g, address, h, sizeof h) || memcmp(h, "BTHD\0", 5) != 0 || h[5] != type) return false;
    const unsigned depth = (unsigned)bb_hdf5_word(h + 12, 2);
    const uint64_t root = bb_hdf5_word(h + 16, 8), records = bb_hdf5_word(h + 24, 2);
    t.node = (size_t)bb_hdf5_word(h + 6, 4);
    if (bb_hdf5_word(h + 10, 2) != record || !measure(&t, depth)) return false;
    return root == UINT64_MAX ? records == 0 : node_fits(&t, root, depth, records);
}
