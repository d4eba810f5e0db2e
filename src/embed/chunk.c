#include "embed/chunk.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { HEAD = 128, UNIT = 64, KEY = BB_SHA256_TEXT - 1, NUMBERS = 6 };
enum { AT_KEY = 8, AT_NUMBERS = AT_KEY + KEY, AT_TABLES_CRC = AT_NUMBERS + NUMBERS * 8, AT_CRC = 124 };
static const char magic[AT_KEY] = {'B', 'B', 'C', 'H', 'U', 'N', 'K', '1'};

_Static_assert((int)AT_TABLES_CRC + 4 == (int)AT_CRC, "the head is full");

/* Where the parts of a file are. */
typedef struct places {
    size_t checksums, unsound, rows, row_bytes, size;
} places;

static bool find_places(const bb_chunk_head *h, places *out) {
    size_t marks, seconds, all;
    if (h->windows < 0 || h->channels < 0 || h->floats < 0 || h->inputs < 0 ||
        __builtin_mul_overflow((size_t)h->windows, (size_t)h->channels, &marks) ||
        __builtin_mul_overflow((size_t)h->inputs, 3 * sizeof(double), &seconds) ||
        __builtin_mul_overflow((size_t)h->floats, sizeof(float), &out->row_bytes) ||
        __builtin_mul_overflow((size_t)h->windows, out->row_bytes, &all) || marks > SIZE_MAX / 16 ||
        seconds > SIZE_MAX / 16 || (size_t)h->windows > SIZE_MAX / 64)
        return false;
    out->checksums = HEAD + seconds;
    out->unsound = out->checksums + (size_t)h->windows * sizeof(uint32_t);
    out->rows = (out->unsound + marks + UNIT - 1) / UNIT * UNIT;
    return !__builtin_add_overflow(out->rows, all, &out->size) && out->size <= INT64_MAX;
}

/* ---------------------------------------------------------------- reading */

static bb_status parse_head(const unsigned char *bytes, size_t size, const char *name, bb_chunk_head *h,
                            bb_error *err) {
    int64_t numbers[NUMBERS];
    if (size < HEAD || memcmp(bytes, magic, sizeof magic) != 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected a chunk of features", name);
    if (bb_checksum_at(bytes, AT_CRC) != bb_crc32c(bytes, AT_CRC))
        return bb_fail(err, BB_ERR_FORMAT, "%s: its head is damaged", name);
    memcpy(numbers, bytes + AT_NUMBERS, sizeof numbers);
    *h = (bb_chunk_head){.index = numbers[0],
                         .windows = numbers[1],
                         .channels = numbers[2],
                         .floats = numbers[3],
                         .inputs = numbers[4],
                         .repaired = numbers[5]};
    memcpy(h->key, bytes + AT_KEY, KEY);
    return BB_OK;
}

bb_status bb_chunk_parse(const void *data, size_t size, const char *name, bb_chunk_view *out, bb_error *err) {
    const unsigned char *bytes = data;
    places p;
    BB_TRY(parse_head(bytes, size, name, &out->head, err));
    if (!find_places(&out->head, &p) || p.size != size)
        return bb_fail(err, BB_ERR_FORMAT, "%s: its size is not that of its shape", name);
    if (bb_checksum_at(bytes, AT_TABLES_CRC) != bb_crc32c(bytes + HEAD, p.rows - HEAD))
        return bb_fail(err, BB_ERR_FORMAT, "%s: its tables are damaged", name);
    for (size_t i = 0; i < (size_t)out->head.windows; ++i)
        if (bb_checksum_at(bytes, p.checksums + i * sizeof(uint32_t)) !=
            bb_crc32c(bytes + p.rows + i * p.row_bytes, p.row_bytes))
            return bb_fail(err, BB_ERR_FORMAT, "%s: window %zu is damaged", name, i);
    out->seconds = (const double *)(const void *)(bytes + HEAD);
    out->unsound = bytes + p.unsound;
    out->rows = (const float *)(const void *)(bytes + p.rows);
    return BB_OK;
}

bb_status bb_chunk_open(const char *path, const bb_chunk_head *expected, bb_map *map, bb_chunk_view *out,
                        bb_error *err) {
    BB_TRY(bb_map_open(path, map, err));
    bb_status status = bb_chunk_parse(map->data, map->size, path, out, err);
    const bb_chunk_head *h = &out->head;
    if (status == BB_OK && (strcmp(h->key, expected->key) != 0 || h->index != expected->index ||
                            h->windows != expected->windows || h->channels != expected->channels ||
                            h->floats != expected->floats))
        status = bb_fail(err, BB_ERR_FORMAT, "%s: is a chunk of other features", path);
    if (status != BB_OK) bb_map_close(map);
    return status;
}

/* ---------------------------------------------------------------- writing */

struct bb_chunk_writer {
    bb_chunk_head head;
    places places;
    bb_output output;
    unsigned char *tables; /* the file's tables */
    int64_t written;       /* windows */
};

bb_status bb_chunk_create(const char *path, const bb_chunk_head *head, bb_chunk_writer **out, bb_error *err) {
    *out = NULL;
    bb_chunk_writer *w = bb_calloc(1, sizeof *w);
    if (!w) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    w->head = *head;
    w->output.fd = -1;
    bb_status status = find_places(head, &w->places)
                           ? BB_OK
                           : bb_fail(err, BB_ERR_ARGUMENT, "%s: more features than a file can hold", path);
    if (status == BB_OK && !(w->tables = bb_calloc(w->places.rows - HEAD, 1)))
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its tables", path);
    if (status == BB_OK) status = bb_output_open(path, &w->output, err);
    if (status == BB_OK)
        *out = w;
    else
        bb_chunk_destroy(w);
    return status;
}

bb_status bb_chunk_write(bb_chunk_writer *w, const float *features, const unsigned char *unsound,
                         bb_error *err) {
    const places *p = &w->places;
    const size_t window = (size_t)w->written, channels = (size_t)w->head.channels;
    if (w->written >= w->head.windows)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected %lld windows, found more", w->output.path,
                       (long long)w->head.windows);
    const uint32_t checksum = bb_crc32c(features, p->row_bytes);
    memcpy(w->tables + p->checksums - HEAD + window * sizeof checksum, &checksum, sizeof checksum);
    memcpy(w->tables + p->unsound - HEAD + window * channels, unsound, channels);
    ++w->written;
    return bb_output_write_at(&w->output, (int64_t)(p->rows + window * p->row_bytes), features, p->row_bytes,
                              err);
}

bool bb_chunk_is_full(const bb_chunk_writer *w) { return w->written == w->head.windows; }

static bb_status write_head(bb_chunk_writer *w, bb_error *err) {
    unsigned char bytes[HEAD] = {0};
    const bb_chunk_head *h = &w->head;
    const int64_t numbers[NUMBERS] = {h->index, h->windows, h->channels, h->floats, h->inputs, h->repaired};
    const uint32_t tables_crc = bb_crc32c(w->tables, w->places.rows - HEAD);
    memcpy(bytes, magic, sizeof magic);
    memcpy(bytes + AT_KEY, h->key, KEY);
    memcpy(bytes + AT_NUMBERS, numbers, sizeof numbers);
    memcpy(bytes + AT_TABLES_CRC, &tables_crc, sizeof tables_crc);
    const uint32_t crc = bb_crc32c(bytes, AT_CRC);
    memcpy(bytes + AT_CRC, &crc, sizeof crc);
    return bb_output_write_at(&w->output, 0, bytes, HEAD, err);
}

bb_status bb_chunk_finish(bb_chunk_writer *w, int64_t repaired, const bb_unsound_seconds *seconds,
                          bb_error *err) {
    if (w->written != w->head.windows)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected %lld windows, found %lld", w->output.path,
                       (long long)w->head.windows, (long long)w->written);
    w->head.repaired = repaired;
    for (int64_t i = 0; seconds && i < w->head.inputs; ++i) {
        const double three[3] = {seconds[i].missing_s, seconds[i].flat_s, seconds[i].clipped_s};
        memcpy(w->tables + (size_t)i * sizeof three, three, sizeof three);
    }
    BB_TRY(bb_output_write_at(&w->output, HEAD, w->tables, w->places.rows - HEAD, err));
    BB_TRY(write_head(w, err));
    return bb_output_place(&w->output, err);
}

void bb_chunk_destroy(bb_chunk_writer *w) {
    if (!w) return;
    bb_output_discard(&w->output);
    bb_free(w->tables);
    bb_free(w);
}
