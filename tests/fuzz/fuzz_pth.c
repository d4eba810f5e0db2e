#include "use_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both containers; pickles behind a checksum are reached by fuzz_pickle. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    use_weights(data, size);
    return 0;
}
