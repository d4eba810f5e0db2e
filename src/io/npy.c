#include "io/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

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

static bb_status parse_descr(const char *text, const char *name, bb_npy_header *h, bb_error *err) {
    const char *at = find_key(text, "descr");
    if (at && (*at == '\'' || *at == '"')) {
        const char order = at[1];
        const char *code = strchr("<>|=", order) && order ? at + 2 : at + 1;
        for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; ++i)
            if (dtypes[i].code && strncmp(code, dtypes[i].code, 2) == 0 && code[2] == *at) {
                h->dtype = (bb_dtype)i;
                h->big_endian = order == '>';
                return BB_OK;
            }
    }
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "%s: npy header: expected elements f2 f4 f8 i1 u1 i2 i4 i8, found %.24s", name,
                   at ? at : "no 'descr'");
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
    size_t bytes = dtypes[h->dtype].size;
    for (size_t d = 0; d < h->dims; ++d)
        if (__builtin_mul_overflow(bytes, (size_t)h->shape[d], &bytes))
            return bb_fail(err, BB_ERR_FORMAT, "%s: npy header: the shape overflows", name);
    if (bytes > size - h->data_offset)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected %zu bytes of elements from byte %zu, found %zu",
                       name, bytes, h->data_offset, size - h->data_offset);
    return BB_OK;
}

bb_status bb_npy_parse(const void *data, size_t size, const char *name, bb_npy_header *out, bb_error *err) {
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

float bb_half_to_f32(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 0) return (sign ? -0x1p-24f : 0x1p-24f) * (float)fraction;
    /* Exponents are biased by 15 in a half and by 127 in a float; 31 stands for infinity and NaN. */
    const uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double element(bb_dtype dtype, uint64_t bits) {
    union {
        uint64_t u;
        double f;
    } f64 = {bits};
    union {
        uint32_t u;
        float f;
    } f32 = {(uint32_t)bits};
    switch (dtype) {
    case BB_F16:
        return (double)bb_half_to_f32((uint16_t)bits);
    case BB_F32:
        return (double)f32.f;
    case BB_F64:
        return f64.f;
    case BB_I8:
        return (double)(int8_t)bits;
    case BB_U8:
        return (double)(uint8_t)bits;
    case BB_I16:
        return (double)(int16_t)bits;
    case BB_I32:
        return (double)(int32_t)bits;
    case BB_I64:
        return (double)(int64_t)bits;
    case BB_BF16:
        f32.u = (uint32_t)bits << 16;
        return (double)f32.f;
    }
    return NAN;
}

void bb_npy_to_f64(const bb_npy_header *header, const void *data, int64_t step, int64_t count, double *out) {
    const size_t size = dtypes[header->dtype].size;
    const unsigned char *at = data;
    for (int64_t i = 0; i < count; ++i, at += step * (int64_t)size) {
        uint64_t bits = 0;
        for (size_t b = 0; b < size; ++b)
            bits |= (uint64_t)at[header->big_endian ? size - 1 - b : b] << 8 * b;
        out[i] = element(header->dtype, bits);
    }
}

/* Element strides of the array as stored, and the C-order walk over it. */
static void convert(const bb_npy_header *h, const unsigned char *data, float *f32, double *f64) {
    const int64_t count = bb_array_count(h->shape, h->dims);
    const size_t size = dtypes[h->dtype].size;
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
            bb_npy_to_f64(h, at, 1, 1, &value);
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
