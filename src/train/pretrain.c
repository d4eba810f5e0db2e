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
#include "train/provenance.h"
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

/* Spectrograms and masks of `count` windows; `first` is the place of the first one in its sequence of draws.
 */
static bb_status load(bb_trainer *t, const int64_t *windows, int64_t count, uint64_t sequence, int64_t first,
                      bb_error *err) {
    BB_TRY(bb_batches_load(&t->batches, windows, count, t->targets, err));
    bb_mask_draw_many(&t->mask, t->options->seed + sequence, first, t->targets, count, t->batches.frames,
                      t->batches.bins, t->network->threads, t->intervals, t->inputs, t->masks);
    return BB_OK;
}

/* All of what was loaded, a part at a time: the loss and, with `learn`, the gradients. */
static bb_status pass(bb_trainer *t, int64_t count, const bb_dropout *dropout, bool learn, bb_loss *loss,
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
static bb_status validate(bb_trainer *t, double *out, bb_error *err) {
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

static bb_status learn(bb_trainer *t, bb_pretrain_step *s, bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const int64_t step = t->state.step, first = step * o->batch;
    const bb_dropout dropout = {(float)o->dropout, o->seed, (uint64_t)step};
    bb_loss loss;
    bb_epochs_draw(&t->batches.epochs, first, o->batch, t->windows);
    BB_TRY(load(t, t->windows, o->batch, 0, first, err));
    BB_TRY(pass(t, o->batch, &dropout, true, &loss, err));
    const double norm = bb_gradient_norm(&t->network->parameters, t->network->gradients);
    if (t->state.first_loss == 0) t->state.first_loss = loss.total;
    if (!isfinite(norm) || !(loss.total <= EXPLODED * fmax(t->state.first_loss, USUAL)))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: step %lld: the loss is %g, at first it was %g, and the gradient's length is %g: "
                       "the training has "
                       "come apart. A checkpoint before it, if there is one, is as it was; a lower learning "
                       "rate may hold it "
                       "together",
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
                            .batch = o->batch,
                            .windows = t->batches.train_count,
                            .validation_windows = t->batches.validation_count,
                            .part = (int)t->part,
                            .without_units = t->arithmetic == BB_BF16_PORTABLE};
    return BB_OK;
}

/* ---------------------------------------------------------------- the loop */

static bb_status keep(bb_trainer *t, double validation, bb_error *err) {
    if (validation < t->state.best_validation) {
        t->state.best_validation = validation;
        t->state.best_step = t->state.step;
    }
    BB_TRY(bb_provenance_set(t->model, t->options, bb_corpus_get_info(t->batches.corpus), &t->state, err));
    const bb_checkpoint content = bb_trainer_checkpoint(t);
    return bb_checkpoint_write(t->run, &content, t->batches.validation_count > 0, err);
}

/* A step, with what belongs to it; *stop when the listener says so. */
static bb_status advance(bb_trainer *t, bb_pretrain_listener listener, void *context, bool *stop,
                         bb_error *err) {
    const bb_pretrain_options *o = t->options;
    const double begun = bb_seconds();
    bb_pretrain_step s;
    BB_TRY(learn(t, &s, err));
    const double seconds = bb_seconds() - begun;
    s.windows_per_s = o->batch / seconds;
    s.gflop_per_s =
        3e-9 * bb_encoder_flop(&t->network->parameters.config, t->batches.frames) * s.windows_per_s;
    char picture[PATH];
    const bool check = s.step % o->check_every == 0 || s.step == o->steps;
    if (check) BB_TRY(validate(t, &s.validation, err));
    if (check) BB_TRY(picture_path(t, picture, err));
    if (check) BB_TRY(draw(t, picture, err));
    BB_TRY(bb_metrics_append(t->run, &s, err));
    BB_TRY(bb_events_append(t->run, &s, check ? picture : NULL, err));
    *stop = listener && listener(context, &s) != 0;
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
