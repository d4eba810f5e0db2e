/* PyTorch checkpoints before 1.6: five pickles in a row (a magic number, the protocol, the machine's sizes,
 * the object, the list of storage keys), then for each key an int64 count and the elements. */
#include <string.h>

#include "base/error.h"
#include "weights/pth.h"

/* 0x1950a86a20f9469cfc6c, little-endian, as pickle stores long integers. */
static const unsigned char magic[10] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

enum { PROTOCOL = 1001 };

typedef struct reader {
    bb_weights *weights;
    const char *path;
    size_t at;
} reader;

static bb_status next_pickle(reader *r, const char *part, bb_pickle *out, bb_error *err) {
    BB_TRY(bb_pickle_read(r->weights->bytes + r->at, r->weights->size - r->at, r->path, part, out, err));
    r->at += out->consumed;
    return BB_OK;
}

static bb_status check_start(reader *r, bb_error *err) {
    bb_pickle p;
    BB_TRY(next_pickle(r, "magic number", &p, err));
    const bb_pickle_node *root = bb_pickle_at(&p, p.root);
    const bool known = root->kind == BB_PICKLE_BIG && root->count == sizeof magic &&
                       memcmp(root->text, magic, sizeof magic) == 0;
    bb_pickle_free(&p);
    if (!known)
        return bb_fail(err, BB_ERR_FORMAT, "%s: a pickle, but not one that PyTorch's magic number starts",
                       r->path);
    BB_TRY(next_pickle(r, "protocol", &p, err));
    root = bb_pickle_at(&p, p.root);
    const bool right = root->kind == BB_PICKLE_INT && root->integer == PROTOCOL;
    bb_pickle_free(&p);
    if (!right) return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected protocol %d", r->path, PROTOCOL);
    BB_TRY(next_pickle(r, "system", &p, err));
    root = bb_pickle_at(&p, bb_pickle_find(&p, p.root, "little_endian"));
    const bool little = root->kind == BB_PICKLE_BOOL && root->integer;
    bb_pickle_free(&p);
    if (little) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected a file of a little-endian machine", r->path);
}

/* One storage: the count once more, then its bytes. */
static bb_status place_storage(reader *r, bb_storage *s, bb_error *err) {
    const size_t left = r->weights->size - r->at;
    size_t bytes;
    uint64_t count = 0;
    for (size_t i = 0; left >= 8 && i < 8; ++i) count |= (uint64_t)r->weights->bytes[r->at + i] << 8 * i;
    if (left < 8 || !bb_storage_bytes(s, &bytes) || count != s->count || bytes > left - 8)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: byte %zu: expected %zu elements of %s, found a count of %llu and %zu bytes",
                       r->path, r->at, s->count, s->type->name, (unsigned long long)count, left);
    s->data = r->weights->bytes + r->at + 8;
    r->at += 8 + bytes;
    return BB_OK;
}

static bb_status place_storages(reader *r, const bb_storages *storages, bb_error *err) {
    bb_pickle keys;
    BB_TRY(next_pickle(r, "storage keys", &keys, err));
    bb_status status = BB_OK;
    if (bb_pickle_at(&keys, keys.root)->kind != BB_PICKLE_LIST)
        status = bb_fail(err, BB_ERR_FORMAT, "%s: expected a list of storage keys", r->path);
    for (size_t i = 0; status == BB_OK && i < bb_pickle_at(&keys, keys.root)->count; ++i) {
        const bb_pickle_node *key = bb_pickle_at(&keys, bb_pickle_item(&keys, keys.root, i));
        bb_storage *s =
            key->kind == BB_PICKLE_TEXT ? bb_storages_find(storages, key->text, key->count) : NULL;
        status =
            s ? place_storage(r, s, err)
              : bb_fail(err, BB_ERR_FORMAT, "%s: storage key %zu is not one of the object's", r->path, i);
    }
    bb_pickle_free(&keys);
    return status;
}

static bb_status fetch(void *context, bb_storage *storage, bb_error *err) {
    const reader *r = context;
    return bb_fail(err, BB_ERR_FORMAT, "%s: storage '%.*s' is not in the list of keys", r->path,
                   (int)(storage->key_length < 200 ? storage->key_length : 200), storage->key);
}

bb_status bb_pth_legacy_load(bb_weights *weights, const char *path, bb_error *err) {
    reader r = {.weights = weights, .path = path};
    bb_pickle object;
    bb_storages storages = {0};
    weights->container = "pth (legacy)";
    BB_TRY(check_start(&r, err));
    BB_TRY(next_pickle(&r, "object", &object, err));
    bb_status status = bb_storages_collect(&object, path, &storages, err);
    if (status == BB_OK) status = place_storages(&r, &storages, err);
    if (status == BB_OK) status = bb_pth_build(weights, &object, &storages, fetch, &r, path, err);
    bb_storages_free(&storages);
    bb_pickle_free(&object);
    return status;
}
