#include "train/learner.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

/* ---------------------------------------------------------------- set-up */

bb_status bb_learning_check(const bb_learning *l, const char *name, bb_error *err) {
    if (l->steps >= 1 && l->steps <= (int64_t)1e9 && l->batch >= 1 && l->batch <= 1 << 16 &&
        l->weight_decay >= 0 && l->weight_decay <= 1e3 && l->clip >= 0 && l->dropout >= 0 &&
        l->dropout <= 0.99 && l->check_every >= 0 && l->patience >= 0 && l->factor > 0 && l->factor <= 1 &&
        l->seed <= (uint64_t)9e15)
        return BB_OK;
    return bb_fail(
        err, BB_ERR_ARGUMENT,
        "%s: expected 1 to 1e9 steps, batches of 1 to 65536, weight decay and clip of 0 or more, "
        "dropout up to 0.99, checks and patience of 0 or more, a factor up to 1, a seed up to 9e15; "
        "found %lld steps of %lld, decay %g, clip %g, dropout %g, check every %lld, patience %lld, "
        "factor %g, seed %llu",
        name, (long long)l->steps, (long long)l->batch, l->weight_decay, l->clip, l->dropout,
        (long long)l->check_every, (long long)l->patience, l->factor, (unsigned long long)l->seed);
}

static bb_status add_group(bb_learner *l, const bb_parameters *parameters, float *weights, float *gradients,
                           double rate, bb_error *err) {
    bb_group *g = &l->groups[l->group_count++];
    *g = (bb_group){.parameters = parameters, .weights = weights, .gradients = gradients, .rate = rate};
    g->moments = bb_parameters_block(parameters);
    g->squares = bb_parameters_block(parameters);
    g->best = bb_parameters_block(parameters);
    return g->moments && g->squares && g->best ? bb_stretches_of_all(parameters, &g->stretches, err)
                                               : bb_fail(err, BB_ERR_MEMORY, "no memory for an optimiser");
}

static bb_status allocate(bb_learner *l, bb_error *err) {
    const size_t part = (size_t)l->part, dim = (size_t)l->source.dim;
    l->items = bb_calloc((size_t)l->learning.batch, sizeof *l->items);
    l->features = bb_calloc(part * dim, sizeof *l->features);
    l->d_outputs = bb_calloc(part * (size_t)l->objective.outputs, sizeof *l->d_outputs);
    if (l->source.backward) l->d_features = bb_calloc(part * dim, sizeof *l->d_features);
    return l->items && l->features && l->d_outputs && (l->d_features || !l->source.backward)
               ? BB_OK
               : bb_fail(err, BB_ERR_MEMORY, "no memory for batches of %lld windows",
                         (long long)l->learning.batch);
}

bb_status bb_learner_create(const bb_targets *targets, const bb_learning *learning,
                            const bb_learner_source *source, const int *hidden, int hidden_count, double rate,
                            int64_t part, bb_learner *l, bb_error *err) {
    *l = (bb_learner){.learning = *learning,
                      .objective = bb_objective_of(targets),
                      .optimizer = bb_optimizer_recipe_for(BB_OPTIMIZER_ADAMW),
                      .source = *source,
                      .part = part,
                      .state = {.best_validation = INFINITY}};
    l->optimizer.weight_decay = learning->weight_decay;
    if (l->learning.check_every == 0)
        l->learning.check_every = learning->steps >= 20 ? learning->steps / 20 : 1;
    BB_TRY(bb_perceptron_create(source->dim, hidden, hidden_count, l->objective.outputs, part, learning->seed,
                                &l->head, err));
    BB_TRY(add_group(l, &l->head.parameters, l->head.weights, l->head.gradients, rate, err));
    BB_TRY(bb_epochs_create(targets->train, targets->train_count, learning->seed, &l->epochs, err));
    return allocate(l, err);
}

bb_status bb_learner_add_encoder(bb_learner *l, const bb_parameters *parameters, float *weights,
                                 float *gradients, double rate, bb_error *err) {
    return add_group(l, parameters, weights, gradients, rate, err);
}

void bb_learner_free(bb_learner *l) {
    for (int g = 0; g < l->group_count; ++g) {
        bb_free(l->groups[g].moments);
        bb_free(l->groups[g].squares);
        bb_free(l->groups[g].best);
        bb_stretches_free(&l->groups[g].stretches);
    }
    bb_perceptron_free(&l->head);
    bb_epochs_free(&l->epochs);
    bb_free(l->items);
    bb_free(l->features);
    bb_free(l->d_features);
    bb_free(l->d_outputs);
    bb_free(l->state.checks);
    *l = (bb_learner){0};
}

/* ---------------------------------------------------------------- one step */

static size_t block_bytes(const bb_group *g) {
    return (size_t)g->parameters->at[g->parameters->count] * sizeof(float);
}

static const float *outputs_of(const bb_learner *l) { return l->head.outputs[l->head.layers - 1]; }

static bb_status forward(bb_learner *l, const int64_t *items, int64_t count, int64_t first,
                         const bb_dropout *dropout, bb_error *err) {
    BB_TRY(l->source.forward(l->source.self, items, count, first, dropout, l->features, err));
    return bb_perceptron_forward(&l->head, l->features, count, err);
}

static bb_status backward(bb_learner *l, int64_t count, bb_error *err) {
    BB_TRY(bb_perceptron_backward(&l->head, l->features, count, l->d_outputs, l->d_features, err));
    return l->source.backward ? l->source.backward(l->source.self, l->d_features, err) : BB_OK;
}

/* The batch, a part at a time: its loss and the gradients. */
static bb_status pass(bb_learner *l, double *loss, bb_error *err) {
    const bb_dropout dropout = {
        .rate = (float)l->learning.dropout, .seed = l->learning.seed, .step = (uint64_t)l->state.step};
    const int64_t batch = l->learning.batch;
    *loss = 0;
    for (int g = 0; g < l->group_count; ++g) memset(l->groups[g].gradients, 0, block_bytes(&l->groups[g]));
    for (int64_t w = 0; w < batch; w += l->part) {
        const int64_t count = batch - w < l->part ? batch - w : l->part;
        BB_TRY(forward(l, l->items + w, count, w, &dropout, err));
        *loss += bb_objective_add(&l->objective, l->items + w, count, batch, outputs_of(l), l->d_outputs);
        BB_TRY(backward(l, count, err));
    }
    return BB_OK;
}

static bb_status fail_apart(const bb_learner *l, double loss, double norm, bb_error *err) {
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "training: step %lld: the loss is %g and the gradient's length %g: the training has come "
                   "apart; a lower learning rate may hold it together",
                   (long long)l->state.step + 1, loss, norm);
}

static double rate_now(const bb_learner *l, const bb_group *g) {
    return g->rate * pow(l->learning.factor, l->state.reductions);
}

static bb_status learn(bb_learner *l, bb_fit_step *s, bb_error *err) {
    const int64_t step = l->state.step, batch = l->learning.batch;
    double loss, squares = 0;
    bb_epochs_draw(&l->epochs, step * batch, batch, l->items);
    BB_TRY(pass(l, &loss, err));
    for (int g = 0; g < l->group_count; ++g) {
        const double norm = bb_gradient_norm(&l->groups[g].stretches, l->groups[g].gradients);
        squares += norm * norm;
    }
    const double norm = sqrt(squares), clip = l->learning.clip,
                 scale = clip > 0 && norm > clip ? clip / (norm + 1e-6) : 1;
    if (!isfinite(norm) || !isfinite(loss)) return fail_apart(l, loss, norm, err);
    for (int g = 0; g < l->group_count; ++g) {
        const bb_group *one = &l->groups[g];
        bb_optimizer_step(&l->optimizer, &one->stretches, step, rate_now(l, one), scale, one->gradients,
                          one->moments, one->squares, one->weights);
    }
    *s = (bb_fit_step){.step = step + 1,
                       .steps = l->learning.steps,
                       .loss = loss,
                       .gradient_norm = norm,
                       .head_rate = rate_now(l, &l->groups[BB_GROUP_HEAD]),
                       .validation = NAN,
                       .batch = (int)batch,
                       .part = (int)l->part};
    if (l->group_count > BB_GROUP_ENCODER) s->encoder_rate = rate_now(l, &l->groups[BB_GROUP_ENCODER]);
    ++l->state.step;
    return BB_OK;
}

/* ---------------------------------------------------------------- validation */

/* Without dropout: the mean loss of the windows, and their scores unless NULL. */
static bb_status evaluate(bb_learner *l, const int64_t *items, int64_t count, double *loss, double *scores,
                          bb_error *err) {
    const bb_dropout none = {0};
    *loss = 0;
    for (int64_t w = 0; w < count; w += l->part) {
        const int64_t some = count - w < l->part ? count - w : l->part;
        BB_TRY(forward(l, items + w, some, w, &none, err));
        *loss += bb_objective_add(&l->objective, items + w, some, count, outputs_of(l), NULL);
        if (scores)
            bb_objective_scores(&l->objective, outputs_of(l), some, scores + w * l->objective.outputs);
    }
    return BB_OK;
}

/* The best weights are kept; where they have not got better for long, the rates fall. */
static void judge(bb_learner *l, double validation) {
    bb_learner_state *s = &l->state;
    if (validation < s->best_validation) {
        s->best_validation = validation;
        s->best_step = s->since = s->step;
        for (int g = 0; g < l->group_count; ++g)
            memcpy(l->groups[g].best, l->groups[g].weights, block_bytes(&l->groups[g]));
    } else if (l->learning.patience > 0 && s->step - s->since >= l->learning.patience) {
        ++s->reductions;
        s->since = s->step;
    }
}

static bb_status validate(bb_learner *l, double *validation, bb_error *err) {
    const bb_targets *t = l->objective.targets;
    bb_learner_state *s = &l->state;
    BB_TRY(evaluate(l, t->validation, t->validation_count, validation, NULL, err));
    if (!isfinite(*validation)) return fail_apart(l, *validation, NAN, err);
    if (bb_grow((void **)&s->checks, &s->check_room, s->check_count + 1, sizeof *s->checks) != 0)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for the validation curve");
    s->checks[s->check_count++] = (bb_check){s->step, *validation};
    judge(l, *validation);
    return BB_OK;
}

/* ---------------------------------------------------------------- the loop */

/* A step, with what belongs to it; *stop when the listener says so. */
static bb_status advance(bb_learner *l, bb_fit_listener listener, void *context, bool *stop, bb_error *err) {
    const double begun = bb_seconds();
    bb_fit_step s;
    BB_TRY(learn(l, &s, err));
    s.windows_per_s = (double)l->learning.batch / fmax(bb_seconds() - begun, 1e-9);
    const bool check = s.step % l->learning.check_every == 0 || s.step == s.steps;
    if (check) BB_TRY(validate(l, &s.validation, err));
    if (l->log) BB_TRY(l->log(l->keeper, &s, err));
    *stop = listener && listener(context, &s) != 0;
    return l->keep && (check || *stop) ? l->keep(l->keeper, err) : BB_OK;
}

bb_status bb_learner_run(bb_learner *l, bb_fit_listener listener, void *context, bb_error *err) {
    while (l->state.step < l->learning.steps) {
        bool stop;
        BB_TRY(advance(l, listener, context, &stop, err));
        if (stop && l->state.step < l->learning.steps)
            return bb_fail(err, BB_ERR_CANCELLED, "training: stopped after step %lld of %lld%s",
                           (long long)l->state.step, (long long)l->learning.steps,
                           l->keep ? "; the run can be resumed from there" : "");
    }
    return BB_OK;
}

bb_status bb_learner_conclude(bb_learner *l, bb_fit_result *out, bb_error *err) {
    const bb_targets *t = l->objective.targets;
    const bb_learner_state *s = &l->state;
    double loss;
    *out = (bb_fit_result){.outputs = l->objective.outputs,
                           .check_count = s->check_count,
                           .best_step = s->best_step,
                           .best_validation = s->best_validation};
    out->scores = bb_calloc((size_t)(t->test_count * out->outputs), sizeof *out->scores);
    out->checks = bb_calloc(s->check_count, sizeof *out->checks);
    for (int g = 0; g < l->group_count; ++g)
        memcpy(l->groups[g].weights, l->groups[g].best, block_bytes(&l->groups[g]));
    bb_status status = out->scores && out->checks
                           ? evaluate(l, t->test, t->test_count, &loss, out->scores, err)
                           : bb_fail(err, BB_ERR_MEMORY, "no memory for the scores");
    if (status == BB_OK)
        memcpy(out->checks, s->checks, s->check_count * sizeof *out->checks);
    else
        bb_fit_result_free(out);
    return status;
}

void bb_fit_result_free(bb_fit_result *r) {
    bb_free(r->scores);
    bb_free(r->checks);
    *r = (bb_fit_result){0};
}
