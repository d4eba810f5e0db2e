#include "weights/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

bb_status bb_weights_add(bb_weights *weights, const bb_tensor *tensor, const char *name, size_t name_length,
                         size_t available, const char *path, bb_error *err) {
    const int shown = (int)(name_length < 200 ? name_length : 200);
    size_t span;
    if (!bb_tensor_span(tensor, &span) || span > available)
        return bb_fail(err, BB_ERR_FORMAT, "%s: tensor '%.*s': its shape reaches past its %zu elements", path,
                       shown, name, available);
    /* Repeated elements (a stride of 0) are sound, but a few bytes must not ask for terabytes. */
    const size_t limit = available > weights->size ? available : weights->size;
    if ((size_t)bb_array_count(tensor->shape, tensor->dims) > limit)
        return bb_fail(err, BB_ERR_FORMAT, "%s: tensor '%.*s': expected at most %zu elements, found %lld",
                       path, shown, name, limit, (long long)bb_array_count(tensor->shape, tensor->dims));
    if (memchr(name, '\0', name_length))
        return bb_fail(err, BB_ERR_FORMAT, "%s: tensor '%.*s': a zero byte in the name", path, shown, name);
    char *copy = bb_strndup(name, name_length);
    if (!copy ||
        bb_grow((void **)&weights->tensors, &weights->room, weights->count + 1, sizeof *tensor) != 0) {
        bb_free(copy);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    weights->tensors[weights->count] = *tensor;
    weights->tensors[weights->count++].name = copy;
    return BB_OK;
}

void *bb_weights_buffer(bb_weights *weights, size_t size) {
    if (bb_grow((void **)&weights->buffers, &weights->buffer_room, weights->buffer_count + 1,
                sizeof *weights->buffers) != 0)
        return NULL;
    void *buffer = bb_calloc(size, 1);
    if (buffer) weights->buffers[weights->buffer_count++] = buffer;
    return buffer;
}

static int compare_names(const void *a, const void *b) {
    return strcmp((*(const bb_tensor *const *)a)->name, (*(const bb_tensor *const *)b)->name);
}

static bb_status sort_names(bb_weights *weights, const char *path, bb_error *err) {
    weights->by_name = bb_calloc(weights->count, sizeof *weights->by_name);
    if (!weights->by_name) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    for (size_t i = 0; i < weights->count; ++i) weights->by_name[i] = &weights->tensors[i];
    if (weights->count > 0) qsort(weights->by_name, weights->count, sizeof *weights->by_name, compare_names);
    for (size_t i = 1; i < weights->count; ++i)
        if (strcmp(weights->by_name[i - 1]->name, weights->by_name[i]->name) == 0)
            return bb_fail(err, BB_ERR_FORMAT, "%s: two tensors are called '%.200s'", path,
                           weights->by_name[i]->name);
    return BB_OK;
}

/* Told by content: JSON behind an eight-byte length, a zip archive, a pickle. */
static bb_status load(bb_weights *weights, const char *path, bb_error *err) {
    const unsigned char *bytes = weights->bytes;
    if (weights->size > 8 && bytes[8] == '{') return bb_safetensors_load(weights, path, err);
    if (weights->size > 4 && memcmp(bytes, "PK\3\4", 4) == 0) return bb_pth_zip_load(weights, path, err);
    if (weights->size > 2 && bytes[0] == 0x80) return bb_pth_legacy_load(weights, path, err);
    return bb_fail(err, weights->size ? BB_ERR_UNSUPPORTED : BB_ERR_FORMAT,
                   "%s: expected a .safetensors or .pth file, found neither in %zu bytes", path,
                   weights->size);
}

/* Takes `map` over, which is empty or holds `data`. */
static bb_status parse(bb_map map, const void *data, size_t size, const char *path, bb_weights **out,
                       bb_error *err) {
    *out = NULL;
    bb_weights *weights = bb_calloc(1, sizeof *weights);
    if (!weights) {
        bb_map_close(&map);
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    }
    weights->map = map;
    weights->bytes = data;
    weights->size = size;
    bb_status status = load(weights, path, err);
    if (status == BB_OK) status = sort_names(weights, path, err);
    if (status == BB_OK)
        *out = weights;
    else
        bb_weights_close(weights);
    return status;
}

bb_status bb_weights_parse(const void *data, size_t size, const char *path, bb_weights **out, bb_error *err) {
    return parse((bb_map){0}, data, size, path, out, err);
}

bb_status bb_weights_open(const char *path, bb_weights **out, bb_error *err) {
    bb_map map;
    *out = NULL;
    BB_TRY(bb_map_open(path, &map, err));
    return parse(map, map.data, map.size, path, out, err);
}

void bb_weights_close(bb_weights *weights) {
    if (!weights) return;
    for (size_t i = 0; i < weights->count; ++i) bb_free((void *)weights->tensors[i].name);
    for (size_t i = 0; i < weights->buffer_count; ++i) bb_free(weights->buffers[i]);
    bb_free(weights->tensors);
    bb_free(weights->buffers);
    bb_free(weights->by_name);
    bb_free(weights->config);
    bb_map_close(&weights->map);
    bb_free(weights);
}

size_t bb_weights_count(const bb_weights *weights) { return weights->count; }

const bb_tensor *bb_weights_at(const bb_weights *weights, size_t index) {
    return index < weights->count ? &weights->tensors[index] : NULL;
}

const bb_tensor *bb_weights_find(const bb_weights *weights, const char *name) {
    const bb_tensor wanted = {.name = name}, *key = &wanted;
    if (weights->count == 0) return NULL;
    const bb_tensor **found =
        bsearch(&key, weights->by_name, weights->count, sizeof *weights->by_name, compare_names);
    return found ? *found : NULL;
}

const char *bb_weights_container(const bb_weights *weights) { return weights->container; }

const char *bb_weights_config(const bb_weights *weights) { return weights->config; }

void bb_weights_release(const bb_weights *weights, const bb_tensor *tensor) {
    const uintptr_t base = (uintptr_t)weights->map.data, at = (uintptr_t)tensor->data;
    size_t span;
    if (!weights->map.data || at < base || at - base >= weights->map.size || !bb_tensor_span(tensor, &span))
        return;
    bb_map_release(&weights->map, at - base, span * bb_dtype_size(tensor->dtype));
}
