#include <string.h>

#include "brainbert/model.h"

static const char *const names[] = {[BB_PRECISION_F32] = "f32",
                                    [BB_PRECISION_BF16] = "bf16",
                                    [BB_PRECISION_INT8] = "int8",
                                    [BB_PRECISION_AUTO] = "auto"};

bool bb_precision_from_name(const char *name, bb_precision *out) {
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strcmp(name, names[i]) == 0) return *out = (bb_precision)i, true;
    return false;
}

const char *bb_precision_name(bb_precision precision) { return names[precision]; }
