/* Many channels from one sampling rate to another, as a stream, on libsoxr. */
#ifndef BB_SIGNAL_RESAMPLE_H
#define BB_SIGNAL_RESAMPLE_H

#include "brainbert/signal.h"

/* Input and output rate may differ by this factor at most. */
enum { BB_MAX_RATE_RATIO = 1024 };

/* One resampler per channel: channels are independent and may be run by different threads. */
typedef struct bb_resampler bb_resampler;

bb_status bb_resampler_create(double input_rate_hz, double output_rate_hz, size_t channels,
                              bb_resampler **out, bb_error *err);
void bb_resampler_destroy(bb_resampler *resampler);

/* Takes all `samples` of `in` (not NULL, even for no samples) and gives up to `wanted` samples that are ready
 * now; what is ready beyond them is kept for the next call. Returns how many came, -1 when memory is short.
 * Sample t of the output lies at time t / output_rate; none comes before the input has reached that time. */
int64_t bb_resampler_run(bb_resampler *resampler, size_t channel, const double *in, int64_t samples,
                         double *out, int64_t wanted);

#endif
