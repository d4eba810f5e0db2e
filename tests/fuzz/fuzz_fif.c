/* FIF. The other parts of a split recording are never there. */
#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_recording(data, size);
    return 0;
}
