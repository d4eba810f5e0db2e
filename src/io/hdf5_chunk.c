/* Chunks: read as they are stored, unpacked with every length checked, some kept for the next stretch. */
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/hdf5.h"

/* The first bytes of all elements, then the second ones, ...: back to whole elements. What is left over at
 * the end stays where it is. */
static void unshuffle(const unsigned char *in, size_t count, size_t width, unsigned char *out) {
    for (size_t b = 0; b < width; ++b)
        for (size_t i = 0; i < count; ++i) out[i * width + b] = in[b * count + i];
}

/* HDF5's Fletcher-32: sums of big-endian 16-bit words modulo 65535, an odd byte counts as a high one. */
static uint32_t fletcher32(const unsigned char *bytes, size_t size) {
    uint64_t one = 0, two = 0;
    for (size_t i = 0; i < size; i += 2) {
        one = (one + ((uint64_t)bytes[i] << 8 | (i + 1 < size ? bytes[i + 1] : 0))) % 65535;
        two = (two + one) % 65535;
    }
    return (uint32_t)(two << 16 | one);
}

/* The library leaves 65535 where the remainder is 0, and old versions of it swapped the bytes of each half.
 */
static bool sums_agree(uint32_t computed, uint32_t stored) {
    const uint32_t swapped = (stored & 0x00ff00ff) << 8 | (stored >> 8 & 0x00ff00ff);
    const uint32_t either[2] = {stored, swapped};
    for (int i = 0; i < 2; ++i)
        if ((computed & 0xffff) == (either[i] & 0xffff) % 65535 &&
            computed >> 16 == (either[i] >> 16) % 65535)
            return true;
    return false;
}

/* Undoes the filters, last one first, except those that `skipped` marks as not applied to this chunk. The
 * `size` bytes in `a` end up as exactly `bytes` bytes in the buffer returned, `a` or `b`, both of `room`
 * bytes; NULL if they don't. */
static unsigned char *unpack(const bb_hdf5_array *s, uint32_t skipped, unsigned char *a, size_t size,
                             unsigned char *b, size_t room, size_t bytes) {
    for (int i = s->filter_count; i-- > 0;) {
        if (skipped >> i & 1) continue;
        if (s->filters[i] == H5Z_FILTER_FLETCHER32) {
            if (size < 4) return NULL;
            size -= 4;
            if (!sums_agree(fletcher32(a, size), (uint32_t)bb_hdf5_word(a + size, 4))) return NULL;
            continue;
        }
        if (s->filters[i] == H5Z_FILTER_DEFLATE) {
            uLongf length = room;
            if (uncompress(b, &length, a, size) != Z_OK) return NULL;
            size = length;
        } else {
            const size_t whole = size / s->width * s->width;
            unshuffle(a, size / s->width, s->width, b);
            memcpy(b + whole, a + whole, size - whole);
        }
        unsigned char *const swapped = a;
        a = b;
        b = swapped;
    }
    return size == bytes ? a : NULL;
}

/* What was never written. */
static void fill(const bb_hdf5_array *s, unsigned char *out, size_t bytes) {
    if (s->width > sizeof s->fill) return;
    for (size_t i = 0; i < bytes; ++i) out[i] = s->fill[i % s->width];
}

/* How long the chunk is, and where it lies if we find it ourselves. The library is asked only about the
 * latest format's lists of chunks, which have checksums. */
static bool find_chunk(const bb_hdf5_array *s, const hsize_t *at, bb_hdf5_chunk *out) {
    hsize_t stored = 0;
    haddr_t place;
    *out = (bb_hdf5_chunk){0};
    if (s->outline.has_tree) {
        uint64_t first[BB_HDF5_RANK];
        for (int d = 0; d < s->rank; ++d) first[d] = at[d];
        return bb_hdf5_find_chunk(s->dataset, s->outline.tree, first, s->rank, out);
    }
    /* The first call fails for a chunk that was never written; the second, which tells that from damage,
     * walks through all chunks before it. */
    if (H5Dget_chunk_storage_size(s->dataset, at, &stored) < 0) {
        if (H5Dget_chunk_info_by_coord(s->dataset, at, &out->skipped, &place, &stored) < 0) return false;
        if (place == HADDR_UNDEF) stored = 0;
    }
    out->found = stored > 0;
    out->size = stored;
    return true;
}

/* As it is stored. */
static bb_status load(const bb_hdf5_array *s, const bb_input *file, const char *name, const hsize_t *at,
                      bb_hdf5_chunk *chunk, unsigned char *out, bb_error *err) {
    const uint64_t end = (uint64_t)file->size;
    if (!s->outline.has_tree)
        return H5Dread_chunk(s->dataset, H5P_DEFAULT, at, &chunk->skipped, out) < 0
                   ? bb_hdf5_fail(err, file->path, name)
                   : BB_OK;
    if (chunk->size > end - s->base || chunk->address > end - s->base - chunk->size)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: a chunk lies behind the end of the file", file->path,
                       name);
    return bb_input_read(file, (int64_t)(chunk->address + s->base), out, (size_t)chunk->size, err);
}

static bb_status read_chunk(bb_hdf5_array *s, const bb_input *file, const char *name, int64_t row,
                            int64_t column, unsigned char **out, bb_error *err) {
    hsize_t at[BB_HDF5_RANK] = {0};
    const size_t bytes = (size_t)(s->chunk_rows * s->chunk_columns) * s->width;
    bb_hdf5_chunk chunk;
    if (s->dims == 2) at[s->axes[0]] = (hsize_t)row;
    at[s->axes[1]] = (hsize_t)column;
    if (!find_chunk(s, at, &chunk)) return bb_hdf5_fail(err, file->path, name);
    /* Packing can make a chunk longer, but not by this much. */
    const uint64_t stored = chunk.found ? chunk.size : 0;
    if (stored > (uint64_t)file->size || stored > 2 * bytes + 1024)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: %s: the chunk of element (%lld, %lld) has %llu bytes, expected up to %zu",
                       file->path, name, (long long)row, (long long)column, (unsigned long long)stored,
                       bytes);
    const size_t room = (stored > bytes ? (size_t)stored : bytes) + 64; /* for checksums inside */
    unsigned char *a = bb_calloc(room, 1), *b = stored ? bb_calloc(room, 1) : a, *result = NULL;
    bb_status status = BB_OK;
    if (!a || !b) {
        status = bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for a chunk", file->path, name);
    } else if (stored == 0) {
        fill(s, a, bytes);
        result = a;
    } else {
        status = load(s, file, name, at, &chunk, a, err);
        const bool edge = row > s->rows - s->chunk_rows || column > s->columns - s->chunk_columns;
        if (s->bare_edges && edge) chunk.skipped = UINT32_MAX;
        if (status == BB_OK && !(result = unpack(s, chunk.skipped, a, (size_t)stored, b, room, bytes)))
            status = bb_fail(err, BB_ERR_FORMAT,
                             "%s: %s: the chunk of element (%lld, %lld) does not unpack to %zu bytes",
                             file->path, name, (long long)row, (long long)column, bytes);
    }
    if (b != a && b != result) bb_free(b);
    if (a != result) bb_free(a);
    *out = result;
    return status;
}

struct bb_hdf5_kept {
    unsigned char *bytes;
    int64_t row, column; /* its first element */
    uint64_t used;       /* when */
};

static size_t chunk_bytes(const bb_hdf5_array *s) {
    return (size_t)(s->chunk_rows * s->chunk_columns) * s->width;
}

static void drop_oldest(bb_hdf5_array *s) {
    size_t oldest = 0;
    for (size_t i = 1; i < s->kept_count; ++i)
        if (s->kept[i].used < s->kept[oldest].used) oldest = i;
    bb_free(s->kept[oldest].bytes);
    s->kept[oldest] = s->kept[--s->kept_count];
}

void bb_hdf5_array_trim(bb_hdf5_array *s, size_t limit) {
    while (s->kept_count > 0 && s->kept_count * chunk_bytes(s) > limit) drop_oldest(s);
}

bb_status bb_hdf5_array_chunk(bb_hdf5_array *s, const bb_input *file, const char *name, int64_t row,
                              int64_t column, const unsigned char **out, bb_error *err) {
    const size_t most = BB_HDF5_KEPT_BYTES / chunk_bytes(s);
    for (size_t i = 0; i < s->kept_count; ++i)
        if (s->kept[i].row == row && s->kept[i].column == column) {
            s->kept[i].used = ++s->clock;
            *out = s->kept[i].bytes;
            return BB_OK;
        }
    unsigned char *bytes = NULL;
    BB_TRY(read_chunk(s, file, name, row, column, &bytes, err));
    while (s->kept_count > 0 && (s->kept_count >= most || s->kept_count == BB_HDF5_KEPT)) drop_oldest(s);
    if (bb_grow((void **)&s->kept, &s->kept_capacity, s->kept_count + 1, sizeof *s->kept)) {
        bb_free(bytes);
        return bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for a chunk", file->path, name);
    }
    s->kept[s->kept_count++] = (struct bb_hdf5_kept){bytes, row, column, ++s->clock};
    *out = bytes;
    return BB_OK;
}
