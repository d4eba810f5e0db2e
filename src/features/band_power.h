/* Power in the bands that electrophysiology names, by a Fourier transform of the bins that lie in them. */
#ifndef BB_FEATURES_BAND_POWER_H
#define BB_FEATURES_BAND_POWER_H

#include "brainbert/features.h"

/* Tables for windows of `samples` samples cut into `segments` stretches; any number of threads may share it.
 * BB_ERR_ARGUMENT for more segments than samples, BB_ERR_UNSUPPORTED for a rate that leaves a band empty. */
typedef struct bb_band_power bb_band_power;

bb_status bb_band_power_create(int64_t samples, int segments, double rate_hz, bb_band_power **out,
                               bb_error *err);
void bb_band_power_destroy(bb_band_power *plan);

/* Bytes of scratch for one call, a multiple of 64. */
size_t bb_band_power_scratch(const bb_band_power *plan);

/* window [samples] in uV -> out [segments, BB_BANDS]: log of the mean square in the band, log uV^2, of at
 * least 1e-12 uV^2. `scratch` is 64-byte aligned, one per thread. */
void bb_band_power_compute(const bb_band_power *plan, const double *window, void *scratch, float *out);

#endif
