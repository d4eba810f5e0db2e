/* Opening datasets of files of unknown origin: what they are made of, and where it lies. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/hdf5.h"

enum { LAYOUT = 8, COMPACT = 0 };

/* IEEE half, which HDF5 has no name for. */
static hid_t half_type(H5T_order_t order) {
    const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    H5Tset_order(half, order);
    return half;
}

/* Only the usual types. */
static bool take_number(hid_t type, bb_element *out) {
    const hid_t half[2] = {half_type(H5T_ORDER_LE), half_type(H5T_ORDER_BE)};
    const struct {
        hid_t type;
        bb_element element;
    } known[] = {{H5T_STD_I8LE, {'i', 1, false}},   {H5T_STD_I8BE, {'i', 1, false}},
                 {H5T_STD_I16LE, {'i', 2, false}},  {H5T_STD_I16BE, {'i', 2, true}},
                 {H5T_STD_I32LE, {'i', 4, false}},  {H5T_STD_I32BE, {'i', 4, true}},
                 {H5T_STD_I64LE, {'i', 8, false}},  {H5T_STD_I64BE, {'i', 8, true}},
                 {H5T_STD_U8LE, {'u', 1, false}},   {H5T_STD_U8BE, {'u', 1, false}},
                 {H5T_STD_U16LE, {'u', 2, false}},  {H5T_STD_U16BE, {'u', 2, true}},
                 {H5T_STD_U32LE, {'u', 4, false}},  {H5T_STD_U32BE, {'u', 4, true}},
                 {H5T_STD_U64LE, {'u', 8, false}},  {H5T_STD_U64BE, {'u', 8, true}},
                 {half[0], {'f', 2, false}},        {half[1], {'f', 2, true}},
                 {H5T_IEEE_F32LE, {'f', 4, false}}, {H5T_IEEE_F32BE, {'f', 4, true}},
                 {H5T_IEEE_F64LE, {'f', 8, false}}, {H5T_IEEE_F64BE, {'f', 8, true}}};
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !found; ++i)
        if (H5Tequal(type, known[i].type) > 0) {
            *out = known[i].element;
            found = true;
        }
    H5Tclose(half[0]);
    H5Tclose(half[1]);
    return found;
}

/* Kind and width of the elements as they are stored; false for other kinds. */
static bool take_type(bb_hdf5_array *a, hid_t type) {
    const H5T_class_t class = H5Tget_class(type);
    a->kind = BB_HDF5_NUMBERS;
    if (class == H5T_ENUM) { /* truth values */
        const hid_t inside = H5Tget_super(type);
        const bool known = inside >= 0 && take_number(inside, &a->element);
        if (inside >= 0) H5Tclose(inside);
        a->width = a->element.width;
        return known;
    }
    if (class == H5T_STRING) {
        const bool in_heap = H5Tis_variable_str(type) > 0;
        a->kind = in_heap ? BB_HDF5_HEAP_TEXT : BB_HDF5_TEXT;
        a->width = in_heap ? 16 : H5Tget_size(type);
        return a->width > 0;
    }
    if (class == H5T_REFERENCE) {
        a->kind = BB_HDF5_REFERENCES;
        a->width = 8;
        return H5Tequal(type, H5T_STD_REF_OBJ) > 0;
    }
    const bool known = take_number(type, &a->element);
    a->width = a->element.width;
    return known;
}

static const char *filter_name(H5Z_filter_t filter) {
    static const struct {
        H5Z_filter_t filter;
        const char *name;
    } names[] = {{H5Z_FILTER_SZIP, "szip"},
                 {H5Z_FILTER_NBIT, "nbit"},
                 {H5Z_FILTER_SCALEOFFSET, "scale-offset"},
                 {32000, "lzf"},
                 {32001, "blosc"},
                 {32004, "lz4"},
                 {32008, "bitshuffle"},
                 {32015, "zstd"},
                 {32026, "blosc2"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (names[i].filter == filter) return names[i].name;
    return "unknown";
}

/* The filters of a chunked dataset. */
static bb_status take_filters(bb_hdf5_array *a, hid_t plan, const char *path, const char *name,
                              bb_error *err) {
    const int count = H5Pget_nfilters(plan);
    if (count < 0 || count > BB_HDF5_FILTERS)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: it is packed by %d filters, expected up to %d", path,
                       name, count, BB_HDF5_FILTERS);
    a->filter_count = count;
    for (int i = 0; i < count; ++i) {
        unsigned flags, config, values[1] = {0};
        size_t n = 1;
        const H5Z_filter_t f = a->filters[i] =
            H5Pget_filter2(plan, (unsigned)i, &flags, &n, values, 0, NULL, &config);
        if (f == H5Z_FILTER_SHUFFLE && (n < 1 || values[0] != a->width))
            return bb_fail(err, BB_ERR_FORMAT, "%s: %s: it is shuffled by %u bytes, expected %zu", path, name,
                           values[0], a->width);
        if (f != H5Z_FILTER_DEFLATE && f != H5Z_FILTER_SHUFFLE && f != H5Z_FILTER_FLETCHER32)
            return bb_fail(err, BB_ERR_UNSUPPORTED,
                           "%s: %s: it is packed by filter %d (%s), expected deflate, shuffle or fletcher32",
                           path, name, (int)f, filter_name(f));
    }
    return BB_OK;
}

/* Data kept inside the object's header: their size, then they themselves (IV.A.2.i). */
static bool take_compact(void *data, const bb_hdf5_message *m) {
    bb_hdf5_array *a = data;
    if (m->type != LAYOUT || m->size < 4 || m->bytes[0] < 3 || m->bytes[1] != COMPACT) return false;
    const uint64_t stored = bb_hdf5_word(m->bytes + 2, 2);
    if (stored > m->size - 4 || stored != (uint64_t)(a->rows * a->columns) * a->width) return false;
    a->place = m->place + 4;
    return true;
}

static const char *take_chunks(bb_hdf5_array *a, hid_t plan) {
    hsize_t all[BB_HDF5_RANK], chunk[2] = {1, 1};
    if (a->rank < 1 || H5Pget_chunk(plan, BB_HDF5_RANK, all) != a->rank)
        return "its chunks have other dimensions";
    for (int d = 0; d < a->rank; ++d) {
        const bool row = a->dims == 2 && d == a->axes[0];
        if (row || d == a->axes[1])
            chunk[row ? 0 : 1] = all[d];
        else if (all[d] != 1)
            return "its chunks are longer than it is";
    }
    a->chunk_rows = (int64_t)chunk[0];
    a->chunk_columns = (int64_t)chunk[1];
    const hsize_t most = BB_HDF5_MAX_CHUNK / a->width;
    if (chunk[0] < 1 || chunk[1] < 1 || chunk[0] > most || chunk[1] > most / chunk[0])
        return "its chunks are too large";
    unsigned options = 0;
    a->bare_edges = H5Pget_chunk_opts(plan, &options) >= 0 && options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
    return NULL;
}

/* Takes over where the bytes lie; returns what is wrong with it, or NULL. */
static const char *take_layout(bb_hdf5_array *a, hid_t plan, const bb_input *file, uint64_t address) {
    const H5D_layout_t layout = H5Pget_layout(plan);
    const uint64_t bytes = (uint64_t)(a->rows * a->columns) * a->width, end = (uint64_t)file->size;
    if (layout == H5D_COMPACT)
        return bb_hdf5_messages(file, a->base, address, take_compact, a) ? NULL : "its data are missing";
    if (layout == H5D_CHUNKED) return take_chunks(a, plan);
    if (layout != H5D_CONTIGUOUS) return "its data lie neither in one piece nor in chunks";
    const haddr_t place = H5Dget_offset(a->dataset);
    if (place == HADDR_UNDEF) return "its data are missing";
    if (place > end || bytes > end - place) return "its data lie behind the end of the file";
    a->place = (int64_t)place;
    return NULL;
}

/* Leaves out dimensions of length 1 where there are more than two; returns how many are left. */
static int squeeze(bb_hdf5_array *a, const hsize_t *all, hsize_t shape[2]) {
    int dims = 0;
    shape[0] = shape[1] = 1;
    a->axes[0] = a->axes[1] = 0;
    for (int d = 0; d < a->rank; ++d) {
        if (a->rank > 2 && all[d] == 1) continue;
        if (dims < 2) {
            a->axes[dims] = d;
            shape[dims] = all[d];
        }
        ++dims;
    }
    if (dims == 1) a->axes[1] = a->axes[0];
    if (dims == 0 && a->rank > 0) dims = 1; /* one element */
    return dims;
}

static bb_status take_shape(bb_hdf5_array *a, hid_t space, const char *name, const bb_input *file,
                            bb_error *err) {
    hsize_t all[BB_HDF5_RANK], shape[2], count;
    const bool simple = H5Sget_simple_extent_type(space) != H5S_NULL;
    a->rank = H5Sget_simple_extent_ndims(space);
    const bool known = simple && a->rank >= 0 && a->rank <= BB_HDF5_RANK &&
                       (a->rank == 0 || H5Sget_simple_extent_dims(space, all, NULL) == a->rank);
    const int dims = known ? squeeze(a, all, shape) : a->rank;
    if (!known || dims > 2)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected one or two dimensions, found %d",
                       file->path, name, dims);
    /* Deflate packs 1032 bytes into one at best, so that a longer dataset does not exist. */
    if (__builtin_mul_overflow(shape[0], shape[1], &count) ||
        count > (uint64_t)file->size * 1100 / a->width || shape[0] > INT64_MAX || shape[1] > INT64_MAX)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: %s: %llu%s%.0llu samples do not fit into a file of %lld bytes", file->path, name,
                       (unsigned long long)shape[0], dims == 2 ? " x " : "",
                       dims == 2 ? (unsigned long long)shape[1] : 0, (long long)file->size);
    a->dims = dims;
    a->rows = dims == 2 ? (int64_t)shape[0] : 1;
    a->columns = dims == 2 ? (int64_t)shape[1] : (int64_t)shape[0];
    return BB_OK;
}

static void take_fill(bb_hdf5_array *a, hid_t type, hid_t plan) {
    H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
    if (a->kind == BB_HDF5_NUMBERS && H5Pfill_value_defined(plan, &defined) >= 0 &&
        defined == H5D_FILL_VALUE_USER_DEFINED && H5Pget_fill_value(plan, type, a->fill) < 0)
        memset(a->fill, 0, sizeof a->fill);
}

static const char *kind_names(unsigned kinds) {
    return kinds == BB_HDF5_NUMBERS      ? "integers or floats of 8 to 64 bits"
           : kinds == BB_HDF5_TEXTS      ? "texts"
           : kinds == BB_HDF5_REFERENCES ? "references"
                                         : "numbers or texts";
}

static bb_status take_dataset(bb_hdf5_array *a, hid_t type, hid_t space, hid_t plan, const bb_input *file,
                              const char *name, uint64_t address, unsigned kinds, bb_error *err) {
    if (type < 0 || space < 0 || plan < 0) return bb_hdf5_fail(err, file->path, name);
    if (!take_type(a, type) || !(a->kind & kinds))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected %s", file->path, name, kind_names(kinds));
    BB_TRY(take_shape(a, space, name, file, err));
    if (a->rows == 0 || a->columns == 0) return BB_OK;
    const char *fault = take_layout(a, plan, file, address);
    if (fault) return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", file->path, name, fault);
    take_fill(a, type, plan);
    return a->place < 0 ? take_filters(a, plan, file->path, name, err) : BB_OK;
}

bb_status bb_hdf5_array_open(hid_t group, const char *name, const bb_input *file, unsigned kinds,
                             bb_hdf5_array *a, bb_error *err) {
    *a = (bb_hdf5_array){.place = -1};
    if (bb_hdf5_look(group, name) != BB_HDF5_DATASET)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected a dataset inside this file", file->path,
                       name);
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return bb_hdf5_fail(err, file->path, name);
    a->base = bb_hdf5_base(group);
    const char *fault = bb_hdf5_look_at_dataset(group, info.addr, &a->outline);
    if (fault) return bb_fail(err, BB_ERR_FORMAT, "%s: %s: %s", file->path, name, fault);
    if (a->outline.other_kind)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: %s: expected %s", file->path, name, kind_names(kinds));
    const hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return bb_hdf5_fail(err, file->path, name);
    a->dataset = dataset;
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset),
                plan = H5Dget_create_plist(dataset);
    const bb_status status = take_dataset(a, type, space, plan, file, name, info.addr, kinds, err);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (plan >= 0) H5Pclose(plan);
    return status;
}

void bb_hdf5_array_close(bb_hdf5_array *a) {
    if (a->dataset > 0) H5Dclose(a->dataset);
    bb_hdf5_array_trim(a, 0);
    bb_free(a->kept);
    bb_hdf5_heap_free(&a->heap);
    *a = (bb_hdf5_array){.place = -1};
}
