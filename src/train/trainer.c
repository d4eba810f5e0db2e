#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/memory.h"
#include "train/pictures.h"
#include "train/provenance.h"
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
    t->part =
        bb_network_part(&config, t->share, t->batches.frames, threads, t->arithmetic, t->options->memory);
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
        status = bb_batches_create(corpus, normalization, o->validation, o->held_out, o->seed, t->room,
                                   o->threads, &t->batches, err);
    if (status == BB_OK) status = make_model(t, from, info, err);
    bb_model_close(from);
    return status;
}

static bb_status allocate(bb_trainer *t, bb_error *err) {
    const int64_t T = t->batches.frames, F = t->batches.bins;
    t->cells = T * F;
    t->moments = bb_gradients_block(&t->gradients);
    t->squares = bb_gradients_block(&t->gradients);
    t->windows = bb_calloc((size_t)t->options->batch, sizeof *t->windows);
    t->targets = bb_calloc((size_t)(t->room * t->cells), sizeof *t->targets);
    t->inputs = bb_calloc((size_t)(t->room * t->cells), sizeof *t->inputs);
    t->masks = bb_calloc((size_t)(t->room * t->cells), sizeof *t->masks);
    t->d_prediction = bb_calloc((size_t)(t->part * t->cells), sizeof *t->d_prediction);
    t->intervals = bb_calloc((size_t)(t->network->threads * (T > F ? T : F)), sizeof *t->intervals);
    return t->moments && t->squares && t->windows && t->targets && t->inputs && t->masks && t->d_prediction &&
                   t->intervals
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for batches of %lld windows", (long long)t->room);
}

/* ---------------------------------------------------------------- checkpoints */

/* With whole moments, where a rank has a share of them alone. */
typedef struct whole_moments {
    float *moments, *squares; /* NULL: the trainer's own are whole */
} whole_moments;

static bb_status make_whole(const bb_trainer *t, bool here, whole_moments *out, bb_error *err) {
    *out = (whole_moments){0};
    if (!t->gradients.sharded || !here) return BB_OK;
    out->moments = bb_parameters_block(&t->network->parameters);
    out->squares = bb_parameters_block(&t->network->parameters);
    return out->moments && out->squares ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for all moments");
}

static void free_whole(whole_moments *w) {
    bb_free(w->moments);
    bb_free(w->squares);
}

static bb_checkpoint checkpoint_of(bb_trainer *t, const whole_moments *w) {
    return (bb_checkpoint){t->model, t->network, w->moments ? w->moments : t->moments,
                           w->squares ? w->squares : t->squares, &t->state};
}

bool bb_trainer_writes(const bb_trainer *t) { return bb_ranks_me(t->options->ranks) == 0; }

static bb_status write_checkpoint(bb_trainer *t, whole_moments *w, bb_error *err) {
    BB_TRY(make_whole(t, bb_trainer_writes(t), w, err));
    bb_gradients_collect(&t->gradients, t->moments, w->moments);
    bb_gradients_collect(&t->gradients, t->squares, w->squares);
    if (!bb_trainer_writes(t)) return BB_OK;
    BB_TRY(bb_provenance_set(t->model, t->options, bb_corpus_get_info(t->batches.corpus), &t->state, err));
    const bb_checkpoint content = checkpoint_of(t, w);
    return bb_checkpoint_write(t->run, &content, t->batches.validation_count > 0, err);
}

bb_status bb_trainer_keep(bb_trainer *t, bb_error *err) {
    whole_moments w;
    const bb_parameters *p = &t->network->parameters;
    const uint32_t own = bb_crc32c(t->network->weights, (size_t)p->at[p->count] * sizeof(float));
    if (!bb_ranks_same(t->options->ranks, own))
        return bb_fail(
            err, BB_ERR_IO,
            "%s: after step %lld ranks hold different weights: one of their machines, or what joins "
            "them, has failed; the last checkpoint is as it was",
            t->run, (long long)t->state.step);
    const bb_status status = write_checkpoint(t, &w, err);
    free_whole(&w);
    /* Who ends now, because the run was stopped, would end rank 0 as it writes. */
    if (status == BB_OK) bb_ranks_barrier(t->options->ranks);
    return status;
}

static bb_status read_checkpoint(bb_trainer *t, const char *folder, bb_error *err) {
    whole_moments w;
    bb_status status = make_whole(t, true, &w, err);
    const bb_checkpoint content = checkpoint_of(t, &w);
    if (status == BB_OK) status = bb_checkpoint_read(folder, &content, err);
    if (status == BB_OK && w.moments) {
        bb_gradients_take(&t->gradients, w.moments, t->moments);
        bb_gradients_take(&t->gradients, w.squares, t->squares);
    }
    free_whole(&w);
    return status;
}

/* ---------------------------------------------------------------- all of it */

/* What rank 0 makes of the run folder, before any other looks into it. */
static bb_status begin_run(const bb_trainer *t, const bb_corpus_info *corpus, bool resume, bb_error *err) {
    if (!bb_trainer_writes(t)) return BB_OK;
    if (!resume) BB_TRY(bb_run_create(t->run, t->options, corpus, err));
    BB_TRY(bb_metrics_trim(t->run, t->state.step, err));
    return bb_events_begin(t->run, t->state.step, err);
}

static bb_status check_share(bb_trainer *t, bb_error *err) {
    const int ranks = bb_ranks_count(t->options->ranks);
    const int64_t batch = t->options->batch,
                  picture = batch < BB_PICTURE_WINDOWS ? batch : BB_PICTURE_WINDOWS;
    t->share = (batch + ranks - 1) / ranks;
    t->room = t->share > picture ? t->share : picture;
    if (batch >= ranks) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "pretraining: expected a window of each batch for each of %d ranks, "
                   "found batches of %lld",
                   ranks, (long long)batch);
}

bb_status bb_trainer_set_up(bb_trainer *t, const bb_corpus *corpus, bool resume, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    char checkpoint[BB_RUN_PATH];
    BB_TRY(bb_pretrain_check(o, err));
    BB_TRY(check_share(t, err));
    const bool goes_on = resume && bb_run_find(t->run, checkpoint); /* else cut off before the first one */
    t->arithmetic = strcmp(o->precision, "bf16") == 0 ? bb_bf16_arithmetic() : BB_FLOAT32;
    BB_TRY(bb_mask_recipe_named(o->mask, o->mask_share, &t->mask, err));
    BB_TRY(begin(t, corpus, goes_on ? checkpoint : NULL, err));
    BB_TRY(bb_mask_check(&t->mask, t->batches.frames, t->batches.bins, err));
    BB_TRY(bb_gradients_create(t->network, o->ranks, o->shard_optimizer, &t->gradients, err));
    BB_TRY(allocate(t, err));
    t->loss = bb_loss_recipe_default();
    t->optimizer =
        bb_optimizer_recipe_for(strcmp(o->optimizer, "lamb") == 0 ? BB_OPTIMIZER_LAMB : BB_OPTIMIZER_ADAMW);
    t->mask.published = o->published;
    t->state.best_validation = INFINITY;
    if (goes_on) BB_TRY(read_checkpoint(t, checkpoint, err));
    return begin_run(t, bb_corpus_get_info(corpus), resume, err);
}

void bb_trainer_tear_down(bb_trainer *t) {
    bb_batches_free(&t->batches);
    bb_gradients_free(&t->gradients);
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
