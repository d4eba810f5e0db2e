/* Lists of names: texts, and MATLAB's cells and matrices of characters. A cell holds the addresses of objects
 * below "#refs#"; only those found there by walking it are read, so that no address leads anywhere else. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/hdf5_catalog.h"
#include "recording/layout_guess.h"

enum { MAX_REFERENCES = 1 << 20 };

int64_t bb_hdf5_name_count(const bb_hdf5_item *item) {
    return item->characters ? item->columns : item->rows * item->columns;
}

/* A UTF-16 unit as UTF-8 behind `out`, if it fits; halves of pairs become '?'. */
static size_t put_unit(char *out, size_t n, double value) {
    const unsigned unit = value >= 0 && value < 65536 ? (unsigned)value : '?';
    if (unit == 0) return n;
    if (unit < 0x80) {
        if (n + 1 < BB_HDF5_LABEL) out[n++] = (char)unit;
    } else if (unit < 0x800) {
        if (n + 2 >= BB_HDF5_LABEL) return n;
        out[n++] = (char)(0xc0 | unit >> 6);
        out[n++] = (char)(0x80 | (unit & 0x3f));
    } else if (unit >= 0xd800 && unit < 0xe000) {
        if (n + 1 < BB_HDF5_LABEL) out[n++] = '?';
    } else {
        if (n + 3 >= BB_HDF5_LABEL) return n;
        out[n++] = (char)(0xe0 | unit >> 12);
        out[n++] = (char)(0x80 | (unit >> 6 & 0x3f));
        out[n++] = (char)(0x80 | (unit & 0x3f));
    }
    return n;
}

/* MATLAB's matrix of characters [texts, length] is stored as [length, texts]: text `index` is a column. */
static bb_status read_characters(const bb_hdf5_catalog *c, bb_hdf5_array *a, const char *path, size_t index,
                                 char *out, bb_error *err) {
    double units[BB_HDF5_LABEL];
    const int64_t length = a->rows < BB_HDF5_LABEL ? a->rows : BB_HDF5_LABEL;
    size_t n = 0;
    BB_TRY(bb_hdf5_array_read(a, c->file, path, true, &index, 1, 0, length, units, err));
    for (int64_t i = 0; i < length; ++i) n = put_unit(out, n, units[i]);
    out[n] = '\0';
    return BB_OK;
}

typedef struct reference {
    uint64_t address;
    size_t index; /* of the name */
} reference;

typedef struct cell {
    const bb_hdf5_catalog *catalog;
    reference *references; /* by address */
    size_t count;
    char *names;
} cell;

static int compare_references(const void *a, const void *b) {
    const reference *x = a, *y = b;
    return x->address != y->address ? (x->address < y->address ? -1 : 1)
                                    : (x->index > y->index) - (x->index < y->index);
}

static bool take_object(void *data, const bb_hdf5_found *found) {
    const cell *c = data;
    size_t low = 0, high = c->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (c->references[middle].address < found->address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == c->count || c->references[low].address != found->address) return false;
    bb_hdf5_array array;
    char text[BB_HDF5_LABEL] = "";
    if (found->object == BB_HDF5_DATASET && bb_hdf5_array_open(c->catalog->id, found->path, c->catalog->file,
                                                               BB_HDF5_NUMBERS, &array, NULL) == BB_OK) {
        if (array.rows > 0 && array.columns > 0 && array.element.width <= 2)
            (void)read_characters(c->catalog, &array, found->path, 0, text, NULL);
        bb_hdf5_array_close(&array);
    }
    for (; low < c->count && c->references[low].address == found->address; ++low)
        memcpy(c->names + c->references[low].index * BB_HDF5_LABEL, text, BB_HDF5_LABEL);
    return false;
}

static bb_status read_cell(const bb_hdf5_catalog *c, bb_hdf5_array *a, const char *path, size_t count,
                           char *names, bb_error *err) {
    cell all = {.catalog = c, .count = count, .names = names};
    all.references = bb_calloc(count, sizeof *all.references);
    if (!all.references) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for names", c->file->path);
    bb_status status = BB_OK;
    for (size_t i = 0; i < count && status == BB_OK; ++i) {
        all.references[i].index = i;
        status = bb_hdf5_array_reference(a, c->file, path, (int64_t)i, &all.references[i].address, err);
    }
    if (status == BB_OK) {
        qsort(all.references, count, sizeof *all.references, compare_references);
        bb_hdf5_walk(c->id, "/#refs#", 1, MAX_REFERENCES, take_object, &all);
    }
    bb_free(all.references);
    return status;
}

bb_status bb_hdf5_names_read(const bb_hdf5_catalog *c, const bb_hdf5_item *item, size_t count, char **out,
                             bb_error *err) {
    bb_hdf5_array a;
    char *names = *out = bb_calloc(count, BB_HDF5_LABEL);
    if (!names) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for names", c->file->path);
    bb_status status = bb_hdf5_array_open(c->id, item->path, c->file, item->kind, &a, err);
    if (status == BB_OK && item->kind == BB_HDF5_REFERENCES)
        status = read_cell(c, &a, item->path, count, names, err);
    else
        for (size_t i = 0; i < count && status == BB_OK; ++i) {
            char *name = names + i * BB_HDF5_LABEL;
            status = item->characters
                         ? read_characters(c, &a, item->path, i, name, err)
                         : bb_hdf5_array_text(&a, c->file, item->path, (int64_t)i, name, BB_HDF5_LABEL, err);
        }
    bb_hdf5_array_close(&a);
    return status;
}

/* The attribute with the best name among those of one object after the other. */
typedef struct attribute_search {
    bb_recording *r;
    const bb_hdf5_item *data;
    char *names;
    size_t count;
    int rank;
    bool out_of_memory;
} attribute_search;

static bool take_names(void *data, const bb_hdf5_attribute *a) {
    attribute_search *s = data;
    const int rank = bb_guess_channels_rank(a->name);
    if (rank < 0 || !(a->kind & BB_HDF5_TEXTS) || (s->names && rank >= s->rank)) return false;
    if ((int64_t)a->count != s->data->rows && (int64_t)a->count != s->data->columns) {
        bb_guess_warn_names(s->r, a->name, (int64_t)a->count);
        return false;
    }
    char *names = bb_calloc(a->count, BB_HDF5_LABEL);
    s->out_of_memory = !names;
    if (!names) return true;
    for (size_t i = 0; i < a->count; ++i)
        bb_hdf5_attribute_text(a, i, names + i * BB_HDF5_LABEL, BB_HDF5_LABEL);
    bb_free(s->names);
    s->names = names;
    s->count = a->count;
    s->rank = rank;
    return false;
}

bb_status bb_hdf5_names_attribute(bb_recording *r, const bb_hdf5_catalog *c, const bb_hdf5_item *data,
                                  char **out, size_t *count, bb_error *err) {
    char places[BB_HDF5_PLACES][BB_HDF5_PATH];
    attribute_search s = {.r = r, .data = data};
    bb_hdf5_places(data, places);
    for (size_t i = 0; i < BB_HDF5_PLACES && !s.names; ++i)
        if (places[i][0]) bb_hdf5_attributes(c->id, places[i], c->file, take_names, &s);
    *out = s.names;
    *count = s.count;
    return s.out_of_memory ? bb_fail(err, BB_ERR_MEMORY, "%s: no memory for names", c->file->path) : BB_OK;
}
