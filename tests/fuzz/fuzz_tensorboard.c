/* The bytes as an event file, and as one event's message, which the records' checksums keep others from. */
#include <stdint.h>
#include <stdlib.h>

#include "train/tensorboard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const size_t first = bb_events_kept(data, size, 1), all = bb_events_kept(data, size, INT64_MAX);
    int64_t step;
    if (first > all || all > size) abort();
    if (bb_events_kept(data, first, 1) != first || bb_events_kept(data, all, INT64_MAX) != all) abort();
    bb_event_step(data, size, &step);
    return 0;
}
