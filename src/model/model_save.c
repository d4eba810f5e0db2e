#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "model/layout.h"
#include "model/model.h"
#include "model/model_config.h"

/* The tensors under their published names, in one owned block each. */
typedef struct bundle {
    bb_tensor *tensors;
    bb_tensor_spec *specs; /* hold the names */
    size_t count;
} bundle;

static void free_bundle(bundle *b, float **blocks) {
    for (size_t i = 0; blocks && i < b->count; ++i) bb_free(blocks[i]);
    bb_free(blocks);
    bb_free(b->tensors);
    bb_free(b->specs);
}

/* In place: a half is written where floats have been read. */
static bb_status halve(const bb_model *m, bb_tensor *t, float *data, size_t count, bb_error *err) {
    t->dtype = BB_F16;
    if (bb_f16_from_f32(data, count, (uint16_t *)(void *)data)) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED,
                   "%s: %s: expected numbers that float16 holds, found one beyond 65504", m->path, t->name);
}

static bb_status fill_bundle(const bb_model *m, bb_dtype dtype, bundle *b, float **blocks, bb_error *err) {
    for (size_t i = 0; i < m->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(&m->info.config, i);
        if (spec.optional && !m->info.has_prediction_head) continue;
        float *data = blocks[b->count] = bb_calloc((size_t)bb_spec_count(&spec), sizeof *data);
        if (!data) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %s", m->path, spec.name);
        bb_model_read_tensor(m, i, data);
        b->specs[b->count] = spec;
        b->tensors[b->count] = (bb_tensor){.name = b->specs[b->count].name,
                                           .dtype = BB_F32,
                                           .dims = spec.columns ? 2 : 1,
                                           .shape = {spec.rows, spec.columns},
                                           .strides = {spec.columns ? spec.columns : 1, spec.columns ? 1 : 0},
                                           .data = data};
        ++b->count;
        if (dtype == BB_F16)
            BB_TRY(halve(m, &b->tensors[b->count - 1], data, (size_t)bb_spec_count(&spec), err));
    }
    return BB_OK;
}

static bb_status save_weights(const bb_model *m, const char *path, bb_dtype dtype, bb_error *err) {
    bundle b = {.tensors = bb_calloc(m->count, sizeof *b.tensors),
                .specs = bb_calloc(m->count, sizeof *b.specs)};
    float **blocks = bb_calloc(m->count, sizeof *blocks);
    bb_status status = b.tensors && b.specs && blocks ? fill_bundle(m, dtype, &b, blocks, err)
                                                      : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    if (status == BB_OK) status = bb_safetensors_write(path, b.tensors, b.count, "{\"format\":\"pt\"}", err);
    free_bundle(&b, blocks);
    return status;
}

static bb_status save_config(const bb_model *m, const char *path, bb_error *err) {
    char *text = bb_model_settings_write(&m->info);
    if (!text) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", path);
    const bb_status status = bb_file_write(path, text, strlen(text), err);
    free(text);
    return status;
}

bb_status bb_model_save(const bb_model *m, const char *directory, bb_dtype dtype, bb_error *err) {
    BB_TRY(bb_make_directories(directory, err));
    char *weights = bb_path_join(directory, "model.safetensors"),
         *config = bb_path_join(directory, "config.json");
    bb_status status = weights && config ? save_weights(m, weights, dtype, err)
                                         : bb_fail(err, BB_ERR_MEMORY, "%s: no memory", directory);
    if (status == BB_OK) status = save_config(m, config, err);
    bb_free(weights);
    bb_free(config);
    return status;
}
