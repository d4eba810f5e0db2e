/* Checksums of files, remembered for as long as the process lives. */
#ifndef BB_FEATURES_FILE_DIGEST_H
#define BB_FEATURES_FILE_DIGEST_H

#include "base/checksum.h"

/* The SHA-256 of a file's content. A file that was read before, and whose size and times of change are the
 * same since, is not read again. */
bb_status bb_file_digest(const char *path, char out[BB_SHA256_TEXT], bb_error *err);

/* Files that were read so far; for tests. */
size_t bb_file_digests_read(void);

#endif
