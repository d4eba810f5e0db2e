#include "eval/trained.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "eval/targets.h"

typedef struct trained {
    const bb_decoding_plan *plan;
    const bb_decoding_features *features;
    int fold;
    double *scores;                     /* [versions, repeats, count, outputs] */
    int64_t *train, *validation, *test; /* rows that are not spoilt */
    int64_t train_count, validation_count, test_count;
    bb_fit_listener listener;
    void *context;
} trained;

static int64_t sound_rows(const trained *u, const int64_t *rows, int64_t count, int64_t *out) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i)
        if (!u->features->spoilt || !u->features->spoilt[rows[i]]) out[kept++] = rows[i];
    return kept;
}

static bb_status list_rows(trained *u, bb_error *err) {
    const bb_plan_fold *f = &u->plan->fold[u->fold];
    const size_t n = (size_t)u->plan->task.items.count;
    u->train = bb_calloc(n, sizeof *u->train);
    u->validation = bb_calloc(n, sizeof *u->validation);
    u->test = bb_calloc(n, sizeof *u->test);
    if (!u->train || !u->validation || !u->test) return bb_fail(err, BB_ERR_MEMORY, "no memory for a fold");
    if (!f->inner)
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "decoding: fold %d has too few windows to keep some of them for validation: expected more, or "
            "the convex decoder",
            u->fold + 1);
    const bb_fold *inner = bb_split_fold(f->inner, 0);
    u->train_count = sound_rows(u, inner->train, inner->train_count, u->train);
    u->validation_count = sound_rows(u, inner->test, inner->test_count, u->validation);
    u->test_count = sound_rows(u, f->test, f->test_count, u->test);
    return BB_OK;
}

/* RUN/NAME/fold-K/labels, or shuffle-V, with a name that a file system takes. */
static bb_status run_folder(const trained *u, int version, char path[4096], bb_error *err) {
    char name[128], labels[32];
    snprintf(name, sizeof name, "%s", u->features->name ? u->features->name : "electrode");
    for (char *c = name; *c; ++c)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_') *c = '_';
    snprintf(labels, sizeof labels, version ? "shuffle-%d" : "labels", version);
    if (snprintf(path, 4096, "%s/%s/fold-%d/%s", u->plan->options.finetune->run, name, u->fold + 1, labels) <
        4096)
        return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "%s: too long a name", u->plan->options.finetune->run);
}

static bb_status finetune(const trained *u, int version, const bb_targets *targets, bb_fit_result *out,
                          bb_error *err) {
    const bb_decoding_options *d = &u->plan->options;
    bb_finetune_options o = *d->finetune;
    char folder[4096];
    const int64_t bins = bb_model_get_info(d->model)->config.input_dim;
    const bb_finetune_input input = {u->features->rows.data, u->features->rows.count,
                                     u->features->rows.dim / bins, bins};
    if (o.run) {
        BB_TRY(run_folder(u, version, folder, err));
        o.run = folder;
        o.resume = true;
    }
    o.threads = d->threads;
    return bb_finetune(d->model, &input, targets, &o, u->listener, u->context, out, err);
}

static bb_status perceptron(const trained *u, const bb_targets *targets, bb_fit_result *out, bb_error *err) {
    static const int hidden[] = {1024, 512, 256, 128};
    const bb_rows *rows = &u->features->rows;
    bb_perceptron_options o = bb_perceptron_options_default();
    if (u->plan->options.decoder == BB_DECODER_MLP) {
        memcpy(o.hidden, hidden, sizeof hidden);
        o.hidden_count = sizeof hidden / sizeof *hidden;
    }
    o.steps = u->plan->options.steps;
    o.seed = u->plan->options.seed;
    o.threads = 1;
    return bb_perceptron_fit_predict(rows->data, rows->stride, rows->dim, targets, &o, u->listener,
                                     u->context, out, err);
}

static bb_status train_version(const trained *u, int version, bb_error *err) {
    const bb_decoding_plan *p = u->plan;
    const bb_decoder_targets t = bb_plan_targets(p, version);
    const bb_targets targets = {.count = p->task.items.count,
                                .classes = t.kind == BB_SQUARES   ? 0
                                           : t.kind == BB_SOFTMAX ? t.classes
                                                                  : 2,
                                .labels = t.labels,
                                .numbers = t.values,
                                .train = u->train,
                                .validation = u->validation,
                                .test = u->test,
                                .train_count = u->train_count,
                                .validation_count = u->validation_count,
                                .test_count = u->test_count};
    bb_fit_result result = {0};
    bb_error never; /* a shuffle that leaves one class to learn from teaches nothing, and fails nothing */
    if (bb_check_targets(&t, u->train, u->train_count, &never) != BB_OK) return BB_OK;
    BB_TRY(p->options.decoder == BB_DECODER_FINETUNED ? finetune(u, version, &targets, &result, err)
                                                      : perceptron(u, &targets, &result, err));
    for (int64_t i = 0; i < u->test_count; ++i)
        memcpy(u->scores +
                   ((version * p->repeats + p->fold[u->fold].repeat) * p->task.items.count + u->test[i]) *
                       p->outputs,
               result.scores + i * p->outputs, (size_t)p->outputs * sizeof *result.scores);
    bb_fit_result_free(&result);
    return BB_OK;
}

bb_status bb_trained_unit(const bb_decoding_plan *plan, const bb_decoding_features *features, int fold,
                          bb_fit_listener listener, void *context, double *scores, bb_error *err) {
    trained u = {.plan = plan,
                 .features = features,
                 .fold = fold,
                 .scores = scores,
                 .listener = listener,
                 .context = context};
    bb_status status = list_rows(&u, err);
    const bool enough = u.train_count >= 2 && u.validation_count >= 1 && u.test_count >= 1;
    for (int v = 0; v < plan->versions && status == BB_OK && enough; ++v) status = train_version(&u, v, err);
    bb_free(u.train);
    bb_free(u.validation);
    bb_free(u.test);
    return status;
}
