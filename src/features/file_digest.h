/* Checksums of files, remembered for as long as the process lives, those of large files in a folder too. */
#ifndef BB_FEATURES_FILE_DIGEST_H
#define BB_FEATURES_FILE_DIGEST_H

#include "base/checksum.h"

enum { BB_LARGE_FILE = 16 << 20 }; /* bytes; a tenth of a second and more of reading */

/* The SHA-256 of a file's content. A file that was read before, and whose size and times of change are the
 * same since, is not read again. That of a large one is kept in `folder` for the next process, as a file
 * ID.sha256 (ID stands for the file, its size and its times); NULL keeps none. */
bb_status bb_file_digest(const char *path, const char *folder, char out[BB_SHA256_TEXT], bb_error *err);

/* For tests: forgets what this process read. */
void bb_file_digests_forget(void);

/* For tests: how many checksums are not from memory since then. */
size_t bb_file_digests_read(void);

#endif
