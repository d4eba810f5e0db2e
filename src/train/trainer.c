#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "train/run_folder.h"
#include "train/run_options.h"
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

static bb_status check_numbers(const bb_pretrain_options *o, bb_error *err) {
    if (o->steps >= 1 && o->batch >= 1 && o->batch <= 1 << 20 && o->rate > 0 && o->dropout >= 0 &&
        o->dropout <= 0.99 && o->warm_up >= 0 && o->warm_up <= 1 && o->validation >= 0 &&
        o->validation <= 0.9 && o->mask_share >= 0 && o->mask_share <= 1 && o->seed <= (uint64_t)9e15)
        return BB_OK;
    return bb_fail(
        err, BB_ERR_ARGUMENT,
        "pretraining: expected 1 step or more, 1 window or more, a rate above 0, dropout up to 0.99, "
        "validation up to 0.9, other shares up to 1, a seed up to 9e15; found %lld steps of %d windows, "
        "rate %g, dropout %g, validation %g, warm-up %g, mask share %g, seed %llu",
        (long long)o->steps, o->batch, o->rate, o->dropout, o->validation, o->warm_up, o->mask_share,
        (unsigned long long)o->seed);
}

bb_status bb_pretrain_check(const bb_pretrain_options *o, bb_error *err) {
    const struct {
        const char *name, *found, *one, *other;
    } words[] = {{"mask", o->mask, "static", "adaptive"},
                 {"optimizer", o->optimizer, "lamb", "adamw"},
                 {"precision", o->precision, "f32", "bf16"},
                 {"normalisation", o->normalize, "window", "session"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
        if (words[i].found && strcmp(words[i].found, words[i].one) != 0 &&
            strcmp(words[i].found, words[i].other) != 0)
            return bb_fail(err, BB_ERR_ARGUMENT, "pretraining: %s: expected %s or %s, found '%s'",
                           words[i].name, words[i].one, words[i].other, words[i].found);
    return check_numbers(o, err);
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

/* The model that is trained: a copy of `from`, or a new one of its size. */
static bb_status make_model(bb_trainer *t, const bb_model *from, const bb_corpus_info *corpus,
                            bb_error *err) {
    const bb_model_info *info = bb_model_get_info(from);
    bb_model_config config = info->config;
    if (is_fresh(t, info))
        config.input_dim = (int)t->batches.bins;
    else
        BB_TRY(bb_batches_fit(info, corpus, err));
    BB_TRY(bb_model_create(&config, t->options->seed, &t->model, err));
    t->model->info.recipe = corpus->recipe;
    t->model->info.recipe.spectrogram = *bb_spectrogram_plan_recipe(t->batches.plan);
    t->model->info.trained = true;
    const int threads = t->batches.threads;
    t->part = bb_network_part(&config, t->options->batch, t->batches.frames, threads, t->arithmetic,
                              t->options->memory);
    BB_TRY(bb_network_create(&config, t->part, t->batches.frames, threads, t->arithmetic, &t->network, err));
    BB_TRY(bb_parameters_load(&t->network->parameters, is_fresh(t, info) ? t->model : from,
                              t->network->weights, err));
    if (t->options->published && is_fresh(t, info)) publish_biases(t->network);
    return BB_OK;
}

/* `checkpoint`: the folder of the one to go on from, which then is the model to begin with; NULL: none. */
static bb_status begin(bb_trainer *t, const bb_corpus *corpus, const char *checkpoint, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    const char *word = o->published && !o->normalize ? "window" : o->normalize;
    bb_normalization normalization;
    bb_model *from;
    BB_TRY(bb_model_open(checkpoint ? checkpoint : o->model, 0, &from, err));
    bb_status status = bb_batches_normalization(word, bb_model_get_info(from), info, &normalization, err);
    if (status == BB_OK)
        status = bb_batches_create(corpus, normalization, o->validation, o->held_out, o->seed, o->batch,
                                   o->threads, &t->batches, err);
    if (status == BB_OK) status = make_model(t, from, info, err);
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

bb_checkpoint bb_trainer_checkpoint(bb_trainer *t) {
    return (bb_checkpoint){t->model, t->network, t->moments, t->squares, &t->state};
}

bb_status bb_trainer_set_up(bb_trainer *t, const bb_corpus *corpus, bool resume, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    char checkpoint[BB_RUN_PATH];
    BB_TRY(bb_pretrain_check(o, err));
    const bool goes_on = resume && bb_run_find(t->run, checkpoint); /* else cut off before the first one */
    t->arithmetic = strcmp(o->precision, "bf16") == 0 ? bb_bf16_arithmetic() : BB_FLOAT32;
    BB_TRY(bb_mask_recipe_named(o->mask, o->mask_share, &t->mask, err));
    BB_TRY(begin(t, corpus, goes_on ? checkpoint : NULL, err));
    BB_TRY(bb_mask_check(&t->mask, t->batches.frames, t->batches.bins, err));
    BB_TRY(allocate(t, err));
    t->loss = bb_loss_recipe_default();
    t->optimizer =
        bb_optimizer_recipe_for(strcmp(o->optimizer, "lamb") == 0 ? BB_OPTIMIZER_LAMB : BB_OPTIMIZER_ADAMW);
    t->mask.published = o->published;
    t->state.best_validation = INFINITY;
    if (!resume) BB_TRY(bb_run_create(t->run, o, bb_corpus_get_info(corpus), err));
    if (goes_on) {
        const bb_checkpoint content = bb_trainer_checkpoint(t);
        BB_TRY(bb_checkpoint_read(checkpoint, &content, err));
    }
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
