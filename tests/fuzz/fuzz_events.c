#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    bb_events events;
    bb_error err = {0};
    const bb_status status = bb_events_parse(text, "fuzz", &events, &err);
    if (status != BB_OK && (!err.message[0] || events.items || events.count)) abort();
    /* Every label is a text of its own, and every number finite. */
    for (size_t i = 0; i < events.count; ++i)
        if (strlen(events.items[i].label) > size || events.items[i].onset_s - events.items[i].onset_s != 0 ||
            events.items[i].duration_s - events.items[i].duration_s != 0)
            abort();
    bb_events_free(&events);
    free(text);
    return 0;
}
