/* A chain of second-order sections over many channels, run as a stream. */
#ifndef BB_SIGNAL_CASCADE_H
#define BB_SIGNAL_CASCADE_H

#include "brainbert/signal.h"

enum { BB_MAX_SECTIONS = 72 };

typedef struct bb_cascade bb_cascade;

/* `sections` are copied; the state starts at zero. NULL when memory is short. */
bb_cascade *bb_cascade_create(const bb_biquad *sections, size_t count, size_t channels);
void bb_cascade_destroy(bb_cascade *cascade);

/* Filters rows[channel * stride + t], t < samples, in place. Called by every thread of a parallel region,
 * which share the channels; ends with a barrier. */
void bb_cascade_run(bb_cascade *cascade, double *rows, int64_t stride, int64_t samples);

#endif
