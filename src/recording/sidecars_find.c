/* Which files lie beside a recording: the inheritance principle of BIDS.
 * https://bids-specification.readthedocs.io/en/stable/common-principles.html#the-inheritance-principle */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/sidecars.h"

void bb_sidecars_free(bb_sidecars *s) {
    for (size_t i = 0; i < s->count; ++i) {
        bb_free(s->paths[i]);
        bb_folder_free(&s->folders[i]);
    }
    bb_free(s->root);
    s->root = NULL;
    s->count = 0;
}

static bool is_root(const char *folder) {
    char *path = bb_path_join(folder, "dataset_description.json");
    const bool found = path && bb_file_exists(path);
    bb_free(path);
    return found;
}

/* Whether BIDS puts a folder of this name inside another one of the dataset. */
static bool is_inside(const char *folder) {
    const char *name = bb_path_name(folder);
    return strncmp(name, "sub-", 4) == 0 || strncmp(name, "ses-", 4) == 0 || strcmp(name, "ieeg") == 0 ||
           strcmp(name, "eeg") == 0;
}

/* How many of the folders from `folder` upwards belong to the dataset; whether the last has its description.
 */
static size_t count_levels(const char *folder, bool *described) {
    char *at = bb_strdup(folder);
    size_t levels = 1, inside = 1;
    bool climbing = true, root = at && is_root(at);
    while (at && !root && levels < BB_SIDECAR_FOLDERS && strcmp(at, "/") != 0) {
        climbing = climbing && is_inside(at);
        char *above = bb_path_directory(at);
        bb_free(at);
        at = above;
        ++levels;
        inside += climbing;
        root = at && is_root(at);
    }
    bb_free(at);
    *described = root;
    return root ? levels : inside;
}

static bb_status add_folder(bb_sidecars *s, const char *path, bb_error *err) {
    const size_t i = s->count;
    s->paths[i] = bb_strdup(path);
    if (!s->paths[i]) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    ++s->count;
    return bb_folder_list(path, &s->folders[i], err);
}

/* A folder that was merely climbed to is a root if a subject's lies in it. */
static bool is_tree(const char *path, const char *root) {
    const size_t length = strlen(root);
    return strcmp(root, "/") != 0 && strncmp(path + length, "/sub-", 5) == 0;
}

bb_status bb_sidecars_locate(const char *path, bb_sidecars *out, bb_error *err) {
    bool described;
    out->count = 0;
    char *folder = bb_path_directory(path), *real = folder ? realpath(folder, NULL) : NULL;
    char *whole = real ? bb_strdup(real) : NULL;
    if (!whole) {
        free(real);
        bb_free(folder);
        return bb_fail_errno(err, "%s: cannot tell its folder", path);
    }
    const size_t levels = count_levels(real, &described);
    bb_status status = add_folder(out, folder, err); /* as the caller spelled it, for messages */
    for (char *slash; status == BB_OK && out->count < levels; status = add_folder(out, real, err)) {
        slash = strrchr(real, '/');
        slash[slash == real] = '\0';
    }
    if (status == BB_OK && (described || is_tree(whole, real)) && !(out->root = bb_strdup(real)))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    bb_free(whole);
    free(real);
    bb_free(folder);
    return status;
}

/* Fewer is better. */
static int rank_of(const bb_bids_name *name) {
    const char *space = bb_bids_name_get(name, "space");
    return -2 * (int)(name->count - (space != NULL)) - (space && strncmp(space, "MNI", 3) == 0);
}

char *bb_sidecars_find(const bb_sidecars *s, size_t level, const char *suffix, const char *extension,
                       const char *space, size_t *choices) {
    const bb_folder *folder = &s->folders[level];
    const char *best = NULL;
    int best_rank = 0;
    if (choices) *choices = 0;
    for (size_t i = 0; i < folder->count; ++i) {
        bb_bids_name name;
        if (!bb_bids_name_parse(folder->names[i], &name) || strcmp(name.suffix, suffix) != 0 ||
            strcmp(name.extension, extension) != 0 || !bb_bids_name_applies(&name, &s->name, "space"))
            continue;
        const char *own = bb_bids_name_get(&name, "space");
        if (space && own && strcmp(own, space) != 0) continue;
        if (choices) ++*choices;
        if (best && rank_of(&name) >= best_rank) continue;
        best = folder->names[i];
        best_rank = rank_of(&name);
    }
    return best ? bb_path_join(s->paths[level], best) : NULL;
}
