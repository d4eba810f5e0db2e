/* A planned subject's voltages as a stream: block after block, of any length, the same values. */
#ifndef BB_SIMULATE_SIGNAL_H
#define BB_SIMULATE_SIGNAL_H

#include "simulate/plan.h"

enum { BB_SIGNAL_BLOCK = 1024 }; /* samples */

typedef struct bb_signal_stream bb_signal_stream;

/* `plan` must stay until the stream is destroyed. */
bb_status bb_signal_stream_create(const bb_plan *plan, bb_signal_stream **out, bb_error *err);
void bb_signal_stream_destroy(bb_signal_stream *stream);

/* The next `samples` (at most BB_SIGNAL_BLOCK) samples, uV: out[contact * samples + t]. The contacts are
 * shared out among threads; each one's values depend on its own draws alone. */
void bb_signal_stream_next(bb_signal_stream *stream, int64_t samples, double *out);

#endif
