#include "train/blocks.h"

#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"

bb_status bb_blocks_create(size_t room, bb_blocks *out, bb_error *err) {
    *out = (bb_blocks){.room = room};
    out->names = bb_calloc(room, sizeof *out->names);
    out->tensors = bb_calloc(room, sizeof *out->tensors);
    if (out->names && out->tensors) return BB_OK;
    bb_blocks_free(out);
    return bb_fail(err, BB_ERR_MEMORY, "no memory for a table of %zu tensors", room);
}

void bb_blocks_free(bb_blocks *b) {
    bb_free(b->names);
    bb_free(b->tensors);
    *b = (bb_blocks){0};
}

void bb_blocks_add(bb_blocks *b, const char *prefix, const char *name, int64_t rows, int64_t columns,
                   const float *data) {
    char *own = b->names[b->count];
    snprintf(own, BB_BLOCK_NAME, "%s%s", prefix, name);
    b->tensors[b->count++] = (bb_tensor){.name = own,
                                         .dtype = BB_F32,
                                         .dims = columns ? 2 : 1,
                                         .shape = {rows, columns},
                                         .strides = {columns ? columns : 1, columns ? 1 : 0},
                                         .data = data};
}

void bb_blocks_add_model(bb_blocks *b, const char *prefix, const bb_parameters *p, const float *block) {
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        bb_blocks_add(b, prefix, spec.name, spec.rows, spec.columns, block + p->at[i]);
    }
}

bb_status bb_blocks_read(const bb_weights *w, const char *path, const char *prefix, const char *name,
                         int64_t rows, int64_t columns, float *out, bb_error *err) {
    char own[BB_BLOCK_NAME];
    snprintf(own, sizeof own, "%s%s", prefix, name);
    const bb_tensor *t = bb_weights_find(w, own);
    const bool fits =
        t && t->dims == (columns ? 2u : 1u) && t->shape[0] == rows && (!columns || t->shape[1] == columns);
    if (!fits)
        return bb_fail(err, BB_ERR_FORMAT, "%s: %s: expected %lld numbers of this name, found %s", path, own,
                       (long long)(rows * (columns ? columns : 1)), t ? "another shape" : "none");
    bb_tensor_to_f32(t, out);
    return BB_OK;
}

bb_status bb_blocks_read_model(const bb_weights *w, const char *path, const char *prefix,
                               const bb_parameters *p, float *block, bb_error *err) {
    for (size_t i = 0; i < p->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&p->config, i);
        BB_TRY(bb_blocks_read(w, path, prefix, spec.name, spec.rows, spec.columns, block + p->at[i], err));
    }
    return BB_OK;
}
