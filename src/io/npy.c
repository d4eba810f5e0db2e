#include "io/npy.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Of one element; only text is wider than 16 bytes. */
enum { MAX_WIDTH = 1 << 20 };

static const char magic[6] = "\x93NUMPY";

static const struct {
    const char *code;
    size_t size;
} dtypes[] = {[BB_F16] = {"f2", 2}, [BB_F32] = {"f4", 4}, [BB_F64] = {"f8", 8}, [BB_I8] = {"i1", 1},
              [BB_U8] = {"u1", 1},  [BB_I16] = {"i2", 2}, [BB_I32] = {"i4", 4}, [BB_I64] = {"i8", 8},
              [BB_BF16] = {NULL, 2}}; /* which .npy has no code for */

size_t bb_dtype_size(bb_dtype dtype) { return dtypes[dtype].size; }

int64_t bb_array_count(const int64_t *shape, size_t dims) {
    int64_t count = 1;
    for (size_t d = 0; d < dims; ++d) count *= shape[d];
    return count;
}

bool bb_npy_probe(const void *data, size_t size) {
    return size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

/* The value of 'key' in the header's dictionary: the text behind its colon, or NULL. */
static const char *find_key(const char *text, const char *key) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%s'", key);
    const char *at = strstr(text, quoted);
    if (!at) return NULL;
    at += strlen(quoted);
    at += strspn(at, " \t");
    if (*at++ != ':') return NULL;
    return at + strspn(at, " \t");
}

/* "<f8", "|u1", "<U19"; what is no number is left to the caller. */
static bb_status parse_descr(const char *text, const char *name, bb_npy_header *h, bb_error *err) {
    const char *at = find_key(text, "descr");
    if (at && (*at == '\'' || *at == '"')) {
        const char order = at[1];
        const char *code = strchr("<>|=", order) && order ? at + 2 : at + 1;
        char *end = NULL;
        const bool wide = code[0] && isdigit((unsigned char)code[1]);
        const unsigned long width = wide ? strtoul(code + 1, &end, 10) : 0;
        if (end && *end == *at && width > 0 && width <= MAX_WIDTH) {
            h->element = (bb_element){code[0], code[0] == 'U' ? 4 * width : width, order == '>'};
            return BB_OK;
        }
    }
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: npy header: expected elements of one type, found %.24s",
                   name, at ? at : "no 'descr'");
}

static bb_status parse_shape(const char *text, const char *name, bb_npy_header *h, bb_error *err) {
    const char *at = find_key(text, "shape");
    if (!at || *at != '(')
        return bb_fail(err, BB_ERR_FORMAT, "%s: npy header: expected a 'shape' tuple", name);
    for (++at; h->dims <= BB_MAX_DIMS;) {
        at += strspn(at, " ,");
        if (*at == ')') return BB_OK;
        if (!isdigit((unsigned char)*at) || h->dims == BB_MAX_DIMS) break;
        char *end;
        const long long n = strtoll(at, &end, 10);
        h->shape[h->dims++] = n;
        at = end;
    }
    return bb_fail(err, BB_ERR_FORMAT,
                   "%s: npy header: expected a shape of up to %d whole numbers, found %.24s", name,
                   BB_MAX_DIMS, at);
}

static bb_status check_size(const char *name, const bb_npy_header *h, size_t size, bb_error *err) {
    size_t bytes = h->element.width;
    for (size_t d = 0; d < h->dims; ++d)
        if (__builtin_mul_overflow(bytes, (size_t)h->shape[d], &bytes))
            return bb_fail(err, BB_ERR_FORMAT, "%s: npy header: the shape overflows", name);
    if (bytes > size - h->data_offset)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected %zu bytes of elements from byte %zu, found %zu",
                       name, bytes, h->data_offset, size - h->data_offset);
    return BB_OK;
}

bb_status bb_npy_describe(const void *data, size_t size, const char *name, bb_npy_header *out,
                          bb_error *err) {
    const unsigned char *bytes = data;
    *out = (bb_npy_header){0};
    if (!bb_npy_probe(data, size) || size < 12)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected a .npy file, found no npy header", name);
    const bool wide = bytes[6] >= 2; /* version 1 has a 16-bit length, 2 and 3 a 32-bit one */
    const size_t start = wide ? 12 : 10;
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (wide) length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > size - start || length > 1 << 16)
        return bb_fail(err, BB_ERR_FORMAT, "%s: npy header of %zu bytes does not fit into the file's %zu",
                       name, length, size);
    char *text = bb_strndup((const char *)bytes + start, length);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", name);
    out->data_offset = start + length;
    bb_status status = parse_descr(text, name, out, err);
    if (status == BB_OK) status = parse_shape(text, name, out, err);
    const char *order = find_key(text, "fortran_order");
    out->fortran_order = order && strncmp(order, "True", 4) == 0;
    bb_free(text);
    return status == BB_OK ? check_size(name, out, size, err) : status;
}

bb_status bb_npy_parse(const void *data, size_t size, const char *name, bb_npy_header *out, bb_error *err) {
    BB_TRY(bb_npy_describe(data, size, name, out, err));
    if (bb_element_is_number(out->element)) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "%s: npy header: expected elements f2 f4 f8 or i and u of 1 2 4 8 bytes, found %c of %zu",
                   name, isprint((unsigned char)out->element.kind) ? out->element.kind : '?',
                   out->element.width);
}

/* Element strides of the array as stored, and the C-order walk over it. */
static void convert(const bb_npy_header *h, const unsigned char *data, float *f32, double *f64) {
    const int64_t count = bb_array_count(h->shape, h->dims);
    const size_t size = h->element.width;
    int64_t strides[BB_MAX_DIMS], stride = 1;
    for (size_t i = 0; i < h->dims; ++i) {
        const size_t d = h->fortran_order ? i : h->dims - 1 - i;
        strides[d] = stride;
        stride *= h->shape[d];
    }
    const int64_t row = h->dims ? h->shape[h->dims - 1] : 1, step = h->dims ? strides[h->dims - 1] : 1;
    for (int64_t first = 0; first < count; first += row) {
        int64_t rest = row ? first / row : 0, offset = 0;
        for (size_t d = h->dims; d-- > 0;) {
            if (d + 1 == h->dims) continue;
            offset += rest % h->shape[d] * strides[d];
            rest /= h->shape[d];
        }
        const unsigned char *at = data + (size_t)offset * size;
        for (int64_t i = 0; i < row; ++i, at += (size_t)step * size) {
            double value;
            bb_elements_to_f64(h->element, at, 1, 1, 1, &value);
            if (f32) f32[first + i] = (float)value;
            if (f64) f64[first + i] = value;
        }
    }
}

/* Reads into exactly one of the two. */
static bb_status read_array(const char *path, bb_array *a32, bb_array_f64 *a64, bb_error *err) {
    bb_map map;
    bb_npy_header h;
    BB_TRY(bb_map_open(path, &map, err));
    bb_status status = bb_npy_parse(map.data, map.size, path, &h, err);
    const size_t count = status == BB_OK ? (size_t)bb_array_count(h.shape, h.dims) : 0;
    void *data = status == BB_OK ? bb_calloc(count, a32 ? sizeof(float) : sizeof(double)) : NULL;
    if (status == BB_OK && !data)
        status = bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu elements", path, count);
    if (status == BB_OK) convert(&h, map.data + h.data_offset, a32 ? data : NULL, a32 ? NULL : data);
    bb_map_close(&map);
    if (status != BB_OK) return status;
    if (a32) {
        *a32 = (bb_array){.dims = h.dims, .data = data};
        memcpy(a32->shape, h.shape, sizeof h.shape);
    } else {
        *a64 = (bb_array_f64){.dims = h.dims, .data = data};
        memcpy(a64->shape, h.shape, sizeof h.shape);
    }
    return BB_OK;
}

bb_status bb_array_read(const char *path, bb_array *out, bb_error *err) {
    *out = (bb_array){0};
    return read_array(path, out, NULL, err);
}

bb_status bb_array_f64_read(const char *path, bb_array_f64 *out, bb_error *err) {
    *out = (bb_array_f64){0};
    return read_array(path, NULL, out, err);
}

bb_status bb_npy_write_header(bb_output *out, bb_dtype dtype, const int64_t *shape, size_t dims,
                              size_t *data_offset, bb_error *err) {
    if (!dtypes[dtype].code) return bb_fail(err, BB_ERR_ARGUMENT, "%s: .npy has no bfloat16", out->path);
    char text[512] = {0};
    int n = snprintf(text + 10, sizeof text - 10, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                     dtypes[dtype].size == 1 ? '|' : '<', dtypes[dtype].code);
    for (size_t d = 0; d < dims; ++d)
        n += snprintf(text + 10 + n, sizeof text - 10 - (size_t)n, "%s%lld%s", d ? ", " : "",
                      (long long)shape[d], dims == 1 ? "," : "");
    n += snprintf(text + 10 + n, sizeof text - 10 - (size_t)n, "), }");
    /* Blanks up to a multiple of 64 bytes, the last one a newline, as the format asks. */
    const size_t total = ((size_t)n + 10 + 1 + 63) / 64 * 64;
    memset(text + 10 + n, ' ', total - 10 - (size_t)n);
    text[total - 1] = '\n';
    memcpy(text, magic, sizeof magic);
    text[6] = 1;
    text[8] = (char)((total - 10) & 0xff);
    text[9] = (char)((total - 10) >> 8);
    *data_offset = total;
    return bb_output_write_at(out, 0, text, total, err);
}

bb_status bb_array_write(const char *path, const float *data, const int64_t *shape, size_t dims,
                         bb_error *err) {
    bb_output out;
    size_t offset;
    BB_TRY(bb_output_open(path, &out, err));
    bb_status status = bb_npy_write_header(&out, BB_F32, shape, dims, &offset, err);
    if (status == BB_OK)
        status = bb_output_write_at(&out, (int64_t)offset, data,
                                    (size_t)bb_array_count(shape, dims) * sizeof *data, err);
    if (status == BB_OK) status = bb_output_commit(&out, err);
    bb_output_discard(&out);
    return status;
}

void bb_array_free(bb_array *array) {
    bb_free(array->data);
    *array = (bb_array){0};
}

void bb_array_f64_free(bb_array_f64 *array) {
    bb_free(array->data);
    *array = (bb_array_f64){0};
}
