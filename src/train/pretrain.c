/* The step loop. Everything random depends on the seed and on counters alone (the window's place in the
 * sequence of epochs, the step), so that a run goes on from any checkpoint as if it had not been interrupted.
 */
#include "brainbert/pretrain.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/loss.h"
#include "train/masks.h"
#include "train/network.h"
#include "train/optimizer.h"
#include "train/pictures.h"
#include "train/schedule.h"
#include "train/tensorboard.h"

/* A loss this many times the first one is no learning any more. */
enum { EXPLODED = 10 };

/* Windows that validation looks at; more tell little more. */
enum { MOST_VALIDATION = 256 };

typedef struct trainer {
    const bb_pretrain_options *options;
    const char *run;
    bb_model *model;
    bb_network *network;
    bb_arithmetic arithmetic; /* of the linear layers' products */
    bb_batches batches;
    bb_mask_recipe mask;
    bb_loss_recipe loss;
    bb_optimizer_recipe optimizer;
    float *moments, *squares;
    int64_t part, cells; /* windows at a time; T x F */
    int64_t *windows;    /* [batch] */
    float *targets, *inputs;
    uint8_t *masks;
    float *d_prediction; /* [part, T, F] */
    bb_interval *intervals;
    bb_progress_state state;
} trainer;

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

/* ---------------------------------------------------------------- one step */

/* Spectrograms and masks of `count` windows; `first` is the place of the first one in its sequence of draws.
 */
static bb_status load(trainer *t, const int64_t *windows, int64_t count, uint64_t sequence, int64_t first,
                      bb_error *err) {
    BB_TRY(bb_batches_load(&t->batches, windows, count, t->targets, err));
    bb_mask_draw_many(&t->mask, t->options->seed + sequence, first, t->targets, count, t->batches.frames,
                      t->batches.bins, t->network->threads, t->intervals, t->inputs, t->masks);
    return BB_OK;
}

/* All of what was loaded, a part at a time: the loss and, with `learn`, the gradients. */
static bb_status pass(trainer *t, int64_t count, const bb_dropout *dropout, bool learn, bb_loss *loss,
                      bb_error *err) {
    bb_loss_counts counts = {0};
    *loss = (bb_loss){0};
    bb_loss_count(&t->loss, t->targets, t->masks, count * t->cells, &counts);
    if (learn) bb_network_clear_gradients(t->network);
    for (int64_t w = 0; w < count; w += t->part) {
        const int64_t windows = count - w < t->part ? count - w : t->part, at = w * t->cells;
        BB_TRY(bb_network_forward(t->network, t->inputs + at, windows, w, dropout, err));
        bb_loss_add(&t->loss, &counts, t->network->prediction, t->targets + at, t->masks + at,
                    windows * t->cells, loss, t->d_prediction);
        if (learn) BB_TRY(bb_network_backward(t->network, t->d_prediction, err));
    }
    return BB_OK;
}

/* The same windows and masks each time, spread over all recordings. */
static bb_status validate(trainer *t, double *out, bb_error *err) {
    const bb_dropout none = {0};
    const int64_t all = t->batches.validation_count, most = all < MOST_VALIDATION ? all : MOST_VALIDATION;
    double sum = 0;
    for (int64_t done = 0; done < most;) {
        const int64_t count = most - done < t->options->batch ? most - done : t->options->batch;
        bb_loss loss;
        for (int64_t i = 0; i < count; ++i) t->windows[i] = t->batches.validation[(done + i) * all / most];
        BB_TRY(load(t, t->windows, count, 1, done, err));
        BB_TRY(pass(t, count, &none, false, &loss, err));
        sum += loss.total * (double)count;
        done += count;
    }
    *out = most > 0 ? sum / (double)most : NAN;
    return BB_OK;
}

/* The first validation window (or training window, where there is none), always under the same mask. */
static bb_status draw(trainer *t, char path[4096], bb_error *err) {
    const bb_dropout none = {0};
    const int64_t window = t->batches.validation_count ? t->batches.validation[0] : t->batches.train[0];
    BB_TRY(load(t, &window, 1, 1, 0, err));
    BB_TRY(bb_network_forward(t->network, t->inputs, 1, 0, &none, err));
    return bb_picture_write(t->run, t->state.step, &t->batches, window, t->targets, t->inputs,
                            t->network->prediction, path, err);
}

static bb_status learn(trainer *t, bb_pretrain_step *s, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const int64_t step = t->state.step, first = step * o->batch;
    const bb_dropout dropout = {(float)o->dropout, o->seed, (uint64_t)step};
    bb_loss loss;
    bb_batches_draw(&t->batches, first, o->batch, t->windows);
    BB_TRY(load(t, t->windows, o->batch, 0, first, err));
    BB_TRY(pass(t, o->batch, &dropout, true, &loss, err));
    const double norm = bb_gradient_norm(&t->network->parameters, t->network->gradients);
    if (t->state.first_loss == 0) t->state.first_loss = loss.total;
    if (!isfinite(norm) || !(loss.total <= EXPLODED * t->state.first_loss))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "%s: step %lld: the loss is %g, at first it was %g, and the gradient's length is %g: the "
            "training "
            "has come apart. RUN/last is what was there before; a lower learning rate may hold it together",
            t->run, (long long)step + 1, loss.total, t->state.first_loss, norm);
    const double rate = bb_learning_rate(o->rate, o->warm_up, step, o->steps);
    const double scale = o->clip > 0 && norm > o->clip ? o->clip / (norm + 1e-6) : 1;
    bb_optimizer_step(&t->optimizer, &t->network->parameters, step, rate, scale, t->network->gradients,
                      t->moments, t->squares, t->network->weights);
    *s = (bb_pretrain_step){.step = ++t->state.step,
                            .steps = o->steps,
                            .loss = loss.total,
                            .l1 = loss.l1,
                            .content = loss.content,
                            .gradient_norm = norm,
                            .rate = rate,
                            .validation = NAN,
                            .without_units = t->arithmetic == BB_BF16_PORTABLE};
    return BB_OK;
}

/* ---------------------------------------------------------------- the loop */

static bb_status keep(trainer *t, double validation, bb_error *err) {
    const bool best = validation < t->state.best_validation;
    if (best) {
        t->state.best_validation = validation;
        t->state.best_step = t->state.step;
    }
    return bb_checkpoint_write(t->run, t->model, t->network, t->moments, t->squares, &t->state, best, err);
}

/* A step, with what belongs to it; *stop when the listener says so. */
static bb_status advance(trainer *t, bb_pretrain_listener listener, void *context, bool *stop,
                         bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const double begun = bb_seconds();
    bb_pretrain_step s;
    BB_TRY(learn(t, &s, err));
    const double seconds = bb_seconds() - begun;
    s.windows_per_s = o->batch / seconds;
    s.gflop_per_s =
        3e-9 * bb_encoder_flop(&t->network->parameters.config, t->batches.frames) * s.windows_per_s;
    char picture[4096];
    const bool check = s.step % o->check_every == 0 || s.step == o->steps;
    if (check) BB_TRY(validate(t, &s.validation, err));
    if (check) BB_TRY(draw(t, picture, err));
    BB_TRY(bb_metrics_append(t->run, &s, err));
    BB_TRY(bb_events_append(t->run, &s, check ? picture : NULL, err));
    *stop = listener && listener(context, &s) != 0;
    if (check || *stop) BB_TRY(keep(t, s.validation, err));
    return BB_OK;
}

static bb_status loop(trainer *t, bb_pretrain_listener listener, void *context, bb_error *err) {
    while (t->state.step < t->options->steps) {
        bool stop;
        BB_TRY(advance(t, listener, context, &stop, err));
        if (stop && t->state.step < t->options->steps)
            return bb_fail(err, BB_ERR_CANCELLED,
                           "%s: stopped after step %lld of %lld; --resume goes on from there", t->run,
                           (long long)t->state.step, (long long)t->options->steps);
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- set-up */

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
static int64_t part_of(const trainer *t, const bb_model_config *c, int threads) {
    enum { ENOUGH = 32 }; /* rows for the products to run at full rate */
    int64_t part = t->options->batch < ENOUGH ? t->options->batch : ENOUGH;
    while (part > 1 &&
           bb_network_bytes(c, part, t->batches.frames, threads, t->arithmetic) > t->options->memory)
        --part;
    return part;
}

static bb_status open_model(trainer *t, const bb_corpus_info *corpus, bb_error *err) {
    bb_model *from;
    BB_TRY(bb_model_open(t->options->model, 0, &from, err));
    bb_model_config config = bb_model_get_info(from)->config;
    const bool fresh =
        !bb_model_get_info(from)->recipe_stated && strncmp(t->options->model, "untrained:", 10) == 0;
    if (fresh) config.input_dim = (int)t->batches.bins;
    bb_status status = BB_OK;
    if (config.input_dim != t->batches.bins)
        status = bb_fail(err, BB_ERR_ARGUMENT, "%s: wants spectrograms of %d bins, the corpus's have %lld",
                         t->options->model, config.input_dim, (long long)t->batches.bins);
    if (status == BB_OK) status = bb_model_create(&config, t->options->seed, &t->model, err);
    if (status == BB_OK) {
        t->model->info.recipe = corpus->recipe;
        t->model->info.recipe.spectrogram = *bb_spectrogram_plan_recipe(t->batches.plan);
        t->model->info.trained = true;
        const bb_model *begin = fresh ? t->model : from;
        const int threads = t->options->threads > 0 ? t->options->threads : omp_get_num_procs();
        t->part = part_of(t, &config, threads);
        status =
            bb_network_create(&config, t->part, t->batches.frames, threads, t->arithmetic, &t->network, err);
        if (status == BB_OK)
            status = bb_parameters_load(&t->network->parameters, begin, t->network->weights, err);
    }
    bb_model_close(from);
    return status;
}

/* The published code's initialisation sets LayerNorm's biases to 1. */
static void publish_biases(bb_network *n) {
    for (size_t i = 0; i < n->parameters.count; ++i)
        if (bb_layout_at(&n->parameters.config, i).kind == BB_TENSOR_NORM_BIAS)
            for (int64_t k = 0; k < n->parameters.sizes[i]; ++k) n->weights[n->parameters.at[i] + k] = 1;
}

static bb_status allocate(trainer *t, bb_error *err) {
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

static bb_status set_up(trainer *t, const bb_corpus *corpus, bool resume, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    BB_TRY(check_options(o, err));
    t->arithmetic = strcmp(o->precision, "bf16") == 0 ? bb_bf16_arithmetic() : BB_FLOAT32;
    BB_TRY(bb_mask_recipe_named(o->mask, o->mask_share, &t->mask, err));
    BB_TRY(bb_batches_create(corpus, o->normalize, o->validation, o->held_out, o->seed, o->batch, o->threads,
                             &t->batches, err));
    BB_TRY(open_model(t, bb_corpus_get_info(corpus), err));
    BB_TRY(allocate(t, err));
    t->loss = bb_loss_recipe_default();
    t->optimizer =
        bb_optimizer_recipe_for(strcmp(o->optimizer, "lamb") == 0 ? BB_OPTIMIZER_LAMB : BB_OPTIMIZER_ADAMW);
    t->mask.published = o->published;
    t->state.best_validation = INFINITY;
    if (o->published) publish_biases(t->network);
    if (!resume) BB_TRY(bb_run_create(t->run, o, bb_corpus_get_info(corpus)->path, err));
    if (resume && bb_checkpoint_exists(t->run)) /* else it was interrupted before the first one */
        BB_TRY(bb_checkpoint_read(t->run, t->network, t->moments, t->squares, &t->state, err));
    BB_TRY(bb_metrics_trim(t->run, t->state.step, err));
    return bb_events_begin(t->run, t->state.step, err);
}

static void tear_down(trainer *t) {
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

bb_status bb_pretrain(const bb_corpus *corpus, const bb_pretrain_options *options, const char *run,
                      bool resume, bb_pretrain_listener listener, void *context, bb_error *err) {
    bb_pretrain_options o = *options;
    cJSON *words = NULL;
    bb_status status = resume ? bb_run_options(run, &o, &words, err) : BB_OK;
    if (!o.precision) o.precision = "f32";
    if (!o.mask) o.mask = bb_mask_name_for(bb_corpus_get_info(corpus)->recipe.spectrogram.method);
    if (o.check_every <= 0) o.check_every = o.steps >= 50 ? o.steps / 50 : 1;
    trainer t = {.options = &o, .run = run};
    const int before = omp_get_max_threads();
    omp_set_num_threads(o.threads > 0 ? o.threads : omp_get_num_procs()); /* the optimiser's as well */
    if (status == BB_OK) status = set_up(&t, corpus, resume, err);
    if (status == BB_OK) status = loop(&t, listener, context, err);
    omp_set_num_threads(before);
    tear_down(&t);
    cJSON_Delete(words);
    return status;
}
