/* Gradients on their way between ranks while the backward pass goes on: a thread of its own sums what it is
 * handed over all ranks, one stretch after the other. While any is under way no other thread of this process
 * may be in a call of collective.h. */
#ifndef BB_RANKS_EXCHANGE_H
#define BB_RANKS_EXCHANGE_H

#include "ranks/collective.h"

typedef struct bb_exchange bb_exchange;

bb_status bb_exchange_create(const bb_ranks *ranks, bb_exchange **out, bb_error *err);
/* Nothing may be under way. NULL is fine. */
void bb_exchange_destroy(bb_exchange *exchange);

/* bb_ranks_sum_floats of block[count], which is not to be touched until bb_exchange_finish. All ranks post
 * the same, in the same order. */
void bb_exchange_post(bb_exchange *exchange, float *block, int64_t count);

typedef struct bb_exchange_times {
    double busy_s;   /* something was on its way */
    double cpu_s;    /* processor time that this took */
    double waited_s; /* of these, with nothing else to do: not hidden behind other work */
} bb_exchange_times;

/* Until all that was posted is there. The times since the last call; waiting is counted from this one on. */
bb_exchange_times bb_exchange_finish(bb_exchange *exchange);

#endif
