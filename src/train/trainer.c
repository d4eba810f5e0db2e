#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "train/tensorboard.h"

bb_pretrain_options bb_pretrain_options_default(void) {
    return (bb_pretrain_options){.model = "untrained:large",
                                 .steps = 500000,
                                 .batch = 256,
                                 .rate = 1e-4,
                                 .warm_up = 0.025,
                                 .clip = 1,
                                 .dropout = 0.1,
                                 .optimizer = "lamb",
                                 .precision = "f32",
                                 .validation = 0.05,
                                 .memory = 4e9};
}

static bb_status check_options(const bb_pretrain_options *o, bb_error *err) {
    if (o->steps < 1 || o->batch < 1 || !(o->rate > 0) || !(o->dropout >= 0 && o->dropout < 1) ||
        !(o->warm_up >= 0 && o->warm_up <= 1) || !(o->validation >= 0 && o->validation < 1))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "pretraining: expected 1 step or more, 1 window or more, a rate above 0, shares below "
                       "1, found %lld "
                       "steps of %d windows, rate %g, dropout %g, warm-up %g, validation %g",
                       (long long)o->steps, o->batch, o->rate, o->dropout, o->warm_up, o->validation);
    if (strcmp(o->optimizer, "lamb") != 0 && strcmp(o->optimizer, "adamw") != 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "pretraining: optimizer: expected lamb or adamw, found '%s'",
                       o->optimizer);
    if (strcmp(o->precision, "f32") != 0 && strcmp(o->precision, "bf16") != 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "pretraining: precision: expected f32 or bf16, found '%s'",
                       o->precision);
    return BB_OK;
}

/* The most windows whose activations fit, at least one. */
static int64_t part_of(const bb_trainer *t, const bb_model_config *c, int threads) {
    enum { ENOUGH = 32 }; /* rows for the products to run at full rate */
    int64_t part = t->options->batch < ENOUGH ? t->options->batch : ENOUGH;
    while (part > 1 &&
           bb_network_bytes(c, part, t->batches.frames, threads, t->arithmetic) > t->options->memory)
        --part;
    return part;
}

/* The published code's initialisation sets LayerNorm's biases to 1. */
static void publish_biases(bb_network *n) {
    for (size_t i = 0; i < n->parameters.count; ++i)
        if (bb_layout_at(&n->parameters.config, i).kind == BB_TENSOR_NORM_BIAS)
            for (int64_t k = 0; k < n->parameters.sizes[i]; ++k) n->weights[n->parameters.at[i] + k] = 1;
}

static bool is_fresh(const bb_trainer *t, const bb_model_info *from) {
    return !from->recipe_stated && strncmp(t->options->model, "untrained:", 10) == 0;
}

/* What the call does not say is as the published code has it if it is to be followed, as the model was
 * trained, or for a new one as the corpus was prepared. */
static const char *normalization_of(const bb_trainer *t, const bb_model_info *from) {
    if (t->options->published && !t->options->normalize) return "window";
    if (t->options->normalize || !from->recipe_stated) return t->options->normalize;
    return from->recipe.spectrogram.normalization == BB_NORMALIZE_SESSION ? "session" : "window";
}

/* The model that is trained: a copy of `from`, or a new one of its size. */
static bb_status make_model(bb_trainer *t, const bb_model *from, const bb_corpus_info *corpus,
                            bb_error *err) {
    const bb_model_info *info = bb_model_get_info(from);
    bb_model_config config = info->config;
    if (is_fresh(t, info)) config.input_dim = (int)t->batches.bins;
    if (config.input_dim != t->batches.bins)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: wants spectrograms of %d bins, the corpus's have %lld",
                       t->options->model, config.input_dim, (long long)t->batches.bins);
    BB_TRY(bb_model_create(&config, t->options->seed, &t->model, err));
    t->model->info.recipe = corpus->recipe;
    t->model->info.recipe.spectrogram = *bb_spectrogram_plan_recipe(t->batches.plan);
    t->model->info.trained = true;
    const int threads = t->batches.threads;
    t->part = part_of(t, &config, threads);
    BB_TRY(bb_network_create(&config, t->part, t->batches.frames, threads, t->arithmetic, &t->network, err));
    BB_TRY(bb_parameters_load(&t->network->parameters, is_fresh(t, info) ? t->model : from,
                              t->network->weights, err));
    if (t->options->published && is_fresh(t, info)) publish_biases(t->network);
    return BB_OK;
}

static bb_status begin(bb_trainer *t, const bb_corpus *corpus, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    bb_model *from;
    BB_TRY(bb_model_open(o->model, 0, &from, err));
    bb_status status = bb_batches_create(corpus, normalization_of(t, bb_model_get_info(from)), o->validation,
                                         o->held_out, o->seed, o->batch, o->threads, &t->batches, err);
    if (status == BB_OK) status = make_model(t, from, bb_corpus_get_info(corpus), err);
    bb_model_close(from);
    return status;
}

static bb_status allocate(bb_trainer *t, bb_error *err) {
    const int64_t batch = t->options->batch, T = t->batches.frames, F = t->batches.bins;
    t->cells = T * F;
    t->moments = bb_parameters_block(&t->network->parameters);
    t->squares = bb_parameters_block(&t->network->parameters);
    t->windows = bb_calloc((size_t)batch, sizeof *t->windows);
    t->targets = bb_calloc((size_t)(batch * t->cells), sizeof *t->targets);
    t->inputs = bb_calloc((size_t)(batch * t->cells), sizeof *t->inputs);
    t->masks = bb_calloc((size_t)(batch * t->cells), sizeof *t->masks);
    t->d_prediction = bb_calloc((size_t)(t->part * t->cells), sizeof *t->d_prediction);
    t->intervals = bb_calloc((size_t)(t->network->threads * (T > F ? T : F)), sizeof *t->intervals);
    return t->moments && t->squares && t->windows && t->targets && t->inputs && t->masks && t->d_prediction &&
                   t->intervals
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for batches of %lld windows", (long long)batch);
}

bb_status bb_trainer_set_up(bb_trainer *t, const bb_corpus *corpus, bool resume, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    BB_TRY(check_options(o, err));
    t->arithmetic = strcmp(o->precision, "bf16") == 0 ? bb_bf16_arithmetic() : BB_FLOAT32;
    BB_TRY(bb_mask_recipe_named(o->mask, o->mask_share, &t->mask, err));
    BB_TRY(begin(t, corpus, err));
    BB_TRY(allocate(t, err));
    t->loss = bb_loss_recipe_default();
    t->optimizer =
        bb_optimizer_recipe_for(strcmp(o->optimizer, "lamb") == 0 ? BB_OPTIMIZER_LAMB : BB_OPTIMIZER_ADAMW);
    t->mask.published = o->published;
    t->state.best_validation = INFINITY;
    if (!resume) BB_TRY(bb_run_create(t->run, o, bb_corpus_get_info(corpus)->path, err));
    if (resume && bb_checkpoint_exists(t->run)) /* else it was interrupted before the first one */
        BB_TRY(bb_checkpoint_read(t->run, t->network, t->moments, t->squares, &t->state, err));
    BB_TRY(bb_metrics_trim(t->run, t->state.step, err));
    return bb_events_begin(t->run, t->state.step, err);
}

void bb_trainer_tear_down(bb_trainer *t) {
    bb_batches_free(&t->batches);
    bb_network_destroy(t->network);
    bb_model_close(t->model);
    bb_free(t->moments);
    bb_free(t->squares);
    bb_free(t->windows);
    bb_free(t->targets);
    bb_free(t->inputs);
    bb_free(t->masks);
    bb_free(t->d_prediction);
    bb_free(t->intervals);
}
