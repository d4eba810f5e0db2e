/* What a process that was killed left of its output: NAME.tmp.PID, a file or a folder. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
    (void)st, (void)type, (void)walk;
    return remove(path);
}

void bb_remove_tree(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

/* Whether it has ended, though whoever started it has not asked how. */
static bool is_zombie(long pid) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    const char *name_end = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (file) fclose(file);
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* Whether `text` is the number of a process that is gone. One that may not be asked (EPERM) is there. */
static bool is_gone(const char *text) {
    char *end;
    errno = 0;
    const long pid = strtol(text, &end, 10);
    if (*text < '1' || *text > '9' || *end || errno != 0 || pid > INT_MAX) return false;
    return (kill((pid_t)pid, 0) != 0 && errno == ESRCH) || is_zombie(pid);
}

void bb_remove_torn(const char *path) {
    const char *name = bb_path_name(path);
    const size_t length = strlen(name), mark = strlen(".tmp.");
    char *directory = bb_path_directory(path);
    DIR *folder = directory && length > 0 ? opendir(directory) : NULL;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, name, length) != 0) continue;
        const char *tail = entry->d_name + length;
        const bool is_torn = strncmp(tail, ".tmp.", mark) == 0 && is_gone(tail + mark);
        char *torn = is_torn ? bb_path_join(directory, entry->d_name) : NULL;
        if (torn) bb_remove_tree(torn);
        bb_free(torn);
    }
    if (folder) closedir(folder);
    bb_free(directory);
}
