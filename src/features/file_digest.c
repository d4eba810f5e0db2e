#include "features/file_digest.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"

/* What tells a file and its state apart. */
typedef struct identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed, modified;
} identity;

enum { REMEMBERED = 1024 }; /* the latest ones */

static struct known {
    identity file;
    char digest[BB_SHA256_TEXT];
} known[REMEMBERED];
static size_t files_read; /* in all; the next goes to known[files_read % REMEMBERED] */

static bool same_time(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same(const identity *a, const identity *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(&a->changed, &b->changed) && same_time(&a->modified, &b->modified);
}

static bb_status identify(const char *path, identity *out, bb_error *err) {
    struct stat st;
    if (stat(path, &st) != 0) return bb_fail_errno(err, "%s: cannot open", path);
    *out = (identity){st.st_dev, st.st_ino, st.st_size, st.st_ctim, st.st_mtim};
    return BB_OK;
}

static bool recall(const identity *file, char out[BB_SHA256_TEXT]) {
    bool found = false;
#pragma omp critical(bb_file_digests)
    for (size_t i = 0; i < files_read && i < REMEMBERED && !found; ++i)
        if ((found = same(&known[i].file, file))) memcpy(out, known[i].digest, BB_SHA256_TEXT);
    return found;
}

static void remember(const identity *file, const char digest[BB_SHA256_TEXT]) {
#pragma omp critical(bb_file_digests)
    {
        struct known *k = &known[files_read++ % REMEMBERED];
        k->file = *file;
        memcpy(k->digest, digest, BB_SHA256_TEXT);
    }
}

bb_status bb_file_digest(const char *path, char out[BB_SHA256_TEXT], bb_error *err) {
    identity before;
    int64_t size;
    BB_TRY(identify(path, &before, err));
    if (recall(&before, out)) return BB_OK;
    BB_TRY(bb_sha256_of_file(path, NULL, NULL, out, &size, err));
    remember(&before, out);
    return BB_OK;
}

size_t bb_file_digests_read(void) { return files_read; }
