#include "brainbert/finetune.h"

#include "brainbert/probe.h"
#include "commands.h"
#include "decode.h"

static const command finetune_command = {
    "finetune", "REC... --model M",
    "Trains the model together with a linear unit, for each electrode and fold anew, and scores it as probe "
    "scores "
    "features.\nWith --run the same call goes on where it was interrupted.",
    1, -1};

typedef struct finetune_options {
    decode_options decode;
    const char *pool, *run;
    int64_t steps, batch, patience, check_every;
    double rate, encoder_rate, dropout, clip;
    bool freeze;
} finetune_options;

static bb_finetune_options fill(const finetune_options *o, const call *c, const bb_probe_options *p) {
    bb_finetune_options f = bb_finetune_options_default();
    if (o->pool) bb_pooling_from_name(o->pool, &f.pooling); /* checked before */
    f.steps = o->steps;
    f.batch = (int)o->batch;
    f.patience = o->patience;
    f.check_every = o->check_every;
    f.head_rate = o->rate;
    f.encoder_rate = o->encoder_rate;
    f.dropout = o->dropout;
    f.clip = o->clip;
    f.freeze = o->freeze;
    f.seed = (uint64_t)c->common.seed;
    f.run = o->run;
    f.recipe = &p->recipe;
    return f;
}

static bb_status run(const finetune_options *o, const call *c, bb_model **model, bb_error *err) {
    bb_probe_options p;
    const bb_status status = decode_fill(&o->decode, c, model, NULL, &p, err);
    if (status != BB_OK) return status;
    const bb_finetune_options f = fill(o, c, &p);
    p.recipe.window_s = p.task.window_s;
    p.finetune = &f;
    return decode_run(&o->decode, c, &p, err);
}

static int check(const finetune_options *o, const call *c) {
    bb_pooling pooling;
    const int status = decode_check(&o->decode, c);
    if (status >= 0) return status;
    if (!o->decode.model) return complain(EXIT_USAGE, "finetune: --model is needed");
    if (o->pool && (!bb_pooling_from_name(o->pool, &pooling) || pooling.kind == BB_POOL_NONE))
        return complain(EXIT_USAGE, "--pool: expected center, mean or segments:K, found '%s'", o->pool);
    return -1;
}

int run_finetune(int argc, char **argv) {
    const bb_finetune_options usual = bb_finetune_options_default();
    finetune_options o = {.decode = decode_defaults(3),
                          .steps = usual.steps,
                          .batch = usual.batch,
                          .patience = usual.patience,
                          .rate = usual.head_rate,
                          .encoder_rate = usual.encoder_rate,
                          .dropout = usual.dropout,
                          .clip = usual.clip};
    enum { OWN = 11 };
    option options[OWN + DECODE_OPTIONS] = {
        {"--run", "DIR", OPTION_WORD, &o.run, 0, 0,
         "folder of the trainings, from which the same call goes on"},
        {"--pool", "NAME", OPTION_WORD, &o.pool, 0, 0, "center, mean or segments:K; default: center"},
        {"--steps", "N", OPTION_INTEGER, &o.steps, 1, 1e9, "of each training"},
        {"--batch", "N", OPTION_INTEGER, &o.batch, 1, 1e6, "windows a step"},
        {"--head-rate", "R", OPTION_NUMBER, &o.rate, 0, 10, "learning rate of the linear unit"},
        {"--encoder-rate", "R", OPTION_NUMBER, &o.encoder_rate, 0, 10, "of the encoder"},
        {"--patience", "N", OPTION_INTEGER, &o.patience, 0, 1e9,
         "steps without a better validation loss before the rates fall; 0: never"},
        {"--check-every", "N", OPTION_INTEGER, &o.check_every, 0, 1e9,
         "steps from validation to validation; 0: a twentieth of all"},
        {"--dropout", "P", OPTION_NUMBER, &o.dropout, 0, 0.99, "in the encoder while it is trained"},
        {"--clip", "N", OPTION_NUMBER, &o.clip, 0, 1e6, "longest gradient; 0: any"},
        {"--freeze", NULL, OPTION_FLAG, &o.freeze, 0, 0, "train the linear unit alone"},
    };
    decode_rows(&o.decode, options + OWN);
    call c;
    int status = parse_call(&finetune_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status < 0) status = check(&o, &c);
    if (status >= 0) return status;
    bb_model *model = NULL;
    bb_error err = {.message = "no memory"};
    status = run(&o, &c, &model, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
    bb_model_close(model);
    return status;
}
