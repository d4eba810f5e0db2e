#include "train/parameters.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"

/* A table for out->count tensors, whose sizes are still to come. */
static bb_status begin(bb_parameters *out, bb_error *err) {
    out->at = bb_calloc(out->count + 1, sizeof *out->at);
    out->sizes = bb_calloc(out->count, sizeof *out->sizes);
    if (out->at && out->sizes) return BB_OK;
    bb_parameters_free(out);
    return bb_fail(err, BB_ERR_MEMORY, "no memory for a table of tensors");
}

static void place(bb_parameters *out) {
    enum { LINE = BB_ALIGNMENT / sizeof(float) };
    for (size_t i = 0; i < out->count; ++i)
        out->at[i + 1] = out->at[i] + (out->sizes[i] + LINE - 1) / LINE * LINE;
}

bb_status bb_parameters_create(const bb_model_config *config, bb_parameters *out, bb_error *err) {
    *out = (bb_parameters){.config = *config, .count = bb_layout_count(config)};
    BB_TRY(begin(out, err));
    for (size_t i = 0; i < out->count; ++i) {
        const bb_tensor_spec spec = bb_layout_at(config, i);
        out->sizes[i] = bb_spec_count(&spec);
    }
    place(out);
    return BB_OK;
}

bb_status bb_parameters_of_sizes(const int64_t *sizes, size_t count, bb_parameters *out, bb_error *err) {
    *out = (bb_parameters){.count = count};
    BB_TRY(begin(out, err));
    for (size_t i = 0; i < count; ++i) out->sizes[i] = sizes[i];
    place(out);
    return BB_OK;
}

bb_parameters bb_parameters_of_encoder(const bb_parameters *p) {
    bb_parameters encoder = *p;
    encoder.count = bb_layout_head(&p->config, 0);
    return encoder;
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
    bb_parameters_load_present(p, model, block);
    return BB_OK;
}

void bb_parameters_load_present(const bb_parameters *p, const bb_model *model, float *block) {
    for (size_t i = 0; i < p->count; ++i)
        if (model->info.has_prediction_head || !bb_layout_at(&p->config, i).optional)
            bb_model_read_tensor(model, i, block + p->at[i]);
}
