#include <omp.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/encoder.h"
#include "model/layout.h"
#include "model/precision_choice.h"

static bb_status load_tensor(const bb_model *model, size_t index, float **out, bb_error *err) {
    const bb_tensor_spec spec = bb_layout_at(&model->info.config, index);
    *out = bb_calloc((size_t)bb_spec_count(&spec), sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %s", model->info.path, spec.name);
    bb_model_read_tensor(model, index, *out);
    return BB_OK;
}

static bb_status load_norm(const bb_model *model, size_t gain_index, bb_norm *out, bb_error *err) {
    BB_TRY(load_tensor(model, gain_index, &out->gain, err));
    return load_tensor(model, gain_index + 1, &out->bias, err);
}

/* The rows [first_row, first_row + rows) of a matrix and of the bias that follows it in the table. */
static bb_status load_linear(const bb_model *model, size_t index, int64_t first_row, int64_t rows,
                             bb_format format, bb_epilogue epilogue, bb_packed **out, bb_error *err) {
    const bb_tensor_spec spec = bb_layout_at(&model->info.config, index);
    float *copy = NULL, *bias = NULL;
    const float *weight = bb_model_map_tensor(model, index);
    bb_status status = load_tensor(model, index + 1, &bias, err);
    if (status == BB_OK && !weight) {
        status = load_tensor(model, index, &copy, err);
        weight = copy;
    }
    if (status == BB_OK)
        status = bb_packed_create(weight + first_row * spec.columns, bias + first_row, spec.columns, rows,
                                  format, epilogue, out, err);
    bb_model_release_tensor(model, index);
    bb_free(copy);
    bb_free(bias);
    return status;
}

static bb_status load_layer(const bb_model *model, int i, bb_format format, bb_encoder_layer *layer,
                            bb_error *err) {
    const int64_t D = model->info.config.hidden_dim, FF = model->info.config.feed_forward_dim;
#define PLACE(p) bb_layout_layer(i, p)
    BB_TRY(load_linear(model, PLACE(BB_QKV_WEIGHT), 0, D, format, BB_EPILOGUE_NONE, &layer->query, err));
    BB_TRY(
        load_linear(model, PLACE(BB_QKV_WEIGHT), D, 2 * D, format, BB_EPILOGUE_NONE, &layer->key_value, err));
    BB_TRY(load_linear(model, PLACE(BB_OUT_WEIGHT), 0, D, format, BB_EPILOGUE_ADD, &layer->out, err));
    BB_TRY(load_linear(model, PLACE(BB_UP_WEIGHT), 0, FF, format, BB_EPILOGUE_GELU, &layer->up, err));
    BB_TRY(load_linear(model, PLACE(BB_DOWN_WEIGHT), 0, D, format, BB_EPILOGUE_ADD, &layer->down, err));
    BB_TRY(load_norm(model, PLACE(BB_NORM1_GAIN), &layer->norm1, err));
    return load_norm(model, PLACE(BB_NORM2_GAIN), &layer->norm2, err);
#undef PLACE
}

static bb_status load_head(const bb_model *model, bb_encoder *e, bb_error *err) {
    const bb_model_config *c = &model->info.config;
    if (!model->info.has_prediction_head) return BB_OK;
    BB_TRY(load_linear(model, bb_layout_head(c, BB_HEAD_WEIGHT), 0, c->hidden_dim, BB_FORMAT_F32,
                       BB_EPILOGUE_GELU, &e->head, err));
    BB_TRY(load_norm(model, bb_layout_head(c, BB_HEAD_NORM_GAIN), &e->head_norm, err));
    return load_linear(model, bb_layout_head(c, BB_HEAD_OUT_WEIGHT), 0, c->input_dim, BB_FORMAT_F32,
                       BB_EPILOGUE_NONE, &e->head_out, err);
}

static bb_status build(const bb_model *model, bb_encoder *e, bb_error *err) {
    e->layers = bb_calloc((size_t)e->config.layers, sizeof *e->layers);
    e->spaces = bb_calloc((size_t)e->threads, sizeof *e->spaces);
    if (!e->layers || !e->spaces)
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for the layers", model->info.path);
    BB_TRY(load_linear(model, BB_IN_WEIGHT, 0, e->config.hidden_dim, BB_FORMAT_F32, BB_EPILOGUE_ADD, &e->in,
                       err));
    BB_TRY(load_norm(model, BB_IN_NORM_GAIN, &e->in_norm, err));
    for (int i = 0; i < e->config.layers; ++i)
        BB_TRY(load_layer(model, i, e->formats.product, &e->layers[i], err));
    return load_head(model, e, err);
}

/* Halves of all that products multiply and make. */
static bool even_widths(const bb_model_config *c) {
    return c->hidden_dim % 2 == 0 && c->feed_forward_dim % 2 == 0;
}

/* Attention multiplies bf16 where that is faster, and can: a word holds two of a head's numbers. */
static bb_encoder_formats choose_formats(const bb_encoder *e) {
    const bool even = e->config.hidden_dim / e->config.heads % 2 == 0;
    switch (e->precision) {
    case BB_PRECISION_BF16:
        return (bb_encoder_formats){BB_FORMAT_BF16, even ? BB_FORMAT_BF16 : BB_FORMAT_F32, BB_FORMAT_BF16};
    case BB_PRECISION_INT8:
        return (bb_encoder_formats){
            BB_FORMAT_INT8, even && e->kernels->units[BB_FORMAT_BF16] ? BB_FORMAT_BF16 : BB_FORMAT_F32,
            BB_FORMAT_BF16};
    default:
        if (!even_widths(&e->config))
            return (bb_encoder_formats){BB_FORMAT_F32, BB_FORMAT_F32, BB_FORMAT_F32};
        return (bb_encoder_formats){BB_FORMAT_PAIRS, BB_FORMAT_F32, BB_FORMAT_PAIRS};
    }
}

static bb_status create(const bb_model *model, bb_precision precision, int threads, bb_encoder **out,
                        bb_error *err) {
    bb_encoder *e = bb_calloc(1, sizeof *e);
    if (!e) return bb_fail(err, BB_ERR_MEMORY, "no memory for an encoder");
    e->config = model->info.config;
    e->precision = precision;
    e->kernels = bb_product_kernels_get();
    e->formats = choose_formats(e);
    e->threads = threads > 0 ? threads : omp_get_num_procs();
    const int before = omp_get_max_threads();
    omp_set_num_threads(e->threads);
    const bb_status status = build(model, e, err);
    omp_set_num_threads(before);
    if (status == BB_OK)
        *out = e;
    else
        bb_encoder_destroy(e);
    return status;
}

bb_status bb_encoder_create(const bb_model *model, bb_precision precision, int threads, bb_encoder **out,
                            bb_error *err) {
    *out = NULL;
    if (precision == BB_PRECISION_AUTO) return bb_encoder_create_fastest(model, threads, out, err);
    return create(model, precision, threads, out, err);
}

static void free_norm(bb_norm *n) {
    bb_free(n->gain);
    bb_free(n->bias);
}

void bb_encoder_destroy(bb_encoder *e) {
    if (!e) return;
    for (int i = 0; e->layers && i < e->config.layers; ++i) {
        bb_encoder_layer *layer = &e->layers[i];
        bb_packed *const all[] = {layer->query, layer->key_value, layer->out, layer->up, layer->down};
        for (size_t j = 0; j < sizeof all / sizeof *all; ++j) bb_packed_destroy(all[j]);
        free_norm(&layer->norm1);
        free_norm(&layer->norm2);
    }
    bb_packed_destroy(e->in);
    bb_packed_destroy(e->head);
    bb_packed_destroy(e->head_out);
    free_norm(&e->in_norm);
    free_norm(&e->head_norm);
    for (int i = 0; e->spaces && i < e->threads; ++i) bb_space_free(&e->spaces[i]);
    bb_free(e->spaces);
    bb_free(e->scratch);
    bb_free(e->positions);
    bb_free(e->layers);
    bb_free(e);
}

const bb_model_config *bb_encoder_config(const bb_encoder *e) { return &e->config; }

bb_precision bb_encoder_precision(const bb_encoder *e) { return e->precision; }
