/* The node that a rank runs on: its processors, and which of them are whose. */
#ifndef BB_RANKS_NODE_H
#define BB_RANKS_NODE_H

#include <sched.h>

#include "brainbert/ranks.h"

/* Ranks of one node. */
typedef struct bb_node {
    int nodes;     /* of the job */
    int ranks, me; /* on this node, and which of them this is */
    int alike;     /* of these, those with this rank's set of processors */
    cpu_set_t all; /* of all of these */
} bb_node;

/* Collective. `own`: the processors that this rank is bound to. */
bb_node bb_ranks_node(const bb_ranks *ranks, const cpu_set_t *own);

/* A logical processor, and where it sits. */
typedef struct bb_seat {
    int cpu, socket, core;
} bb_seat;

/* Which of `count` seats (in any order, which is changed) are rank `me`'s of `ranks`: whole sockets while
 * there are enough of them, then equal parts of a socket with a core's threads beside each other, at last one
 * processor for several ranks. -> seats[*first .. *end). */
void bb_seats_deal(bb_seat *seats, int count, int ranks, int me, int *first, int *end);

#endif
