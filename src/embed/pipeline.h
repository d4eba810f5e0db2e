/* Slots that go round between two threads, so that slow work waits for nobody. The thread that calls works on
 * one slot after the other; a second one, there for the length of the call, fills slots ahead of it and
 * drains those it is through with:
 *
 *     fill (second thread) -> work (calling thread) -> drain (second thread) -> fill ...
 *
 * Every stage takes the slots in the same order, and has a slot for itself while it is at it. Filling and
 * draining are never under way at once: what both of them use needs no lock. */
#ifndef BB_EMBED_PIPELINE_H
#define BB_EMBED_PIPELINE_H

#include <stdbool.h>

#include "brainbert/status.h"

/* One is worked on, one filled or drained, and two lie between, for work and input that come in bursts. */
enum { BB_PIPELINE_SLOTS = 4 };

typedef struct bb_stages {
    void *context;
    /* On the second thread. *filled stays false behind the last. */
    bb_status (*fill)(void *context, int slot, bool *filled, bb_error *err);
    bb_status (*work)(void *context, int slot, bb_error *err); /* on the calling thread */
    bb_status (*drain)(void *context, int slot, bb_error *err);
} bb_stages;

/* What the calling thread waited for. */
typedef struct bb_pipeline_waits {
    double input_s;  /* a slot to be filled */
    double output_s; /* a slot to be drained */
} bb_pipeline_waits;

/* Until there is nothing more to fill, or a stage fails. As in a plain loop over the slots, those before the
 * failure are drained, none behind it are, and the earliest slot's failure is the one that comes back.
 * `waits` are added to. */
bb_status bb_pipeline_run(const bb_stages *stages, bb_pipeline_waits *waits, bb_error *err);

#endif
