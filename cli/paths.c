#include "paths.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options.h"

bool path_ends_in(const char *path, const char *suffix) {
    const size_t n = path ? strlen(path) : 0, m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bb_status path_spare(const char *input, const char *out, bool table, bb_error *err) {
    if (!input) return BB_OK;
    bool hit = same_file(input, out);
    char *beside = table && path_ends_in(out, ".npy") ? strdup(out) : NULL;
    if (beside) {
        memcpy(beside + strlen(beside) - 4, ".tsv", 4);
        hit = hit || same_file(input, beside);
    }
    free(beside);
    if (!hit) return BB_OK;
    return fail(err, BB_ERR_ARGUMENT, "%s: writing %s would replace it", input, out);
}
