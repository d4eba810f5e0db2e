/* Samples in MATLAB's cells: a list of addresses of datasets below "#refs#". Only what is found there by
 * walking it is read, so that no address leads anywhere else. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recording/hdf5_catalog.h"
#include "recording/layout_guess.h"

/* Every entered one costs a walk through all references. */
enum { MAX_ENTERED = 16, MAX_CELLS = 1 << 16, MAX_REFERENCES = 1 << 20 };

typedef struct search {
    const bb_hdf5_catalog *catalog;
    uint64_t *addresses; /* rising */
    size_t count, pieces;
    int64_t rows, columns; /* of the largest so far */
    char path[BB_HDF5_PATH];
} search;

static int compare_addresses(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool take_piece(void *data, const bb_hdf5_found *found) {
    search *s = data;
    const bb_hdf5_catalog *c = s->catalog;
    bb_hdf5_array array;
    char class[BB_HDF5_LABEL];
    if (found->object != BB_HDF5_DATASET ||
        !bsearch(&found->address, s->addresses, s->count, sizeof found->address, compare_addresses))
        return false;
    if (bb_hdf5_get_text(c->id, found->path, c->file, "MATLAB_class", class, sizeof class) &&
        strcmp(class, "char") == 0)
        return false;
    if (bb_hdf5_array_open(c->id, found->path, c->file, BB_HDF5_NUMBERS, &array, NULL) == BB_OK &&
        array.rows > 0 && array.columns > 0) {
        ++s->pieces;
        if (array.rows * array.columns > s->rows * s->columns) {
            s->rows = array.rows;
            s->columns = array.columns;
            memcpy(s->path, found->path, strlen(found->path) + 1);
        }
    }
    bb_hdf5_array_close(&array);
    return false;
}

static bb_status read_addresses(search *s, const bb_hdf5_item *item, bb_error *err) {
    const bb_hdf5_catalog *c = s->catalog;
    bb_hdf5_array array;
    s->addresses = bb_calloc(s->count, sizeof *s->addresses);
    if (!s->addresses) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for cells", c->file->path);
    bb_status status = bb_hdf5_array_open(c->id, item->path, c->file, BB_HDF5_REFERENCES, &array, err);
    for (size_t i = 0; i < s->count && status == BB_OK; ++i)
        status = bb_hdf5_array_reference(&array, c->file, item->path, (int64_t)i, &s->addresses[i], err);
    bb_hdf5_array_close(&array);
    if (status == BB_OK) qsort(s->addresses, s->count, sizeof *s->addresses, compare_addresses);
    return status;
}

/* The item becomes what is found; one that holds no numbers stays a cell. */
static bb_status enter(bb_hdf5_catalog *c, bb_hdf5_item *item, bb_error *err) {
    search s = {.catalog = c, .count = (size_t)(item->rows * item->columns)};
    const bb_status status = read_addresses(&s, item, err);
    if (status == BB_OK) bb_hdf5_walk(c->id, "/#refs#", 1, MAX_REFERENCES, take_piece, &s);
    bb_free(s.addresses);
    if (status != BB_OK || s.pieces == 0) return status;
    if (!(item->target = bb_strdup(s.path)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for cells", c->file->path);
    item->kind = BB_HDF5_NUMBERS;
    item->rows = s.rows;
    item->columns = s.columns;
    item->pieces = s.pieces;
    return BB_OK;
}

bb_status bb_hdf5_catalog_enter_cells(bb_hdf5_catalog *c, bb_error *err) {
    for (size_t i = 0, entered = 0; i < c->count && entered < MAX_ENTERED; ++i) {
        bb_hdf5_item *item = &c->items[i];
        if (item->kind != BB_HDF5_REFERENCES || bb_guess_data_rank(item->name) < 0 ||
            item->rows > MAX_CELLS / item->columns)
            continue;
        ++entered;
        BB_TRY(enter(c, item, err));
    }
    return BB_OK;
}
