/* Stretches of a recording in which a channel holds no signal: missing, flat or clipped samples, found in the
 * voltages as they were recorded. A stream: what is found does not depend on how the input was cut. */
#ifndef BB_SIGNAL_UNSOUND_H
#define BB_SIGNAL_UNSOUND_H

#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

/* The kinds, in the order of the bits BB_UNSOUND_MISSING, BB_UNSOUND_FLAT, BB_UNSOUND_CLIPPED. */
enum { BB_MISSING, BB_FLAT, BB_CLIPPED, BB_UNSOUND_KINDS };

/* What a channel's file can hold; nothing is clipped unless low < high. */
typedef struct bb_unsound_range {
    double low, high;
} bb_unsound_range;

typedef struct bb_unsound bb_unsound;

/* NULL when memory is short. `rate_hz` is positive. */
bb_unsound *bb_unsound_create(double rate_hz, const bb_unsound_range *ranges, size_t channels);
void bb_unsound_destroy(bb_unsound *unsound);

/* The next samples: in[channel * samples + t]. BB_ERR_MEMORY when memory is short. */
bb_status bb_unsound_push(bb_unsound *unsound, const double *in, int64_t samples, int threads, bb_error *err);

/* Which kinds count in the samples [first, end) of a channel: any missing one; a flat stretch that overlaps
 * them by a tenth of a second (and 10 samples) or more; a clipped one that overlaps them by 3 samples or
 * more. What lies behind the samples pushed so far is taken as sound. A set of bits, BB_UNSOUND_*. */
unsigned char bb_unsound_bits(const bb_unsound *unsound, size_t channel, int64_t first, int64_t end);

/* Nobody will ask for samples before `first` again. What stays in memory is at most 16 bytes for every other
 * sample behind it, where a channel is missing at every other sample; nothing, where channels are sound. */
void bb_unsound_forget(bb_unsound *unsound, int64_t first);

/* Samples of a channel in stretches of the kind, among all pushed so far. */
int64_t bb_unsound_samples(const bb_unsound *unsound, size_t channel, int kind);

#endif
