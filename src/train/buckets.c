#include "train/buckets.h"

#include "base/error.h"
#include "base/memory.h"
#include "ranks/collective.h"

enum { LEAST = 1 << 20 }; /* floats */

static void add(bb_buckets *b, int64_t from, int64_t to) {
    bb_bucket *one = &b->list[b->count];
    *one = (bb_bucket){from, to, b->starts + b->count * ((size_t)b->ranks + 1)};
    for (int r = 0; r < b->ranks; ++r)
        bb_ranks_part(to - from, b->ranks, r, &one->starts[r], &one->starts[r + 1]);
    ++b->count;
}

bb_status bb_buckets_create(const bb_parameters *p, int ranks, bb_buckets *out, bb_error *err) {
    const int layers = p->config.layers;
    const size_t room = (size_t)layers + 2;
    *out = (bb_buckets){.ranks = ranks};
    out->list = bb_calloc(room, sizeof *out->list);
    out->starts = bb_calloc(room * ((size_t)ranks + 1), sizeof *out->starts);
    if (!out->list || !out->starts) {
        bb_buckets_free(out);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for buckets of %d ranks", ranks);
    }
    int64_t to = p->at[p->count];
    for (int i = layers; i >= 0; --i) { /* the head, which stands behind the last layer; then the layers */
        const int64_t from = p->at[bb_layout_layer(i, 0)];
        if (to - from < LEAST && i > 0) continue;
        add(out, from, to);
        to = from;
    }
    add(out, 0, to); /* the input's, done last */
    return BB_OK;
}

void bb_buckets_free(bb_buckets *b) {
    bb_free(b->list);
    bb_free(b->starts);
    *b = (bb_buckets){0};
}
