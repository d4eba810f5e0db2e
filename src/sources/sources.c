#include "sources/sources.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "recording/bids_name.h"

static const bb_tree *const trees[] = {&bb_tree_treebank, &bb_tree_bids, &bb_tree_plain};
enum { TREE_COUNT = sizeof trees / sizeof *trees };

void bb_source_clear(bb_source *s) {
    const char *const texts[] = {s->path, s->subject, s->session, s->task, s->run};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) bb_free((void *)(uintptr_t)texts[i]);
    *s = (bb_source){0};
}

void bb_sources_destroy(bb_sources *list) {
    if (!list) return;
    for (size_t i = 0; i < list->count; ++i) bb_source_clear(&list->items[i]);
    bb_free(list->items);
    bb_free(list);
}

size_t bb_sources_count(const bb_sources *list) { return list->count; }

const bb_source *bb_sources_get(const bb_sources *list, size_t index) {
    return index < list->count ? &list->items[index] : NULL;
}

/* A copy of what was said; *failed when memory is short. */
static const char *copy(const char *text, bool *failed) {
    if (!*text) return NULL;
    const char *made = bb_strdup(text);
    *failed = *failed || !made;
    return made;
}

bb_status bb_sources_add(bb_sources *list, const char *path, bb_error *err) {
    if (list->count == BB_MAX_SOURCES)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected at most %d recordings", path, BB_MAX_SOURCES);
    bb_identity id;
    bool failed = false;
    bb_identify(path, &id);
    bb_source s = {.path = copy(path, &failed),
                   .subject = copy(id.subject, &failed),
                   .session = copy(id.session, &failed),
                   .task = copy(id.task, &failed),
                   .run = copy(id.run, &failed)};
    if (failed || bb_grow((void **)&list->items, &list->room, list->count + 1, sizeof s)) {
        bb_source_clear(&s);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for another recording", path);
    }
    list->items[list->count++] = s;
    return BB_OK;
}

/* The sentence names the first few and is written anew with each, as their number comes before them. */
void bb_sources_note_unread(bb_sources *list, const char *name) {
    enum { NAMED = 3 };
    const char *names = strstr(list->warning, ": ");
    char before[sizeof list->warning] = "";
    if (names) snprintf(before, sizeof before, "%s", names + 2);
    const size_t n = strlen(before), count = ++list->unread;
    if (count <= NAMED) snprintf(before + n, sizeof before - n, "%s%.120s", n ? ", " : "", name);
    if (count == NAMED + 1) snprintf(before + n, sizeof before - n, ", ...");
    snprintf(list->warning, sizeof list->warning, "%zu recording%s not read: %.400s", count,
             count == 1 ? " in a format that is" : "s in formats that are", before);
}

const char *bb_sources_warning(const bb_sources *list) { return list->unread ? list->warning : NULL; }

static int compare_texts(const char *a, const char *b) {
    if (!a || !b) return (a != NULL) - (b != NULL);
    return bb_natural_compare(a, b);
}

static int compare_sources(const void *a, const void *b) {
    const bb_source *x = a, *y = b;
    int order = compare_texts(x->subject, y->subject);
    if (!order) order = compare_texts(x->session, y->session);
    if (!order) order = compare_texts(x->task, y->task);
    if (!order) order = compare_texts(x->run, y->run);
    return order ? order : bb_natural_compare(x->path, y->path);
}

/* What was there instead of a tree: the first few names, and recordings of other formats in or below it. */
static bb_status fail_unknown(const bb_sources *list, const char *path, const bb_folder *names,
                              bb_error *err) {
    const char *unread = bb_sources_warning(list);
    char seen[256] = "nothing";
    for (size_t i = 0, n = 0; i < names->count && i < 4; ++i) {
        n += (size_t)snprintf(seen + n, sizeof seen - n, "%s%.40s", i ? ", " : "", names->names[i]);
        if (i == 3 && names->count > 4)
            snprintf(seen + n, sizeof seen - n, " and %zu more", names->count - 4);
    }
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "%s: expected a BIDS dataset (sub-*/ieeg/*_ieeg.*), a Brain Treebank tree "
                   "(all_subject_data/sub_N_trialMMM.h5) or a folder of recordings, found %s%s%s",
                   path, seen, unread ? "; " : "", unread ? unread : "");
}

static bb_status add_tree(bb_sources *list, const char *path, bb_error *err) {
    bb_folder names;
    const size_t before = list->count;
    bb_status status = bb_folder_list(path, &names, err);
    for (size_t i = 0; i < TREE_COUNT && status == BB_OK; ++i)
        if (trees[i]->probe(path, &names)) {
            status = trees[i]->collect(list, path, &names, err);
            break;
        }
    if (status == BB_OK && list->count == before) status = fail_unknown(list, path, &names, err);
    if (list->count > before)
        qsort(list->items + before, list->count - before, sizeof *list->items, compare_sources);
    bb_folder_free(&names);
    return status;
}

typedef struct place {
    char *real; /* the folder as it really is, and the name in it */
    size_t index;
} place;

static int compare_places(const void *a, const void *b) {
    const place *x = a, *y = b;
    const int order = strcmp(x->real, y->real);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* A file's folder may be a link, a file of a versioned dataset may be one too: two of those with the same
 * content are still two recordings. */
static char *real_place(const char *path) {
    char *folder = bb_path_directory(path), *real = folder ? realpath(folder, NULL) : NULL;
    char *made = real ? bb_path_join(real, bb_path_name(path)) : bb_strdup(path);
    free(real);
    bb_free(folder);
    return made;
}

static void mark_repeated(bb_sources *list, place *places, size_t count) {
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 1, first = 0; i < count; ++i) {
        bb_source *kept = &list->items[places[first].index], *again = &list->items[places[i].index];
        if (strcmp(places[i].real, places[first].real) != 0) {
            first = i;
            continue;
        }
        kept->named = kept->named || again->named;
        bb_source_clear(again);
    }
}

static void drop_cleared(bb_sources *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; ++i)
        if (list->items[i].path) list->items[kept++] = list->items[i];
    list->count = kept;
}

static bb_status drop_repeated(bb_sources *list, bb_error *err) {
    place *places = bb_calloc(list->count, sizeof *places);
    size_t count = 0;
    while (places && count < list->count && (places[count].real = real_place(list->items[count].path))) {
        places[count].index = count;
        ++count;
    }
    const bool failed = count < list->count || !places;
    if (!failed && count > 1) mark_repeated(list, places, count);
    for (size_t i = 0; i < count; ++i) bb_free(places[i].real);
    bb_free(places);
    drop_cleared(list);
    return failed ? bb_fail(err, BB_ERR_MEMORY, "no memory for %zu recordings", list->count) : BB_OK;
}

static void drop_file(bb_sources *list, const char *path) {
    struct stat file, one;
    if (!path || stat(path, &file) != 0) return;
    for (size_t i = 0; i < list->count; ++i)
        if (!list->items[i].named && stat(list->items[i].path, &one) == 0 && one.st_dev == file.st_dev &&
            one.st_ino == file.st_ino)
            bb_source_clear(&list->items[i]);
    drop_cleared(list);
}

static bb_status add_path(bb_sources *list, const char *path, bb_error *err) {
    if (bb_is_directory(path)) return add_tree(list, path, err);
    BB_TRY(bb_sources_add(list, path, err));
    list->items[list->count - 1].named = true;
    return BB_OK;
}

bb_status bb_sources_find(const char *const *paths, size_t path_count, const bb_source_options *options,
                          bb_sources **out, bb_error *err) {
    static const bb_source_options defaults;
    *out = NULL;
    bb_sources *list = bb_calloc(1, sizeof *list);
    if (!list) return bb_fail(err, BB_ERR_MEMORY, "no memory for the list of recordings");
    bb_status status = BB_OK;
    if (!options) options = &defaults;
    for (size_t i = 0; i < path_count && status == BB_OK; ++i) status = add_path(list, paths[i], err);
    if (status == BB_OK) status = drop_repeated(list, err);
    if (status == BB_OK) drop_file(list, options->except);
    if (status == BB_OK) status = bb_sources_select(list, options, err);
    if (status == BB_OK)
        *out = list;
    else
        bb_sources_destroy(list);
    return status;
}

const char *bb_tree_kind(const char *path) {
    bb_folder names;
    const char *kind = NULL;
    if (bb_folder_list(path, &names, NULL) == BB_OK)
        for (size_t i = 0; i < TREE_COUNT && !kind; ++i)
            if (trees[i]->probe(path, &names)) kind = trees[i]->kind;
    bb_folder_free(&names);
    return kind;
}
