/* One-dimensional datasets of files of unknown origin. */
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/hdf5.h"

/* IEEE half, which HDF5 has no name for. */
static bool is_half(hid_t type) {
    const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    bool same = H5Tequal(type, half) > 0;
    H5Tset_order(half, H5T_ORDER_BE);
    same |= H5Tequal(type, half) > 0;
    H5Tclose(half);
    return same;
}

/* Only the usual types: HDF5's conversion of made-up ones is where crafted files do harm. */
static bool is_plain_number(hid_t type) {
    const hid_t known[] = {H5T_STD_I8LE,  H5T_STD_I8BE,   H5T_STD_I16LE,  H5T_STD_I16BE,  H5T_STD_I32LE,
                           H5T_STD_I32BE, H5T_STD_I64LE,  H5T_STD_I64BE,  H5T_STD_U8LE,   H5T_STD_U8BE,
                           H5T_STD_U16LE, H5T_STD_U16BE,  H5T_STD_U32LE,  H5T_STD_U32BE,  H5T_STD_U64LE,
                           H5T_STD_U64BE, H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE};
    for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
        if (H5Tequal(type, known[i]) > 0) return true;
    return is_half(type);
}

/* The filters of a chunked dataset; returns what is wrong with them, or NULL. */
static const char *take_filters(bb_hdf5_series *s, hid_t plan) {
    s->filter_count = H5Pget_nfilters(plan);
    if (s->filter_count < 0 || s->filter_count > BB_HDF5_FILTERS) return "it is packed by too many filters";
    for (int i = 0; i < s->filter_count; ++i) {
        unsigned flags, config, values[1] = {0};
        size_t count = 1;
        s->filters[i] = H5Pget_filter2(plan, (unsigned)i, &flags, &count, values, 0, NULL, &config);
        const bool shuffle = s->filters[i] == H5Z_FILTER_SHUFFLE && count >= 1 && values[0] == s->width;
        if (!shuffle && s->filters[i] != H5Z_FILTER_DEFLATE)
            return "it is packed by a filter other than deflate and shuffle";
    }
    return NULL;
}

/* Takes over where the bytes lie; returns what is wrong with it, or NULL. */
static const char *take_layout(bb_hdf5_series *s, hid_t plan, uint64_t file_size) {
    const H5D_layout_t layout = H5Pget_layout(plan);
    const uint64_t bytes = (uint64_t)s->samples * s->width;
    if (H5Pget_external_count(plan) != 0) return "its data lie in another file";
    if (layout == H5D_VIRTUAL) return "its data lie in other datasets";
    if (layout == H5D_CONTIGUOUS) {
        const haddr_t place = H5Dget_offset(s->dataset);
        if (place == HADDR_UNDEF) return "its data are missing";
        if (place > file_size || bytes > file_size - place) return "its data lie behind the end of the file";
        s->place = (int64_t)place;
        return NULL;
    }
    hsize_t chunk = 0;
    if (layout != H5D_CHUNKED || H5Pget_chunk(plan, 1, &chunk) != 1)
        return "its data lie neither in one piece nor in chunks";
    if (chunk < 1 || chunk > BB_HDF5_MAX_CHUNK / s->width) return "its chunks are too large";
    s->chunk = (int64_t)chunk;
    return take_filters(s, plan);
}

static bb_status check_series(bb_hdf5_series *s, hid_t space, hid_t plan, const char *path, const char *name,
                              int64_t file_size, bb_error *err) {
    hsize_t length = 0;
    if (s->type < 0 || space < 0 || plan < 0) return bb_hdf5_fail(err, path, name);
    if (!is_plain_number(s->type))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected integers or floats of 8 to 64 bits", path,
                       name);
    if (H5Sget_simple_extent_ndims(space) != 1 || H5Sget_simple_extent_dims(space, &length, NULL) != 1)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected one dimension", path, name);
    /* Deflate packs 1032 bytes into one at best, so that a longer dataset does not exist. */
    s->width = H5Tget_size(s->type);
    if (length > (uint64_t)file_size * 1100 / s->width)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %llu samples do not fit into a file of %lld bytes", path,
                       name, (unsigned long long)length, (long long)file_size);
    s->samples = (int64_t)length;
    const char *fault = length ? take_layout(s, plan, (uint64_t)file_size) : NULL;
    return fault ? bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", path, name, fault) : BB_OK;
}

bb_status bb_hdf5_series_open(hid_t group, const char *name, const bb_recording *r, bb_hdf5_series *s,
                              bb_error *err) {
    const char *path = r->info.path;
    *s = (bb_hdf5_series){.dataset = -1, .type = -1, .place = -1, .unpacked_at = -1};
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return bb_hdf5_fail(err, path, name);
    if (bb_hdf5_has_empty_chunks(r, info.addr))
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: its chunks have no length", path, name);
    s->dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (s->dataset < 0) return bb_hdf5_fail(err, path, name);
    s->type = H5Dget_type(s->dataset);
    const hid_t space = H5Dget_space(s->dataset), plan = H5Dget_create_plist(s->dataset);
    const bb_status status = check_series(s, space, plan, path, name, r->size, err);
    if (space >= 0) H5Sclose(space);
    if (plan >= 0) H5Pclose(plan);
    return status;
}

void bb_hdf5_series_close(bb_hdf5_series *s) {
    if (s->type >= 0) H5Tclose(s->type);
    if (s->dataset >= 0) H5Dclose(s->dataset);
    bb_free(s->unpacked);
    *s = (bb_hdf5_series){.dataset = -1, .type = -1};
}

void bb_hdf5_series_trim(bb_hdf5_series *s, size_t limit) {
    if ((uint64_t)s->chunk * s->width <= limit) return;
    bb_free(s->unpacked);
    s->unpacked = NULL;
    s->unpacked_at = -1;
}

/* The first bytes of all elements, then the second ones, ...: back to whole elements. */
static void unshuffle(const unsigned char *in, size_t count, size_t width, unsigned char *out) {
    for (size_t b = 0; b < width; ++b)
        for (size_t i = 0; i < count; ++i) out[i * width + b] = in[b * count + i];
}

/* Undoes the filters, last one first, except those that `skipped` marks as not applied to this chunk. The
 * `size` bytes in `a` end up as exactly `bytes` bytes in the buffer returned, `a` or `b`; NULL if they don't.
 */
static unsigned char *unpack(const bb_hdf5_series *s, unsigned skipped, unsigned char *a, size_t size,
                             unsigned char *b, size_t bytes) {
    for (int i = s->filter_count; i-- > 0;) {
        if (skipped >> i & 1) continue;
        if (s->filters[i] == H5Z_FILTER_DEFLATE) {
            uLongf length = bytes;
            if (uncompress(b, &length, a, size) != Z_OK) return NULL;
            size = length;
        } else {
            if (size != bytes) return NULL;
            unshuffle(a, bytes / s->width, s->width, b);
        }
        unsigned char *const swapped = a;
        a = b;
        b = swapped;
    }
    return size == bytes ? a : NULL;
}

/* Reads and unpacks the chunk that starts at element `start` into s->unpacked. */
static bb_status load_chunk(bb_hdf5_series *s, const bb_recording *r, const char *name, int64_t start,
                            bb_error *err) {
    const hsize_t coordinate = (hsize_t)start;
    const size_t bytes = (size_t)s->chunk * s->width;
    hsize_t stored = 0;
    uint32_t skipped = 0;
    if (s->unpacked_at == start) return BB_OK;
    if (H5Dget_chunk_storage_size(s->dataset, &coordinate, &stored) < 0)
        return bb_hdf5_fail(err, r->info.path, name);
    /* Packing can make a chunk longer, but not by this much. */
    if (stored == 0 || stored > (uint64_t)r->size || stored > 2 * bytes + 1024)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: %s: the chunk of sample %lld has %llu bytes, expected up to %zu", r->info.path,
                       name, (long long)start, (unsigned long long)stored, bytes);
    const size_t room = stored > bytes ? (size_t)stored : bytes;
    unsigned char *a = bb_calloc(room, 1), *b = bb_calloc(room, 1), *result = NULL;
    bb_status status = BB_OK;
    if (!a || !b)
        status = bb_fail(err, BB_ERR_MEMORY, "%s: %s: no memory for a chunk", r->info.path, name);
    else if (H5Dread_chunk(s->dataset, H5P_DEFAULT, &coordinate, &skipped, a) < 0)
        status = bb_hdf5_fail(err, r->info.path, name);
    else if (!(result = unpack(s, skipped, a, (size_t)stored, b, bytes)))
        status = bb_fail(err, BB_ERR_FORMAT, "%s: %s: the chunk of sample %lld does not unpack to %zu bytes",
                         r->info.path, name, (long long)start, bytes);
    if (status == BB_OK) {
        bb_free(s->unpacked);
        s->unpacked = result;
        s->unpacked_at = start;
    }
    if (a != result) bb_free(a);
    if (b != result) bb_free(b);
    return status;
}

bb_status bb_hdf5_series_read(bb_hdf5_series *s, const bb_recording *r, const char *name, int64_t first,
                              int64_t samples, double *out, bb_error *err) {
    const int64_t width = (int64_t)s->width;
    if (s->place >= 0) {
        /* Elements are no wider than a double, so that they are converted where they are to stand. */
        BB_TRY(bb_recording_pread(r, s->place + first * width, out, (size_t)(samples * width), err));
        if (H5Tconvert(s->type, H5T_NATIVE_DOUBLE, (size_t)samples, out, NULL, H5P_DEFAULT) < 0)
            return bb_hdf5_fail(err, r->info.path, name);
        return BB_OK;
    }
    while (samples > 0) {
        const int64_t start = first / s->chunk * s->chunk, left = start + s->chunk - first;
        const int64_t n = samples < left ? samples : left;
        BB_TRY(load_chunk(s, r, name, start, err));
        memcpy(out, s->unpacked + (first - start) * width, (size_t)(n * width));
        if (H5Tconvert(s->type, H5T_NATIVE_DOUBLE, (size_t)n, out, NULL, H5P_DEFAULT) < 0)
            return bb_hdf5_fail(err, r->info.path, name);
        first += n;
        out += n;
        samples -= n;
    }
    return BB_OK;
}
