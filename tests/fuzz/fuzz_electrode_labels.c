#include <stdint.h>

#include "recording/electrode_labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bb_electrode_labels labels;
    (void)bb_electrode_labels_parse((const char *)data, size, "fuzz", &labels, NULL);
    bb_electrode_labels_free(&labels);
    return 0;
}
