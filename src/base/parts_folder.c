#include "base/parts_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

static bool begins(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Removes the folder's entries whose names begin with `prefix` and hold `part`, but for those that begin with
 * `kept`. */
static void remove_entries(const char *folder, const char *prefix, const char *part, const char *kept) {
    DIR *entries = opendir(folder);
    if (!entries) return;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (!begins(entry->d_name, prefix) || !strstr(entry->d_name, part)) continue;
        if (kept && begins(entry->d_name, kept)) continue;
        char *path = bb_path_join(folder, entry->d_name);
        if (path) unlink(path);
        bb_free(path);
    }
    closedir(entries);
}

/* Outputs that a killed call left beside their places: we hold the lock, so nobody writes them any more. */
static void remove_torn(const bb_parts_folder *f) {
    char *target = bb_output_target(f->output), *directory = target ? bb_path_directory(target) : NULL;
    if (directory) {
        char prefix[512];
        const int n = snprintf(prefix, sizeof prefix, "%s.tmp.", bb_path_name(target));
        if (n > 0 && n < (int)sizeof prefix) remove_entries(directory, prefix, ".tmp.", NULL);
    }
    bb_free(directory);
    bb_free(target);
    remove_entries(f->path, "", ".part.tmp.", NULL);
}

/* Whether the lock that is held still is the file at `path`: its holder before removed it when it was done.
 */
static bool is_current(int lock, const char *path) {
    struct stat held, named;
    return fstat(lock, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static bb_status try_lock(bb_parts_folder *f, const char *path, bb_error *err) {
    f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (f->lock < 0) return bb_fail_errno(err, "%s: cannot create", path);
    const bool locked = flock(f->lock, LOCK_EX | LOCK_NB) == 0;
    if (locked && is_current(f->lock, path)) return BB_OK;
    /* Some file systems know no locks, which is nobody else's doing. */
    const bb_status refused =
        locked || errno == EWOULDBLOCK ? BB_OK : bb_fail_errno(err, "%s: cannot lock", path);
    /* What is not ours stays as it is. */
    close(f->lock);
    f->lock = -1;
    if (refused != BB_OK) return refused;
    return bb_fail(err, BB_ERR_IO, "%s: another call is making it", f->output);
}

static bb_status take_lock(bb_parts_folder *f, bb_error *err) {
    char *path = bb_path_join(f->path, "lock");
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", f->path);
    const bb_status status = try_lock(f, path, err);
    bb_free(path);
    return status;
}

bb_status bb_parts_join(const char *output, bb_parts_folder *f, bb_error *err) {
    const size_t room = strlen(output) + 8;
    *f = (bb_parts_folder){.path = bb_calloc(room, 1), .output = bb_strdup(output), .lock = -1};
    if (!f->path || !f->output) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", output);
    snprintf(f->path, room, "%s.parts", output);
    return BB_OK;
}

bb_status bb_parts_open(const char *output, bb_parts_folder *f, bb_error *err) {
    bb_status status = bb_parts_join(output, f, err);
    if (status == BB_OK) status = bb_make_directories(f->path, err);
    if (status == BB_OK) status = take_lock(f, err);
    if (status == BB_OK)
        remove_torn(f);
    else
        bb_parts_close(f);
    return status;
}

char *bb_parts_path(const bb_parts_folder *f, const char *name) {
    const size_t room = strlen(f->path) + strlen(name) + 8;
    char *path = bb_calloc(room, 1);
    if (path) snprintf(path, room, "%s/%s.part", f->path, name);
    return path;
}

void bb_parts_remove(bb_parts_folder *f, const char *prefix) { remove_entries(f->path, "", ".part", prefix); }

void bb_parts_close(bb_parts_folder *f) {
    if (f->lock >= 0) {
        /* While other parts wait here the folder stays, and rmdir leaves it alone. */
        remove_entries(f->path, "lock", "lock", NULL);
        rmdir(f->path);
        close(f->lock);
    }
    bb_free(f->path);
    bb_free(f->output);
    *f = (bb_parts_folder){.lock = -1};
}
