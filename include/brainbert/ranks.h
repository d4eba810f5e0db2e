/* Ranks: the processes of one job, on one machine or many, that share its work through MPI. Calls that can
 * share theirs take a `const bb_ranks *` among their options; NULL is one process by itself, as is a job of
 * one rank. Such a call is collective: every rank makes it, with the same arguments. */
#ifndef BRAINBERT_RANKS_H
#define BRAINBERT_RANKS_H

#include <stdbool.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_ranks bb_ranks;

/* Whether this library was built with MPI. */
BB_API bool bb_ranks_supported(void);

/* Takes this process into the job that the launcher (mpirun, srun) started, once in its life, before threads
 * are at work. From then on all ranks compute at the level (brainbert/cpu.h) of the least processor among
 * them, so that it does not matter who computes what. BB_ERR_UNSUPPORTED where there is no MPI. An error of
 * MPI itself, such as a rank that is gone, ends the process with MPI's message. */
BB_API bb_status bb_ranks_join(bb_ranks **out, bb_error *err);
/* Every rank's last call; NULL is fine. */
BB_API void bb_ranks_leave(bb_ranks *ranks);
/* Ends all ranks, wherever they are, this one too, with this exit status: what a rank does that cannot go on.
 * Does not return. */
BB_API void bb_ranks_abort(int exit_status);

/* How many there are, and which one this is, from 0; of NULL 1 and 0. */
BB_API int bb_ranks_count(const bb_ranks *ranks);
BB_API int bb_ranks_me(const bb_ranks *ranks);

/* Processors of this rank. */
typedef struct bb_cores {
    int nodes;       /* of the job */
    int local_ranks; /* on this rank's node */
    int sockets;     /* of this node, on which there are processors we may use */
    int node_cores;  /* that we may use on this node */
    int cores;       /* of this rank, its own where there are enough */
} bb_cores;

/* Deals the node's processors to its ranks: whole sockets while there are enough of them, then equal parts of
 * a socket; this rank and all threads it starts later run on its own. With `bound` the launcher has dealt
 * them already as its user wished, which stays, and ranks bound to the same processors count equal shares of
 * them. */
BB_API bb_status bb_ranks_take_cores(const bb_ranks *ranks, bool bound, bb_cores *out, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
