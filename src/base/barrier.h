/* Threads of one team wait for each other: for a moment at full attention, then giving way to whatever else
 * wants to run. (OpenMP's own barrier keeps the processor for milliseconds, which on a busy machine is what
 * the thread that is waited for would need.) */
#ifndef BB_BASE_BARRIER_H
#define BB_BASE_BARRIER_H

#include <stdatomic.h>

/* All zero: nobody waits. */
typedef struct bb_barrier {
    atomic_uint arrived, round;
} bb_barrier;

/* Returns when `count` threads have called it; what each did before is seen by all after. */
void bb_barrier_wait(bb_barrier *barrier, unsigned count);

#endif
