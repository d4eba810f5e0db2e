/* Intrinsic dimensions by region and as a table. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"
#include "brainbert/dimension.h"

static int by_region(const void *a, const void *b) {
    const bb_dimension_region *x = a, *y = b;
    if (!x->region || !y->region) return !x->region - !y->region;
    return bb_natural_compare(x->region, y->region);
}

/* The regions' different names, counted. */
static size_t list_regions(const bb_dimension_place *places, size_t count, bb_dimension_region *regions) {
    for (size_t i = 0; i < count; ++i) regions[i] = (bb_dimension_region){.region = places[i].region};
    qsort(regions, count, sizeof *regions, by_region);
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i)
        if (kept == 0 || by_region(&regions[kept - 1], &regions[i]) != 0) regions[kept++] = regions[i];
    return kept;
}

/* One kind of dimension over the region's electrodes. */
static void summarise(const bb_dimension_place *places, const bb_dimension *found, size_t count, int kind,
                      bb_dimension_region *region) {
    double sum = 0, squares = 0;
    int64_t n = 0;
    for (int pass = 0; pass < 2; ++pass) {
        const double mean = n > 0 ? sum / (double)n : 0;
        for (size_t i = 0; i < count; ++i) {
            const bb_dimension_region other = {.region = places[i].region};
            if (found[i].count[kind] == 0 || by_region(&other, region) != 0) continue;
            const double value = (double)found[i].value[kind];
            if (pass == 0) {
                sum += value;
                ++n;
            } else
                squares += (value - mean) * (value - mean);
        }
    }
    region->mean[kind] = n > 0 ? sum / (double)n : NAN;
    region->sd[kind] = n > 0 ? sqrt(squares / (double)n) : NAN;
    if (kind == BB_DIMENSION_EMBEDDINGS) region->electrodes = n;
}

size_t bb_dimension_by_region(const bb_dimension_place *places, const bb_dimension *found, size_t count,
                              bb_dimension_region *regions) {
    const size_t region_count = count > 0 ? list_regions(places, count, regions) : 0;
    for (size_t r = 0; r < region_count; ++r)
        for (int k = 0; k < BB_DIMENSIONS; ++k) summarise(places, found, count, k, &regions[r]);
    return region_count;
}

/* ---------------------------------------------------------------- the table */

/* A cell, with blanks for what would end it. */
static bb_status write_text(bb_output *out, const char *text, const char *end, bb_error *err) {
    char *cell = bb_strdup(text && *text ? text : "n/a");
    if (!cell) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for a table", out->path);
    for (char *c = cell; *c; ++c)
        if (*c == '\t' || *c == '\n' || *c == '\r') *c = ' ';
    const bb_status status = bb_output_printf(out, err, "%s%s", cell, end);
    bb_free(cell);
    return status;
}

static bb_status write_dimension(bb_output *out, const bb_dimension *d, int kind, bb_error *err) {
    return d->count[kind] > 0 ? bb_output_printf(out, err, "\t%" PRId64, d->value[kind])
                              : bb_output_printf(out, err, "\tn/a");
}

static bb_status write_row(bb_output *out, const bb_dimension_place *place, const bb_dimension *d,
                           bool frames, bb_error *err) {
    BB_TRY(write_text(out, place->subject, "\t", err));
    BB_TRY(write_text(out, place->recording, "\t", err));
    BB_TRY(write_text(out, place->electrode, "\t", err));
    BB_TRY(write_text(out, place->region, "\t", err));
    BB_TRY(bb_output_printf(out, err, "%" PRId64, d->windows));
    BB_TRY(write_dimension(out, d, BB_DIMENSION_EMBEDDINGS, err));
    BB_TRY(write_dimension(out, d, BB_DIMENSION_SPECTROGRAM, err));
    if (frames) BB_TRY(write_dimension(out, d, BB_DIMENSION_FRAMES, err));
    return bb_output_printf(out, err, "\n");
}

bb_status bb_dimension_table_write(const char *path, const bb_dimension_place *places,
                                   const bb_dimension *found, size_t count, bb_error *err) {
    bool frames = false;
    for (size_t i = 0; i < count; ++i) frames = frames || found[i].count[BB_DIMENSION_FRAMES] > 0;
    bb_output out;
    BB_TRY(bb_output_open(path, &out, err));
    bb_status status = bb_output_printf(
        &out, err, "subject\trecording\telectrode\tregion\twindows\tembeddings\tspectrogram%s\n",
        frames ? "\tframes" : "");
    for (size_t i = 0; i < count && status == BB_OK; ++i)
        status = write_row(&out, &places[i], &found[i], frames, err);
    if (status == BB_OK) status = bb_output_commit(&out, err);
    bb_output_discard(&out);
    return status;
}
