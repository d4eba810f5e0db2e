/* Whole groups to folds. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "eval/groups.h"
#include "eval/split.h"

/* Items of one group and one class. */
typedef struct share {
    int64_t group, class, items;
} share;

typedef struct group {
    int64_t first, count; /* its shares */
    int64_t items;
    uint64_t lot; /* order of those of one size */
} group;

typedef struct dealer {
    int64_t count;  /* items */
    int64_t *rank;  /* [count] of their groups */
    int64_t *class; /* [count] */
    int64_t groups, classes;
    share *shares;        /* [count] at most, by group and class */
    group *list;          /* [groups], largest first */
    int64_t *class_items; /* [classes] */
    double *held;         /* [folds, classes] items */
    double *fold_items;   /* [folds] */
    int *fold_of;         /* [groups] */
} dealer;

static void free_dealer(dealer *d) {
    bb_free(d->rank);
    bb_free(d->class);
    bb_free(d->shares);
    bb_free(d->list);
    bb_free(d->class_items);
    bb_free(d->held);
    bb_free(d->fold_items);
    bb_free(d->fold_of);
}

/* Ids of the subset's items, ranked. `one`: all items have the same. */
static bb_status rank_subset(const int64_t *wide, const int *narrow, bool one, const int64_t *subset,
                             int64_t count, int64_t *rank, int64_t *different, bb_error *err) {
    int64_t *ids = bb_calloc((size_t)count, sizeof *ids);
    if (!ids) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld ids", (long long)count);
    for (int64_t i = 0; i < count; ++i)
        ids[i] = one ? 0 : wide ? wide[subset[i]] : narrow ? narrow[subset[i]] : subset[i];
    const bb_status status = bb_rank_ids(ids, count, rank, different, err);
    bb_free(ids);
    return status;
}

static int by_group_and_class(const void *a, const void *b) {
    const share *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->class > y->class) - (x->class < y->class);
}

static int by_falling_size(const void *a, const void *b) {
    const group *x = a, *y = b;
    if (x->items != y->items) return x->items > y->items ? -1 : 1;
    if (x->lot != y->lot) return x->lot < y->lot ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Counts the items of each group and class, and lists the groups, the largest first. */
static void count_shares(dealer *d, uint64_t seed) {
    for (int64_t i = 0; i < d->count; ++i) {
        d->shares[i] = (share){d->rank[i], d->class[i], 1};
        ++d->class_items[d->class[i]];
    }
    qsort(d->shares, (size_t)d->count, sizeof *d->shares, by_group_and_class);
    int64_t kept = 0;
    for (int64_t i = 0; i < d->count; ++i) {
        const share s = d->shares[i];
        group *g = &d->list[s.group];
        if (kept > 0 && by_group_and_class(&d->shares[kept - 1], &s) == 0)
            ++d->shares[kept - 1].items;
        else {
            if (g->count++ == 0) *g = (group){kept, 1, 0, bb_random_bits(seed, 0, (uint64_t)s.group)};
            d->shares[kept++] = s;
        }
        ++g->items;
    }
    qsort(d->list, (size_t)d->groups, sizeof *d->list, by_falling_size);
}

/* How much the sum over folds and classes of the squares of the classes' shares grows with the group in the
 * fold: least when every fold has the same share of every class. */
static double growth(const dealer *d, const group *g, int fold) {
    double sum = 0;
    for (int64_t s = g->first; s < g->first + g->count; ++s) {
        const double all = (double)d->class_items[d->shares[s].class], more = (double)d->shares[s].items;
        sum += (2 * d->held[fold * d->classes + d->shares[s].class] + more) * more / (all * all);
    }
    return sum;
}

static void deal(dealer *d, int folds) {
    for (int64_t i = 0; i < d->groups; ++i) {
        const group *g = &d->list[i];
        int best = 0;
        double least = growth(d, g, 0);
        for (int f = 1; f < folds; ++f) {
            const double more = growth(d, g, f);
            if (more > least || (more == least && d->fold_items[f] >= d->fold_items[best])) continue;
            best = f;
            least = more;
        }
        for (int64_t s = g->first; s < g->first + g->count; ++s)
            d->held[best * d->classes + d->shares[s].class] += (double)d->shares[s].items;
        d->fold_items[best] += (double)g->items;
        d->fold_of[d->shares[g->first].group] = best;
    }
}

static bb_status prepare(dealer *d, const bb_split_items *items, const int64_t *subset, int folds,
                         bb_error *err) {
    d->rank = bb_calloc((size_t)d->count, sizeof *d->rank);
    d->class = bb_calloc((size_t)d->count, sizeof *d->class);
    if (!d->rank || !d->class) return bb_fail(err, BB_ERR_MEMORY, "no memory to split");
    BB_TRY(rank_subset(items->group, NULL, false, subset, d->count, d->rank, &d->groups, err));
    BB_TRY(rank_subset(NULL, items->label, !items->label, subset, d->count, d->class, &d->classes, err));
    if (d->groups < folds)
        return bb_fail(err, BB_ERR_ARGUMENT, "split: expected %d groups or more for %d folds, found %lld",
                       folds, folds, (long long)d->groups);
    d->shares = bb_calloc((size_t)d->count, sizeof *d->shares);
    d->list = bb_calloc((size_t)d->groups, sizeof *d->list);
    d->class_items = bb_calloc((size_t)d->classes, sizeof *d->class_items);
    d->held = bb_calloc((size_t)d->classes, (size_t)folds * sizeof *d->held);
    d->fold_items = bb_calloc((size_t)folds, sizeof *d->fold_items);
    d->fold_of = bb_calloc((size_t)d->groups, sizeof *d->fold_of);
    return d->shares && d->list && d->class_items && d->held && d->fold_items && d->fold_of
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory to split %lld windows", (long long)d->count);
}

bb_status bb_split_by_groups(const bb_split_items *items, const int64_t *subset, int64_t count,
                             const bb_split_options *options, int *test, bb_error *err) {
    dealer d = {.count = count};
    const bb_status status = prepare(&d, items, subset, options->folds, err);
    if (status == BB_OK) {
        count_shares(&d, options->seed);
        deal(&d, options->folds);
        for (int64_t i = 0; i < count; ++i) test[i] = d.fold_of[d.rank[i]];
    }
    free_dealer(&d);
    return status;
}

bb_status bb_split_each_group(const bb_split_items *items, const int64_t *subset, int64_t count, int *test,
                              int *folds, int64_t *ids, bb_error *err) {
    int64_t *rank = bb_calloc((size_t)count, sizeof *rank), groups = 0;
    bb_status status = rank ? rank_subset(items->group, NULL, false, subset, count, rank, &groups, err)
                            : bb_fail(err, BB_ERR_MEMORY, "no memory to split");
    if (status == BB_OK && (groups < 2 || groups > BB_SPLIT_FOLDS_MOST))
        status = bb_fail(err, BB_ERR_ARGUMENT,
                         "split: expected 2 to %d groups to leave out one by one, found %lld",
                         BB_SPLIT_FOLDS_MOST, (long long)groups);
    for (int64_t i = 0; i < count && status == BB_OK; ++i) {
        test[i] = (int)rank[i];
        ids[rank[i]] = items->group ? items->group[subset[i]] : subset[i];
    }
    *folds = (int)groups;
    bb_free(rank);
    return status;
}
