/* The step loop. Everything random depends on the seed and on counters alone (the window's place in the
 * sequence of epochs, the step), so that a run goes on from any checkpoint as if it had not been interrupted.
 */
#include "brainbert/pretrain.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "train/pictures.h"
#include "train/run_options.h"
#include "train/schedule.h"
#include "train/tensorboard.h"
#include "train/trainer.h"

/* A loss this many times the first one, or a usual first one where that is less, is no learning any more. */
enum { EXPLODED = 10, USUAL = 4 };

enum { PATH = 4096 };

/* Windows that validation looks at; more tell little more. */
enum { MOST_VALIDATION = 256 };

/* ---------------------------------------------------------------- one step */

/* This rank's part of a batch: windows [first, first + count) of it. */
typedef struct part_of {
    int64_t first, count;
} part_of;

static part_of own_part(const bb_trainer *t, int64_t batch) {
    const bb_ranks *ranks = t->options->ranks;
    part_of own;
    bb_ranks_part(batch, bb_ranks_count(ranks), bb_ranks_me(ranks), &own.first, &own.count);
    own.count -= own.first;
    return own;
}

/* Spectrograms and masks of `count` windows; `first` is the place of the first one in its sequence of draws.
 */
static bb_status load(bb_trainer *t, const int64_t *windows, int64_t count, uint64_t sequence, int64_t first,
                      bb_error *err) {
    if (count == 0) return BB_OK;
    BB_TRY(bb_batches_load(&t->batches, windows, count, t->targets, err));
    bb_mask_draw_many(&t->mask, t->options->seed + sequence, first, t->targets, count, t->batches.frames,
                      t->batches.bins, t->network->threads, t->intervals, t->inputs, t->masks);
    return BB_OK;
}

/* Masked cells of all ranks' parts. */
static bb_loss_counts count_cells(const bb_trainer *t, int64_t count) {
    bb_loss_counts own = {0};
    bb_loss_count(&t->loss, t->targets, t->masks, count * t->cells, &own);
    int64_t all[] = {own.masked, own.content};
    bb_ranks_sum_counts(t->options->ranks, all, 2);
    return (bb_loss_counts){all[0], all[1]};
}

/* All of what was loaded, a part at a time: the loss and, with `learn`, the gradients, which with the last
 * part set out to the other ranks. */
static bb_status pass(bb_trainer *t, int64_t count, const bb_dropout *dropout, bool learn, bb_loss *loss,
                      bb_error *err) {
    const bb_loss_counts counts = count_cells(t, count);
    *loss = (bb_loss){0};
    if (learn) bb_network_clear_gradients(t->network);
    for (int64_t w = 0; w < count; w += t->part) {
        const int64_t windows = count - w < t->part ? count - w : t->part, at = w * t->cells;
        BB_TRY(bb_network_forward(t->network, t->inputs + at, windows, w, dropout, err));
        bb_loss_add(&t->loss, &counts, t->network->prediction, t->targets + at, t->masks + at,
                    windows * t->cells, loss, t->d_prediction);
        if (learn && w + windows == count) bb_gradients_release(&t->gradients);
        if (learn) BB_TRY(bb_network_backward(t->network, t->d_prediction, err));
    }
    return BB_OK;
}

/* Each rank's share of the means -> the means. */
static void sum_losses(const bb_trainer *t, bb_loss *loss) {
    double sums[] = {loss->l1, loss->content, loss->total};
    bb_ranks_sum(t->options->ranks, sums, 3);
    *loss = (bb_loss){sums[0], sums[1], sums[2]};
}

/* The same windows and masks each time, spread over all recordings. */
static bb_status validate(bb_trainer *t, double *out, bb_error *err) {
    const bb_dropout none = {0};
    const int64_t all = t->batches.validation_count, most = all < MOST_VALIDATION ? all : MOST_VALIDATION;
    double sum = 0;
    for (int64_t done = 0; done < most;) {
        const int64_t count = most - done < t->options->batch ? most - done : t->options->batch;
        const part_of own = own_part(t, count);
        bb_loss loss;
        for (int64_t i = 0; i < own.count; ++i)
            t->windows[i] = t->batches.validation[(done + own.first + i) * all / most];
        BB_TRY(load(t, t->windows, own.count, 1, done + own.first, err));
        BB_TRY(pass(t, own.count, &none, false, &loss, err));
        sum_losses(t, &loss);
        sum += loss.total * (double)count;
        done += count;
    }
    *out = most > 0 ? sum / (double)most : NAN;
    return BB_OK;
}

/* RUN/pictures/step-N.png, whose folder is made. */
static bb_status picture_path(const bb_trainer *t, char path[PATH], bb_error *err) {
    if (snprintf(path, PATH, "%s/pictures", t->run) >= PATH - 64)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: too long a name", t->run);
    BB_TRY(bb_make_directories(path, err));
    const size_t end = strlen(path);
    snprintf(path + end, PATH - end, "/step-%09lld.png", (long long)t->state.step);
    return BB_OK;
}

/* A few validation windows (or training windows, where there are none), always the same under the same masks.
 */
static bb_status draw(bb_trainer *t, const char *path, bb_error *err) {
    const bb_dropout none = {0};
    const bb_batches *b = &t->batches;
    const int64_t *from = b->validation_count ? b->validation : b->train;
    const int64_t all = b->validation_count ? b->validation_count : b->train_count,
                  most = t->options->batch < BB_PICTURE_WINDOWS ? t->options->batch : BB_PICTURE_WINDOWS,
                  count = all < most ? all : most;
    int64_t windows[BB_PICTURE_WINDOWS];
    char title[64];
    for (int64_t i = 0; i < count; ++i) windows[i] = from[i * all / count];
    BB_TRY(load(t, windows, count, 1, 0, err));
    float *predictions = bb_calloc((size_t)(count * t->cells), sizeof *predictions);
    bb_status status = predictions ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for a picture");
    for (int64_t i = 0; i < count && status == BB_OK; ++i) {
        status = bb_network_forward(t->network, t->inputs + i * t->cells, 1, i, &none, err);
        if (status == BB_OK)
            memcpy(predictions + i * t->cells, t->network->prediction,
                   (size_t)t->cells * sizeof *predictions);
    }
    snprintf(title, sizeof title, "After %lld steps", (long long)t->state.step);
    if (status == BB_OK)
        status = bb_picture_write(path, title, b, windows, count, t->targets, t->inputs, predictions, err);
    bb_free(predictions);
    return status;
}

/* Loss and gradients of a batch, of all ranks together. */
static bb_status derive(bb_trainer *t, bb_loss *loss, bb_exchange_times *times, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const int64_t step = t->state.step, first = step * o->batch;
    const part_of own = own_part(t, o->batch);
    const bb_dropout dropout = {
        .rate = (float)o->dropout, .seed = o->seed, .step = (uint64_t)step, .first = own.first};
    bb_epochs_draw(&t->batches.epochs, first, o->batch, t->windows);
    BB_TRY(load(t, t->windows + own.first, own.count, 0, first + own.first, err));
    const bb_status status = pass(t, own.count, &dropout, true, loss, err);
    *times = bb_gradients_await(&t->gradients);
    BB_TRY(status);
    sum_losses(t, loss);
    return BB_OK;
}

static bb_status fail_apart(const bb_trainer *t, double loss, double norm, bb_error *err) {
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "%s: step %lld: the loss is %g, at first it was %g, and the gradient's length is %g: the "
                   "training has come apart. A checkpoint before it, if there is one, is as it was; a lower "
                   "learning rate may hold it together",
                   t->run, (long long)t->state.step + 1, loss, t->state.first_loss, norm);
}

static void change_weights(bb_trainer *t, double norm, double rate) {
    const bb_pretrain_options *o = t->options;
    const double scale = o->clip > 0 && norm > o->clip ? o->clip / (norm + 1e-6) : 1;
    bb_optimizer_step(&t->optimizer, &t->gradients.stretches, t->state.step, rate, scale,
                      t->network->gradients, t->moments, t->squares, t->network->weights);
    bb_gradients_spread_weights(&t->gradients);
}

static bb_status learn(bb_trainer *t, bb_pretrain_step *s, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const double begun = bb_seconds(), rate = bb_learning_rate(o->rate, o->warm_up, t->state.step, o->steps);
    bb_loss loss;
    bb_exchange_times times;
    BB_TRY(derive(t, &loss, &times, err));
    const double norm = bb_gradient_norm(&t->gradients.stretches, t->network->gradients);
    if (t->state.first_loss == 0) t->state.first_loss = loss.total;
    if (!isfinite(norm) || !(loss.total <= EXPLODED * fmax(t->state.first_loss, USUAL)))
        return fail_apart(t, loss.total, norm, err);
    change_weights(t, norm, rate);
    const double seconds = bb_seconds() - begun;
    *s = (bb_pretrain_step){.step = ++t->state.step,
                            .steps = o->steps,
                            .loss = loss.total,
                            .l1 = loss.l1,
                            .content = loss.content,
                            .gradient_norm = norm,
                            .rate = rate,
                            .windows_per_s = o->batch / seconds,
                            .validation = NAN,
                            .batch = o->batch,
                            .windows = t->batches.train_count,
                            .validation_windows = t->batches.validation_count,
                            .part = (int)t->part,
                            .without_units = t->arithmetic == BB_BF16_PORTABLE,
                            .ranks = bb_ranks_count(o->ranks),
                            .step_s = seconds,
                            .exchange_s = times.busy_s,
                            .exposed_s = times.waited_s};
    s->gflop_per_s =
        3e-9 * bb_encoder_flop(&t->network->parameters.config, t->batches.frames) * s->windows_per_s;
    return BB_OK;
}

/* ---------------------------------------------------------------- the loop */

static bb_status keep(bb_trainer *t, double validation, bb_error *err) {
    if (validation < t->state.best_validation) {
        t->state.best_validation = validation;
        t->state.best_step = t->state.step;
    }
    return bb_trainer_keep(t, err);
}

/* The step in the run's log and, with `check`, in a picture: by the rank that writes. */
static bb_status write_down(bb_trainer *t, const bb_pretrain_step *s, bool check, bb_error *err) {
    char picture[PATH];
    if (!bb_trainer_writes(t)) return BB_OK;
    if (check) BB_TRY(picture_path(t, picture, err));
    if (check) BB_TRY(draw(t, picture, err));
    BB_TRY(bb_metrics_append(t->run, s, err));
    return bb_events_append(t->run, s, check ? picture : NULL, err);
}

/* A step, with what belongs to it; *stop when a rank's listener says so. */
static bb_status advance(bb_trainer *t, bb_pretrain_listener listener, void *context, bool *stop,
                         bb_error *err) {
    bb_pretrain_step s;
    BB_TRY(learn(t, &s, err));
    const bool check = s.step % t->options->check_every == 0 || s.step == s.steps;
    if (check) BB_TRY(validate(t, &s.validation, err));
    BB_TRY(write_down(t, &s, check, err));
    *stop = bb_ranks_any(t->options->ranks, listener && listener(context, &s) != 0);
    if (check || *stop) BB_TRY(keep(t, s.validation, err));
    return BB_OK;
}

static bb_status loop(bb_trainer *t, bb_pretrain_listener listener, void *context, bb_error *err) {
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

bb_status bb_pretrain(const bb_corpus *corpus, const bb_pretrain_options *options, const char *run,
                      bool resume, bb_pretrain_listener listener, void *context, bb_error *err) {
    bb_pretrain_options o = *options;
    cJSON *words = NULL;
    bb_status status = resume ? bb_run_options(run, bb_corpus_get_info(corpus), &o, &words, err) : BB_OK;
    if (!o.precision) o.precision = "f32";
    if (!o.mask) o.mask = bb_mask_name_for(bb_corpus_get_info(corpus)->recipe.spectrogram.method);
    if (o.check_every <= 0) o.check_every = o.steps >= 50 ? o.steps / 50 : 1;
    bb_trainer t = {.options = &o, .run = run};
    const int before = omp_get_max_threads();
    omp_set_num_threads(o.threads > 0 ? o.threads : omp_get_num_procs()); /* the optimiser's as well */
    if (status == BB_OK) status = bb_trainer_set_up(&t, corpus, resume, err);
    if (status == BB_OK) status = loop(&t, listener, context, err);
    omp_set_num_threads(before);
    bb_trainer_tear_down(&t);
    cJSON_Delete(words);
    return status;
}
