/* Which channels come out of a re-reference, and what is subtracted from each. */
#ifndef BB_SIGNAL_MONTAGE_H
#define BB_SIGNAL_MONTAGE_H

#include "brainbert/signal.h"

/* One channel that comes out; `left` and `right` are meant for BB_REFERENCE_LAPLACIAN, `right` alone for
 * BB_REFERENCE_BIPOLAR, neither otherwise. All are input channels, after bb_montage_compact rows. */
typedef struct bb_derivation {
    char *name;
    size_t source, left, right;
} bb_derivation;

typedef struct bb_montage {
    bb_reference reference;
    size_t count;
    bb_derivation *derivations; /* in the order of their sources */
} bb_montage;

/* Errors: BB_ERR_UNSUPPORTED when no channel is left. On failure *out needs no free. */
bb_status bb_montage_create(bb_reference reference, const bb_chain_channel *channels, size_t count,
                            bb_montage *out, bb_error *err);
void bb_montage_free(bb_montage *montage);

/* Leaves out the channels that no derivation needs: row i is input channel channels[i] from then on, the
 * derivations speak of rows, and their number comes back. `rows` (zeros at the start, scratch) and `channels`
 * have room for the `count` input channels. */
size_t bb_montage_compact(bb_montage *montage, size_t count, size_t *rows, size_t *channels);

/* rows[row * stride + t] -> out[derivation * out_stride + t], t < samples; `mean` is scratch for
 * `samples` values. For the common average the mean runs over all derivations. Called by every thread of a
 * parallel region, which share the work; ends with a barrier. */
void bb_montage_apply(const bb_montage *montage, const double *rows, int64_t stride, int64_t samples,
                      double *mean, double *out, int64_t out_stride);

#endif
