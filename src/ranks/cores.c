/* Processors dealt to the ranks of a node. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "ranks/node.h"

/* A number of /sys/devices/system/cpu/cpuN/topology; 0 where the system does not say. */
static int topology(int cpu, const char *name) {
    char path[128];
    int number = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", cpu, name);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fscanf(file, "%d", &number) != 1 || number < 0) number = 0;
    fclose(file);
    return number;
}

static int by_place(const void *a, const void *b) {
    const bb_seat *p = a, *q = b;
    if (p->socket != q->socket) return p->socket < q->socket ? -1 : 1;
    if (p->core != q->core) return p->core < q->core ? -1 : 1;
    return (p->cpu > q->cpu) - (p->cpu < q->cpu);
}

static int count_sockets(const bb_seat *seats, int count) {
    int sockets = 0;
    for (int i = 0; i < count; ++i) sockets += i == 0 || seats[i].socket != seats[i - 1].socket;
    return sockets;
}

/* Where the sorted seats' socket number `index` begins; `count` behind the last. */
static int socket_begin(const bb_seat *seats, int count, int index) {
    for (int i = 0; i < count; ++i)
        if ((i == 0 || seats[i].socket != seats[i - 1].socket) && index-- == 0) return i;
    return count;
}

void bb_seats_deal(bb_seat *seats, int count, int ranks, int me, int *first, int *end) {
    qsort(seats, (size_t)count, sizeof *seats, by_place);
    const int sockets = count_sockets(seats, count);
    if (ranks <= sockets) {
        *first = socket_begin(seats, count, me * sockets / ranks);
        *end = socket_begin(seats, count, (me + 1) * sockets / ranks);
        return;
    }
    /* Ranks me * sockets / ranks == s share socket s; the first of them is the least with that quotient. */
    const int s = me * sockets / ranks, from = (s * ranks + sockets - 1) / sockets,
              to = ((s + 1) * ranks + sockets - 1) / sockets, sharers = to - from, place = me - from;
    const int begin = socket_begin(seats, count, s), size = socket_begin(seats, count, s + 1) - begin;
    *first = begin + place * size / sharers;
    *end = begin + (place + 1) * size / sharers;
    if (*end == *first) *end = *first + 1;
}

static bb_status list_seats(const cpu_set_t *allowed, bb_seat **out, int *count, bb_error *err) {
    *count = 0;
    *out = bb_calloc((size_t)CPU_COUNT(allowed) + 1, sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "no memory for a list of processors");
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, allowed))
            (*out)[(*count)++] =
                (bb_seat){cpu, topology(cpu, "physical_package_id"), topology(cpu, "core_id")};
    return BB_OK;
}

/* All that the system lets us have, whatever the launcher bound us to. */
static void widen(cpu_set_t *set) {
    cpu_set_t all;
    CPU_ZERO(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &all);
    if (sched_setaffinity(0, sizeof all, &all) == 0) sched_getaffinity(0, sizeof *set, set);
}

/* What the launcher gave this rank, or its share of what it gave several. */
static int own_cores(const cpu_set_t *allowed, const bb_node *node) {
    const int cores = CPU_COUNT(allowed) / node->alike;
    return cores > 0 ? cores : 1;
}

static bb_status bind(const bb_seat *seats, int first, int end, bb_error *err) {
    cpu_set_t own;
    CPU_ZERO(&own);
    for (int i = first; i < end; ++i) CPU_SET(seats[i].cpu, &own);
    if (sched_setaffinity(0, sizeof own, &own) == 0) return BB_OK;
    return bb_fail_errno(err, "cannot bind this rank to its processors");
}

bb_status bb_ranks_take_cores(const bb_ranks *ranks, bool bound, bb_cores *out, bb_error *err) {
    cpu_set_t allowed;
    bb_seat *seats;
    int count, first, end;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return bb_fail_errno(err, "cannot tell which processors are ours");
    if (!bound) widen(&allowed);
    const bb_node node = bb_ranks_node(ranks, &allowed);
    BB_TRY(list_seats(&node.all, &seats, &count, err));
    bb_seats_deal(seats, count, node.ranks, node.me, &first, &end);
    *out = (bb_cores){.nodes = node.nodes,
                      .local_ranks = node.ranks,
                      .sockets = count_sockets(seats, count),
                      .node_cores = count,
                      .cores = bound ? own_cores(&allowed, &node) : end - first};
    const bb_status status = bound || node.ranks == 1 ? BB_OK : bind(seats, first, end, err);
    bb_free(seats);
    return status;
}
