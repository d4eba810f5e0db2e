#include "paths.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "options.h"

bool path_ends_in(const char *path, const char *suffix) {
    const size_t n = path ? strlen(path) : 0, m = strlen(suffix);
    return n > m && strcasecmp(path + n - m, suffix) == 0;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Whether `input` is the file that stands beside `out`, with `suffix` instead of its last four letters. */
static bool is_beside(const char *input, const char *out, const char *suffix) {
    const size_t stem = strlen(out) - 4;
    char *beside = malloc(stem + strlen(suffix) + 1);
    if (!beside) return false;
    memcpy(beside, out, stem);
    strcpy(beside + stem, suffix);
    const bool same = same_file(input, beside);
    free(beside);
    return same;
}

bb_status path_spare(const char *input, const char *out, bool tables, bb_error *err) {
    if (!input) return BB_OK;
    bool hit = same_file(input, out);
    if (tables && path_ends_in(out, ".npy"))
        hit = hit || is_beside(input, out, ".tsv") || is_beside(input, out, ".json");
    if (!hit) return BB_OK;
    return fail(err, BB_ERR_ARGUMENT, "%s: writing %s would replace it", input, out);
}

bb_status path_has_folder(const char *out, bb_error *err) {
    const char *slash = strrchr(out, '/');
    char *folder = slash ? strndup(out, slash == out ? 1 : (size_t)(slash - out)) : strdup(".");
    struct stat st;
    const bool there = folder && stat(folder, &st) == 0;
    free(folder);
    return there ? BB_OK : fail(err, BB_ERR_IO, "%s: cannot create: no such folder", out);
}

bool path_holds_parts(const char *out) {
    char folder[4096];
    bool found = false;
    snprintf(folder, sizeof folder, "%s.parts", out);
    DIR *entries = opendir(folder);
    for (const struct dirent *entry; entries && !found && (entry = readdir(entries));)
        found = path_ends_in(entry->d_name, ".part");
    if (entries) closedir(entries);
    return found;
}

void path_tell_parts(const char *out, const char *what) {
    if (path_holds_parts(out))
        complain(0, "%s.parts keeps %s that are finished: the same call goes on from there", out, what);
}
