#include <string.h>

#include "brainbert/model.h"
#include "nn/product_kernels.h"

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

bool bb_precision_has_units(bb_precision precision) {
    const bool *units = bb_product_kernels_get()->units;
    switch (precision) {
    case BB_PRECISION_BF16:
        return units[BB_FORMAT_BF16];
    case BB_PRECISION_INT8:
        return units[BB_FORMAT_INT8];
    default:
        return true;
    }
}
