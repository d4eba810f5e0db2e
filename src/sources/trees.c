/* The kinds of trees. Folders are entered by name and level alone, each level a deeper one, so that no link
 * can lead in a circle. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "recording/bids_name.h"
#include "sources/sources.h"

static const char *const endings[] = {".edf", ".bdf", ".vhdr", ".nwb", ".fif", ".mat",
                                      ".set", ".h5",  ".hdf5", ".hdf", ".npy", ".npz"};

bool bb_is_recording_name(const char *name) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i)
        if (bb_has_suffix(name, endings[i])) return true;
    return false;
}

bool bb_is_recording_file(const char *path) {
    struct stat st;
    if (stat(path, &st) == 0) return S_ISREG(st.st_mode);
    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Adds FOLDER/NAME if it is a file and `wanted` says so of its name. `own_passed`: unless this program wrote
 * it.
 */
static bb_status add_files(bb_sources *list, const char *folder, const bb_folder *names, bool own_passed,
                           bool (*wanted)(const char *name, const bb_folder *names), bb_error *err) {
    for (size_t i = 0; i < names->count; ++i) {
        if (!wanted(names->names[i], names)) continue;
        char *path = bb_path_join(folder, names->names[i]);
        bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", folder);
        if (path && bb_is_recording_file(path) && !(own_passed && bb_is_own_output(path)))
            status = bb_sources_add(list, path, err);
        bb_free(path);
        BB_TRY(status);
    }
    return BB_OK;
}

/* BIDS: [root/][sub-X/][ses-Y/]ieeg/, from whichever of these on; recordings are taken wherever they lie. */

enum { LEVEL_ROOT, LEVEL_SUBJECT, LEVEL_SESSION, LEVEL_IEEG };

static int level_of(const char *name) {
    if (strncmp(name, "sub-", 4) == 0) return LEVEL_SUBJECT;
    if (strncmp(name, "ses-", 4) == 0) return LEVEL_SESSION;
    return strcmp(name, "ieeg") == 0 ? LEVEL_IEEG : LEVEL_ROOT;
}

/* The first part of a FIF file in several names the others. */
static bool is_later_part(const bb_bids_name *name) {
    const char *split = bb_bids_name_get(name, "split");
    return split && strtol(split, NULL, 10) > 1;
}

static bool is_bids_recording(const char *name, const bb_folder *names) {
    (void)names;
    bb_bids_name parts;
    return bb_is_recording_name(name) && bb_bids_name_parse(name, &parts) &&
           strcmp(parts.suffix, "ieeg") == 0 && !is_later_part(&parts);
}

static bool holds_folder(const char *folder, const char *name) {
    char *path = bb_path_join(folder, name);
    const bool found = path && bb_is_directory(path);
    bb_free(path);
    return found;
}

static bool bids_probe(const char *folder, const bb_folder *names) {
    for (size_t i = 0; i < names->count; ++i) {
        const char *name = names->names[i];
        if (strcmp(name, "dataset_description.json") == 0 || is_bids_recording(name, names)) return true;
        if (level_of(name) != LEVEL_ROOT && holds_folder(folder, name)) return true;
    }
    return false;
}

/* What goes with a recording of several files, or tells of one; packed or not. */
static bool is_companion(const char *name) {
    static const char *const companions[] = {".json", ".tsv", ".eeg", ".vmrk", ".dat", ".fdt",
                                             ".txt",  ".md",  ".pdf", ".png",  ".jpg", ".html"};
    static const char *const packings[] = {"", ".gz", ".bz2", ".xz", ".zst", ".zip"};
    char ending[16];
    for (size_t i = 0; i < sizeof companions / sizeof *companions; ++i)
        for (size_t k = 0; k < sizeof packings / sizeof *packings; ++k) {
            snprintf(ending, sizeof ending, "%s%s", companions[i], packings[k]);
            if (bb_has_suffix(name, ending)) return true;
        }
    return false;
}

/* BIDS keeps the ending _ieeg for recordings: what is called so and is not read is missed by someone. Some
 * formats are folders. */
static bb_status note_unread(bb_sources *list, const char *folder, const bb_folder *names, bb_error *err) {
    for (size_t i = 0; i < names->count; ++i) {
        const char *name = names->names[i];
        bb_bids_name parts;
        if (!bb_bids_name_parse(name, &parts) || strcmp(parts.suffix, "ieeg") != 0 || !*parts.extension ||
            is_companion(name))
            continue;
        char *path = bb_path_join(folder, name);
        if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", folder);
        if (!bb_is_recording_name(name) || !bb_is_recording_file(path)) bb_sources_note_unread(list, name);
        bb_free(path);
    }
    return BB_OK;
}

static bb_status walk_bids(bb_sources *list, const char *folder, const bb_folder *names, int level,
                           bb_error *err) {
    BB_TRY(add_files(list, folder, names, false, is_bids_recording, err));
    BB_TRY(note_unread(list, folder, names, err));
    for (size_t i = 0; i < names->count; ++i) {
        const int below = level_of(names->names[i]);
        if (below <= level) continue;
        char *path = bb_path_join(folder, names->names[i]);
        bb_folder inside = {0};
        bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", folder);
        if (path && bb_is_directory(path)) {
            status = bb_folder_list(path, &inside, err);
            if (status == BB_OK) status = walk_bids(list, path, &inside, below, err);
        }
        bb_folder_free(&inside);
        bb_free(path);
        BB_TRY(status);
    }
    return BB_OK;
}

static bb_status bids_collect(bb_sources *list, const char *folder, const bb_folder *names, bb_error *err) {
    return walk_bids(list, folder, names, LEVEL_ROOT, err);
}

/* Brain Treebank: ROOT/all_subject_data/sub_N_trialMMM.h5, the same right in ROOT, or the older
 * ROOT/data-by-subject/subjectN/data/trials/trialMMM/data-sharded.h5. */

static bool is_treebank_recording(const char *name, const bb_folder *names) {
    (void)names;
    bb_treebank_name parts;
    return bb_has_suffix(name, ".h5") && bb_treebank_name_parse(name, &parts);
}

static bool treebank_probe(const char *folder, const bb_folder *names) {
    if (holds_folder(folder, "all_subject_data") || holds_folder(folder, "data-by-subject")) return true;
    for (size_t i = 0; i < names->count; ++i)
        if (is_treebank_recording(names->names[i], names)) return true;
    return false;
}

/* Calls `visit` for FOLDER/BELOW/NAME, each name that is there. */
static bb_status visit_names(bb_sources *list, const char *folder, const char *below, const char *prefix,
                             bb_status (*visit)(bb_sources *list, const char *path, bb_error *err),
                             bb_error *err) {
    bb_folder names = {0};
    char *path = bb_path_join(folder, below);
    bb_status status = path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", folder);
    if (path && bb_is_directory(path)) status = bb_folder_list(path, &names, err);
    for (size_t i = 0; i < names.count && status == BB_OK; ++i) {
        if (strncmp(names.names[i], prefix, strlen(prefix)) != 0) continue;
        char *found = bb_path_join(path, names.names[i]);
        status = found ? visit(list, found, err) : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
        bb_free(found);
    }
    bb_folder_free(&names);
    bb_free(path);
    return status;
}

static bb_status visit_published(bb_sources *list, const char *path, bb_error *err) {
    const bool taken = is_treebank_recording(bb_path_name(path), NULL) && bb_is_recording_file(path);
    return taken ? bb_sources_add(list, path, err) : BB_OK;
}

static bb_status visit_trial(bb_sources *list, const char *path, bb_error *err) {
    bb_treebank_name parts;
    char *file = bb_path_join(path, "data-sharded.h5");
    if (!file) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    const bool taken = bb_treebank_name_parse(file, &parts) && bb_is_recording_file(file);
    const bb_status status = taken ? bb_sources_add(list, file, err) : BB_OK;
    bb_free(file);
    return status;
}

static bb_status visit_subject(bb_sources *list, const char *path, bb_error *err) {
    return visit_names(list, path, "data/trials", "trial", visit_trial, err);
}

static bb_status treebank_collect(bb_sources *list, const char *folder, const bb_folder *names,
                                  bb_error *err) {
    BB_TRY(add_files(list, folder, names, false, is_treebank_recording, err));
    BB_TRY(visit_names(list, folder, "all_subject_data", "sub_", visit_published, err));
    return visit_names(list, folder, "data-by-subject", "subject", visit_subject, err);
}

/* A folder of recordings under any names. */

/* "a-1.fif" continues "a.fif". */
static bool continues_another(const char *name, const bb_folder *names) {
    const char *hyphen = strrchr(name, '-');
    if (!hyphen || !bb_has_suffix(name, ".fif")) return false;
    const size_t stem = (size_t)(hyphen - name), digits = strspn(hyphen + 1, "0123456789");
    if (digits == 0 || hyphen[1 + digits] != '.') return false;
    for (size_t i = 0; i < names->count; ++i)
        if (strncmp(names->names[i], name, stem) == 0 &&
            strcmp(names->names[i] + stem, hyphen + 1 + digits) == 0)
            return true;
    return false;
}

static bool is_plain_recording(const char *name, const bb_folder *names) {
    bb_bids_name parts;
    return bb_is_recording_name(name) && !continues_another(name, names) &&
           !(bb_bids_name_parse(name, &parts) && is_later_part(&parts));
}

static bool plain_probe(const char *folder, const bb_folder *names) {
    (void)folder, (void)names;
    return true;
}

static bb_status plain_collect(bb_sources *list, const char *folder, const bb_folder *names, bb_error *err) {
    BB_TRY(note_unread(list, folder, names, err));
    return add_files(list, folder, names, true, is_plain_recording, err);
}

const bb_tree bb_tree_treebank = {"Brain Treebank", treebank_probe, treebank_collect};
const bb_tree bb_tree_bids = {"BIDS", bids_probe, bids_collect};
const bb_tree bb_tree_plain = {NULL, plain_probe, plain_collect};
