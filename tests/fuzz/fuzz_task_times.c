/* A list of files and what one holds, with the byte 0x1e between them. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tasks/times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const char *text) {
    bb_times times;
    bb_error err = {0};
    const bb_status status = bb_times_parse(text, &times, &err);
    if (status != BB_OK && (!err.message[0] || times.files || times.count)) abort();
    for (size_t i = 0; i < times.count; ++i)
        if (!times.files[i].name[0] || !times.files[i].path[0]) abort();
    bb_times_free(&times);
}

static void check_onsets(const char *text) {
    bb_onsets onsets;
    bb_error err = {0};
    const bb_status status = bb_onsets_parse(text, "fuzz", &onsets, &err);
    if (status != BB_OK && (!err.message[0] || onsets.items || onsets.count)) abort();
    for (size_t i = 0; i < onsets.count; ++i)
        if (!isfinite(onsets.items[i])) abort();
    bb_onsets_free(&onsets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    char *second = strchr(text, 0x1e);
    if (second) {
        *second++ = '\0';
        check_onsets(second);
    }
    check_list(text);
    free(text);
    return 0;
}
