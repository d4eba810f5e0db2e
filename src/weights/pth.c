/* From the object pickle of a PyTorch checkpoint to tensors and configuration. */
#include "weights/pth.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct builder {
    bb_weights *weights;
    const bb_pickle *p;
    const bb_storages *storages;
    bb_storage_fetch *fetch;
    void *context;
    const char *path;
    bb_error *err;
} builder;

/* The _rebuild_tensor node behind a value (a Parameter wraps one), or 0 if it is not a tensor. */
static uint32_t tensor_node(const bb_pickle *p, uint32_t id) {
    if (bb_pickle_at(p, id)->kind != BB_PICKLE_OBJECT) return 0;
    const uint32_t args = bb_pickle_at(p, id)->args;
    if (bb_pickle_role_of(p, id) == BB_ROLE_PARAMETER && bb_pickle_at(p, args)->count > 0) {
        id = bb_pickle_item(p, args, 0);
        if (bb_pickle_at(p, id)->kind != BB_PICKLE_OBJECT) return 0;
    }
    return bb_pickle_role_of(p, id) == BB_ROLE_TENSOR ? id : 0;
}

static bool has_tensors(const bb_pickle *p, uint32_t dict) {
    uint32_t key, value;
    for (size_t i = 0; bb_pickle_is_dict(p, dict) && i < bb_pickle_entries(p, dict); ++i)
        if (bb_pickle_entry(p, dict, i, &key, &value) && tensor_node(p, value)) return true;
    return false;
}

/* The dictionary whose tensors are the model's; 0 if there is none. */
static uint32_t find_model(const bb_pickle *p) {
    static const char *const keys[] = {"model", "state_dict", "model_state_dict"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
        const uint32_t dict = bb_pickle_find(p, p->root, keys[i]);
        if (has_tensors(p, dict)) return dict;
    }
    return has_tensors(p, p->root) ? p->root : 0;
}

/* A tuple of whole numbers, plain or as torch.Size. */
static bool read_numbers(const bb_pickle *p, uint32_t id, int64_t *out, size_t *count) {
    const bb_pickle_node *node = bb_pickle_at(p, id);
    if (node->kind == BB_PICKLE_OBJECT && bb_pickle_role_of(p, id) == BB_ROLE_SIZE &&
        bb_pickle_at(p, node->args)->count == 1) {
        id = bb_pickle_item(p, node->args, 0);
        node = bb_pickle_at(p, id);
    }
    if (node->kind != BB_PICKLE_TUPLE || node->count > BB_MAX_DIMS) return false;
    for (size_t i = 0; i < node->count; ++i) {
        const bb_pickle_node *n = bb_pickle_at(p, bb_pickle_item(p, id, i));
        if (n->kind != BB_PICKLE_INT || n->integer < 0) return false;
        out[i] = n->integer;
    }
    *count = node->count;
    return true;
}

/* (storage, offset, size, stride, ...) */
static bb_status read_tensor(const builder *b, uint32_t id, const char *name, int shown, bb_tensor *tensor,
                             bb_storage **storage, size_t *offset) {
    const bb_pickle *p = b->p;
    const uint32_t args = bb_pickle_at(p, id)->args;
    size_t strides;
    *storage = NULL;
    if (bb_pickle_at(p, args)->count >= 4) {
        const bb_pickle_node *reference = bb_pickle_at(p, bb_pickle_item(p, args, 0));
        const bb_pickle_node *start = bb_pickle_at(p, bb_pickle_item(p, args, 1));
        if (reference->kind == BB_PICKLE_PERSISTENT && start->kind == BB_PICKLE_INT && start->integer >= 0 &&
            read_numbers(p, bb_pickle_item(p, args, 2), tensor->shape, &tensor->dims) &&
            read_numbers(p, bb_pickle_item(p, args, 3), tensor->strides, &strides) &&
            strides == tensor->dims) {
            const bb_pickle_node *key = bb_pickle_at(p, bb_pickle_item(p, reference->args, 2));
            *storage = bb_storages_find(b->storages, key->text, key->count);
            *offset = (size_t)start->integer;
        }
    }
    if (!*storage)
        return bb_fail(b->err, BB_ERR_FORMAT,
                       "%s: tensor '%.*s': expected a storage, an offset, and up to %d sizes and strides",
                       b->path, shown, name, BB_MAX_DIMS);
    if ((*storage)->type->dtype < 0)
        return bb_fail(b->err, BB_ERR_UNSUPPORTED, "%s: tensor '%.*s': elements of %s", b->path, shown, name,
                       (*storage)->type->name);
    tensor->dtype = (bb_dtype)(*storage)->type->dtype;
    return BB_OK;
}

static bb_status add_tensor(const builder *b, const bb_pickle_node *key, uint32_t id) {
    const int shown = (int)(key->count < 200 ? key->count : 200);
    bb_tensor tensor = {0};
    bb_storage *storage;
    size_t offset = 0;
    BB_TRY(read_tensor(b, id, key->text, shown, &tensor, &storage, &offset));
    if (offset > storage->count)
        return bb_fail(b->err, BB_ERR_FORMAT, "%s: tensor '%.*s': starts at element %zu of %zu", b->path,
                       shown, key->text, offset, storage->count);
    if (!storage->data) BB_TRY(b->fetch(b->context, storage, b->err));
    tensor.data = storage->data + offset * bb_dtype_size(tensor.dtype);
    return bb_weights_add(b->weights, &tensor, key->text, key->count, storage->count - offset, b->path,
                          b->err);
}

static bb_status add_tensors(const builder *b) {
    const bb_pickle *p = b->p;
    const uint32_t model = find_model(p);
    if (!model)
        return bb_fail(
            b->err, BB_ERR_FORMAT,
            "%s: expected tensors in a dictionary 'model', 'state_dict', 'model_state_dict', or at "
            "the top, found none",
            b->path);
    uint32_t key, value;
    for (size_t i = 0; i < bb_pickle_entries(p, model); ++i) {
        if (!bb_pickle_entry(p, model, i, &key, &value)) continue;
        const uint32_t tensor = tensor_node(p, value);
        if (tensor && bb_pickle_at(p, key)->kind == BB_PICKLE_TEXT)
            BB_TRY(add_tensor(b, bb_pickle_at(p, key), tensor));
    }
    return BB_OK;
}

bb_status bb_pth_build(bb_weights *weights, const bb_pickle *pickle, const bb_storages *storages,
                       bb_storage_fetch *fetch, void *context, const char *path, bb_error *err) {
    const builder b = {weights, pickle, storages, fetch, context, path, err};
    BB_TRY(add_tensors(&b));
    const uint32_t config = bb_pickle_find(pickle, pickle->root, "model_cfg");
    if (!config || bb_pickle_at(pickle, config)->kind == BB_PICKLE_NONE) return BB_OK;
    return bb_pickle_to_json(pickle, config, path, &weights->config, err);
}
