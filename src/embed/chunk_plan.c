#include "embed/chunk_plan.h"

#include "base/error.h"
#include "base/memory.h"
#include "ranks/collective.h"

bb_status bb_chunk_plan_make(const int64_t *windows, size_t recordings, int64_t channels, bb_chunk_plan *out,
                             bb_error *err) {
    const int64_t fit = (BB_CHUNK_PAIRS + channels / 2) / channels, size = fit > 0 ? fit : 1;
    int64_t count = 0;
    *out = (bb_chunk_plan){0};
    for (size_t r = 0; r < recordings; ++r) count += (windows[r] + size - 1) / size;
    if (!(out->chunks = bb_calloc((size_t)count, sizeof *out->chunks)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %lld chunks of windows", (long long)count);
    for (size_t r = 0; r < recordings; ++r)
        for (int64_t first = 0; first < windows[r]; first += size) {
            const int64_t left = windows[r] - first;
            out->chunks[out->count++] = (bb_chunk_place){r, first, left < size ? left : size};
        }
    return BB_OK;
}

void bb_chunk_plan_free(bb_chunk_plan *plan) {
    bb_free(plan->chunks);
    *plan = (bb_chunk_plan){0};
}

void bb_chunk_plan_deal(const bb_chunk_plan *plan, const bool *finished, int ranks, int me, int64_t *mine,
                        int64_t *count) {
    int64_t open = 0, first, end;
    for (int64_t i = 0; i < plan->count; ++i) open += !finished[i];
    bb_ranks_part(open, ranks, me, &first, &end);
    *count = 0;
    for (int64_t i = 0, at = 0; i < plan->count; ++i) {
        if (finished[i]) continue;
        if (at >= first && at < end) mine[(*count)++] = i;
        ++at;
    }
}
