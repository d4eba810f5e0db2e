/* A corpus's file as a piece. HDF5 is asked where the tables lie and of what type they are; they are read by
 * ourselves, so that afterwards any number of threads can read windows. */
#include <hdf5.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpus/piece.h"
#include "io/hdf5.h"

enum { MAX_TEXT = 1 << 30 };

typedef struct opening {
    bb_piece *piece;
    hid_t file;
} opening;

/* The dataset `name` and the shape it should have. */
typedef struct wanted {
    const char *name;
    hid_t type;            /* below 0: a string of any length */
    int64_t rows, columns; /* columns 0: one dimension; rows -1: whatever there are */
} wanted;

static bb_status fail_table(const opening *o, const char *name, const char *fault, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", o->piece->file.path, name, fault);
}

/* Where the dataset's bytes lie, `size` of them in all; `rows` as found. */
static bb_status find_bytes(const opening *o, hid_t set, const wanted *w, int64_t *rows, int64_t *at,
                            int64_t *size, bb_error *err) {
    const hid_t type = H5Dget_type(set), space = H5Dget_space(set), plan = H5Dget_create_plist(set);
    hsize_t extent[2] = {1, 1};
    const int dims = H5Sget_simple_extent_ndims(space);
    const bool ranked = w->type < 0 ? dims == 0 : dims == (w->columns > 0 ? 2 : 1);
    if (ranked && dims > 0) H5Sget_simple_extent_dims(space, extent, NULL);
    const bool typed = w->type < 0 ? H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0
                                   : H5Tequal(type, w->type) > 0;
    const bool plain = H5Pget_layout(plan) == H5D_CONTIGUOUS && H5Pget_external_count(plan) == 0;
    const haddr_t place = plain ? H5Dget_offset(set) : HADDR_UNDEF;
    const uint64_t width = typed ? H5Tget_size(type) : 0, most = (uint64_t)o->piece->file.size;
    H5Tclose(type);
    H5Sclose(space);
    H5Pclose(plan);
    if (!ranked || !typed || !plain || width == 0)
        return fail_table(o, w->name, "expected a plain table of a corpus's type and shape", err);
    if ((w->rows >= 0 && extent[0] != (hsize_t)w->rows) ||
        (w->columns > 0 && extent[1] != (hsize_t)w->columns))
        return fail_table(o, w->name, "its length is not that of the other tables", err);
    if (extent[0] > most || extent[1] > most || extent[0] * extent[1] > most / width)
        return fail_table(o, w->name, "it is longer than the file", err);
    *rows = (int64_t)extent[0];
    *size = (int64_t)(extent[0] * extent[1] * width);
    *at = *size ? (int64_t)place : 0;
    if (*size > 0 && (place == HADDR_UNDEF || place > most || (uint64_t)*size > most - place))
        return fail_table(o, w->name, "its bytes lie outside the file: was it cut off?", err);
    return BB_OK;
}

static bb_status find_table(const opening *o, const wanted *w, int64_t *rows, int64_t *at, int64_t *size,
                            bb_error *err) {
    H5O_info_t info;
    if (bb_hdf5_look(o->file, w->name) != BB_HDF5_DATASET ||
        H5Oget_info_by_name2(o->file, w->name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return fail_table(o, w->name, "expected a dataset, found none", err);
    bb_hdf5_outline outline;
    const char *fault = bb_hdf5_look_at_dataset(o->file, info.addr, &outline);
    if (fault) return fail_table(o, w->name, fault, err);
    if (outline.other_kind)
        return fail_table(o, w->name, "expected a plain table of a corpus's type and shape", err);
    const hid_t set = H5Dopen2(o->file, w->name, H5P_DEFAULT);
    if (set < 0) return bb_hdf5_fail(err, o->piece->file.path, w->name);
    const bb_status status = find_bytes(o, set, w, rows, at, size, err);
    H5Dclose(set);
    return status;
}

/* The whole table, freshly allocated, with a zero byte behind it. */
static bb_status read_table(const opening *o, const char *name, hid_t type, int64_t rows, int64_t columns,
                            char **out, int64_t *size, bb_error *err) {
    const wanted w = {name, type, rows, columns};
    int64_t found, at;
    *out = NULL;
    BB_TRY(find_table(o, &w, &found, &at, size, err));
    if (type < 0 && *size > MAX_TEXT) return fail_table(o, name, "longer than any description", err);
    *out = bb_calloc((size_t)*size + 1, 1);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory", o->piece->file.path, name);
    const bb_status status = bb_input_read(&o->piece->file, at, *out, (size_t)*size, err);
    if (status == BB_OK) return BB_OK;
    bb_free(*out);
    *out = NULL;
    return status;
}

/* ---------------------------------------------------------------- the parts of it */

static bb_status read_description(opening *o, bb_error *err) {
    bb_piece *p = o->piece;
    char *text;
    int64_t size;
    BB_TRY(read_table(o, "/description", -1, 1, 0, &text, &size, err));
    const bb_status status = bb_json_parse(text, p->file.path, &p->description, err);
    bb_free(text);
    if (status != BB_OK) return status;
    double samples = 0, bins = 0;
    const char *encoding = bb_json_string(p->description, "encoding");
    BB_TRY(bb_json_number(p->description, "samples", 1, 1e9, &samples, p->file.path, err));
    BB_TRY(bb_json_number(p->description, "bins", 1, 1 << 20, &bins, p->file.path, err));
    if (samples < 1 || bins < 1 || !encoding ||
        (strcmp(encoding, "int16") != 0 && strcmp(encoding, "float32") != 0) ||
        !cJSON_IsArray(cJSON_GetObjectItem(p->description, "sessions")))
        return fail_table(o, "/description", "expected samples, bins, encoding and sessions", err);
    p->bins = (int)bins;
    p->format = (bb_row_format){
        .encoding = strcmp(encoding, "int16") == 0 ? BB_SAMPLES_INT16 : BB_SAMPLES_FLOAT32,
        .compressed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(p->description, "compressed")),
        .samples = (int64_t)samples};
    return BB_OK;
}

/* One column of the windows' tables into the rows; `field` is its place in a bb_row. */
static bb_status fill_rows(opening *o, const char *name, hid_t type, size_t field, bb_error *err) {
    char *values;
    int64_t size;
    BB_TRY(read_table(o, name, type, o->piece->row_count, 0, &values, &size, err));
    const size_t width = o->piece->row_count ? (size_t)(size / o->piece->row_count) : 0;
    for (int64_t i = 0; i < o->piece->row_count; ++i)
        memcpy((char *)&o->piece->rows[i] + field, values + (size_t)i * width, width);
    bb_free(values);
    return BB_OK;
}

static bb_status read_packed_rows(opening *o, bb_error *err) {
    const wanted packed = {"/packed", H5T_STD_U8LE, -1, 0};
    int64_t bytes, at, size;
    BB_TRY(find_table(o, &packed, &bytes, &at, &size, err));
    BB_TRY(fill_rows(o, "/windows/at", H5T_STD_I64LE, offsetof(bb_row, at), err));
    BB_TRY(fill_rows(o, "/windows/bytes", H5T_STD_U32LE, offsetof(bb_row, bytes), err));
    for (int64_t i = 0; i < o->piece->row_count; ++i) {
        bb_row *r = &o->piece->rows[i];
        /* Deflate packs 1032 bytes into one at best. */
        if (r->at < 0 || r->at > bytes || r->bytes > bytes - r->at ||
            bb_row_bytes(&o->piece->format) / 1032 > r->bytes)
            return fail_table(o, "/windows/at", "a row outside /packed, or too short for one", err);
        r->at += at;
    }
    return BB_OK;
}

static bb_status read_rows(opening *o, bb_error *err) {
    bb_piece *p = o->piece;
    const wanted starts = {"/windows/start_s", H5T_IEEE_F64LE, -1, 0};
    int64_t at, size;
    BB_TRY(find_table(o, &starts, &p->row_count, &at, &size, err));
    p->rows = bb_calloc((size_t)p->row_count, sizeof *p->rows);
    if (!p->rows) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its windows", p->file.path);
    BB_TRY(fill_rows(o, "/windows/start_s", H5T_IEEE_F64LE, offsetof(bb_row, start_s), err));
    BB_TRY(fill_rows(o, "/windows/channel", H5T_STD_I32LE, offsetof(bb_row, channel), err));
    BB_TRY(fill_rows(o, "/windows/scale", H5T_IEEE_F32LE, offsetof(bb_row, scale), err));
    BB_TRY(fill_rows(o, "/windows/checksum", H5T_STD_U32LE, offsetof(bb_row, checksum), err));
    if (p->format.compressed) return read_packed_rows(o, err);
    const wanted samples = {"/samples",
                            p->format.encoding == BB_SAMPLES_INT16 ? H5T_STD_I16LE : H5T_IEEE_F32LE,
                            p->row_count, p->format.samples};
    int64_t rows;
    BB_TRY(find_table(o, &samples, &rows, &at, &size, err));
    const size_t bytes = bb_row_bytes(&p->format);
    for (int64_t i = 0; i < p->row_count; ++i) {
        p->rows[i].at = at + i * (int64_t)bytes;
        p->rows[i].bytes = (uint32_t)bytes;
    }
    return BB_OK;
}

/* Columns [first, first + count) of the channels' numbers. */
static bb_status fill_stats(opening *o, const char *name, hid_t type, size_t first, size_t count, bool matrix,
                            bb_error *err) {
    bb_piece *p = o->piece;
    char *values;
    int64_t size;
    BB_TRY(read_table(o, name, type, (int64_t)p->channel_count, matrix ? (int64_t)count : 0, &values, &size,
                      err));
    const bool whole = H5Tequal(type, H5T_STD_I64LE) > 0;
    for (size_t c = 0; c < p->channel_count; ++c)
        for (size_t k = 0; k < count; ++k) {
            double *out = &p->stats[c * bb_stat_columns(p->bins) + first + k];
            int64_t integer;
            memcpy(whole ? (void *)&integer : out, values + (c * count + k) * 8, 8);
            if (whole) *out = (double)integer;
        }
    bb_free(values);
    return BB_OK;
}

static bb_status read_stats(opening *o, bb_error *err) {
    bb_piece *p = o->piece;
    const size_t F = (size_t)p->bins;
    const wanted means = {"/channels/mean_uv", H5T_IEEE_F64LE, -1, 0};
    int64_t channels, at, size;
    BB_TRY(find_table(o, &means, &channels, &at, &size, err));
    p->channel_count = (size_t)channels;
    /* What the tables hold is bounded by the file; their widths are checked as they are read. */
    if ((double)channels * (double)F * 16 > (double)p->file.size)
        return fail_table(o, "/channels/log_mean", "it is longer than the file", err);
    p->stats = bb_calloc(p->channel_count, bb_stat_columns(p->bins) * sizeof *p->stats);
    if (!p->stats) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its channels", p->file.path);
    BB_TRY(fill_stats(o, "/channels/windows", H5T_STD_I64LE, BB_STAT_WINDOWS, 1, false, err));
    BB_TRY(fill_stats(o, "/channels/left_out", H5T_STD_I64LE, BB_STAT_LEFT_OUT, 1, false, err));
    BB_TRY(fill_stats(o, "/channels/mean_uv", H5T_IEEE_F64LE, BB_STAT_MEAN, 1, false, err));
    BB_TRY(fill_stats(o, "/channels/sd_uv", H5T_IEEE_F64LE, BB_STAT_SD, 1, false, err));
    BB_TRY(fill_stats(o, "/channels/log_mean", H5T_IEEE_F64LE, BB_STAT_LOGS, F, true, err));
    return fill_stats(o, "/channels/log_sd", H5T_IEEE_F64LE, BB_STAT_LOGS + F, F, true, err);
}

/* ---------------------------------------------------------------- all of it */

static bb_status open_inside(opening *o, bb_error *err) {
    uint64_t base;
    if (!bb_hdf5_is_hdf5(&o->piece->file, &base))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a prepared corpus, found no HDF5 file",
                       o->piece->file.path);
    BB_TRY(bb_hdf5_open(o->piece->file.path, &o->file, err));
    if (base != 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a corpus from the first byte on",
                       o->piece->file.path);
    if (H5Lexists(o->file, "description", H5P_DEFAULT) <= 0 ||
        H5Lexists(o->file, "windows", H5P_DEFAULT) <= 0)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a prepared corpus, found HDF5 without one",
                       o->piece->file.path);
    BB_TRY(read_description(o, err));
    BB_TRY(read_rows(o, err));
    return read_stats(o, err);
}

bb_status bb_corpus_piece_open(const char *path, bb_piece *p, bb_error *err) {
    *p = (bb_piece){.file = {.path = bb_strdup(path), .fd = -1}};
    opening o = {.piece = p, .file = -1};
    bb_status status = p->file.path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status == BB_OK) status = bb_input_open(p->file.path, &p->file, err);
    if (status == BB_OK) {
        bb_hdf5_guard guard;
        bb_hdf5_begin(&guard);
        status = open_inside(&o, err);
        if (o.file >= 0) H5Fclose(o.file);
        bb_hdf5_end(&guard);
    }
    if (status == BB_OK) status = bb_piece_check(p, err);
    if (status != BB_OK) bb_piece_close(p);
    return status;
}
