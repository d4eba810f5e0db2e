/* MAT-files of level 5, as they are and packed. */
#include "recording_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_recording(data, size);
    return 0;
}
