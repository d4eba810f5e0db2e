/* The storages that a checkpoint's pickle refers to. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "weights/pth.h"

static int compare_keys(const void *a, const void *b) {
    const bb_storage *x = a, *y = b;
    const size_t shorter = x->key_length < y->key_length ? x->key_length : y->key_length;
    const int order = memcmp(x->key, y->key, shorter);
    if (order != 0 || x->key_length == y->key_length) return order;
    return x->key_length < y->key_length ? -1 : 1;
}

/* ("storage", type, key, device, element count[, view]); the device does not matter here. */
static bb_status describe(const bb_pickle *p, uint32_t tuple, const char *path, bb_storage *out,
                          bb_error *err) {
    const bb_pickle_node *node = bb_pickle_at(p, tuple);
    if (node->kind == BB_PICKLE_TUPLE && (node->count == 5 || node->count == 6) &&
        bb_pickle_is_text(p, bb_pickle_item(p, tuple, 0), "storage")) {
        const bb_pickle_node *type = bb_pickle_at(p, bb_pickle_item(p, tuple, 1));
        const bb_pickle_node *key = bb_pickle_at(p, bb_pickle_item(p, tuple, 2));
        const bb_pickle_node *count = bb_pickle_at(p, bb_pickle_item(p, tuple, 4));
        if (node->count == 6 && bb_pickle_at(p, bb_pickle_item(p, tuple, 5))->kind != BB_PICKLE_NONE)
            return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: storages that are views of others", path);
        if (type->kind == BB_PICKLE_NAME && type->name->role == BB_ROLE_STORAGE &&
            key->kind == BB_PICKLE_TEXT && count->kind == BB_PICKLE_INT && count->integer >= 0) {
            *out = (bb_storage){.key = key->text,
                                .key_length = key->count,
                                .type = type->name,
                                .count = (size_t)count->integer};
            return BB_OK;
        }
    }
    return bb_fail(err, BB_ERR_FORMAT,
                   "%s: expected persistent references of the form ('storage', type, key, device, count)",
                   path);
}

/* Keeps one of each key. */
static bb_status merge(bb_storages *s, const char *path, bb_error *err) {
    size_t kept = 0;
    for (size_t i = 0; i < s->count; ++i) {
        const bb_storage *last = kept ? &s->items[kept - 1] : NULL;
        if (!last || compare_keys(last, &s->items[i]) != 0)
            s->items[kept++] = s->items[i];
        else if (last->type != s->items[i].type || last->count != s->items[i].count)
            return bb_fail(err, BB_ERR_FORMAT, "%s: storage '%.*s' is described in two ways", path,
                           (int)(last->key_length < 200 ? last->key_length : 200), last->key);
    }
    s->count = kept;
    return BB_OK;
}

bb_status bb_storages_collect(const bb_pickle *pickle, const char *path, bb_storages *out, bb_error *err) {
    *out = (bb_storages){0};
    size_t count = 0;
    for (size_t i = 0; i < pickle->node_count; ++i) count += pickle->nodes[i].kind == BB_PICKLE_PERSISTENT;
    if (!(out->items = bb_calloc(count, sizeof *out->items)))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    bb_status status = BB_OK;
    for (size_t i = 0; i < pickle->node_count && status == BB_OK; ++i)
        if (pickle->nodes[i].kind == BB_PICKLE_PERSISTENT)
            status = describe(pickle, pickle->nodes[i].args, path, &out->items[out->count++], err);
    if (status == BB_OK && count > 0) {
        qsort(out->items, out->count, sizeof *out->items, compare_keys);
        status = merge(out, path, err);
    }
    if (status != BB_OK) bb_storages_free(out);
    return status;
}

void bb_storages_free(bb_storages *storages) {
    bb_free(storages->items);
    *storages = (bb_storages){0};
}

bb_storage *bb_storages_find(const bb_storages *storages, const char *key, size_t key_length) {
    const bb_storage wanted = {.key = key, .key_length = key_length};
    if (storages->count == 0) return NULL;
    return bsearch(&wanted, storages->items, storages->count, sizeof wanted, compare_keys);
}

bool bb_storage_bytes(const bb_storage *storage, size_t *bytes) {
    return !__builtin_mul_overflow(storage->count, (size_t)storage->type->element_size, bytes);
}
