#include <stdio.h>

#include "brainbert/pretrain.h"
#include "commands.h"
#include "json.h"
#include "paths.h"
#include "progress.h"

static const command evaluate_command = {
    "evaluate", "CORPUS.h5 --model M",
    "The pretraining loss of a model on the corpus's masked spectrograms, beside that of predictors that "
    "learned nothing.\nNothing is trained.",
    1, 1};

typedef struct evaluate_options {
    const char *model, *mask, *only, *picture;
    double mask_share, validation;
    int64_t windows;
} evaluate_options;

static void print_table(const bb_evaluation *e) {
    static const char *const labels[BB_PREDICTORS] = {
        [BB_PREDICTOR_MODEL] = "the model",
        [BB_PREDICTOR_UNTRAINED] = "an untrained model of its size",
        [BB_PREDICTOR_ZEROS] = "zeros",
        [BB_PREDICTOR_FREQUENCY] = "interpolation over frequency",
        [BB_PREDICTOR_TIME] = "interpolation over time",
        [BB_PREDICTOR_FREQUENCY_BLIND] = "over frequency, mask not known",
        [BB_PREDICTOR_TIME_BLIND] = "over time, mask not known",
    };
    printf("%lld of %lld windows, %.1f %% of cells masked, of these %.1f %% with |z| > 1\n",
           (long long)e->windows, (long long)e->of_windows, 100 * (double)e->masked / (double)e->cells,
           e->masked > 0 ? 100 * (double)e->content / (double)e->masked : 0);
    printf("%-32s %8s %8s %8s\n", "masked cells filled in by", "loss", "l1", "content");
    for (int p = 0; p < BB_PREDICTORS; ++p)
        printf("%-32s %8.4f %8.4f %8.4f\n", labels[p], e->losses[p].total, e->losses[p].l1,
               e->losses[p].content);
}

static void print_losses_json(const bb_evaluation *e) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "windows", (double)e->windows);
    cJSON_AddNumberToObject(json, "of_windows", (double)e->of_windows);
    cJSON_AddNumberToObject(json, "cells", (double)e->cells);
    cJSON_AddNumberToObject(json, "masked_cells", (double)e->masked);
    cJSON_AddNumberToObject(json, "content_cells", (double)e->content);
    cJSON *predictors = cJSON_AddObjectToObject(json, "predictors");
    for (int p = 0; p < BB_PREDICTORS; ++p) {
        cJSON *item = cJSON_AddObjectToObject(predictors, bb_predictor_name((bb_predictor)p));
        cJSON_AddNumberToObject(item, "loss", e->losses[p].total);
        cJSON_AddNumberToObject(item, "l1", e->losses[p].l1);
        cJSON_AddNumberToObject(item, "content", e->losses[p].content);
    }
    print_json(json);
}

/* A Transformer knows the positions it was trained at. */
static void remark(const bb_model_info *m, const bb_corpus_info *corpus) {
    if (m->recipe_stated && corpus->window_s > 1.01 * m->recipe.window_s)
        complain(0, "%s: warning: it was trained on windows of %g s, the corpus's take %g s", m->path,
                 m->recipe.window_s, corpus->window_s);
}

static bb_status run(const evaluate_options *o, const call *c, bb_evaluation *out, bb_error *err) {
    const bb_evaluate_options options = {.mask = o->mask,
                                         .mask_share = o->mask_share,
                                         .only = o->only,
                                         .validation = o->validation,
                                         .windows = o->windows,
                                         .seed = (uint64_t)c->common.seed,
                                         .threads = (int)c->common.threads,
                                         .picture = o->picture};
    bb_corpus *corpus;
    bb_model *model = NULL;
    bb_status status = o->picture ? path_has_folder(o->picture, err) : BB_OK;
    if (status == BB_OK) status = bb_corpus_open(c->arguments[0], &corpus, err);
    if (status != BB_OK) return status;
    status = bb_model_open(o->model, 0, &model, err);
    if (status == BB_OK && !c->common.quiet) remark(bb_model_get_info(model), bb_corpus_get_info(corpus));
    progress_line line = progress_begin("evaluating", &c->common);
    if (status == BB_OK)
        status = bb_pretrain_evaluate(corpus, model, &options, progress_update, &line, out, err);
    progress_end(&line);
    bb_model_close(model);
    bb_corpus_close(corpus);
    return status;
}

int run_evaluate(int argc, char **argv) {
    evaluate_options o = {.windows = bb_evaluate_options_default().windows};
    const option options[] = {
        {"--model", "M", OPTION_WORD, &o.model, 0, 0, "a run's best or last, or any with a prediction head"},
        {"--only", "LIST", OPTION_WORD, &o.only, 0, 0,
         "these subjects, sessions, recordings alone: those that training held out"},
        {"--validation", "SHARE", OPTION_NUMBER, &o.validation, 0, 0.9,
         "of each recording's time, at its end, alone: what training validated on; default: all of it"},
        {"--windows", "N", OPTION_INTEGER, &o.windows, 0, 1e9,
         "at most, spread evenly over the corpus; 0: all"},
        {"--mask", "NAME", OPTION_WORD, &o.mask, 0, 0,
         "static or adaptive; default: static for the stft, adaptive for wavelets"},
        {"--mask-share", "P", OPTION_NUMBER, &o.mask_share, 0, 1,
         "that a masked interval starts at a frame, a bin; 0: static 0.05, adaptive 0.1"},
        {"--picture", "FILE", OPTION_WORD, &o.picture, 0, 0,
         "X.png: three of the windows, masked, and as the model fills them in"},
    };
    call c;
    const int parsed =
        parse_call(&evaluate_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (parsed >= 0) return parsed;
    if (!o.model) return complain(EXIT_USAGE, "evaluate: --model is needed");
    if (o.picture && !path_ends_in(o.picture, ".png"))
        return complain(EXIT_USAGE, "--picture: expected a name that ends in .png, found '%s'", o.picture);
    bb_error err = {.message = "no memory"};
    bb_evaluation e;
    if (run(&o, &c, &e, &err) != BB_OK) return complain(EXIT_FAILED, "%s", err.message);
    (c.common.json ? print_losses_json : print_table)(&e);
    return EXIT_DONE;
}
