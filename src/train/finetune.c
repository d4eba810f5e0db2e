/* Fine-tuning: the encoder, trained along or frozen, with a linear unit on its pooled output. */
#include <math.h>
#include <omp.h>

#include "base/error.h"
#include "model/model.h"
#include "train/encoder_source.h"
#include "train/finetune_run.h"
#include "train/targets.h"

/* As long a window as positions are meant for; attention takes memory by its square. */
enum { MOST_FRAMES = 5000 };

bb_finetune_options bb_finetune_options_default(void) {
    return (bb_finetune_options){.pooling = {BB_POOL_CENTER, 1},
                                 .steps = 1000,
                                 .batch = 64,
                                 .head_rate = 1e-3,
                                 .encoder_rate = 1e-4,
                                 .weight_decay = 0.01,
                                 .clip = 1,
                                 .dropout = 0.1,
                                 .patience = 300,
                                 .factor = 0.1,
                                 .memory = 4e9};
}

static bb_learning learning_of(const bb_finetune_options *o) {
    return (bb_learning){.steps = o->steps,
                         .batch = o->batch,
                         .weight_decay = o->weight_decay,
                         .clip = o->clip,
                         .dropout = o->dropout,
                         .check_every = o->check_every,
                         .patience = o->patience,
                         .factor = o->factor,
                         .seed = o->seed};
}

bb_status bb_finetune_check(const bb_finetune_options *o, bb_error *err) {
    const bb_learning learning = learning_of(o);
    BB_TRY(bb_learning_check(&learning, "fine-tuning", err));
    if (!(o->head_rate > 0 && o->head_rate <= 1e3 && o->encoder_rate > 0 && o->encoder_rate <= 1e3))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "fine-tuning: expected rates above 0 and up to 1000, found %g for the head and %g for the "
            "encoder",
            o->head_rate, o->encoder_rate);
    if (o->pooling.kind == BB_POOL_NONE || (o->pooling.kind == BB_POOL_SEGMENTS && o->pooling.segments < 1))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "fine-tuning: expected a pooling over frames (center, mean, segments:K), found another");
    return BB_OK;
}

static bb_status check_input(const bb_model_info *model, const bb_finetune_input *in,
                             const bb_finetune_options *o, const bb_targets *targets, bb_error *err) {
    if (!in->spectrograms || in->windows < 1 || in->frames < 1 || in->frames > MOST_FRAMES ||
        in->bins != model->config.input_dim)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "%s: expected spectrograms of 1 window or more, 1 to %d frames and %d bins, found %lld, "
            "%lld and %lld",
            model->path, MOST_FRAMES, model->config.input_dim, (long long)in->windows, (long long)in->frames,
            (long long)in->bins);
    if (o->pooling.kind == BB_POOL_SEGMENTS && o->pooling.segments > in->frames)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "fine-tuning: expected up to %lld segments, one a frame, found %d",
                       (long long)in->frames, o->pooling.segments);
    BB_TRY(bb_targets_check(targets, in->windows, err));
    const int64_t cells = in->frames * in->bins;
    return bb_targets_check_rows(targets, in->spectrograms, cells, cells, err);
}

/* ---------------------------------------------------------------- set-up */

typedef struct tuner {
    const bb_model *model;
    const bb_finetune_input *input;
    const bb_targets *targets;
    const bb_finetune_options *options;
    int threads;
    bb_network *network; /* NULL: frozen */
    bb_trained_encoder trained;
    bb_frozen_encoder frozen;
    bb_learner learner;
    bb_finetune_run run;
    bb_model *copy; /* what a run folder's checkpoints save; NULL: none */
} tuner;

static bb_status create_learner(tuner *t, const bb_learner_source *source, int64_t part, bb_error *err) {
    const bb_learning learning = learning_of(t->options);
    return bb_learner_create(t->targets, &learning, source, NULL, 0, t->options->head_rate, part, &t->learner,
                             err);
}

static bb_status train_encoder(tuner *t, bb_error *err) {
    const bb_finetune_options *o = t->options;
    const bb_model_config *config = &bb_model_get_info(t->model)->config;
    const int64_t part =
        bb_network_part(config, o->batch, t->input->frames, t->threads, BB_FLOAT32, o->memory);
    BB_TRY(bb_network_create(config, part, t->input->frames, t->threads, BB_FLOAT32, &t->network, err));
    bb_parameters_load_present(&t->network->parameters, t->model, t->network->weights);
    BB_TRY(bb_trained_encoder_create(t->network, t->input, &o->pooling, &t->trained, err));
    const bb_learner_source source = bb_trained_encoder_source(&t->trained);
    BB_TRY(create_learner(t, &source, part, err));
    return bb_learner_add_encoder(&t->learner, &t->trained.parameters, t->network->weights,
                                  t->network->gradients, o->encoder_rate, err);
}

static bb_status freeze_encoder(tuner *t, bb_error *err) {
    BB_TRY(bb_frozen_encoder_create(t->model, t->input, t->targets, &t->options->pooling, t->threads,
                                    &t->frozen, err));
    const bb_learner_source source = bb_frozen_encoder_source(&t->frozen);
    return create_learner(t, &source, t->options->batch, err);
}

static bb_status set_up(tuner *t, bb_error *err) {
    const bb_finetune_options *o = t->options;
    BB_TRY(o->freeze ? freeze_encoder(t, err) : train_encoder(t, err));
    if (!o->run) return BB_OK;
    BB_TRY(bb_finetune_copy_model(t->model, o, &t->copy, err));
    t->run = (bb_finetune_run){.folder = o->run,
                               .options = o,
                               .begun_from = bb_model_get_info(t->model)->path,
                               .model = t->copy,
                               .network = t->network,
                               .learner = &t->learner};
    return bb_finetune_run_begin(&t->run, t->input, err);
}

static void tear_down(tuner *t) {
    bb_learner_free(&t->learner);
    bb_trained_encoder_free(&t->trained);
    bb_frozen_encoder_free(&t->frozen);
    bb_network_destroy(t->network);
    bb_model_close(t->copy);
}

bb_status bb_finetune(const bb_model *model, const bb_finetune_input *input, const bb_targets *targets,
                      const bb_finetune_options *options, bb_fit_listener listener, void *context,
                      bb_fit_result *out, bb_error *err) {
    tuner t = {.model = model,
               .input = input,
               .targets = targets,
               .options = options,
               .threads = options->threads > 0 ? options->threads : omp_get_num_procs()};
    *out = (bb_fit_result){0};
    BB_TRY(bb_finetune_check(options, err));
    BB_TRY(check_input(bb_model_get_info(model), input, options, targets, err));
    const int before = omp_get_max_threads();
    omp_set_num_threads(t.threads);
    bb_status status = set_up(&t, err);
    if (status == BB_OK) status = bb_learner_run(&t.learner, listener, context, err);
    if (status == BB_OK) status = bb_learner_conclude(&t.learner, out, err);
    omp_set_num_threads(before);
    tear_down(&t);
    return status;
}
