/* state.json of a fine-tuning's checkpoint: any bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "support.h"
#include "train/finetune_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bb_learner_state state;
    bb_error error;
    const char *path = bb_temp_path("state.json");
    FILE *file = fopen(path, "wb");
    if (!file) return 0;
    fwrite(data, 1, size, file);
    fclose(file);
    if (bb_learner_state_read(path, 1000, &state, &error) == BB_OK &&
        (state.step < 0 || state.step > 1000 || state.best_step > state.step || state.since > state.step))
        abort(); /* no learner can be there */
    bb_free(state.checks);
    return 0;
}
