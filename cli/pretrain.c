#include "brainbert/pretrain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "brainbert/bench.h"
#include "commands.h"
#include "json.h"
#include "pretrain_corpus.h"
#include "progress.h"
#include "ranks.h"

static const command pretrain_command = {"pretrain", "CORPUS.h5 --out RUN, or SRC... --out RUN",
                                         "Trains a model to fill in masked parts of the corpus's "
                                         "spectrograms. RUN holds options, metrics.jsonl and "
                                         "checkpoints;\nRUN/best and RUN/last are models for embed. Ctrl-C "
                                         "ends with a checkpoint, --resume goes on from it.\n"
                                         "Recordings, folders and trees (SRC) are prepared to RUN/corpus.h5 "
                                         "first, as the options from --window on say.",
                                         1, -1};

typedef struct pretrain_options {
    const char *out, *size, *model, *normalize, *mask, *optimizer, *precision, *held_out;
    int64_t steps, batch, check_every;
    double rate, warm_up, clip, dropout, mask_share, validation, memory_gb;
    bool published, resume, shard_optimizer;
    prepare_options prepare;
} pretrain_options;

/* What is shown after each step. */
typedef struct listener {
    progress_line line;
    const common_options *common;
    bool terminal;
    double peak; /* GFLOP/s */
    int64_t begun_at;
    bb_pretrain_step last;
    double best;
} listener;

/* How long gradients were on their way, and how much of that the backward pass hid. */
static void say_exchange(const bb_pretrain_step *s) {
    const double hidden = s->exchange_s > 0 ? fmax(0, 1 - s->exposed_s / s->exchange_s) : 1;
    fprintf(stderr, ", exchange %.3g s (%.0f %% hidden) of %.3g s", s->exchange_s, 100 * hidden, s->step_s);
}

static void say(const listener *l, const bb_pretrain_step *s, double left_s) {
    fprintf(
        stderr,
        "step %lld of %lld: loss %.4f (l1 %.4f, content %.4f), |gradient| %.3g, rate %.2e, %.1f windows/s",
        (long long)s->step, (long long)s->steps, s->loss, s->l1, s->content, s->gradient_norm, s->rate,
        s->windows_per_s);
    if (l->peak > 0) fprintf(stderr, ", %.0f %% of peak", 100 * s->gflop_per_s / l->peak);
    if (s->ranks > 1) say_exchange(s);
    if (!isnan(s->validation)) fprintf(stderr, ", validation %.4f", s->validation);
    if (left_s < 90)
        fprintf(stderr, ", %.0f s left", left_s);
    else
        fprintf(stderr, ", %.0f min left", left_s / 60);
}

/* Before the first step's line. */
static void say_how(const listener *l, const bb_pretrain_step *s) {
    if (l->common->quiet) return;
    fprintf(stderr, "%lld windows to train on, %lld to validate on; a step is %d%s, %d at a time\n",
            (long long)s->windows, (long long)s->validation_windows, s->batch,
            s->ranks > 1 ? " on all ranks" : "", s->part);
    if (s->validation_windows == 0)
        complain(0, "warning: no windows to validate on: recordings are too short for --validation; RUN/best "
                    "is RUN/last");
    if (s->without_units)
        complain(0, "warning: this processor has no units for bf16: --precision f32 would be faster");
}

static int listen(void *context, const bb_pretrain_step *s) {
    listener *l = context;
    const double elapsed = seconds_now() - l->line.begun;
    if (l->last.step == 0) l->begun_at = s->step - 1;
    if (l->last.step == 0) say_how(l, s);
    const double left = elapsed / (double)(s->step - l->begun_at) * (double)(s->steps - s->step);
    const bool checked = !isnan(s->validation);
    l->last = *s;
    if (checked) l->best = fmin(l->best, s->validation);
    if (!l->common->quiet && (l->terminal || checked || s->step == s->steps)) {
        if (l->terminal) fputs("\r\033[K", stderr);
        say(l, s, left);
        if (!l->terminal || checked) fputc('\n', stderr);
        fflush(stderr);
    }
    return progress_update(&l->line, 0, 1); /* whether a signal came */
}

static void report(const call *c, const pretrain_options *o, const listener *l) {
    if (!c->common.json || !ranks_speaks()) return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "out", o->out);
    if (l->last.step == 0) { /* the run was finished */
        print_json(json);
        return;
    }
    cJSON_AddNumberToObject(json, "steps", (double)l->last.step);
    cJSON_AddNumberToObject(json, "loss", l->last.loss);
    if (isfinite(l->best)) cJSON_AddNumberToObject(json, "best_validation_loss", l->best);
    cJSON_AddNumberToObject(json, "windows_per_s", l->last.windows_per_s);
    cJSON_AddNumberToObject(json, "gflop_per_s", l->last.gflop_per_s);
    if (l->peak > 0) cJSON_AddNumberToObject(json, "share_of_peak", l->last.gflop_per_s / l->peak);
    cJSON_AddNumberToObject(json, "windows_at_a_time", l->last.part);
    cJSON_AddNumberToObject(json, "ranks", l->last.ranks);
    if (l->last.ranks > 1) {
        cJSON_AddNumberToObject(json, "step_s", l->last.step_s);
        cJSON_AddNumberToObject(json, "exchange_s", l->last.exchange_s);
        cJSON_AddNumberToObject(json, "exposed_s", l->last.exposed_s);
    }
    print_json(json);
}

static bb_pretrain_options options_of(const pretrain_options *o, const call *c, const char *model) {
    return (bb_pretrain_options){.model = model,
                                 .steps = o->steps,
                                 .batch = (int)o->batch,
                                 .rate = o->rate,
                                 .warm_up = o->warm_up,
                                 .clip = o->clip,
                                 .dropout = o->dropout,
                                 .normalize = o->normalize,
                                 .mask = o->mask,
                                 .mask_share = o->mask_share,
                                 .optimizer = o->optimizer,
                                 .precision = o->precision,
                                 .held_out = o->held_out,
                                 .validation = o->validation,
                                 .check_every = o->check_every,
                                 .published = o->published,
                                 .seed = (uint64_t)c->common.seed,
                                 .threads = (int)c->common.threads,
                                 .memory = 1e9 * o->memory_gb,
                                 .ranks = ranks_get(),
                                 .shard_optimizer = o->shard_optimizer};
}

/* Before recordings are prepared, which may take long. */
static bb_status check_model(const bb_pretrain_options *options, bb_error *err) {
    bb_model *model;
    const bb_status status = bb_model_open(options->model, 0, &model, err);
    if (status == BB_OK) bb_model_close(model);
    return status;
}

/* The largest of a few, since a slow moment can only take away. */
static double measure_peak(bb_peak peak, int threads) {
    double largest = 0;
    for (int i = 0; i < 3; ++i) largest = fmax(largest, bb_measure_peak(peak, threads, 0.05));
    return largest;
}

/* Of the units that the products run on: bf16's where there are any. */
static double peak_of(const char *precision, int threads) {
    const double peak = precision && strcmp(precision, "bf16") == 0 ? measure_peak(BB_PEAK_BF16, threads) : 0;
    return 1e-9 * (peak > 0 ? peak : measure_peak(BB_PEAK_F32, threads));
}

static bb_status run(const pretrain_options *o, const bb_pretrain_options *options, const call *c,
                     listener *l, bb_error *err) {
    bb_corpus *corpus;
    bb_status status = o->resume ? BB_OK : check_model(options, err);
    if (status == BB_OK) status = pretrain_corpus_open(c, &o->prepare, o->out, o->resume, &corpus, err);
    if (status != BB_OK) return status;
    if (!c->common.quiet)
        l->peak = peak_of(o->precision, (int)c->common.threads) * bb_ranks_count(ranks_get());
    l->line = progress_begin("training", &c->common);
    l->line.enabled = false; /* a line of our own tells more */
    status = bb_pretrain(corpus, options, o->out, o->resume, listen, l, err);
    if (l->terminal && !c->common.quiet && l->last.step > 0) fputc('\n', stderr);
    bb_corpus_close(corpus);
    return status;
}

int run_pretrain(int argc, char **argv) {
    const bb_pretrain_options d = bb_pretrain_options_default();
    pretrain_options o = {.size = "large",
                          .optimizer = d.optimizer,
                          .precision = d.precision,
                          .steps = d.steps,
                          .batch = d.batch,
                          .rate = d.rate,
                          .warm_up = d.warm_up,
                          .clip = d.clip,
                          .dropout = d.dropout,
                          .validation = d.validation,
                          .memory_gb = d.memory * 1e-9,
                          .prepare = prepare_defaults()};
    const option own[] = {
        {"--out", "RUN", OPTION_WORD, &o.out, 0, 0, "the run's folder"},
        {"--size", "NAME", OPTION_WORD, &o.size, 0, 0, "small, base, large: a new model of this size"},
        {"--model", "M", OPTION_WORD, &o.model, 0, 0, "a model to begin with, instead"},
        {"--steps", "N", OPTION_INTEGER, &o.steps, 1, 1e9, "how many"},
        {"--batch", "N", OPTION_INTEGER, &o.batch, 1, 65536, "windows a step"},
        {"--rate", "R", OPTION_NUMBER, &o.rate, 1e-12, 10, "learning rate at its highest"},
        {"--warm-up", "SHARE", OPTION_NUMBER, &o.warm_up, 0, 1, "of the steps, in which the rate rises"},
        {"--clip", "L", OPTION_NUMBER, &o.clip, 0, 1e9, "longest gradient; 0: any"},
        {"--dropout", "P", OPTION_NUMBER, &o.dropout, 0, 0.99, "of activations and attention"},
        {"--normalize", "NAME", OPTION_WORD, &o.normalize, 0, 0,
         "of spectrograms: window or session; default: as --model was trained, or the corpus prepared"},
        {"--mask", "NAME", OPTION_WORD, &o.mask, 0, 0,
         "static or adaptive; default: static for the stft, adaptive for wavelets"},
        {"--mask-share", "P", OPTION_NUMBER, &o.mask_share, 0, 1,
         "that a masked interval starts at a frame, a bin; 0: static 0.05, adaptive 0.1"},
        {"--optimizer", "NAME", OPTION_WORD, &o.optimizer, 0, 0, "lamb or adamw"},
        {"--precision", "NAME", OPTION_WORD, &o.precision, 0, 0,
         "f32, or bf16 for the linear layers' products: faster where the processor has units for it"},
        {"--hold-out", "LIST", OPTION_WORD, &o.held_out, 0, 0,
         "subjects (07), sessions (07/2), recordings (night1.edf) that are not looked at"},
        {"--validation", "SHARE", OPTION_NUMBER, &o.validation, 0, 0.9,
         "of each recording's time, at its end, to validate on"},
        {"--check-every", "N", OPTION_INTEGER, &o.check_every, 0, 1e9,
         "steps from validation and checkpoint to the next; 0: a fiftieth of all"},
        {"--published", NULL, OPTION_FLAG, &o.published, 0, 0,
         "loss mask, initial LayerNorm biases and normalisation by window, as in the published code"},
        {"--memory", "GB", OPTION_NUMBER, &o.memory_gb, 0.001, 1e4,
         "that weights and activations may take; batches are worked off in parts that fit"},
        {"--shard-optimizer", NULL, OPTION_FLAG, &o.shard_optimizer, 0, 0,
         "of several ranks each keeps the optimiser's moments of its share alone: less memory and work"},
        {"--resume", NULL, OPTION_FLAG, &o.resume, 0, 0,
         "go on with the run in RUN; its own options are followed"},
    };
    enum { OWN = sizeof own / sizeof *own };
    option options[OWN + PREPARATION_OPTIONS];
    memcpy(options, own, sizeof own);
    pretrain_preparation_rows(&o.prepare, options + OWN);
    call c;
    int wrong = parse_call(&pretrain_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (wrong >= 0) return wrong;
    if ((wrong = prepare_check(&o.prepare)) >= 0) return wrong;
    if (!o.out) return complain(EXIT_USAGE, "pretrain: --out is needed");
    listener l = {.common = &c.common, .terminal = isatty(STDERR_FILENO), .best = INFINITY};
    bb_error err = {.message = "no memory"};
    char size[64];
    snprintf(size, sizeof size, "untrained:%s:%lld", o.size, (long long)c.common.seed);
    const bb_pretrain_options asked = options_of(&o, &c, o.model ? o.model : size);
    if (bb_pretrain_check(&asked, &err) != BB_OK) return complain(EXIT_USAGE, "%s", err.message);
    const bb_status status = run(&o, &asked, &c, &l, &err);
    if (status != BB_OK) return complain(EXIT_FAILED, "%s", err.message);
    report(&c, &o, &l);
    return EXIT_DONE;
}
