/* .safetensors: an eight-byte little-endian length, that many bytes of JSON, the tensors' bytes.
 * https://huggingface.co/docs/safetensors/index#format */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "weights/weights.h"

/* The reference implementation's bound on the header; and how many JSON values we take it apart into. */
enum { HEADER_LIMIT = 100 * 1000 * 1000, VALUE_LIMIT = 4 << 20 };

static const struct {
    const char *code;
    bb_dtype dtype;
} dtypes[] = {{"F32", BB_F32}, {"F16", BB_F16}, {"BF16", BB_BF16}, {"F64", BB_F64}, {"I64", BB_I64},
              {"I32", BB_I32}, {"I16", BB_I16}, {"I8", BB_I8},     {"U8", BB_U8},   {"BOOL", BB_U8}};

static const char *dtype_code(bb_dtype dtype) {
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; ++i)
        if (dtypes[i].dtype == dtype) return dtypes[i].code;
    return "?";
}

/* A whole number that a double holds exactly. */
static bool whole(const cJSON *item, int64_t *value) {
    if (!cJSON_IsNumber(item)) return false;
    const double number = item->valuedouble;
    if (!(number >= 0 && number <= 0x1p53) || number != floor(number)) return false;
    *value = (int64_t)number;
    return true;
}

static bool read_dtype(const cJSON *item, bb_dtype *dtype) {
    for (size_t i = 0; cJSON_IsString(item) && i < sizeof dtypes / sizeof *dtypes; ++i)
        if (strcmp(item->valuestring, dtypes[i].code) == 0) {
            *dtype = dtypes[i].dtype;
            return true;
        }
    return false;
}

static bool read_shape(const cJSON *item, bb_tensor *tensor) {
    if (!cJSON_IsArray(item)) return false;
    const cJSON *n;
    cJSON_ArrayForEach(n, item) {
        if (tensor->dims == BB_MAX_DIMS || !whole(n, &tensor->shape[tensor->dims])) return false;
        ++tensor->dims;
    }
    return bb_tensor_c_order(tensor);
}

static bool read_offsets(const cJSON *item, int64_t offsets[2]) {
    return cJSON_IsArray(item) && cJSON_GetArraySize(item) == 2 && whole(item->child, &offsets[0]) &&
           whole(item->child->next, &offsets[1]) && offsets[0] <= offsets[1];
}

static bb_status add_tensor(bb_weights *w, const cJSON *entry, size_t start, const char *path,
                            bb_error *err) {
    const char *name = entry->string;
    bb_tensor tensor = {0};
    int64_t at[2];
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    if (!read_dtype(dtype, &tensor.dtype))
        return bb_fail(err, cJSON_IsString(dtype) ? BB_ERR_UNSUPPORTED : BB_ERR_FORMAT,
                       "%s: header: tensor '%.200s': expected a dtype F32 F16 BF16 F64 I64 I32 I16 I8 U8 "
                       "BOOL, found %.40s",
                       path, name, cJSON_IsString(dtype) ? dtype->valuestring : "none");
    if (!read_shape(cJSON_GetObjectItemCaseSensitive(entry, "shape"), &tensor))
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: header: tensor '%.200s': expected a shape of up to %d whole numbers", path, name,
                       BB_MAX_DIMS);
    if (!read_offsets(cJSON_GetObjectItemCaseSensitive(entry, "data_offsets"), at))
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: tensor '%.200s': expected two ascending data_offsets",
                       path, name);
    const size_t size = bb_dtype_size(tensor.dtype), bytes = (size_t)(at[1] - at[0]);
    if ((size_t)at[1] > w->size - start)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: header: tensor '%.200s': ends at byte %lld of the data, which has %zu", path,
                       name, (long long)at[1], w->size - start);
    if (bytes % size || (uint64_t)bb_array_count(tensor.shape, tensor.dims) != bytes / size)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: header: tensor '%.200s': its shape and dtype do not make %zu bytes", path, name,
                       bytes);
    tensor.data = w->bytes + start + (size_t)at[0];
    return bb_weights_add(w, &tensor, name, strlen(name), bytes / size, path, err);
}

static bool is_string_table(const cJSON *item) {
    const cJSON *value;
    if (!cJSON_IsObject(item)) return false;
    cJSON_ArrayForEach(value, item) if (!cJSON_IsString(value)) return false;
    return true;
}

static bb_status add_metadata(bb_weights *w, const cJSON *item, const char *path, bb_error *err) {
    if (!is_string_table(item) || w->config)
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: expected one __metadata__, an object of strings",
                       path);
    char *text = cJSON_PrintUnformatted(item);
    w->config = text ? bb_strdup(text) : NULL;
    cJSON_free(text);
    return w->config ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
}

/* An upper bound on the values in JSON text: cJSON spends some 80 bytes on each. */
static size_t count_values(const char *text, size_t length) {
    size_t count = 1;
    for (size_t i = 0; i < length; ++i) count += text[i] == ',' || text[i] == '[' || text[i] == '{';
    return count;
}

static bb_status parse_header(const bb_weights *w, const char *path, cJSON **tree, size_t *start,
                              bb_error *err) {
    uint64_t length = 0;
    for (size_t i = 0; i < 8; ++i) length |= (uint64_t)w->bytes[i] << 8 * i;
    if (length > w->size - 8 || length > HEADER_LIMIT)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: header: expected at most %d bytes, and not more than the file's %zu, found %llu",
                       path, HEADER_LIMIT, w->size - 8, (unsigned long long)length);
    const char *text = (const char *)w->bytes + 8, *end = NULL;
    if (!bb_utf8_valid(text, length) || memchr(text, '\0', length))
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: expected JSON in UTF-8", path);
    if (count_values(text, length) > VALUE_LIMIT)
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: expected at most %d values", path, VALUE_LIMIT);
    *tree = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    const char *tail = end;
    while (*tree && tail < text + length && strchr(" \t\r\n", *tail)) ++tail;
    if (!*tree || !cJSON_IsObject(*tree) || tail != text + length) {
        cJSON_Delete(*tree);
        return bb_fail(err, BB_ERR_FORMAT, "%s: header: expected a JSON object, found a mistake at byte %zu",
                       path, 8 + (end ? (size_t)(end - text) : 0));
    }
    *start = 8 + length;
    return BB_OK;
}

bb_status bb_safetensors_load(bb_weights *w, const char *path, bb_error *err) {
    cJSON *tree = NULL;
    size_t start = 0;
    w->container = "safetensors";
    BB_TRY(parse_header(w, path, &tree, &start, err));
    bb_status status = BB_OK;
    for (const cJSON *entry = tree->child; entry && status == BB_OK; entry = entry->next)
        status = strcmp(entry->string, "__metadata__") == 0 ? add_metadata(w, entry, path, err)
                                                            : add_tensor(w, entry, start, path, err);
    cJSON_Delete(tree);
    return status;
}

/* ---- writing */

static bb_status check_tensor(const bb_tensor *tensor, const char *path, bb_error *err) {
    if (!tensor->name || !bb_utf8_valid(tensor->name, strlen(tensor->name)) ||
        strcmp(tensor->name, "__metadata__") == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected tensor names in UTF-8, and not __metadata__",
                       path);
    if (tensor->dtype != BB_F32 && tensor->dtype != BB_F16)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: tensor '%.200s': expected float32 or float16", path,
                       tensor->name);
    bb_tensor ordered = *tensor;
    bool sound = tensor->dims <= BB_MAX_DIMS && bb_tensor_c_order(&ordered);
    for (size_t d = 0; sound && d < tensor->dims; ++d)
        sound = tensor->shape[d] >= 0 && (tensor->shape[d] < 2 || tensor->strides[d] == ordered.strides[d]);
    if (sound) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: tensor '%.200s': expected a shape and the strides of C order",
                   path, tensor->name);
}

static int compare_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bb_status check_names(const bb_tensor *tensors, size_t count, const char *path, bb_error *err) {
    const char **names = bb_calloc(count, sizeof *names);
    if (!names) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    for (size_t i = 0; i < count; ++i) names[i] = tensors[i].name;
    if (count > 0) qsort(names, count, sizeof *names, compare_text);
    bb_status status = BB_OK;
    for (size_t i = 1; i < count && status == BB_OK; ++i)
        if (strcmp(names[i - 1], names[i]) == 0)
            status = bb_fail(err, BB_ERR_ARGUMENT, "%s: two tensors are called '%.200s'", path, names[i]);
    bb_free(names);
    return status;
}

static size_t tensor_bytes(const bb_tensor *tensor) {
    return (size_t)bb_array_count(tensor->shape, tensor->dims) * bb_dtype_size(tensor->dtype);
}

static cJSON *tensor_entry(const bb_tensor *tensor, size_t first) {
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "dtype", dtype_code(tensor->dtype));
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (size_t d = 0; d < tensor->dims; ++d)
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[d]));
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)first));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(first + tensor_bytes(tensor))));
    if (cJSON_GetArraySize(shape) == (int)tensor->dims && cJSON_GetArraySize(offsets) == 2) return entry;
    cJSON_Delete(entry);
    return NULL;
}

/* The length and the JSON, padded with blanks so that the data begin at a multiple of 8 bytes. */
static bb_status make_header(const bb_tensor *tensors, size_t count, const char *metadata, const char *path,
                             char **header, size_t *size, bb_error *err) {
    cJSON *tree = cJSON_CreateObject(), *table = metadata ? cJSON_Parse(metadata) : NULL;
    const bool wrong = metadata && !is_string_table(table);
    bool complete = !table || cJSON_AddItemToObject(tree, "__metadata__", table);
    for (size_t i = 0, first = 0; complete && i < count; ++i) {
        complete = cJSON_AddItemToObject(tree, tensors[i].name, tensor_entry(&tensors[i], first));
        first += tensor_bytes(&tensors[i]);
    }
    char *text = wrong || !complete ? NULL : cJSON_PrintUnformatted(tree);
    cJSON_Delete(tree);
    if (wrong) return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected metadata as an object of strings", path);
    const size_t length = text ? strlen(text) : 0, padded = (length + 7) / 8 * 8;
    *header = text ? bb_calloc(padded + 8, 1) : NULL;
    if (*header) {
        for (size_t i = 0; i < 8; ++i) (*header)[i] = (char)(padded >> 8 * i & 0xff);
        memset(*header + 8, ' ', padded);
        memcpy(*header + 8, text, length);
    }
    cJSON_free(text);
    *size = padded + 8;
    return *header ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the header", path);
}

bb_status bb_safetensors_write(const char *path, const bb_tensor *tensors, size_t count,
                               const char *metadata_json, bb_error *err) {
    char *header = NULL;
    size_t size = 0;
    bb_output out;
    for (size_t i = 0; i < count; ++i) BB_TRY(check_tensor(&tensors[i], path, err));
    BB_TRY(check_names(tensors, count, path, err));
    BB_TRY(make_header(tensors, count, metadata_json, path, &header, &size, err));
    bb_status status = bb_output_open(path, &out, err);
    if (status == BB_OK) {
        status = bb_output_write(&out, header, size, err);
        for (size_t i = 0; i < count && status == BB_OK; ++i)
            status = bb_output_write(&out, tensors[i].data, tensor_bytes(&tensors[i]), err);
        if (status == BB_OK) status = bb_output_commit(&out, err);
        bb_output_discard(&out);
    }
    bb_free(header);
    return status;
}
