/* What a spec may ask for, whatever the windows. */
#ifndef BB_FEATURES_SPEC_H
#define BB_FEATURES_SPEC_H

#include "brainbert/features.h"

/* BB_ERR_ARGUMENT for a pooling that the kind does not know, and for a precision that is none. */
bb_status bb_feature_spec_check(const bb_feature_spec *spec, bb_error *err);

static inline bool bb_feature_spec_has_spectrogram(const bb_feature_spec *spec) {
    return spec->kind == BB_FEATURE_ENCODER || spec->kind == BB_FEATURE_SPECTROGRAM;
}

static inline int bb_pooling_segments(const bb_pooling *pooling) {
    return pooling->kind == BB_POOL_SEGMENTS ? pooling->segments : 1;
}

#endif
