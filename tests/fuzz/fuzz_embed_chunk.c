/* Chunks of features. */
#include <stdlib.h>
#include <string.h>

#include "embed/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the view points to has to be there. */
static void touch(const bb_chunk_view *v) {
    volatile unsigned sum = 0;
    for (int64_t i = 0; i < v->head.windows * v->head.channels; ++i) sum += v->unsound[i];
    for (int64_t i = 0; i < v->head.windows * v->head.floats; ++i) sum += v->rows[i] > 0;
    for (int64_t i = 0; i < 3 * v->head.inputs; ++i) sum += v->seconds[i] > 0;
}

static void parse(const void *data, size_t size) {
    bb_chunk_view view;
    if (bb_chunk_parse(data, size, "fuzz", &view, NULL) == BB_OK) touch(&view);
}

/* As it is, and with a head whose checksum is right, or no other shape would ever be looked at. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { HEAD = 128, AT_CRC = 124 };
    void *copy = NULL;
    if (posix_memalign(&copy, 64, size ? size : 1) != 0) abort();
    memcpy(copy, data, size);
    parse(copy, size);
    if (size >= HEAD) {
        const uint32_t crc = bb_crc32c(copy, AT_CRC);
        memcpy((char *)copy + AT_CRC, &crc, sizeof crc);
        parse(copy, size);
    }
    free(copy);
    return 0;
}
