#include "train/parameters.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"

bb_status bb_parameters_create(const bb_model_config *config, bb_parameters *out, bb_error *err) {
    enum { LINE = BB_ALIGNMENT / sizeof(float) };
    *out = (bb_parameters){.config = *config, .count = bb_layout_count(config)};
    out->at = bb_calloc(out->count + 1, sizeof *out->at);
    out->sizes = bb_calloc(out->count, sizeof *out->sizes);
    if (!out->at || !out->sizes) {
        bb_parameters_free(out);
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a table of %zu tensors", out->count);
    }
    for (size_t i = 0; i < out->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(config, i);
        out->sizes[i] = bb_spec_count(&spec);
        out->at[i + 1] = out->at[i] + (out->sizes[i] + LINE - 1) / LINE * LINE;
    }
    return BB_OK;
}

void bb_parameters_free(bb_parameters *p) {
    bb_free(p->at);
    bb_free(p->sizes);
    *p = (bb_parameters){0};
}

float *bb_parameters_block(const bb_parameters *p) {
    return bb_calloc((size_t)p->at[p->count], sizeof(float));
}

bb_status bb_parameters_load(const bb_parameters *p, const bb_model *model, float *block, bb_error *err) {
    if (!model->info.has_prediction_head)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: has no prediction head (spec_prediction_head.*), which training needs",
                       model->info.path);
    for (size_t i = 0; i < p->count; ++i) bb_model_read_tensor(model, i, block + p->at[i]);
    return BB_OK;
}
