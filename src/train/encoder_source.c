#include "train/encoder_source.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/pooling.h"
#include "train/targets.h"

/* ---------------------------------------------------------------- trained along */

bb_status bb_trained_encoder_create(bb_network *network, const bb_finetune_input *input,
                                    const bb_pooling *pooling, bb_trained_encoder *out, bb_error *err) {
    *out = (bb_trained_encoder){.network = network,
                                .parameters = bb_parameters_of_encoder(&network->parameters),
                                .pooling = *pooling,
                                .spectrograms = input->spectrograms};
    out->input = bb_calloc((size_t)(network->capacity * input->frames * input->bins), sizeof *out->input);
    return out->input ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a batch of spectrograms");
}

void bb_trained_encoder_free(bb_trained_encoder *e) {
    bb_free(e->input);
    *e = (bb_trained_encoder){0};
}

static int64_t pooled_size(const bb_trained_encoder *e) {
    return bb_pooling_size(&e->pooling, e->network->frames, e->network->parameters.config.hidden_dim);
}

static bb_status trained_forward(void *self, const int64_t *items, int64_t count, int64_t first,
                                 const bb_dropout *dropout, float *out, bb_error *err) {
    bb_trained_encoder *e = self;
    bb_network *n = e->network;
    const int64_t T = n->frames, D = n->parameters.config.hidden_dim, P = pooled_size(e),
                  cells = T * n->parameters.config.input_dim;
    const bb_frame_range range = bb_pooling_range(&e->pooling, T);
    for (int64_t w = 0; w < count; ++w)
        memcpy(e->input + w * cells, e->spectrograms + items[w] * cells, (size_t)cells * sizeof *e->input);
    BB_TRY(bb_network_encode(n, e->input, count, first, dropout, err));
#pragma omp parallel for schedule(static)
    for (int64_t w = 0; w < count; ++w)
        bb_pool_rows(&e->pooling, bb_network_output(n) + (w * T + range.first) * D, range.count, D,
                     out + w * P);
    return BB_OK;
}

/* d loss / d pooled [P] of a window -> that of its encoder output [T, D]: a segment's mean hands each of its
 * frames an equal share, and frames that no segment looks at get none. The segments are bb_pool_rows's. */
static void spread(const bb_pooling *pooling, bb_frame_range range, int64_t dim, const float *d,
                   float *d_rows) {
    const int64_t K = pooling->kind == BB_POOL_SEGMENTS ? pooling->segments : 1;
    for (int64_t k = 0; k < K; ++k) {
        const int64_t first = k * range.count / K, end = (k + 1) * range.count / K;
        const float share = 1 / (float)(end - first);
        for (int64_t t = first; t < end; ++t)
            for (int64_t i = 0; i < dim; ++i) d_rows[(range.first + t) * dim + i] = share * d[k * dim + i];
    }
}

static bb_status trained_backward(void *self, const float *d, bb_error *err) {
    bb_trained_encoder *e = self;
    bb_network *n = e->network;
    const int64_t T = n->frames, D = n->parameters.config.hidden_dim, P = pooled_size(e);
    const bb_frame_range range = bb_pooling_range(&e->pooling, T);
    memset(n->d_hidden, 0, (size_t)(bb_network_rows(n) * D) * sizeof *n->d_hidden);
#pragma omp parallel for schedule(static)
    for (int64_t w = 0; w < n->windows; ++w)
        spread(&e->pooling, range, D, d + w * P, n->d_hidden + w * T * D);
    return bb_network_backward_from_output(n, err);
}

bb_learner_source bb_trained_encoder_source(bb_trained_encoder *e) {
    return (bb_learner_source){
        .self = e, .dim = pooled_size(e), .forward = trained_forward, .backward = trained_backward};
}

/* ---------------------------------------------------------------- frozen */

/* Windows at a time: enough rows for the encoder's products to run at full rate. */
enum { PART = 16 };

/* Where windows of a list are gathered, and pooled. */
typedef struct bench {
    bb_encoder *encoder;
    float *input, *pooled; /* [PART, T, F], [PART, P] */
} bench;

static bb_status pool_list(const bench *b, const bb_finetune_input *in, const bb_target_list *list,
                           const bb_pooling *pooling, bb_frozen_encoder *out, bb_error *err) {
    const int64_t cells = in->frames * in->bins;
    for (int64_t done = 0; done < list->count; done += PART) {
        const int64_t count = list->count - done < PART ? list->count - done : PART,
                      *items = list->items + done;
        const bb_batch batch = {b->input, count, in->frames, NULL};
        for (int64_t i = 0; i < count; ++i)
            memcpy(b->input + i * cells, in->spectrograms + items[i] * cells, (size_t)cells * sizeof(float));
        BB_TRY(bb_encoder_pool(b->encoder, &batch, pooling, b->pooled, err));
        for (int64_t i = 0; i < count; ++i)
            memcpy(out->features + items[i] * out->dim, b->pooled + i * out->dim,
                   (size_t)out->dim * sizeof(float));
    }
    return BB_OK;
}

static bb_status pool_all(const bb_model *model, const bb_finetune_input *input, const bb_targets *targets,
                          const bb_pooling *pooling, int threads, bb_frozen_encoder *out, bb_error *err) {
    bench b = {.input = bb_calloc((size_t)(PART * input->frames * input->bins), sizeof(float)),
               .pooled = bb_calloc((size_t)(PART * out->dim), sizeof(float))};
    bb_status status = b.input && b.pooled
                           ? bb_encoder_create(model, BB_PRECISION_F32, threads, &b.encoder, err)
                           : bb_fail(err, BB_ERR_MEMORY, "no memory for %d windows", PART);
    for (int l = 0; l < BB_TARGET_LISTS && status == BB_OK; ++l) {
        const bb_target_list list = bb_targets_list(targets, l);
        status = pool_list(&b, input, &list, pooling, out, err);
    }
    bb_encoder_destroy(b.encoder);
    bb_free(b.input);
    bb_free(b.pooled);
    return status;
}

bb_status bb_frozen_encoder_create(const bb_model *model, const bb_finetune_input *input,
                                   const bb_targets *targets, const bb_pooling *pooling, int threads,
                                   bb_frozen_encoder *out, bb_error *err) {
    *out = (bb_frozen_encoder){
        .dim = bb_pooling_size(pooling, input->frames, bb_model_get_info(model)->config.hidden_dim)};
    out->features = bb_calloc((size_t)(input->windows * out->dim), sizeof *out->features);
    if (!out->features)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for features of %lld windows",
                       (long long)input->windows);
    return pool_all(model, input, targets, pooling, threads, out, err);
}

void bb_frozen_encoder_free(bb_frozen_encoder *e) {
    bb_free(e->features);
    *e = (bb_frozen_encoder){0};
}

static bb_status frozen_forward(void *self, const int64_t *items, int64_t count, int64_t first,
                                const bb_dropout *dropout, float *out, bb_error *err) {
    const bb_frozen_encoder *e = self;
    (void)first, (void)dropout, (void)err;
    for (int64_t i = 0; i < count; ++i)
        memcpy(out + i * e->dim, e->features + items[i] * e->dim, (size_t)e->dim * sizeof *out);
    return BB_OK;
}

bb_learner_source bb_frozen_encoder_source(bb_frozen_encoder *e) {
    return (bb_learner_source){.self = e, .dim = e->dim, .forward = frozen_forward};
}
