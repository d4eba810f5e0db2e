/* SHA-256, as the command `sha256sum` prints it, and CRC-32C. */
#ifndef BB_BASE_CHECKSUM_H
#define BB_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "brainbert/progress.h"
#include "brainbert/status.h"

enum { BB_SHA256_TEXT = 65 }; /* 64 digits and the end */

/* Of `text` up to its terminating zero; false when memory is short. */
int bb_sha256_of_text(const char *text, char out[BB_SHA256_TEXT]);

/* Of `size` bytes; false when memory is short. */
int bb_sha256_of_bytes(const void *data, size_t size, char out[BB_SHA256_TEXT]);

/* Of a file's content, and its size in bytes. `progress` is told of bytes; NULL: of none. */
bb_status bb_sha256_of_file(const char *path, bb_progress progress, void *context, char out[BB_SHA256_TEXT],
                            int64_t *size, bb_error *err);

/* CRC-32C (Castagnoli): another polynomial than that of zip and zlib. */
uint32_t bb_crc32c(const void *data, size_t size);

/* The checksum that stands at bytes[at], as memory lies. */
static inline uint32_t bb_checksum_at(const unsigned char *bytes, size_t at) {
    uint32_t value;
    memcpy(&value, bytes + at, sizeof value);
    return value;
}

#endif
