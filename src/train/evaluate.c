/* A model's loss beside that of predictors that learned nothing, over the same windows and masks. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "brainbert/pretrain.h"
#include "train/batches.h"
#include "train/interpolate.h"
#include "train/listed.h"
#include "train/loss.h"
#include "train/masks.h"
#include "train/pictures.h"

/* Windows at a time: enough for the encoder to run at full rate. */
enum { PART = 32 };

typedef struct evaluator {
    bb_batches batches;
    bb_encoder *model, *untrained;
    bb_mask_recipe mask;
    bb_loss_recipe loss;
    uint64_t seed;
    int64_t *windows, count;               /* looked at */
    int64_t cells;                         /* T x F */
    float *targets, *inputs, *predictions; /* [PART, T, F] */
    uint8_t *masks, *zeroed;               /* [PART, T, F]: masked; 0 in what the model sees */
    uint8_t *scratch;                      /* the larger of T and F */
    bb_interval *intervals;
    bb_loss_counts counts;
    bb_loss sums[BB_PREDICTORS];
} evaluator;

bb_evaluate_options bb_evaluate_options_default(void) { return (bb_evaluate_options){.windows = 2048}; }

const char *bb_predictor_name(bb_predictor predictor) {
    static const char *const names[BB_PREDICTORS] = {
        [BB_PREDICTOR_MODEL] = "model",
        [BB_PREDICTOR_UNTRAINED] = "untrained",
        [BB_PREDICTOR_ZEROS] = "zeros",
        [BB_PREDICTOR_FREQUENCY] = "frequency",
        [BB_PREDICTOR_TIME] = "time",
        [BB_PREDICTOR_FREQUENCY_BLIND] = "frequency_blind",
        [BB_PREDICTOR_TIME_BLIND] = "time_blind",
    };
    return names[predictor];
}

/* ---------------------------------------------------------------- which windows */

static bool is_wanted(const bb_corpus *corpus, const char *only, int64_t window) {
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    const bb_corpus_channel *channel = &info->channels[bb_corpus_window_channel(corpus, window)];
    return !only || bb_session_listed(only, &info->sessions[channel->session]);
}

/* One window from each of `most` equal stretches of windows[all], to the front: a fixed stride would meet the
 * same channels again and again. */
static void thin_out(int64_t *windows, int64_t all, int64_t most, uint64_t seed) {
    for (int64_t i = 0; i < most; ++i) {
        const int64_t first = i * all / most, end = (i + 1) * all / most;
        const double place = bb_random_uniform(seed, 0, (uint64_t)i);
        windows[i] = windows[first + (int64_t)(place * (double)(end - first))];
    }
}

static bb_status choose_windows(evaluator *e, const bb_evaluate_options *o, int64_t *of_windows,
                                bb_error *err) {
    const bb_batches *b = &e->batches;
    const bool part = o->validation > 0;
    if (o->only) BB_TRY(bb_listed_check(o->only, bb_corpus_get_info(b->corpus), err));
    int64_t all = part ? b->validation_count : b->train_count;
    e->windows = part ? b->validation : b->train;
    for (int64_t i = 0; i < all; ++i)
        if (is_wanted(b->corpus, o->only, e->windows[i])) e->windows[e->count++] = e->windows[i];
    *of_windows = e->count;
    if (e->count == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected windows%s%s%s, found none",
                       bb_corpus_get_info(b->corpus)->path, o->only ? " of " : "", o->only ? o->only : "",
                       part ? " at the end of recordings" : "");
    if (o->windows > 0 && o->windows < e->count) {
        thin_out(e->windows, e->count, o->windows, o->seed);
        e->count = o->windows;
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- predictions */

static void interpolate(const evaluator *e, bb_axis axis, const uint8_t *missing, int64_t count) {
    for (int64_t at = 0; at < count * e->cells; at += e->cells)
        bb_interpolate(axis, e->inputs + at, missing + at, e->batches.frames, e->batches.bins, e->scratch,
                       e->predictions + at);
}

/* Of what was loaded. */
static bb_status predict(evaluator *e, bb_predictor predictor, int64_t count, bb_error *err) {
    const bb_batch batch = {.spectrograms = e->inputs, .windows = count, .frames = e->batches.frames};
    switch (predictor) {
    case BB_PREDICTOR_MODEL:
        return bb_encoder_predict(e->model, &batch, e->predictions, err);
    case BB_PREDICTOR_UNTRAINED:
        return bb_encoder_predict(e->untrained, &batch, e->predictions, err);
    case BB_PREDICTOR_FREQUENCY:
        interpolate(e, BB_AXIS_FREQUENCY, e->masks, count);
        break;
    case BB_PREDICTOR_TIME:
        interpolate(e, BB_AXIS_TIME, e->masks, count);
        break;
    case BB_PREDICTOR_FREQUENCY_BLIND:
        interpolate(e, BB_AXIS_FREQUENCY, e->zeroed, count);
        break;
    case BB_PREDICTOR_TIME_BLIND:
        interpolate(e, BB_AXIS_TIME, e->zeroed, count);
        break;
    case BB_PREDICTOR_ZEROS:
    case BB_PREDICTORS:
        memset(e->predictions, 0, (size_t)(count * e->cells) * sizeof *e->predictions);
    }
    return BB_OK;
}

/* windows[count] and their masks, as a training with this seed draws those of its validation; `first` is the
 * first one's place among them. */
static bb_status load(evaluator *e, const int64_t *windows, int64_t first, int64_t count, bb_error *err) {
    const bb_batches *b = &e->batches;
    BB_TRY(bb_batches_load(b, windows, count, e->targets, err));
    bb_mask_draw_many(&e->mask, e->seed + 1, first, e->targets, count, b->frames, b->bins, b->threads,
                      e->intervals, e->inputs, e->masks);
    for (int64_t i = 0; i < count * e->cells; ++i) e->zeroed[i] = e->inputs[i] == 0;
    return BB_OK;
}

/* Adds a part's losses, as sums: how many cells they are means over is known at the end. */
static bb_status add(evaluator *e, int64_t count, bb_error *err) {
    const bb_loss_counts one = {1, 1};
    bb_loss_count(&e->loss, e->targets, e->masks, count * e->cells, &e->counts);
    for (int p = 0; p < BB_PREDICTORS; ++p) {
        BB_TRY(predict(e, (bb_predictor)p, count, err));
        bb_loss_add(&e->loss, &one, e->predictions, e->targets, e->masks, count * e->cells, &e->sums[p],
                    NULL);
    }
    return BB_OK;
}

/* A few of the windows, from all over. */
static bb_status draw(evaluator *e, const char *path, bb_error *err) {
    const int64_t count = e->count < BB_PICTURE_WINDOWS ? e->count : BB_PICTURE_WINDOWS, all = e->count;
    int64_t windows[BB_PICTURE_WINDOWS];
    for (int64_t i = 0; i < count; ++i) windows[i] = e->windows[(2 * i + 1) * all / (2 * count)];
    BB_TRY(load(e, windows, 0, count, err));
    BB_TRY(predict(e, BB_PREDICTOR_MODEL, count, err));
    return bb_picture_write(path, "Masked and filled in", &e->batches, windows, count, e->targets, e->inputs,
                            e->predictions, err);
}

static bb_status work(evaluator *e, bb_progress progress, void *context, bb_error *err) {
    for (int64_t done = 0; done < e->count;) {
        const int64_t count = e->count - done < PART ? e->count - done : PART;
        BB_TRY(load(e, e->windows + done, done, count, err));
        BB_TRY(add(e, count, err));
        done += count;
        if (progress && progress(context, done, e->count) && done < e->count)
            return bb_fail(err, BB_ERR_CANCELLED, "stopped after window %lld of %lld", (long long)done,
                           (long long)e->count);
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- set-up */

static bb_status create_encoders(evaluator *e, const bb_model *model, int threads, bb_error *err) {
    bb_model *untrained;
    BB_TRY(bb_encoder_create(model, BB_PRECISION_F32, threads, &e->model, err));
    BB_TRY(bb_model_create(&bb_model_get_info(model)->config, e->seed, &untrained, err));
    const bb_status status = bb_encoder_create(untrained, BB_PRECISION_F32, threads, &e->untrained, err);
    bb_model_close(untrained);
    return status;
}

static bb_status allocate(evaluator *e, bb_error *err) {
    const int64_t T = e->batches.frames, F = e->batches.bins;
    const size_t longest = (size_t)(T > F ? T : F), part = (size_t)(PART * T * F);
    e->cells = T * F;
    e->targets = bb_calloc(part, sizeof *e->targets);
    e->inputs = bb_calloc(part, sizeof *e->inputs);
    e->predictions = bb_calloc(part, sizeof *e->predictions);
    e->masks = bb_calloc(part, sizeof *e->masks);
    e->zeroed = bb_calloc(part, sizeof *e->zeroed);
    e->scratch = bb_calloc(longest, sizeof *e->scratch);
    e->intervals = bb_calloc((size_t)e->batches.threads * longest, sizeof *e->intervals);
    return e->targets && e->inputs && e->predictions && e->masks && e->zeroed && e->scratch && e->intervals
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for %d windows", PART);
}

static bb_status set_up(evaluator *e, const bb_corpus *corpus, const bb_model *model,
                        const bb_evaluate_options *o, int64_t *of_windows, bb_error *err) {
    const bb_corpus_info *info = bb_corpus_get_info(corpus);
    if (!(o->validation >= 0 && o->validation < 1) || !(o->mask_share >= 0 && o->mask_share <= 1))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "evaluating: expected shares from 0 to 1, found validation %g, mask share %g",
                       o->validation, o->mask_share);
    const bb_model_info *m = bb_model_get_info(model);
    bb_normalization normalization;
    if (!m->has_prediction_head)
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: has no prediction head (spec_prediction_head.*), which fills in what is masked",
                       m->path);
    BB_TRY(bb_batches_fit(m, info, err));
    BB_TRY(bb_batches_normalization(NULL, m, info, &normalization, err));
    BB_TRY(bb_mask_recipe_named(o->mask ? o->mask : bb_mask_name_for(info->recipe.spectrogram.method),
                                o->mask_share, &e->mask, err));
    BB_TRY(bb_batches_create(corpus, normalization, o->validation, NULL, o->seed, PART, o->threads,
                             &e->batches, err));
    BB_TRY(bb_mask_check(&e->mask, e->batches.frames, e->batches.bins, err));
    BB_TRY(choose_windows(e, o, of_windows, err));
    BB_TRY(create_encoders(e, model, o->threads, err));
    return allocate(e, err);
}

static void tear_down(evaluator *e) {
    bb_batches_free(&e->batches);
    bb_encoder_destroy(e->model);
    bb_encoder_destroy(e->untrained);
    bb_free(e->targets);
    bb_free(e->inputs);
    bb_free(e->predictions);
    bb_free(e->masks);
    bb_free(e->zeroed);
    bb_free(e->scratch);
    bb_free(e->intervals);
}

static double mean(double sum, int64_t count) { return count > 0 ? sum / (double)count : 0; }

static void conclude(const evaluator *e, bb_evaluation *out) {
    out->windows = e->count;
    out->cells = e->count * e->cells;
    out->masked = e->counts.masked;
    out->content = e->counts.content;
    for (int p = 0; p < BB_PREDICTORS; ++p) {
        const double l1 = mean(e->sums[p].l1, e->counts.masked),
                     content = mean(e->sums[p].content, e->counts.content);
        out->losses[p] = (bb_prediction_loss){l1, content, l1 + e->loss.alpha * content};
    }
}

bb_status bb_pretrain_evaluate(const bb_corpus *corpus, const bb_model *model,
                               const bb_evaluate_options *options, bb_progress progress, void *context,
                               bb_evaluation *out, bb_error *err) {
    evaluator e = {.loss = bb_loss_recipe_default(), .seed = options->seed};
    *out = (bb_evaluation){0};
    bb_status status = set_up(&e, corpus, model, options, &out->of_windows, err);
    if (status == BB_OK) status = work(&e, progress, context, err);
    if (status == BB_OK) conclude(&e, out);
    if (status == BB_OK && options->picture) status = draw(&e, options->picture, err);
    tear_down(&e);
    return status;
}
