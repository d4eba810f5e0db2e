/* What the two containers of PyTorch checkpoints share: from the object pickle to tensors. */
#ifndef BB_WEIGHTS_PTH_H
#define BB_WEIGHTS_PTH_H

#include "weights/pickle.h"
#include "weights/weights.h"

/* A flat run of numbers that tensors are views of, as the pickle describes it. */
typedef struct bb_storage {
    const char *key; /* inside the pickle's bytes, not terminated */
    size_t key_length;
    const bb_pickle_name *type;
    size_t count;              /* elements */
    const unsigned char *data; /* count * type->element_size bytes; NULL: not fetched yet */
} bb_storage;

/* All storages that a pickle mentions, sorted by key. */
typedef struct bb_storages {
    bb_storage *items;
    size_t count;
} bb_storages;

bb_status bb_storages_collect(const bb_pickle *pickle, const char *path, bb_storages *out, bb_error *err);
void bb_storages_free(bb_storages *storages);
bb_storage *bb_storages_find(const bb_storages *storages, const char *key, size_t key_length);

/* Bytes of a storage; false if that overflows. */
bool bb_storage_bytes(const bb_storage *storage, size_t *bytes);

/* Makes storage->data valid until the weights are closed. */
typedef bb_status bb_storage_fetch(void *context, bb_storage *storage, bb_error *err);

/* Adds the tensors of the checkpoint's dictionary, fetching the storages they need and no others, and the
 * configuration. */
bb_status bb_pth_build(bb_weights *weights, const bb_pickle *pickle, const bb_storages *storages,
                       bb_storage_fetch *fetch, void *context, const char *path, bb_error *err);

#endif
