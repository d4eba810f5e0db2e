#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/results.h"

/* The share of variance that the first 1, 2, ... components hold. */
static bb_status read_curve(const cJSON *json, const char *key, bb_curve *out, const bb_place *place,
                            bb_error *err) {
    /* A little above 1: sums are rounded. */
    BB_TRY(bb_field_list(json, key, 0, 1.000001, &out->y, &out->count, place, err));
    out->x = bb_calloc(out->count, sizeof *out->x);
    if (!out->x) return bb_fail(err, BB_ERR_MEMORY, "%s: \"%s\": no memory", place->path, key);
    for (size_t i = 0; i < out->count; ++i) {
        out->x[i] = (double)(i + 1);
        if (isnan(out->y[i]) || (i > 0 && out->y[i] < out->y[i - 1] - 1e-6))
            return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected rising shares, found another at %zu",
                           place->path, key, i);
    }
    return BB_OK;
}

static bb_status read_row(const cJSON *json, bb_dimension_row *out, const bb_place *place, bb_error *err) {
    static const bb_number_field fields[] = {
        {"embeddings", offsetof(bb_dimension_row, embeddings), 0, 1e9},
        {"spectrogram", offsetof(bb_dimension_row, spectrogram), 0, 1e9},
        {"windows", offsetof(bb_dimension_row, windows), 0, 1e12},
        {"electrodes", offsetof(bb_dimension_row, electrodes), 0, 1e12},
    };
    BB_TRY(bb_field_text(json, "electrode", &out->electrode, place, err));
    BB_TRY(bb_field_text(json, "region", &out->region, place, err));
    BB_TRY(bb_field_numbers(json, fields, sizeof fields / sizeof *fields, out, place, err));
    BB_TRY(read_curve(json, "embedding_curve", &out->curves[0], place, err));
    return read_curve(json, "spectrogram_curve", &out->curves[1], place, err);
}

static bb_status read_rows(const cJSON *json, const char *key, bb_dimension_row **out, size_t *count,
                           const bb_place *place, bb_error *err) {
    const cJSON *item;
    void *rows = NULL;
    const bb_status status = bb_field_records(json, key, sizeof **out, &item, &rows, count, place, err);
    *out = rows;
    for (size_t i = 0; status == BB_OK && item; ++i, item = item->next) {
        const bb_place at = bb_place_inside(place, key, i);
        BB_TRY(read_row(item, &(*out)[i], &at, err));
    }
    return status;
}

bb_status bb_results_read_dimension(const cJSON *json, bb_dimension *out, const bb_place *place,
                                    bb_error *err) {
    out->present = true;
    BB_TRY(bb_field_number(json, "share", 0, 1, &out->share, place, err));
    BB_TRY(read_rows(json, "rows", &out->rows, &out->row_count, place, err));
    return read_rows(json, "regions", &out->regions, &out->region_count, place, err);
}

static void free_rows(bb_dimension_row *rows, size_t count) {
    for (size_t i = 0; rows && i < count; ++i)
        for (int c = 0; c < 2; ++c) {
            bb_free(rows[i].curves[c].x);
            bb_free(rows[i].curves[c].y);
        }
    bb_free(rows);
}

void bb_results_free_dimension(bb_dimension *dimension) {
    free_rows(dimension->rows, dimension->row_count);
    free_rows(dimension->regions, dimension->region_count);
}
