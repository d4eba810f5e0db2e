#include "train/stretches.h"

#include "base/error.h"
#include "base/memory.h"
#include "ranks/collective.h"

/* Floats at most: gradient, moments and weights of a stretch take 1 MiB. */
enum { MOST = 1 << 16 };

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* What of the table's tensors lies in [from, to) of its blocks; the share's block has `from` at `own`.
 * Without a list the stretches are counted alone. */
static void add_range(bb_stretches *s, const bb_parameters *p, int64_t from, int64_t to, int64_t own) {
    for (size_t i = 0; i < p->count; ++i) {
        const int64_t end = smaller(to, p->at[i] + p->sizes[i]);
        for (int64_t at = larger(from, p->at[i]); at < end; at += MOST) {
            if (s->list) s->list[s->count] = (bb_stretch){i, at, own + at - from, smaller(MOST, end - at)};
            ++s->count;
        }
    }
}

static void add_share(bb_stretches *s, const bb_parameters *p, const bb_buckets *b, int me) {
    s->size = 0;
    s->count = 0;
    for (size_t k = 0; k < b->count; ++k) {
        const int64_t from = b->list[k].from + b->list[k].starts[me],
                      to = b->list[k].from + b->list[k].starts[me + 1];
        add_range(s, p, from, to, s->size);
        s->size += to - from;
    }
}

static void add_all(bb_stretches *s, const bb_parameters *p) {
    s->size = p->at[p->count];
    s->count = 0;
    add_range(s, p, 0, s->size, 0);
}

static bb_status create(const bb_parameters *p, const bb_buckets *b, const bb_ranks *ranks, bb_stretches *out,
                        bb_error *err) {
    *out = (bb_stretches){.tensors = p->count, .ranks = ranks};
    for (int listing = 0; listing < 2; ++listing) {
        if (b)
            add_share(out, p, b, bb_ranks_me(ranks));
        else
            add_all(out, p);
        if (listing) return BB_OK;
        out->list = bb_calloc(out->count, sizeof *out->list);
        out->sums = bb_calloc(2 * out->count, sizeof *out->sums);
        out->norms = bb_calloc(2 * out->tensors, sizeof *out->norms);
        if (!out->list || !out->sums || !out->norms) break;
    }
    bb_stretches_free(out);
    return bb_fail(err, BB_ERR_MEMORY, "no memory for a table of stretches");
}

bb_status bb_stretches_of_all(const bb_parameters *p, bb_stretches *out, bb_error *err) {
    return create(p, NULL, NULL, out, err);
}

bb_status bb_stretches_of_share(const bb_parameters *p, const bb_buckets *buckets, const bb_ranks *ranks,
                                bb_stretches *out, bb_error *err) {
    return create(p, buckets, ranks, out, err);
}

void bb_stretches_free(bb_stretches *s) {
    bb_free(s->list);
    bb_free(s->sums);
    bb_free(s->norms);
    *s = (bb_stretches){0};
}
