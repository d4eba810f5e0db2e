/* Which dataset a recording belongs to: two may both have a sub-01. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "recording/sidecars.h"
#include "recording/treebank_tables.h"

static bb_status keep(bb_recording *r, const char *text, bb_error *err) {
    if (!text || !*text) return BB_OK;
    const char *kept = bb_recording_keep(r, text, SIZE_MAX);
    if (!kept) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    if (*kept) r->info.dataset = kept;
    return BB_OK;
}

/* A description that makes no sense has no name; nothing else is wanted of it. */
static bb_status take_stated(bb_recording *r, const char *root, bb_error *err) {
    cJSON *json = NULL;
    char *path = bb_path_join(root, "dataset_description.json");
    bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    if (path && bb_file_exists(path) && bb_json_read(path, &json, NULL) == BB_OK)
        status = keep(r, bb_json_string(json, "Name"), err);
    cJSON_Delete(json);
    bb_free(path);
    return status;
}

bb_status bb_sidecars_take_dataset(bb_recording *r, const bb_sidecars *s, bb_error *err) {
    if (!s->root) return BB_OK;
    BB_TRY(take_stated(r, s->root, err));
    return r->info.dataset ? BB_OK : keep(r, bb_path_name(s->root), err);
}

/* Cuts the path of a Brain Treebank recording down to its tree's root. */
static void cut_to_root(char *path, const bb_treebank_name *name) {
    if (name->by_subject) path[name->subject_length] = '\0'; /* ROOT/data-by-subject/subjectN */
    for (int up = name->by_subject ? 2 : 1; up > 0; --up) {
        char *slash = strrchr(path, '/');
        if (slash) *slash = '\0';
    }
    if (strcmp(bb_path_name(path), "all_subject_data") == 0) *strrchr(path, '/') = '\0';
}

bb_status bb_treebank_take_dataset(bb_recording *r, bb_error *err) {
    bb_treebank_name name;
    char *folder = bb_path_directory(r->info.path), *real = folder ? realpath(folder, NULL) : NULL;
    char *path = real ? bb_path_join(real, bb_path_name(r->info.path)) : NULL;
    bb_status status = BB_OK;
    if (!path)
        status = bb_fail(err, BB_ERR_IO, "%s: cannot tell its folder", r->info.path);
    else if (bb_treebank_name_parse(path, &name)) {
        cut_to_root(path, &name);
        status = keep(r, bb_path_name(path), err);
    }
    free(real);
    bb_free(folder);
    bb_free(path);
    return status;
}
