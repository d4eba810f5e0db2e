/* The arrays in an archive: names, types and shapes, and what scalars and texts say. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "io/npy.h"
#include "recording/npz.h"

/* Deflate makes at most MAX_DEFLATE bytes of one. (zlib's technical notes, "Maximum Compression Factor") */
enum { HEADER_BYTES = 12 + (1 << 16), TEXT_BYTES = 1 << 20, MAX_DEFLATE = 1032, MAX_MEMBERS = 4096 };

bb_status bb_npz_stat(const bb_recording *r, const bb_npz *npz, zip_uint64_t index, zip_stat_t *out,
                      bb_error *err) {
    const zip_uint64_t wanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
                                ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(npz->zip, index, 0, out) != 0 || (out->valid & wanted) != wanted)
        return bb_fail(err, BB_ERR_FORMAT, "%s: zip archive: a member without a size", r->info.path);
    if ((out->comp_method != ZIP_CM_STORE && out->comp_method != ZIP_CM_DEFLATE) ||
        out->encryption_method != ZIP_EM_NONE)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: %.100s: expected a member stored or deflated, found method %u%s", r->info.path,
                       out->name, out->comp_method,
                       out->encryption_method == ZIP_EM_NONE ? "" : ", encrypted");
    const zip_uint64_t most = out->comp_method == ZIP_CM_STORE ? 1 : MAX_DEFLATE;
    if (out->comp_size > (zip_uint64_t)r->file.size || out->size / most > out->comp_size)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %.100s: expected %llu bytes, which can't be packed into %llu",
                       r->info.path, out->name, (unsigned long long)out->size,
                       (unsigned long long)out->comp_size);
    return BB_OK;
}

bb_status bb_npz_fail(const bb_recording *r, const char *name, zip_file_t *file, bb_error *err) {
    const char *why = file ? zip_error_strerror(zip_file_get_error(file)) : "it can't be opened";
    return bb_fail(err, BB_ERR_FORMAT, "%s: %.100s: %s", r->info.path, name, why);
}

bb_status bb_npz_read(const bb_recording *r, const char *name, zip_file_t *file, void *out, size_t count,
                      bb_error *err) {
    unsigned char *to = out;
    while (count > 0) {
        const zip_int64_t n = zip_fread(file, to, count);
        if (n < 0) return bb_npz_fail(r, name, file, err);
        if (n == 0)
            return bb_fail(err, BB_ERR_FORMAT, "%s: %.100s: expected %zu more bytes, found its end",
                           r->info.path, name, count);
        to += n;
        count -= (size_t)n;
    }
    return BB_OK;
}

/* Reads the header; the elements come next. */
static bb_status read_header(const bb_recording *r, const zip_stat_t *st, zip_file_t *file,
                             bb_npy_header *out, bb_error *err) {
    unsigned char *head = bb_calloc(HEADER_BYTES, 1);
    size_t length = 0;
    if (!head) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_status status = bb_npz_read(r, st->name, file, head, 12, err);
    if (status == BB_OK) {
        /* Version 1 has a 16-bit length, 2 and 3 a 32-bit one; wrong ones are the parser's to find. */
        length = head[6] >= 2 ? 12 + (head[8] | (size_t)head[9] << 8 | (size_t)head[10] << 16)
                              : 10 + (head[8] | (size_t)head[9] << 8);
        if (length < 12 || length > HEADER_BYTES || length > st->size)
            status = bb_fail(err, BB_ERR_FORMAT, "%s: %.100s: npy header of %zu bytes in %llu", r->info.path,
                             st->name, length, (unsigned long long)st->size);
    }
    if (status == BB_OK) status = bb_npz_read(r, st->name, file, head + 12, length - 12, err);
    /* The parser looks at no more than the header; the size is for its check that the elements fit. */
    if (status == BB_OK) status = bb_npy_describe(head, (size_t)st->size, st->name, out, err);
    bb_free(head);
    return status == BB_OK || status == BB_ERR_MEMORY ? status : bb_fail_prefix(err, status, r->info.path);
}

/* One string of UTF-32 or of bytes, as UTF-8. */
static void decode_text(bb_element e, const unsigned char *at, char *out) {
    size_t n = 0;
    const size_t width = e.kind == 'U' ? 4 : 1;
    for (size_t i = 0; i + width <= e.width && n < BB_VARIABLE_TEXT - 4; i += width) {
        uint32_t code = 0;
        for (size_t b = 0; b < width; ++b)
            code |= (uint32_t)at[i + (e.big_endian ? width - 1 - b : b)] << 8 * b;
        if (code == 0) break;
        n += width == 4 ? bb_utf8_put(code, out + n) : 1;
        if (width == 1) out[n - 1] = (char)at[i];
    }
    out[n] = '\0';
}

static bb_status add_texts(bb_recording *r, bb_npz *npz, zip_file_t *file, const char *name,
                           const bb_variable *like, bb_error *err) {
    char text[BB_VARIABLE_TEXT];
    const size_t width = like->element.width;
    if (like->dims > 1 || like->count > BB_MAX_CHANNELS || like->count * (int64_t)width > TEXT_BYTES)
        return BB_OK;
    unsigned char *bytes = bb_calloc((size_t)like->count, width);
    if (!bytes) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", r->info.path);
    bb_status status = bb_npz_read(r, name, file, bytes, (size_t)like->count * width, err);
    for (int64_t i = 0; i < like->count && status == BB_OK; ++i) {
        bb_variable v = *like;
        decode_text(like->element, bytes + (size_t)i * width, text);
        v.text = text;
        v.offset = i;
        status = bb_variables_add(r, &npz->variables, &v, err);
    }
    bb_free(bytes);
    return status;
}

static bb_status add_array(bb_recording *r, bb_npz *npz, zip_file_t *file, const zip_stat_t *st,
                           zip_uint64_t index, bb_error *err) {
    bb_npy_header h;
    char path[BB_VARIABLE_PATH] = "";
    unsigned char bytes[8];
    const size_t length = strlen(st->name) - 4;
    BB_TRY(read_header(r, st, file, &h, err));
    if (length >= sizeof path) return BB_OK;
    memcpy(path, st->name, length);
    bb_variable v = {.path = path,
                     .element = h.element,
                     .column_major = h.fortran_order,
                     .value = NAN,
                     .source = (size_t)index,
                     .offset = (int64_t)h.data_offset};
    if (!bb_variable_shape(&v, h.shape, h.dims)) return BB_OK;
    if (h.element.kind == 'U' || h.element.kind == 'S') return add_texts(r, npz, file, st->name, &v, err);
    if (!bb_element_is_number(h.element)) return BB_OK;
    bb_element_limits(h.element, &v.low, &v.high);
    if (v.count == 1) {
        BB_TRY(bb_npz_read(r, st->name, file, bytes, h.element.width, err));
        bb_elements_to_f64(h.element, bytes, 1, 1, 1, &v.value);
    }
    return bb_variables_add(r, &npz->variables, &v, err);
}

static bb_status list_member(bb_recording *r, bb_npz *npz, zip_uint64_t index, bb_error *err) {
    zip_stat_t st;
    const char *name = zip_get_name(npz->zip, index, ZIP_FL_ENC_RAW);
    if (!name || strlen(name) < 5 || strcmp(name + strlen(name) - 4, ".npy") != 0) return BB_OK;
    BB_TRY(bb_npz_stat(r, npz, index, &st, err));
    st.name = name;
    zip_file_t *file = zip_fopen_index(npz->zip, index, 0);
    if (!file) return bb_npz_fail(r, name, NULL, err);
    const bb_status status = add_array(r, npz, file, &st, index, err);
    zip_fclose(file);
    return status;
}

/* Members of objects are left out like damaged ones: they are Python's pickles, which are never loaded. */
bb_status bb_npz_list(bb_recording *r, bb_npz *npz, bb_error *err) {
    const zip_int64_t count = zip_get_num_entries(npz->zip, 0);
    for (zip_int64_t i = 0; i < count && i <= MAX_MEMBERS; ++i) {
        bb_error why = {0};
        /* Members may share their bytes, so that a small archive could hold work for hours. */
        const bb_status status =
            i < MAX_MEMBERS
                ? list_member(r, npz, (zip_uint64_t)i, &why)
                : bb_fail(&why, BB_ERR_UNSUPPORTED, "%s: more than %d members", r->info.path, MAX_MEMBERS);
        if (status == BB_ERR_MEMORY) return bb_fail(err, status, "%s", why.message);
        if (status != BB_OK) bb_variables_leave_out(&npz->variables, &why);
    }
    bb_variables_sort(&npz->variables);
    return BB_OK;
}
