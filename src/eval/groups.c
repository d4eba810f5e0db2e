#include "eval/groups.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

static int by_id(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* `sorted` without what occurs again. */
static int64_t keep_different(int64_t *sorted, int64_t n) {
    int64_t kept = 0;
    for (int64_t i = 0; i < n; ++i)
        if (kept == 0 || sorted[i] != sorted[kept - 1]) sorted[kept++] = sorted[i];
    return kept;
}

bb_status bb_rank_ids(const int64_t *ids, int64_t n, int64_t *rank, int64_t *count, bb_error *err) {
    *count = n;
    if (!ids) {
        for (int64_t i = 0; i < n; ++i) rank[i] = i;
        return BB_OK;
    }
    int64_t *sorted = bb_calloc((size_t)n, sizeof *sorted);
    if (!sorted) return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld ids", (long long)n);
    for (int64_t i = 0; i < n; ++i) sorted[i] = ids[i];
    qsort(sorted, (size_t)n, sizeof *sorted, by_id);
    *count = keep_different(sorted, n);
    for (int64_t i = 0; i < n; ++i) {
        const int64_t *at = bsearch(&ids[i], sorted, (size_t)*count, sizeof *sorted, by_id);
        rank[i] = at - sorted;
    }
    bb_free(sorted);
    return BB_OK;
}
