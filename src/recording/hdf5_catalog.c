#include "recording/hdf5_catalog.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/layout_guess.h"

/* Files with more are no recordings that anybody made; MATLAB's struct arrays lie below '#refs#'. */
enum { MAX_DEPTH = 8, MAX_ITEMS = 8192, SHOWN = 12 };

static bool has_class(const bb_hdf5_catalog *c, const char *path, const char *class) {
    char text[BB_HDF5_LABEL];
    return c->matlab && bb_hdf5_get_text(c->id, path, c->file, "MATLAB_class", text, sizeof text) &&
           strcmp(text, class) == 0;
}

/* Remembers what can't be read, so that nothing else is taken for the samples if it is them. */
static void keep_unread(bb_hdf5_catalog *c, const bb_hdf5_found *found, const bb_error *why) {
    const bool hidden = bb_guess_data_rank(found->name) >= 0;
    if (c->unread.status != BB_OK && (c->hidden || !hidden)) return;
    c->unread = *why;
    c->hidden = hidden;
}

static bool take(void *data, const bb_hdf5_found *found) {
    bb_hdf5_catalog *c = data;
    if (found->object == BB_HDF5_GROUP) return found->name[0] != '#' && found->name[0] != '_';
    if (found->object != BB_HDF5_DATASET || c->out_of_memory) return false;
    bb_hdf5_array array;
    bb_error why = {0};
    const bb_status status = bb_hdf5_array_open(
        c->id, found->path, c->file, BB_HDF5_NUMBERS | BB_HDF5_TEXTS | BB_HDF5_REFERENCES, &array, &why);
    const bb_hdf5_item item = {.kind = array.kind, .rows = array.rows, .columns = array.columns};
    bb_hdf5_array_close(&array);
    if (status != BB_OK) {
        keep_unread(c, found, &why);
        return false;
    }
    if (item.rows == 0 || item.columns == 0) return false;
    if (bb_grow((void **)&c->items, &c->capacity, c->count + 1, sizeof *c->items) != 0 ||
        !(c->items[c->count].path = bb_strdup(found->path))) {
        c->out_of_memory = true;
        return false;
    }
    bb_hdf5_item *kept = &c->items[c->count++];
    kept->name = kept->path + (found->name - found->path);
    kept->kind = item.kind;
    kept->rows = item.rows;
    kept->columns = item.columns;
    kept->characters = item.kind == BB_HDF5_NUMBERS && has_class(c, kept->path, "char");
    /* EEGLAB's "data" may be the name of a file. */
    if (kept->characters && strcmp(kept->name, "data") == 0) {
        bb_fail(&why, BB_ERR_UNSUPPORTED, "%s: %s: expected samples, found a text", c->file->path,
                kept->path);
        keep_unread(c, found, &why);
    }
    return false;
}

bb_status bb_hdf5_catalog_read(const bb_input *file, hid_t id, bool matlab, bb_hdf5_catalog *c,
                               bb_error *err) {
    *c = (bb_hdf5_catalog){.file = file, .id = id, .matlab = matlab};
    bb_hdf5_walk(id, "/", MAX_DEPTH, MAX_ITEMS, take, c);
    if (c->out_of_memory) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", file->path);
    return matlab ? bb_hdf5_catalog_enter_cells(c, err) : BB_OK;
}

void bb_hdf5_catalog_free(bb_hdf5_catalog *c) {
    for (size_t i = 0; i < c->count; ++i) {
        bb_free(c->items[i].path);
        bb_free(c->items[i].target);
    }
    bb_free(c->items);
    c->items = NULL;
    c->count = c->capacity = 0;
}

/* Whether the caller's `name` is `path`. */
static bool is_called(const char *path, const char *name, bool matlab) {
    ++path;
    if (*name == '/') ++name;
    for (; *path && *name; ++path, ++name)
        if (*path != *name && !(matlab && *path == '/' && *name == '.')) return false;
    return !*path && !*name;
}

bb_status bb_hdf5_catalog_find(const bb_hdf5_catalog *c, const char *name, const bb_hdf5_item **out,
                               bb_error *err) {
    char list[512] = "";
    *out = NULL;
    for (size_t i = 0; i < c->count; ++i)
        if (is_called(c->items[i].path, name, c->matlab)) {
            *out = &c->items[i];
            return BB_OK;
        }
    for (size_t i = 0, n = 0; i < c->count && i < SHOWN && n < sizeof list; ++i)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", c->items[i].path);
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected a dataset '%.100s', found %s%s", c->file->path, name,
                   c->count ? list : "none that can be read", c->count > SHOWN ? ", ..." : "");
}
