#include "features/cache.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { HEAD = 128, UNIT = 64, KEY = BB_SHA256_TEXT - 1 };
enum { AT_SHAPE = 8, AT_KEY = 32, AT_TABLES_CRC = 96, AT_CRC = 124 };
static const char magic[AT_SHAPE] = {'B', 'B', 'F', 'E', 'A', 'T', 'S', '1'};

/* Files are written as memory lies. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "expected a little-endian machine");

/* Where the parts of a file are. */
typedef struct places {
    size_t rows_of_all, row_bytes; /* channels x windows; dim floats */
    size_t unsound, rows, size;
} places;

static bool find_places(const bb_cache_head *h, places *out) {
    size_t count, bytes, all;
    if (h->windows < 0 || h->channels < 0 || h->dim < 0 ||
        __builtin_mul_overflow((size_t)h->windows, (size_t)h->channels, &count) ||
        __builtin_mul_overflow((size_t)h->dim, sizeof(float), &bytes) || count > SIZE_MAX / 16 ||
        __builtin_mul_overflow(count, bytes, &all))
        return false;
    *out = (places){.rows_of_all = count, .row_bytes = bytes, .unsound = HEAD + count * sizeof(uint32_t)};
    out->rows = (out->unsound + count + UNIT - 1) / UNIT * UNIT;
    return !__builtin_add_overflow(out->rows, all, &out->size) && out->size <= INT64_MAX;
}

/* ---------------------------------------------------------------- reading */

static bb_status parse_head(const unsigned char *bytes, size_t size, const char *name, bb_cache_head *h,
                            bb_error *err) {
    if (size < HEAD || memcmp(bytes, magic, sizeof magic) != 0)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected a file of features", name);
    if (bb_checksum_at(bytes, AT_CRC) != bb_crc32c(bytes, AT_CRC))
        return bb_fail(err, BB_ERR_FORMAT, "%s: its head is damaged", name);
    int64_t shape[3];
    memcpy(shape, bytes + AT_SHAPE, sizeof shape);
    *h = (bb_cache_head){.windows = shape[0], .channels = shape[1], .dim = shape[2]};
    memcpy(h->key, bytes + AT_KEY, KEY);
    return BB_OK;
}

/* The first row that does not have its checksum; their number where all have. */
static size_t find_damage(const unsigned char *bytes, const places *p) {
    size_t damaged = p->rows_of_all;
#pragma omp parallel for schedule(static) reduction(min : damaged) if (p->rows_of_all > 256)
    for (size_t i = 0; i < p->rows_of_all; ++i)
        if (bb_checksum_at(bytes, HEAD + i * sizeof(uint32_t)) !=
            bb_crc32c(bytes + p->rows + i * p->row_bytes, p->row_bytes))
            damaged = i < damaged ? i : damaged;
    return damaged;
}

bb_status bb_cache_parse(const void *data, size_t size, const char *name, bb_cache_view *out, bb_error *err) {
    const unsigned char *bytes = data;
    places p;
    BB_TRY(parse_head(bytes, size, name, &out->head, err));
    if (!find_places(&out->head, &p) || p.size != size)
        return bb_fail(err, BB_ERR_FORMAT, "%s: its size is not that of its shape", name);
    if (bb_checksum_at(bytes, AT_TABLES_CRC) != bb_crc32c(bytes + HEAD, p.rows - HEAD))
        return bb_fail(err, BB_ERR_FORMAT, "%s: its tables are damaged", name);
    const size_t damaged = find_damage(bytes, &p);
    if (damaged < p.rows_of_all) return bb_fail(err, BB_ERR_FORMAT, "%s: row %zu is damaged", name, damaged);
    out->unsound = bytes + p.unsound;
    out->rows = (const float *)(const void *)(bytes + p.rows);
    return BB_OK;
}

/* ---------------------------------------------------------------- writing */

struct bb_cache_writer {
    bb_cache_head head;
    places places;
    bb_output output;
    bool named;
    unsigned char *tables; /* the file's tables */
};

static uint32_t *checksums(const bb_cache_writer *w) { return (uint32_t *)(void *)w->tables; }

/* Deleted while it is open: nothing is left of it, however the process ends. */
static bb_status open_nameless(bb_output *out, bb_error *err) {
    static const char *const folders[] = {"/var/tmp", "/tmp"}; /* the first is kept on a disk */
    char path[64];
    for (size_t i = 0; i < 2 && out->fd < 0; ++i) {
        snprintf(path, sizeof path, "%s/brainbert-XXXXXX", folders[i]);
        out->fd = mkstemp(path);
    }
    if (out->fd < 0) return bb_fail_errno(err, "%s: cannot create", path);
    unlink(path);
    out->path = bb_strdup("temporary features");
    return out->path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a temporary file");
}

static bb_status prepare(bb_cache_writer *w, const char *path, bb_error *err) {
    const places *p = &w->places;
    float *zeros = bb_calloc(p->row_bytes, 1);
    w->tables = bb_calloc(p->rows - HEAD, 1);
    const uint32_t checksum = zeros ? bb_crc32c(zeros, p->row_bytes) : 0;
    const bool ready = zeros && w->tables;
    bb_free(zeros);
    if (!ready) return bb_fail(err, BB_ERR_MEMORY, "no memory for the tables of %zu rows", p->rows_of_all);
    for (size_t i = 0; i < p->rows_of_all; ++i) checksums(w)[i] = checksum;
    BB_TRY(path ? bb_output_open(path, &w->output, err) : open_nameless(&w->output, err));
    if (ftruncate(w->output.fd, (off_t)p->size) != 0)
        return bb_fail_errno(err, "%s: cannot write %zu bytes", w->output.path, p->size);
    return BB_OK;
}

bb_status bb_cache_create(const char *path, const bb_cache_head *head, bb_cache_writer **out, bb_error *err) {
    *out = NULL;
    bb_cache_writer *w = bb_calloc(1, sizeof *w);
    if (!w) return bb_fail(err, BB_ERR_MEMORY, "no memory for a file of features");
    w->head = *head;
    w->named = path != NULL;
    w->output.fd = -1;
    bb_status status =
        find_places(head, &w->places)
            ? prepare(w, path, err)
            : bb_fail(err, BB_ERR_ARGUMENT, "features of %lld x %lld x %lld are too many",
                      (long long)head->channels, (long long)head->windows, (long long)head->dim);
    if (status == BB_OK)
        *out = w;
    else
        bb_cache_destroy(w);
    return status;
}

static size_t row_at(const bb_cache_writer *w, int64_t channel, int64_t window) {
    return (size_t)(channel * w->head.windows + window);
}

bb_status bb_cache_write(bb_cache_writer *w, int64_t channel, int64_t window, const float *row,
                         bb_error *err) {
    const size_t at = row_at(w, channel, window), bytes = w->places.row_bytes;
    checksums(w)[at] = bb_crc32c(row, bytes);
    return bb_output_write_at(&w->output, (int64_t)(w->places.rows + at * bytes), row, bytes, err);
}

bb_status bb_cache_read(const bb_cache_writer *w, int64_t channel, int64_t window, float *row,
                        bb_error *err) {
    const size_t at = row_at(w, channel, window), bytes = w->places.row_bytes;
    for (size_t done = 0; done < bytes;) {
        const ssize_t n = pread(w->output.fd, (char *)row + done, bytes - done,
                                (off_t)(w->places.rows + at * bytes + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return bb_fail_errno(err, "%s: cannot read row %zu", w->output.path, at);
        done += (size_t)n;
    }
    return BB_OK;
}

/* Where the mark of a row is. */
static unsigned char *mark_of(const bb_cache_writer *w, int64_t channel, int64_t window) {
    return &w->tables[w->places.unsound - HEAD + row_at(w, channel, window)];
}

void bb_cache_mark(bb_cache_writer *w, int64_t channel, int64_t window, unsigned char unsound) {
    *mark_of(w, channel, window) = unsound;
}

unsigned char bb_cache_marked(const bb_cache_writer *w, int64_t channel, int64_t window) {
    return *mark_of(w, channel, window);
}

static bb_status map_output(const bb_cache_writer *w, bb_map *map, bb_error *err) {
    void *data = mmap(NULL, w->places.size, PROT_READ, MAP_SHARED, w->output.fd, 0);
    if (data == MAP_FAILED)
        return bb_fail_errno(err, "%s: cannot map %zu bytes", w->output.path, w->places.size);
    *map = (bb_map){data, w->places.size};
    return BB_OK;
}

bb_status bb_cache_finish(bb_cache_writer *w, bb_map *map, bb_error *err) {
    unsigned char head[HEAD] = {0};
    const int64_t shape[3] = {w->head.windows, w->head.channels, w->head.dim};
    const uint32_t tables_crc = bb_crc32c(w->tables, w->places.rows - HEAD);
    memcpy(head, magic, sizeof magic);
    memcpy(head + AT_SHAPE, shape, sizeof shape);
    memcpy(head + AT_KEY, w->head.key, KEY);
    memcpy(head + AT_TABLES_CRC, &tables_crc, sizeof tables_crc);
    const uint32_t crc = bb_crc32c(head, AT_CRC);
    memcpy(head + AT_CRC, &crc, sizeof crc);
    BB_TRY(bb_output_write_at(&w->output, HEAD, w->tables, w->places.rows - HEAD, err));
    BB_TRY(bb_output_write_at(&w->output, 0, head, HEAD, err));
    BB_TRY(map_output(w, map, err));
    /* The file tells by itself whether it is whole, also after a power cut. */
    const bb_status status = w->named ? bb_output_place(&w->output, err) : BB_OK;
    if (status != BB_OK) bb_map_close(map);
    return status;
}

void bb_cache_destroy(bb_cache_writer *w) {
    if (!w) return;
    bb_output_discard(&w->output);
    bb_free(w->tables);
    bb_free(w);
}
