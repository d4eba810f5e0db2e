/* Ranks through MPI, whose errors end the process with a message of their own (its default). */
#include <errno.h>
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/cpu.h"
#include "ranks/collective.h"
#include "ranks/node.h"

struct bb_ranks {
    int count, me;
    int *counts, *places; /* [count]: scratch for tables of stretches as MPI wants them */
};

/* Elements of one call at most: MPI counts with ints, and what it buffers grows with them. */
enum { PIECE = 1 << 28 };

bool bb_ranks_supported(void) { return true; }
int bb_ranks_count(const bb_ranks *r) { return r ? r->count : 1; }
int bb_ranks_me(const bb_ranks *r) { return r ? r->me : 0; }
static bool alone(const bb_ranks *r) { return bb_ranks_count(r) == 1; }

/* Asleep but for a look now and then, the rarer the longer it lasts, up to `longest` seconds. MPI's own waits
 * keep a processor busy, and its calls under way get on only while we look. */
static void wait_for(MPI_Request *request, double longest) {
    enum { AT_ONCE = 64 };
    double nap = 5e-6;
    int done = 0;
    prctl(PR_SET_TIMERSLACK, 1000); /* ns; else every nap lasts 50 us longer */
    for (int i = 0; MPI_Test(request, &done, MPI_STATUS_IGNORE), !done; ++i) {
        if (i < AT_ONCE) continue;
        const struct timespec t = {.tv_nsec = (long)(1e9 * nap)};
        nanosleep(&t, NULL);
        nap = nap * 1.25 < longest ? nap * 1.25 : longest;
    }
}

/* For another rank to get there; for data on their way, which wait for us to fetch them. */
static const double for_others = 1e-3, for_data = 3e-5;

/* ---------------------------------------------------------------- joining */

static int lowest_level(void) {
    int level = (int)bb_cpu_current();
    MPI_Allreduce(MPI_IN_PLACE, &level, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return level;
}

/* Open MPI 4 sums over two or three ranks as a tree, which sends everything one way and then the other; a
 * ring sends both ways at once, and 1.4 to 2.1 times as fast (docs/cluster.md). Unless the user says how. */
static void prefer_ring(void) {
    enum { RING = 1 };
    int level, index, count, value = 0;
    MPI_T_cvar_handle handle;
    if (MPI_T_init_thread(MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS) return;
    if (MPI_T_cvar_get_index("coll_libnbc_iallreduce_algorithm", &index) == MPI_SUCCESS &&
        MPI_T_cvar_handle_alloc(index, NULL, &handle, &count) == MPI_SUCCESS) {
        const int ring = RING;
        if (MPI_T_cvar_read(handle, &value) == MPI_SUCCESS && value == 0) MPI_T_cvar_write(handle, &ring);
        MPI_T_cvar_handle_free(&handle);
    }
    MPI_T_finalize();
}

bb_status bb_ranks_join(bb_ranks **out, bb_error *err) {
    int begun, level;
    *out = NULL;
    MPI_Initialized(&begun);
    if (begun) return bb_fail(err, BB_ERR_ARGUMENT, "this process has joined its ranks already");
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS)
        return bb_fail(err, BB_ERR_IO, "MPI does not start");
    if (level < MPI_THREAD_SERIALIZED)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "this MPI does not allow calls from a second thread");
    bb_ranks *r = bb_calloc(1, sizeof *r);
    if (!r) return bb_fail(err, BB_ERR_MEMORY, "no memory for ranks");
    MPI_Comm_size(MPI_COMM_WORLD, &r->count);
    MPI_Comm_rank(MPI_COMM_WORLD, &r->me);
    r->counts = bb_calloc((size_t)r->count, sizeof *r->counts);
    r->places = bb_calloc((size_t)r->count, sizeof *r->places);
    if (!r->counts || !r->places) return bb_fail(err, BB_ERR_MEMORY, "no memory for ranks");
    if (r->count < 4) prefer_ring();
    bb_cpu_limit((bb_cpu_level)lowest_level());
    *out = r;
    return BB_OK;
}

void bb_ranks_leave(bb_ranks *r) {
    if (!r) return;
    MPI_Finalize();
    bb_free(r->counts);
    bb_free(r->places);
    bb_free(r);
}

void bb_ranks_abort(int exit_status) {
    int begun, over;
    MPI_Initialized(&begun);
    MPI_Finalized(&over);
    if (begun && !over) MPI_Abort(MPI_COMM_WORLD, exit_status);
    _Exit(exit_status);
}

bb_node bb_ranks_node(const bb_ranks *r, const cpu_set_t *own) {
    bb_node node = {.nodes = 1, .ranks = 1, .alike = 1, .all = *own};
    MPI_Comm local;
    if (alone(r)) return node;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, r->me, MPI_INFO_NULL, &local);
    MPI_Comm_size(local, &node.ranks);
    MPI_Comm_rank(local, &node.me);
    node.nodes = node.me == 0;
    MPI_Allreduce(MPI_IN_PLACE, &node.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    node.alike = 0;
    for (int i = 0; i < node.ranks; ++i) {
        cpu_set_t other = *own;
        MPI_Bcast(&other, sizeof other, MPI_BYTE, i, local);
        node.alike += CPU_EQUAL(&other, own) != 0;
        CPU_OR(&node.all, &node.all, &other);
    }
    MPI_Comm_free(&local);
    return node;
}

/* ---------------------------------------------------------------- a few numbers */

void bb_ranks_barrier(const bb_ranks *r) {
    MPI_Request request;
    if (alone(r)) return;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    wait_for(&request, for_others);
}

static void reduce(const bb_ranks *r, void *values, size_t count, MPI_Datatype type, MPI_Op op) {
    MPI_Request request;
    if (alone(r)) return;
    for (size_t at = 0; at < count; at += PIECE) {
        const size_t some = count - at < PIECE ? count - at : PIECE;
        MPI_Iallreduce(MPI_IN_PLACE, (char *)values + at * 8, (int)some, type, op, MPI_COMM_WORLD, &request);
        wait_for(&request, for_others);
    }
}

void bb_ranks_sum(const bb_ranks *r, double *values, size_t count) {
    reduce(r, values, count, MPI_DOUBLE, MPI_SUM);
}

void bb_ranks_sum_counts(const bb_ranks *r, int64_t *values, size_t count) {
    reduce(r, values, count, MPI_INT64_T, MPI_SUM);
}

void bb_ranks_most(const bb_ranks *r, double *values, size_t count) {
    reduce(r, values, count, MPI_DOUBLE, MPI_MAX);
}

void bb_ranks_merge(const bb_ranks *r, uint64_t *words, size_t count) {
    reduce(r, words, count, MPI_UINT64_T, MPI_BAND);
}

bool bb_ranks_any(const bb_ranks *r, bool own) {
    int64_t count = own;
    bb_ranks_sum_counts(r, &count, 1);
    return count > 0;
}

/* All the same have the least number and the greatest alike: the least of the complements is the other. */
bool bb_ranks_same(const bb_ranks *r, uint64_t number) {
    uint64_t least[2] = {number, ~number};
    reduce(r, least, 2, MPI_UINT64_T, MPI_MIN);
    return least[0] == ~least[1];
}

/* ---------------------------------------------------------------- bytes */

void bb_ranks_broadcast(const bb_ranks *r, int from, void *data, size_t bytes) {
    MPI_Request request;
    if (alone(r)) return;
    for (size_t at = 0; at < bytes; at += PIECE) {
        const size_t some = bytes - at < PIECE ? bytes - at : PIECE;
        MPI_Ibcast((char *)data + at, (int)some, MPI_BYTE, from, MPI_COMM_WORLD, &request);
        wait_for(&request, for_others);
    }
}

static void send_to_first(const char *own, size_t bytes) {
    MPI_Request request;
    for (size_t at = 0; at < bytes; at += PIECE) {
        const size_t some = bytes - at < PIECE ? bytes - at : PIECE;
        MPI_Isend(own + at, (int)some, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &request);
        wait_for(&request, for_others);
    }
}

static void receive_from(int rank, char *out, size_t bytes) {
    MPI_Request request;
    for (size_t at = 0; at < bytes; at += PIECE) {
        const size_t some = bytes - at < PIECE ? bytes - at : PIECE;
        MPI_Irecv(out + at, (int)some, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &request);
        wait_for(&request, for_others);
    }
}

bb_status bb_ranks_gather(const bb_ranks *r, const void *own, size_t bytes, char **all, size_t *starts,
                          bb_error *err) {
    const int count = bb_ranks_count(r), me = bb_ranks_me(r);
    int64_t *sizes = bb_calloc((size_t)count, sizeof *sizes);
    *all = NULL;
    if (!sizes) return bb_fail(err, BB_ERR_MEMORY, "no memory for sizes of %d ranks", count);
    sizes[me] = (int64_t)bytes;
    bb_ranks_sum_counts(r, sizes, (size_t)count);
    starts[0] = 0;
    for (int i = 0; i < count; ++i) starts[i + 1] = starts[i] + (size_t)sizes[i];
    bb_free(sizes);
    if (me != 0) {
        send_to_first(own, bytes);
        return BB_OK;
    }
    if (!(*all = bb_calloc(starts[count] + 1, 1)))
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %zu bytes of %d ranks", starts[count], count);
    memcpy(*all, own, bytes);
    for (int i = 1; i < count; ++i) receive_from(i, *all + starts[i], starts[i + 1] - starts[i]);
    return BB_OK;
}

/* ---------------------------------------------------------------- blocks of floats */

/* MPI's ints for this stretch table. Blocks are cut into buckets before they come here. */
static void to_ints(const bb_ranks *r, const int64_t *starts) {
    for (int i = 0; i < r->count; ++i) {
        r->counts[i] = (int)(starts[i + 1] - starts[i]);
        r->places[i] = (int)starts[i];
    }
}

void bb_ranks_spread_floats(const bb_ranks *r, const int64_t *starts, float *block) {
    MPI_Request request;
    if (alone(r)) return;
    to_ints(r, starts);
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, block, r->counts, r->places, MPI_FLOAT,
                    MPI_COMM_WORLD, &request);
    wait_for(&request, for_data);
}

void bb_ranks_collect_floats(const bb_ranks *r, const int64_t *starts, const float *own, float *block) {
    const int count = bb_ranks_count(r), me = bb_ranks_me(r);
    const size_t bytes = (size_t)(starts[me + 1] - starts[me]) * sizeof *own;
    if (me != 0) {
        send_to_first((const char *)own, bytes);
        return;
    }
    memmove(block + starts[0], own, bytes);
    for (int i = 1; i < count; ++i)
        receive_from(i, (char *)(block + starts[i]), (size_t)(starts[i + 1] - starts[i]) * sizeof *own);
}

void bb_ranks_sum_floats(const bb_ranks *r, float *block, int64_t count) {
    MPI_Request request;
    if (alone(r)) return;
    for (int64_t at = 0; at < count; at += PIECE) {
        const int64_t some = count - at < PIECE ? count - at : PIECE;
        MPI_Iallreduce(MPI_IN_PLACE, block + at, (int)some, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &request);
        wait_for(&request, for_data);
    }
}
