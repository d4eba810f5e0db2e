/* The three files of a recording. A header's word is taken for names in its own folder and for nothing else:
 * it may come from strangers. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/brainvision.h"

typedef bb_brainvision_span span;

enum { LONGEST_NAME = 1024 }; /* more than any file system takes */

/* The usual endings, ended by NULL, the commonest first. */
static const char *const header_endings[] = {".vhdr", ".VHDR", NULL};
static const char *const data_endings[] = {".eeg", ".EEG", ".dat", ".DAT", ".avg", ".AVG", NULL};
static const char *const marker_endings[] = {".vmrk", ".VMRK", NULL};

/* Length of a file's name without its ending. */
static size_t stem_length(const char *name) {
    const char *point = strrchr(name, '.');
    return point && point > name ? (size_t)(point - name) : strlen(name);
}

/* The first file of the name of `path` with another ending that is there; NULL if there is none; bb_free. */
static char *find_sibling(const char *path, const char *const *endings) {
    const size_t stem = (size_t)(bb_path_name(path) - path) + stem_length(bb_path_name(path));
    for (; *endings; ++endings) {
        char *sibling = bb_calloc(stem + strlen(*endings) + 1, 1);
        if (!sibling) return NULL;
        memcpy(sibling, path, stem);
        strcpy(sibling + stem, *endings);
        if (bb_file_exists(sibling)) return sibling;
        bb_free(sibling);
    }
    return NULL;
}

static bool has_ending(const char *path, const char *const *endings) {
    for (; *endings; ++endings)
        if (bb_has_suffix(path, *endings)) return true;
    return false;
}

char *bb_brainvision_find_header(const char *path) { return find_sibling(path, header_endings); }

bool bb_brainvision_is_data_name(const char *path) { return has_ending(path, data_endings); }

bb_status bb_brainvision_set_header(bb_recording *r, bb_brainvision *bv, bb_error *err) {
    unsigned char head[BB_PROBE_BYTES];
    const size_t count = r->file.size < BB_PROBE_BYTES ? (size_t)r->file.size : BB_PROBE_BYTES;
    BB_TRY(bb_input_read(&r->file, 0, head, count, err));
    const bool header = bb_brainvision_is_text(head, count, "Header File");
    bv->header_path = header ? bb_strdup(r->info.path) : bb_brainvision_find_header(r->info.path);
    if (bv->header_path) return BB_OK;
    if (header) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    return bb_fail(err, BB_ERR_FORMAT,
                   "%s: expected the header of this BrainVision recording beside it (the same name, ending "
                   "in .vhdr), found none",
                   r->info.path);
}

/* The name that `value` stands for, "$b" being the header's own without its ending; bb_free. */
static char *expand(const bb_brainvision *bv, span value) {
    const char *own = bb_path_name(bv->header_path);
    const size_t stem = stem_length(own);
    size_t n = 0;
    if (value.length > LONGEST_NAME) value.length = LONGEST_NAME;
    char *name = bb_calloc(value.length / 2 + 1, stem + 2);
    for (size_t i = 0; name && i < value.length; ++i) {
        if (value.at[i] == '$' && i + 1 < value.length && value.at[i + 1] == 'b') {
            memcpy(name + n, own, stem);
            n += stem;
            ++i;
        } else {
            name[n++] = value.at[i];
        }
    }
    return name;
}

/* The file that the header calls `name`, or else the one that is called like the header; *out stays NULL if
 * there is neither. */
static bb_status find_named(bb_recording *r, const bb_brainvision *bv, const char *key, const char *name,
                            const char *const *endings, char **out, bb_error *err) {
    if (strncmp(name, "./", 2) == 0) name += 2;
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return bb_fail(err, BB_ERR_REFUSED,
                       "%s: [Common Infos] %s: expected the name of a file beside the header, found '%.200s'",
                       bv->header_path, key, name);
    char *directory = bb_path_directory(bv->header_path);
    char *path = directory ? bb_path_join(directory, name) : NULL;
    bb_free(directory);
    if (!path) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", bv->header_path);
    if (name[0] && bb_file_exists(path)) {
        *out = path;
        return BB_OK;
    }
    bb_free(path);
    *out = find_sibling(bv->header_path, endings);
    if (*out)
        bb_recording_warn(r, "the header names '%.200s' as its %s, which is not there; '%s' is read", name,
                          key, bb_path_name(*out));
    return BB_OK;
}

static bb_status find_data(bb_recording *r, bb_brainvision *bv, const char *name, bb_error *err) {
    BB_TRY(find_named(r, bv, "DataFile", name, data_endings, &bv->data_path, err));
    if (!bv->data_path)
        return bb_fail(err, BB_ERR_IO,
                       "%s: [Common Infos] DataFile: expected '%.200s' beside the header, found no such file",
                       bv->header_path, name);
    /* Who names a data file must not be given the samples of another one. */
    if (has_ending(r->info.path, data_endings) &&
        strcmp(bb_path_name(r->info.path), bb_path_name(bv->data_path)) != 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: expected the data file of %s, found that the header names '%s': open the header "
                       "to read that",
                       r->info.path, bv->header_path, bb_path_name(bv->data_path));
    return BB_OK;
}

static bb_status find_markers(bb_recording *r, bb_brainvision *bv, const char *name, bb_error *err) {
    BB_TRY(find_named(r, bv, "MarkerFile", name, marker_endings, &bv->marker_path, err));
    if (!bv->marker_path)
        bb_recording_warn(r, "the marker file '%.200s' is not there, so there are no events", name);
    return BB_OK;
}

bb_status bb_brainvision_set_files(bb_recording *r, bb_brainvision *bv, span data, span markers,
                                   bb_error *err) {
    char *name = expand(bv, data);
    if (!name) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", bv->header_path);
    const bb_status status = find_data(r, bv, name, err);
    bb_free(name);
    if (status != BB_OK || !markers.at) return status;
    name = expand(bv, markers);
    if (!name) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", bv->header_path);
    const bb_status found = find_markers(r, bv, name, err);
    bb_free(name);
    return found;
}
