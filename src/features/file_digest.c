#include "features/file_digest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

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
#pragma omp critical
    for (size_t i = 0; i < files_read && i < REMEMBERED && !found; ++i)
        if ((found = same(&known[i].file, file))) memcpy(out, known[i].digest, BB_SHA256_TEXT);
    return found;
}

static void remember(const identity *file, const char digest[BB_SHA256_TEXT]) {
#pragma omp critical
    {
        struct known *k = &known[files_read++ % REMEMBERED];
        k->file = *file;
        memcpy(k->digest, digest, BB_SHA256_TEXT);
    }
}

/* ---------------------------------------------------------------- kept for the next process */

/* FOLDER/ID.sha256; NULL when memory is short. */
static char *kept_path(const char *folder, const identity *f) {
    char text[256], id[BB_SHA256_TEXT], name[BB_SHA256_TEXT + sizeof ".sha256"];
    snprintf(text, sizeof text, "%llu %llu %lld %lld.%09ld %lld.%09ld", (unsigned long long)f->device,
             (unsigned long long)f->inode, (long long)f->size, (long long)f->changed.tv_sec,
             f->changed.tv_nsec, (long long)f->modified.tv_sec, f->modified.tv_nsec);
    if (!bb_sha256_of_text(text, id)) return NULL;
    snprintf(name, sizeof name, "%s.sha256", id);
    return bb_path_join(folder, name);
}

/* 64 digits and nothing else. */
static bool recall_kept(const char *path, char out[BB_SHA256_TEXT]) {
    char *text = NULL;
    size_t size;
    const bool found = bb_file_read(path, BB_SHA256_TEXT, &text, &size, NULL) == BB_OK &&
                       size == BB_SHA256_TEXT - 1 && strspn(text, "0123456789abcdef") == size;
    if (found) memcpy(out, text, BB_SHA256_TEXT);
    bb_free(text);
    return found;
}

/* A file that has only just changed may change again without its times telling. */
static bool is_settled(const struct timespec *time) {
    return bb_date_seconds() - ((double)time->tv_sec + 1e-9 * (double)time->tv_nsec) > 1;
}

static bool is_kept(const identity *f) {
    return f->size >= BB_LARGE_FILE && is_settled(&f->changed) && is_settled(&f->modified);
}

bb_status bb_file_digest(const char *path, const char *folder, char out[BB_SHA256_TEXT], bb_error *err) {
    identity before, after = {0};
    int64_t size;
    BB_TRY(identify(path, &before, err));
    if (recall(&before, out)) return BB_OK;
    char *kept = folder && is_kept(&before) ? kept_path(folder, &before) : NULL;
    const bool found = kept && recall_kept(kept, out);
    bb_status status = found ? BB_OK : bb_sha256_of_file(path, NULL, NULL, out, &size, err);
    if (status == BB_OK) status = identify(path, &after, err);
    const bool good = status == BB_OK && same(&before, &after); /* not while it was written */
    if (good) remember(&before, out);
    if (good && kept && !found) (void)bb_file_write(kept, out, BB_SHA256_TEXT - 1, NULL); /* best effort */
    bb_free(kept);
    return status;
}

void bb_file_digests_forget(void) {
#pragma omp critical
    files_read = 0;
}

size_t bb_file_digests_read(void) { return files_read; }
