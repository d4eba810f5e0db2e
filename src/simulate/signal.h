/* A planned recording's voltages as a stream: block after block, of any length, the same values. */
#ifndef BB_SIMULATE_SIGNAL_H
#define BB_SIMULATE_SIGNAL_H

#include "simulate/plan.h"

/* Samples of the longest block: long ones spare the threads waiting for each other, and 8 MB hold one as long
 * as there are no more than a thousand rows. */
int64_t bb_signal_block(const bb_plan *plan);

typedef struct bb_signal_stream bb_signal_stream;

/* `plan` must stay until the stream is destroyed. */
bb_status bb_signal_stream_create(const bb_plan *plan, bb_signal_stream **out, bb_error *err);
void bb_signal_stream_destroy(bb_signal_stream *stream);

/* The next `samples` (at most bb_signal_block) samples, uV: out[row * samples + t], plan->row_count rows. The
 * contacts are shared out among threads; each one's values depend on its own draws alone. */
void bb_signal_stream_next(bb_signal_stream *stream, int64_t samples, double *out);

#endif
