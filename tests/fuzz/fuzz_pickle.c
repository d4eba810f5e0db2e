#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "weights/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bb_pickle pickle;
    bb_error err = {0};
    if (bb_pickle_read(data, size, "fuzz", "pickle", &pickle, &err) != BB_OK) {
        if (!err.message[0]) abort();
        return 0;
    }
    char *json;
    if (pickle.consumed > size) abort();
    bb_pickle_to_json(&pickle, pickle.root, "fuzz", &json, &err);
    bb_free(json);
    bb_pickle_free(&pickle);
    return 0;
}
