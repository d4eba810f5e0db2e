#include "ranks/deal.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct piece {
    int64_t work;
    size_t index;
} piece;

static int compare(const void *a, const void *b) {
    const piece *x = a, *y = b;
    if (x->work != y->work) return x->work > y->work ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int least_loaded(const int64_t *loads, int ranks) {
    int least = 0;
    for (int r = 1; r < ranks; ++r)
        if (loads[r] < loads[least]) least = r;
    return least;
}

bb_status bb_ranks_deal(const int64_t *work, size_t count, int ranks, int *owner, bb_error *err) {
    piece *pieces = bb_calloc(count, sizeof *pieces);
    int64_t *loads = bb_calloc((size_t)ranks, sizeof *loads);
    const bool ready = pieces && loads;
    for (size_t i = 0; ready && i < count; ++i) pieces[i] = (piece){work[i], i};
    if (ready && count > 0) qsort(pieces, count, sizeof *pieces, compare);
    for (size_t i = 0; ready && i < count; ++i) {
        const int rank = least_loaded(loads, ranks);
        owner[pieces[i].index] = rank;
        loads[rank] += pieces[i].work;
    }
    bb_free(pieces);
    bb_free(loads);
    return ready ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory to deal %zu pieces of work", count);
}
