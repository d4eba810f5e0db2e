/* The corpus's file (docs/corpus.md). As for feature files, HDF5 lays it out while nothing is in it yet, and
 * everything is then put in its place by plain writes, so that a full disk is an ordinary error. Compressed
 * rows lie one behind the other in one dataset of bytes: HDF5 1.10 takes longer for each further chunk. */
#include <hdf5.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "corpus/piece.h"
#include "io/hdf5.h"

enum { BUFFER = 4 << 20, VERSION = 1 };

/* The tables of fixed place. */
typedef enum table {
    SAMPLES, /* /packed when compressed */
    WINDOW_CHANNEL,
    WINDOW_START,
    WINDOW_SCALE,
    WINDOW_CHECKSUM,
    WINDOW_AT, /* this and the next: only when compressed */
    WINDOW_BYTES,
    CHANNEL_SESSION,
    CHANNEL_WINDOWS,
    CHANNEL_LEFT_OUT,
    CHANNEL_MEAN,
    CHANNEL_SD,
    CHANNEL_LOG_MEAN,
    CHANNEL_LOG_SD,
    TABLES
} table;

static const char *const table_names[TABLES] = {
    "/samples",          "/windows/channel", "/windows/start_s",   "/windows/scale",    "/windows/checksum",
    "/windows/at",       "/windows/bytes",   "/channels/session",  "/channels/windows", "/channels/left_out",
    "/channels/mean_uv", "/channels/sd_uv",  "/channels/log_mean", "/channels/log_sd"};

typedef struct joiner {
    bb_piece *pieces;
    size_t piece_count;
    const bb_row_format *format;
    const char *text; /* the description */
    const cJSON *sessions;
    int64_t rows, channels, rows_done;
    int bins;
    bb_progress progress;
    void *progress_context;
    bb_output output;
    hid_t file; /* below 0: not open */
    int64_t place[TABLES];
    int64_t *at;       /* [rows], when compressed: their first bytes in /packed */
    bool adding;       /* tables are added to the checksum, not written */
    uint32_t checksum; /* of the description and all tables but the samples, in order */
    int64_t packed_bytes;
} joiner;

static bb_status failed(const joiner *j, const char *what, bb_error *err) {
    return bb_fail(err, BB_ERR_IO, "%s: HDF5 cannot write %s: is the disk full?", j->output.path, what);
}

/* ---------------------------------------------------------------- layout */

static hid_t create_set(const joiner *j, const char *name, hid_t type, hid_t space, hid_t plist) {
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_obj_track_times(plist, 0);
    const hid_t set = H5Dcreate2(j->file, name, type, space, links, plist, H5P_DEFAULT);
    H5Pclose(links);
    return set;
}

static bool place_table(joiner *j, table which, hid_t type, int64_t rows, int64_t columns) {
    const hsize_t extent[2] = {(hsize_t)rows, (hsize_t)columns};
    const hid_t space = H5Screate_simple(columns > 0 ? 2 : 1, extent, NULL),
                plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(plist, H5D_FILL_TIME_NEVER);
    const char *name = which == SAMPLES && j->format->compressed ? "/packed" : table_names[which];
    const hid_t set = create_set(j, name, type, space, plist);
    const haddr_t at = set >= 0 ? H5Dget_offset(set) : HADDR_UNDEF;
    j->place[which] = (int64_t)at;
    if (set >= 0) H5Dclose(set);
    H5Pclose(plist);
    H5Sclose(space);
    return at != HADDR_UNDEF || (set >= 0 && rows == 0);
}

static bool place_samples(joiner *j) {
    if (j->format->compressed) return place_table(j, SAMPLES, H5T_STD_U8LE, j->packed_bytes, 0);
    return place_table(j, SAMPLES, j->format->encoding == BB_SAMPLES_INT16 ? H5T_STD_I16LE : H5T_IEEE_F32LE,
                       j->rows, j->format->samples);
}

static bool place_tables(joiner *j) {
    const int64_t W = j->rows, C = j->channels;
    const bool packed = j->format->compressed;
    return place_table(j, WINDOW_CHANNEL, H5T_STD_I32LE, W, 0) &&
           place_table(j, WINDOW_START, H5T_IEEE_F64LE, W, 0) &&
           place_table(j, WINDOW_SCALE, H5T_IEEE_F32LE, W, 0) &&
           place_table(j, WINDOW_CHECKSUM, H5T_STD_U32LE, W, 0) &&
           (!packed || place_table(j, WINDOW_AT, H5T_STD_I64LE, W, 0)) &&
           (!packed || place_table(j, WINDOW_BYTES, H5T_STD_U32LE, W, 0)) &&
           place_table(j, CHANNEL_SESSION, H5T_STD_I32LE, C, 0) &&
           place_table(j, CHANNEL_WINDOWS, H5T_STD_I64LE, C, 0) &&
           place_table(j, CHANNEL_LEFT_OUT, H5T_STD_I64LE, C, 0) &&
           place_table(j, CHANNEL_MEAN, H5T_IEEE_F64LE, C, 0) &&
           place_table(j, CHANNEL_SD, H5T_IEEE_F64LE, C, 0) &&
           place_table(j, CHANNEL_LOG_MEAN, H5T_IEEE_F64LE, C, j->bins) &&
           place_table(j, CHANNEL_LOG_SD, H5T_IEEE_F64LE, C, j->bins) && place_samples(j);
}

static bool write_text(const joiner *j) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR),
                plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Tset_size(type, strlen(j->text) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hid_t set = create_set(j, "/description", type, space, plist);
    const bool ok = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, j->text) >= 0;
    if (set >= 0) H5Dclose(set);
    H5Pclose(plist);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

static bool write_attribute(const joiner *j, const char *name, hid_t type, const void *value) {
    const hid_t space = H5Screate(H5S_SCALAR),
                attribute = H5Acreate2(j->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool ok = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return ok;
}

static bool write_attributes(const joiner *j) {
    static const char format[] = "brainbert corpus";
    const int version = VERSION;
    const hid_t word = H5Tcopy(H5T_C_S1);
    H5Tset_size(word, sizeof format);
    const bool ok = write_attribute(j, "format", word, format) &&
                    write_attribute(j, "version", H5T_NATIVE_INT, &version) &&
                    write_attribute(j, "checksum", H5T_STD_U32LE, &j->checksum);
    H5Tclose(word);
    return ok;
}

static bb_status lay_out(joiner *j, bb_error *err) {
    j->file = H5Fcreate(j->output.temp_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (j->file < 0) return failed(j, "a new file", err);
    if (!write_attributes(j) || !write_text(j) || !place_tables(j)) return failed(j, "its layout", err);
    return BB_OK;
}

/* ---------------------------------------------------------------- rows */

/* One piece's rows from byte `*at` of the output on, many at a time; packed ones have lengths of their own.
 */
static bb_status copy_piece(joiner *j, const bb_piece *p, unsigned char *buffer, int64_t *at, bb_error *err) {
    size_t held = 0;
    for (int64_t i = 0; i < p->row_count; ++i, ++j->rows_done) {
        if (held + p->rows[i].bytes > BUFFER) {
            if (j->progress && j->progress(j->progress_context, j->rows_done, j->rows) != 0)
                return bb_fail_stopped(err);
            BB_TRY(bb_output_write_at(&j->output, *at, buffer, held, err));
            *at += (int64_t)held;
            held = 0;
        }
        BB_TRY(bb_piece_read(p, i, buffer + held, err));
        held += p->rows[i].bytes;
    }
    BB_TRY(bb_output_write_at(&j->output, *at, buffer, held, err));
    *at += (int64_t)held;
    return BB_OK;
}

static bb_status copy_rows(joiner *j, bb_error *err) {
    unsigned char *buffer = bb_calloc(BUFFER + bb_row_room(j->format), 1);
    bb_status status = buffer ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", j->output.path);
    int64_t at = j->place[SAMPLES];
    for (size_t p = 0; p < j->piece_count && status == BB_OK; ++p) {
        bb_piece *piece = &j->pieces[p];
        const bool closed = piece->file.fd < 0;
        if (closed) status = bb_input_open(piece->file.path, &piece->file, err);
        if (status == BB_OK) status = copy_piece(j, piece, buffer, &at, err);
        if (closed) bb_input_close(&piece->file);
    }
    bb_free(buffer);
    return status;
}

/* ---------------------------------------------------------------- tables */

/* One number of row `i` of piece `p` to out; returns its width. `base` counts the channels of earlier pieces.
 */
static size_t window_value(const joiner *j, table which, const bb_row *r, int64_t row, int32_t base,
                           void *out) {
    const int32_t channel = base + r->channel;
    switch (which) {
    case WINDOW_CHANNEL:
        memcpy(out, &channel, sizeof channel);
        return sizeof channel;
    case WINDOW_START:
        memcpy(out, &r->start_s, sizeof r->start_s);
        return sizeof r->start_s;
    case WINDOW_SCALE:
        memcpy(out, &r->scale, sizeof r->scale);
        return sizeof r->scale;
    case WINDOW_CHECKSUM:
        memcpy(out, &r->checksum, sizeof r->checksum);
        return sizeof r->checksum;
    case WINDOW_AT:
        memcpy(out, &j->at[row], sizeof j->at[row]);
        return sizeof j->at[row];
    default: /* WINDOW_BYTES */
        memcpy(out, &r->bytes, sizeof r->bytes);
        return sizeof r->bytes;
    }
}

static bb_status put(joiner *j, table which, const void *values, size_t size, bb_error *err) {
    if (!j->adding) return bb_output_write_at(&j->output, j->place[which], values, size, err);
    j->checksum = bb_checksum_add(j->checksum, values, size);
    return BB_OK;
}

static bb_status write_window_table(joiner *j, table which, bb_error *err) {
    char *values = bb_calloc((size_t)j->rows, sizeof(int64_t));
    if (!values) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its tables", j->output.path);
    size_t size = 0;
    int64_t row = 0;
    int32_t base = 0;
    for (size_t p = 0; p < j->piece_count; ++p) {
        for (int64_t i = 0; i < j->pieces[p].row_count; ++i, ++row)
            size += window_value(j, which, &j->pieces[p].rows[i], row, base, values + size);
        base += (int32_t)j->pieces[p].channel_count;
    }
    const bb_status status = put(j, which, values, size, err);
    bb_free(values);
    return status;
}

/* `count` columns of the channels' numbers from column `first` on, as whole numbers where they count
 * something. */
static bb_status write_channel_table(joiner *j, table which, size_t first, size_t count, bb_error *err) {
    const bool whole = which == CHANNEL_WINDOWS || which == CHANNEL_LEFT_OUT;
    double *values = bb_calloc((size_t)j->channels * count, sizeof *values);
    if (!values) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its tables", j->output.path);
    size_t n = 0;
    for (size_t p = 0; p < j->piece_count; ++p)
        for (size_t c = 0; c < j->pieces[p].channel_count; ++c)
            for (size_t k = 0; k < count; ++k, ++n) {
                const double value = j->pieces[p].stats[c * bb_stat_columns(j->bins) + first + k];
                const int64_t integer = (int64_t)value;
                memcpy(&values[n], whole ? (const void *)&integer : &value, sizeof values[n]);
            }
    const bb_status status = put(j, which, values, n * sizeof *values, err);
    bb_free(values);
    return status;
}

static bb_status write_channel_sessions(joiner *j, bb_error *err) {
    int32_t *values = bb_calloc((size_t)j->channels, sizeof *values), session = 0;
    if (!values) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its tables", j->output.path);
    int64_t n = 0;
    for (const cJSON *s = j->sessions->child; s; s = s->next, ++session) {
        const int count = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(s, "channels"));
        for (int c = 0; c < count && n < j->channels; ++c) values[n++] = session;
    }
    const bb_status status = put(j, CHANNEL_SESSION, values, (size_t)j->channels * sizeof *values, err);
    bb_free(values);
    return status;
}

static bb_status write_tables(joiner *j, bb_error *err) {
    const table last = j->format->compressed ? WINDOW_BYTES : WINDOW_CHECKSUM;
    const size_t F = (size_t)j->bins;
    for (table t = WINDOW_CHANNEL; t <= last; ++t) BB_TRY(write_window_table(j, t, err));
    BB_TRY(write_channel_sessions(j, err));
    BB_TRY(write_channel_table(j, CHANNEL_WINDOWS, BB_STAT_WINDOWS, 1, err));
    BB_TRY(write_channel_table(j, CHANNEL_LEFT_OUT, BB_STAT_LEFT_OUT, 1, err));
    BB_TRY(write_channel_table(j, CHANNEL_MEAN, BB_STAT_MEAN, 1, err));
    BB_TRY(write_channel_table(j, CHANNEL_SD, BB_STAT_SD, 1, err));
    BB_TRY(write_channel_table(j, CHANNEL_LOG_MEAN, BB_STAT_LOGS, F, err));
    return write_channel_table(j, CHANNEL_LOG_SD, BB_STAT_LOGS + F, F, err);
}

/* ---------------------------------------------------------------- all of it */

/* Once more as its readers will, before parts are given up for it. */
static bb_status look_through(const joiner *j, bb_error *err) {
    bb_corpus *corpus;
    bb_error own = {0};
    const bb_status status = bb_corpus_open(j->output.temp_path, &corpus, &own);
    bb_corpus_close(corpus);
    if (status == BB_OK) return BB_OK;
    return bb_fail(err, status, "%s: what was written does not open as a corpus: %.800s", j->output.path,
                   own.message);
}

/* Packed rows lie one behind the other. */
static bb_status place_packed(joiner *j, bb_error *err) {
    j->at = bb_calloc((size_t)j->rows, sizeof *j->at);
    if (!j->at) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its tables", j->output.path);
    int64_t row = 0, at = 0;
    for (size_t p = 0; p < j->piece_count; ++p)
        for (int64_t i = 0; i < j->pieces[p].row_count; at += j->pieces[p].rows[i++].bytes) j->at[row++] = at;
    return BB_OK;
}

/* The checksum is laid out with everything else, so that it is there before the tables are written. */
static bb_status add_up(joiner *j, bb_error *err) {
    if (j->format->compressed) BB_TRY(place_packed(j, err));
    j->checksum = bb_checksum_add(0, j->text, strlen(j->text) + 1);
    j->adding = true;
    BB_TRY(write_tables(j, err));
    j->adding = false;
    return BB_OK;
}

static bb_status write_file(joiner *j, bb_error *err) {
    BB_TRY(add_up(j, err));
    bb_hdf5_guard guard;
    bb_hdf5_begin(&guard);
    bb_status status = lay_out(j, err);
    if (j->file >= 0 && H5Fclose(j->file) < 0 && status == BB_OK) status = failed(j, "its layout", err);
    bb_hdf5_end(&guard);
    if (status == BB_OK) status = copy_rows(j, err);
    if (status == BB_OK) status = write_tables(j, err);
    if (status == BB_OK) status = look_through(j, err);
    return status == BB_OK ? bb_output_commit(&j->output, err) : status;
}

bb_status bb_join(bb_piece *pieces, size_t count, const cJSON *description, const char *path,
                  bb_progress progress, void *progress_context, bb_error *err) {
    char *text = cJSON_PrintUnformatted(description);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its description", path);
    joiner j = {.pieces = pieces,
                .piece_count = count,
                .format = &pieces[0].format,
                .text = text,
                .sessions = cJSON_GetObjectItemCaseSensitive(description, "sessions"),
                .bins = pieces[0].bins,
                .progress = progress,
                .progress_context = progress_context,
                .file = -1};
    for (size_t p = 0; p < count; ++p) {
        j.rows += pieces[p].row_count;
        for (int64_t i = 0; i < pieces[p].row_count; ++i) j.packed_bytes += pieces[p].rows[i].bytes;
        j.channels += (int64_t)pieces[p].channel_count;
    }
    bb_status status = bb_output_open(path, &j.output, err);
    if (status == BB_OK) status = write_file(&j, err);
    bb_output_discard(&j.output);
    bb_free(j.at);
    cJSON_free(text);
    return status;
}
