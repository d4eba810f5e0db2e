#include "io/hdf5.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* A chunk is unpacked whole; the cache holds a few of the usual size per dataset. */
enum { MAX_CHUNK = 64 << 20, CHUNK_CACHE = 128 << 10, CHUNK_SLOTS = 127 };

void bb_hdf5_begin(bb_hdf5_guard *guard) {
    H5open();
    H5Eget_auto2(H5E_DEFAULT, &guard->print, &guard->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLget_loading_state(&guard->plugins);
    H5PLset_loading_state(0);
}

void bb_hdf5_end(const bb_hdf5_guard *guard) {
    H5PLset_loading_state(guard->plugins);
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, guard->print, guard->print_data);
}

static herr_t keep_first_reason(unsigned n, const H5E_error2_t *entry, void *data) {
    if (n == 0 && entry->desc) snprintf(data, 256, "%s", entry->desc);
    return 0;
}

bb_status bb_hdf5_fail(bb_error *err, const char *path, const char *place) {
    char reason[256] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_reason, reason);
    return bb_fail(err, BB_ERR_FORMAT, "%s: %s: damaged HDF5%s%s", path, place, reason[0] ? ": " : "",
                   reason);
}

bb_status bb_hdf5_open(const char *path, hid_t *out, bb_error *err) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_cache(access, 0, CHUNK_SLOTS, CHUNK_CACHE, 0.75);
    *out = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return *out < 0 ? bb_hdf5_fail(err, path, "file") : BB_OK;
}

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

/* What storage asks for; NULL if it is fine. */
static const char *fault_of_layout(hid_t dataset, hid_t plan, uint64_t bytes, uint64_t file_size,
                                   size_t width) {
    const H5D_layout_t layout = H5Pget_layout(plan);
    const uint64_t stored = H5Dget_storage_size(dataset);
    if (H5Pget_external_count(plan) != 0) return "its data lie in another file";
    if (layout == H5D_VIRTUAL) return "its data lie in other datasets";
    if (stored > file_size) return "its data are larger than the file";
    if (layout == H5D_CONTIGUOUS) {
        const haddr_t place = H5Dget_offset(dataset);
        if (place == HADDR_UNDEF || stored < bytes) return "its data are missing";
        return place > file_size - stored ? "its data lie behind the end of the file" : NULL;
    }
    if (layout == H5D_COMPACT) return NULL;
    hsize_t chunk = 0;
    if (layout != H5D_CHUNKED || H5Pget_chunk(plan, 1, &chunk) != 1) return "its layout is unknown";
    if (chunk > MAX_CHUNK / width) return "its chunks are too large";
    for (int i = 0, n = H5Pget_nfilters(plan); i < n; ++i) {
        unsigned flags, config;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(plan, (unsigned)i, &flags, &values, NULL, 0, NULL, &config);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            return "it is packed by a filter other than deflate, shuffle and fletcher32";
    }
    return NULL;
}

static bb_status check_series(hid_t dataset, hid_t type, hid_t space, hid_t plan, const char *path,
                              const char *name, int64_t file_size, int64_t *samples, bb_error *err) {
    hsize_t length = 0;
    if (type < 0 || space < 0 || plan < 0) return bb_hdf5_fail(err, path, name);
    if (!is_plain_number(type))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected integers or floats of 8 to 64 bits", path,
                       name);
    if (H5Sget_simple_extent_ndims(space) != 1 || H5Sget_simple_extent_dims(space, &length, NULL) != 1)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected one dimension", path, name);
    /* Deflate packs 1032 bytes into one at best, so that a longer dataset does not exist. */
    const size_t width = H5Tget_size(type);
    if (length > (uint64_t)file_size * 1100 / width)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %llu samples do not fit into a file of %lld bytes", path,
                       name, (unsigned long long)length, (long long)file_size);
    const char *fault =
        length ? fault_of_layout(dataset, plan, length * width, (uint64_t)file_size, width) : NULL;
    if (fault) return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", path, name, fault);
    *samples = (int64_t)length;
    return BB_OK;
}

bb_status bb_hdf5_open_series(hid_t group, const char *name, const char *path, int64_t file_size, hid_t *out,
                              int64_t *samples, bb_error *err) {
    *out = H5Dopen2(group, name, H5P_DEFAULT);
    if (*out < 0) return bb_hdf5_fail(err, path, name);
    const hid_t type = H5Dget_type(*out), space = H5Dget_space(*out), plan = H5Dget_create_plist(*out);
    const bb_status status = check_series(*out, type, space, plan, path, name, file_size, samples, err);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (plan >= 0) H5Pclose(plan);
    if (status != BB_OK) {
        H5Dclose(*out);
        *out = -1;
    }
    return status;
}

bb_status bb_hdf5_read_series(hid_t dataset, const char *path, const char *name, int64_t first,
                              int64_t samples, double *out, bb_error *err) {
    const hsize_t start = (hsize_t)first, count = (hsize_t)samples;
    const hid_t file_space = H5Dget_space(dataset), memory_space = H5Screate_simple(1, &count, NULL);
    const bool good = file_space >= 0 && memory_space >= 0 &&
                      H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                      H5Dread(dataset, H5T_NATIVE_DOUBLE, memory_space, file_space, H5P_DEFAULT, out) >= 0;
    const bb_status status = good ? BB_OK : bb_hdf5_fail(err, path, name);
    if (file_space >= 0) H5Sclose(file_space);
    if (memory_space >= 0) H5Sclose(memory_space);
    return status;
}
