/* Built without MPI: there is one process, and nobody to tell anything. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "ranks/collective.h"
#include "ranks/node.h"

bool bb_ranks_supported(void) { return false; }

bb_status bb_ranks_join(bb_ranks **out, bb_error *err) {
    *out = NULL;
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "built without MPI, which several ranks need: install libopenmpi-dev and build again");
}

void bb_ranks_leave(bb_ranks *ranks) { (void)ranks; }
void bb_ranks_abort(int exit_status) { _Exit(exit_status); }
int bb_ranks_count(const bb_ranks *ranks) { return (void)ranks, 1; }
int bb_ranks_me(const bb_ranks *ranks) { return (void)ranks, 0; }

bb_node bb_ranks_node(const bb_ranks *ranks, const cpu_set_t *own) {
    (void)ranks;
    return (bb_node){.nodes = 1, .ranks = 1, .alike = 1, .all = *own};
}

void bb_ranks_barrier(const bb_ranks *ranks) { (void)ranks; }
void bb_ranks_sum(const bb_ranks *ranks, double *values, size_t count) {
    (void)ranks, (void)values, (void)count;
}
void bb_ranks_sum_counts(const bb_ranks *ranks, int64_t *values, size_t count) {
    (void)ranks, (void)values, (void)count;
}
void bb_ranks_most(const bb_ranks *ranks, double *values, size_t count) {
    (void)ranks, (void)values, (void)count;
}
bool bb_ranks_any(const bb_ranks *ranks, bool own) { return (void)ranks, own; }
bool bb_ranks_same(const bb_ranks *ranks, uint64_t number) { return (void)ranks, (void)number, true; }
void bb_ranks_merge(const bb_ranks *ranks, uint64_t *words, size_t count) {
    (void)ranks, (void)words, (void)count;
}
void bb_ranks_broadcast(const bb_ranks *ranks, int from, void *data, size_t bytes) {
    (void)ranks, (void)from, (void)data, (void)bytes;
}

bb_status bb_ranks_gather(const bb_ranks *ranks, const void *own, size_t bytes, char **all, size_t *starts,
                          bb_error *err) {
    (void)ranks;
    starts[0] = 0;
    starts[1] = bytes;
    if (!(*all = bb_calloc(bytes + 1, 1)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu bytes", bytes);
    memcpy(*all, own, bytes);
    return BB_OK;
}

void bb_ranks_spread_floats(const bb_ranks *ranks, const int64_t *starts, float *block) {
    (void)ranks, (void)starts, (void)block;
}
void bb_ranks_collect_floats(const bb_ranks *ranks, const int64_t *starts, const float *own, float *block) {
    (void)ranks;
    memmove(block + starts[0], own, (size_t)(starts[1] - starts[0]) * sizeof *own);
}
void bb_ranks_sum_floats(const bb_ranks *ranks, float *block, int64_t count) {
    (void)ranks, (void)block, (void)count;
}
