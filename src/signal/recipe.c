#include <string.h>

#include "brainbert/signal.h"

static const char *const reference_names[] = {[BB_REFERENCE_NONE] = "none",
                                              [BB_REFERENCE_LAPLACIAN] = "laplacian",
                                              [BB_REFERENCE_BIPOLAR] = "bipolar",
                                              [BB_REFERENCE_CAR] = "car"};

bb_signal_recipe bb_signal_recipe_default(void) {
    return (bb_signal_recipe){.rate_hz = 2048,
                              .notch_hz = 60,
                              .notch_harmonics = 6,
                              .notch_q = 30,
                              .highpass_hz = 0,
                              .reference = BB_REFERENCE_LAPLACIAN};
}

const char *bb_reference_name(bb_reference reference) { return reference_names[reference]; }

bool bb_reference_from_name(const char *name, bb_reference *out) {
    for (size_t i = 0; i < sizeof reference_names / sizeof *reference_names; ++i)
        if (strcmp(name, reference_names[i]) == 0) {
            *out = (bb_reference)i;
            return true;
        }
    return false;
}
