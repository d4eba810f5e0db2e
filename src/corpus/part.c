/* Parts: rows, then a tail of tables, then a trailer that says how long they are. They live from one call of
 * `prepare` to the next on the same machine, in its byte order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "corpus/piece.h"

typedef struct trailer {
    char magic[8];
    int64_t row_bytes, rows, channels, bins, text_bytes;
    uint32_t checksum; /* of the tail */
    uint32_t zero;
} trailer;

static const char magic[8] = "BBPART1";

bb_status bb_part_begin(const char *path, bb_part_writer *w, bb_error *err) {
    *w = (bb_part_writer){0};
    return bb_output_open(path, &w->output, err);
}

void bb_part_abandon(bb_part_writer *w) {
    bb_output_discard(&w->output);
    bb_free(w->rows);
    w->rows = NULL;
}

bb_status bb_part_append(bb_part_writer *w, bb_row row, const void *stored, bb_error *err) {
    if (bb_grow((void **)&w->rows, &w->row_capacity, w->row_count + 1, sizeof *w->rows))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu windows", w->output.path, w->row_count + 1);
    row.at = w->size;
    BB_TRY(bb_output_write(&w->output, stored, row.bytes, err));
    w->rows[w->row_count++] = row;
    w->size += row.bytes;
    return BB_OK;
}

static bb_status write_piece(bb_part_writer *w, const void *data, size_t size, uint32_t *sum, bb_error *err) {
    *sum = bb_checksum_add(*sum, data, size);
    return bb_output_write(&w->output, data, size, err);
}

static bb_status write_tail(bb_part_writer *w, const double *stats, const char *text, trailer *t,
                            bb_error *err) {
    BB_TRY(write_piece(w, w->rows, w->row_count * sizeof *w->rows, &t->checksum, err));
    BB_TRY(write_piece(w, stats, (size_t)t->channels * bb_stat_columns((int)t->bins) * sizeof *stats,
                       &t->checksum, err));
    BB_TRY(write_piece(w, text, (size_t)t->text_bytes, &t->checksum, err));
    BB_TRY(bb_output_write(&w->output, t, sizeof *t, err));
    return bb_output_place(&w->output, err);
}

bb_status bb_part_finish(bb_part_writer *w, const double *stats, size_t channels, int bins,
                         const cJSON *description, bb_error *err) {
    char *text = cJSON_PrintUnformatted(description);
    bb_status status;
    if (text) {
        trailer t = {.row_bytes = w->size,
                     .rows = (int64_t)w->row_count,
                     .channels = (int64_t)channels,
                     .bins = bins,
                     .text_bytes = (int64_t)strlen(text)};
        memcpy(t.magic, magic, sizeof magic);
        status = write_tail(w, stats, text, &t, err);
    } else {
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its description", w->output.path);
    }
    cJSON_free(text);
    bb_part_abandon(w);
    return status;
}

/* ---------------------------------------------------------------- reading */

static bb_status fail_torn(const bb_piece *p, bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: expected a finished part, found a torn one", p->file.path);
}

/* The trailer, if what it says adds up to the file. */
static bb_status read_trailer(const bb_piece *p, trailer *t, bb_error *err) {
    const int64_t size = p->file.size;
    if (size < (int64_t)sizeof *t) return fail_torn(p, err);
    BB_TRY(bb_input_read(&p->file, size - (int64_t)sizeof *t, t, sizeof *t, err));
    if (memcmp(t->magic, magic, sizeof magic) != 0 || t->row_bytes < 0 || t->row_bytes > size ||
        t->rows < 0 || t->rows > size || t->channels < 0 || t->channels > size || t->bins < 0 ||
        t->bins > 1 << 20 || t->text_bytes < 0 || t->text_bytes > size)
        return fail_torn(p, err);
    const double tail = (double)t->rows * sizeof(bb_row) +
                        (double)t->channels * (double)bb_stat_columns((int)t->bins) * sizeof(double);
    if ((double)t->row_bytes + tail + (double)t->text_bytes + (double)sizeof *t != (double)size)
        return fail_torn(p, err);
    return BB_OK;
}

static bb_status read_tail(bb_piece *p, const trailer *t, bb_error *err) {
    const size_t rows = (size_t)t->rows * sizeof(bb_row);
    const size_t stats = (size_t)t->channels * bb_stat_columns((int)t->bins) * sizeof(double);
    char *text = bb_calloc((size_t)t->text_bytes + 1, 1);
    p->rows = bb_calloc((size_t)t->rows, sizeof(bb_row));
    p->stats = bb_calloc(stats, 1);
    bb_status status = text && p->rows && p->stats
                           ? bb_input_read(&p->file, t->row_bytes, p->rows, rows, err)
                           : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", p->file.path);
    int64_t at = t->row_bytes + (int64_t)rows;
    if (status == BB_OK) status = bb_input_read(&p->file, at, p->stats, stats, err);
    at += (int64_t)stats;
    if (status == BB_OK) status = bb_input_read(&p->file, at, text, (size_t)t->text_bytes, err);
    if (status == BB_OK) {
        uint32_t sum = bb_checksum_add(0, p->rows, rows);
        sum = bb_checksum_add(sum, p->stats, stats);
        sum = bb_checksum_add(sum, text, (size_t)t->text_bytes);
        status =
            sum == t->checksum ? bb_json_parse(text, p->file.path, &p->description, err) : fail_torn(p, err);
    }
    bb_free(text);
    return status;
}

static bb_status compare_checksums(const bb_piece *p, bb_error *err) {
    void *bytes = bb_calloc(bb_row_room(&p->format), 1);
    bb_status status = bytes ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", p->file.path);
    for (int64_t i = 0; status == BB_OK && i < p->row_count; ++i) status = bb_piece_read(p, i, bytes, err);
    bb_free(bytes);
    return status;
}

static bb_status load(bb_piece *p, bool written_before, bb_error *err) {
    trailer t;
    BB_TRY(bb_input_open(p->file.path, &p->file, err));
    BB_TRY(read_trailer(p, &t, err));
    p->row_count = t.rows;
    p->channel_count = (size_t)t.channels;
    p->bins = (int)t.bins;
    BB_TRY(read_tail(p, &t, err));
    BB_TRY(bb_piece_check(p, err));
    return written_before ? compare_checksums(p, err) : BB_OK;
}

bb_status bb_part_open(const char *path, const bb_row_format *format, bool written_before, bb_piece *p,
                       bb_error *err) {
    *p = (bb_piece){.file = {.path = bb_strdup(path), .fd = -1}, .format = *format};
    const bb_status status =
        p->file.path ? load(p, written_before, err) : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status != BB_OK) bb_piece_close(p);
    return status;
}
