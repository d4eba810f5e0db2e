#include "corpus/held.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "corpus/description.h"

static const cJSON *get(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* ---------------------------------------------------------------- which */

static bool is_table(const char *name) {
    static const char *const endings[] = {".tsv", ".csv", ".json", ".vhdr", ".vmrk"};
    for (size_t i = 0; name && i < sizeof endings / sizeof *endings; ++i)
        if (bb_has_suffix(name, endings[i])) return true;
    return false;
}

const char *bb_held_data_digest(const cJSON *files) {
    const char *digest = NULL;
    double most = -1;
    for (const cJSON *f = cJSON_IsArray(files) ? files->child : NULL; f; f = f->next) {
        const double bytes = cJSON_GetNumberValue(get(f, "bytes"));
        if (is_table(bb_json_string(f, "name")) || !(bytes > most)) continue;
        most = bytes;
        digest = bb_json_string(f, "sha256");
    }
    return digest;
}

static bool has_key(const cJSON *session, const void *wanted) {
    const char *own = bb_json_string(session, "key");
    return own && strcmp(own, wanted) == 0;
}

static bool has_data(const cJSON *session, const void *wanted) {
    const char *own = bb_held_data_digest(get(session, "files"));
    return own && strcmp(own, wanted) == 0;
}

/* A part's description is its only session's. */
static bb_held find(const bb_piece *pieces, size_t count, bool (*fits)(const cJSON *, const void *),
                    const char *wanted) {
    for (size_t p = 0; p < count && wanted; ++p) {
        const cJSON *sessions = get(pieces[p].description, "sessions");
        if (!sessions && fits(pieces[p].description, wanted)) return (bb_held){pieces[p].description, p};
        for (const cJSON *s = sessions ? sessions->child : NULL; s; s = s->next)
            if (fits(s, wanted)) return (bb_held){s, p};
    }
    return (bb_held){0};
}

bb_held bb_held_by_key(const bb_piece *pieces, size_t count, const char *key) {
    return find(pieces, count, has_key, key);
}

bb_held bb_held_by_data(const bb_piece *pieces, size_t count, const cJSON *files) {
    return find(pieces, count, has_data, bb_held_data_digest(files));
}

/* ---------------------------------------------------------------- what differs */

static bool same(const cJSON *a, const cJSON *b) { return a && b ? cJSON_Compare(a, b, 1) : a == b; }

/* The name of a file of `files` whose `key` ("name", "sha256") is none of the others'. */
static const char *find_other(const cJSON *files, const cJSON *others, const char *key) {
    for (const cJSON *f = files ? files->child : NULL; f; f = f->next) {
        bool found = false;
        for (const cJSON *o = others ? others->child : NULL; o && !found; o = o->next)
            found = same(get(f, key), get(o, key));
        if (!found) return bb_json_string(f, "name");
    }
    return NULL;
}

void bb_held_difference(const cJSON *held, const bb_prepare_options *options, const bb_session *own,
                        char *out, size_t room) {
    enum { PARTS = 8, WHO = 5 }; /* the first tell who it is, and more than a table's content does */
    static const char *const parts[PARTS][2] = {{"dataset", "under another name of the dataset"},
                                                {"subject", "of another subject"},
                                                {"session", "of another session"},
                                                {"task", "of another task"},
                                                {"run", "of another run"},
                                                {"stride_s", "with another stride"},
                                                {"recipe", "by another recipe"},
                                                {"program", "by another version of the program"}};
    cJSON *now = bb_description_of_treatment(bb_recording_get_info(own->recording), &own->recipe,
                                             bb_session_stride(options));
    size_t first = 0;
    while (first < PARTS && same(get(held, parts[first][0]), get(now, parts[first][0]))) ++first;
    const cJSON *files = get(held, "files");
    const char *file = find_other(own->files, files, "sha256"), *name = find_other(own->files, files, "name");
    if (!file) file = find_other(files, own->files, "sha256");
    if (file && first >= WHO)
        snprintf(out, room, "with another content of %.200s", file);
    else if (name && first >= WHO)
        snprintf(out, room, "under another name, %.200s", name);
    else
        snprintf(out, room, "%s", first < PARTS ? parts[first][1] : "with other channels or another unit");
    cJSON_Delete(now);
}
