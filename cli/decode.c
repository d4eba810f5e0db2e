#include "decode.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/report.h"
#include "paths.h"
#include "progress.h"
#include "ranks.h"
#include "scores.h"

decode_options decode_defaults(int64_t controls) {
    return (decode_options){.source = source_defaults(),
                            .task = task_defaults(),
                            .split = "blocked",
                            .gap = NAN,
                            .folds = 5,
                            .repeats = 3,
                            .controls = controls,
                            .draws = 1000};
}

void decode_rows(decode_options *d, option out[DECODE_OPTIONS]) {
    const option rows[DECODE_OWN] = {
        {"--model", "M", OPTION_WORD, &d->model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--heads", "N", OPTION_INTEGER, &d->heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
        {"--normalize", "NAME", OPTION_WORD, &d->normalize, 0, 0,
         "of spectrograms: window or session; default: as the model was trained"},
        {"--split", "NAME", OPTION_WORD, &d->split, 0, 0,
         "what stays together: blocked (in time), trial, session, subject; or published (leaks)"},
        {"--folds", "N", OPTION_INTEGER, &d->folds, 2, 1000, "of blocked and trial"},
        {"--repeats", "N", OPTION_INTEGER, &d->repeats, 1, 1000,
         "of a split by trial, with folds dealt anew"},
        {"--gap", "S", OPTION_NUMBER, &d->gap, 0, 1e6,
         "between windows learned from and tested; default: a window's length if blocked, else none"},
        {"--controls", "N", OPTION_INTEGER, &d->controls, 0, 10000,
         "times it is all done over with shuffled labels"},
        {"--draws", "N", OPTION_INTEGER, &d->draws, 0, 100000, "of the bootstrap that gives the intervals"},
        {"--best", "K", OPTION_INTEGER, &d->best, 0, 100000,
         "electrodes: those where the voltage decodes best; 0: all"},
        {"--cache", "DIR", OPTION_WORD, &d->cache, 0, 0,
         "where features are kept for the next call, or 'none'; default: ~/.cache/brainbert"},
        {"--out", "X.json", OPTION_WORD, &d->out, 0, 0, "the results as a file"},
        {"--report", "X.html", OPTION_WORD, &d->report, 0, 0, "the results as a page with pictures"},
    };
    memcpy(out, rows, sizeof rows);
    task_rows(&d->task, out + DECODE_OWN);
    source_rows(&d->source, out + DECODE_OWN + TASK_OPTIONS);
}

int decode_check(const decode_options *d, const call *c) {
    static const char *const splits[] = {"blocked", "trial", "session", "subject", "published"};
    bool known = false;
    for (size_t i = 0; i < sizeof splits / sizeof *splits; ++i)
        known = known || strcmp(d->split, splits[i]) == 0;
    if (!known)
        return complain(EXIT_USAGE,
                        "--split: expected blocked, trial, session, subject or published, found '%s'",
                        d->split);
    if (d->normalize && strcmp(d->normalize, "window") != 0 && strcmp(d->normalize, "session") != 0)
        return complain(EXIT_USAGE, "--normalize: expected window or session, found '%s'", d->normalize);
    if (d->out && !path_ends_in(d->out, ".json"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .json, found '%s'", d->out);
    if (d->report && !path_ends_in(d->report, ".html"))
        return complain(EXIT_USAGE, "--report: expected a name that ends in .html, found '%s'", d->report);
    int status = source_check(&d->source);
    if (status < 0) status = task_check(&d->task);
    return status < 0 ? task_check_recordings(&d->task, (size_t)c->count) : status;
}

/* ---------------------------------------------------------------- models and folders */

/* The encoder that "untrained" stands for: of the model's size, or small. */
static bb_status open_untrained(const bb_model *model, uint64_t seed, bb_model **out, bb_error *err) {
    bb_model_config config;
    bb_model_config_from_name("small", &config);
    if (model) config = bb_model_get_info(model)->config;
    return bb_model_create(&config, seed, out, err);
}

/* $XDG_CACHE_HOME/brainbert, else ~/.cache/brainbert; freed at exit. NULL: neither is there. */
static const char *usual_cache(void) {
    static char path[4096];
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (base && *base)
        snprintf(path, sizeof path, "%s/brainbert", base);
    else if (home && *home)
        snprintf(path, sizeof path, "%s/.cache/brainbert", home);
    return *path ? path : NULL;
}

static void say(void *context, const char *message) {
    const call *c = context;
    if (!c->common.quiet) complain(0, "%s", message);
}

static void remark_model(const bb_model_info *m, const bb_probe_options *o, const call *c) {
    if (c->common.quiet || !m->trained) return;
    if (m->heads_assumed)
        complain(0, "%s: warning: the number of heads is not in the file: %d assumed (--heads says another)",
                 m->path, m->config.heads);
    if (m->recipe_stated && o->task.window_s > 1.01 * m->recipe.window_s)
        complain(0, "%s: warning: it was trained on windows of %g s, --window asks for %g s", m->path,
                 m->recipe.window_s, o->task.window_s);
}

bb_status decode_fill(const decode_options *d, const call *c, bb_model **model, bb_model **untrained,
                      bb_probe_options *out, bb_error *err) {
    bb_status status = BB_OK;
    *out = bb_probe_options_default();
    if (d->model) status = bb_model_open(d->model, (int)d->heads, model, err);
    if (status == BB_OK && untrained)
        status = open_untrained(*model, (uint64_t)c->common.seed, untrained, err);
    if (status != BB_OK) return status;
    if (*model) out->recipe = bb_model_get_info(*model)->recipe;
    if (d->normalize) bb_spectrogram_normalize(&out->recipe.spectrogram, d->normalize);
    out->model = *model;
    out->untrained = untrained ? *untrained : NULL;
    out->task = task_fill(&d->task, out->recipe.window_s, (uint64_t)c->common.seed);
    out->split = d->split;
    out->decoding.split.folds = (int)d->folds;
    out->decoding.repeats = (int)d->repeats;
    out->decoding.split.gap_s = d->gap;
    out->decoding.split.seed = out->decoding.seed = (uint64_t)c->common.seed;
    out->decoding.controls = (int)d->controls;
    out->decoding.draws = (int)d->draws;
    out->decoding.threads = (int)c->common.threads;
    out->best = (int)d->best;
    out->cache = d->cache ? (strcmp(d->cache, "none") == 0 ? NULL : d->cache) : usual_cache();
    out->wishes = source_wishes(&d->source);
    out->recording = source_recording(&d->source);
    out->channels = d->source.channels;
    out->bads = d->source.bads;
    out->ranks = ranks_get();
    out->remark = say;
    if (*model) remark_model(bb_model_get_info(*model), out, c);
    return source_fits(&d->source, &out->recipe.signal, err);
}

/* ---------------------------------------------------------------- running */

typedef struct teller {
    const call *call;
    progress_line line;
    const char *stage;
} teller;

static int tell(void *context, const char *stage, int64_t done, int64_t total) {
    teller *t = context;
    if (!t->stage || strcmp(t->stage, stage) != 0) {
        progress_end(&t->line);
        t->line = progress_begin(stage, &t->call->common);
        t->stage = stage;
    }
    return progress_update(&t->line, done, total);
}

static void teller_say(void *context, const char *message) {
    const teller *t = context;
    say((void *)(uintptr_t)t->call, message);
}

static void print_warnings(const char *results) {
    cJSON *json = cJSON_Parse(results);
    const cJSON *task, *warning;
    cJSON_ArrayForEach(task, cJSON_GetObjectItemCaseSensitive(json, "tasks"))
        cJSON_ArrayForEach(warning, cJSON_GetObjectItemCaseSensitive(task, "warnings"))
            complain(0, "warning: %s", warning->valuestring);
    cJSON_Delete(json);
}

static bb_status deliver(const decode_options *d, const call *c, const char *results, bb_error *err) {
    bb_status status = BB_OK;
    if (!c->common.quiet) print_warnings(results);
    if (d->out) status = bb_results_save(results, d->out, err);
    if (status == BB_OK && d->report) status = bb_report_write(results, d->report, err);
    if (status != BB_OK) return status;
    if (c->common.json)
        puts(results);
    else
        print_scores(results);
    return BB_OK;
}

bb_status decode_run(const decode_options *d, const call *c, bb_probe_options *options, bb_error *err) {
    bb_sources *sources;
    char *results = NULL;
    teller t = {.call = c};
    bb_status status = BB_OK;
    if (d->out) status = path_has_folder(d->out, err);
    if (status == BB_OK && d->report) status = path_has_folder(d->report, err);
    if (status != BB_OK) return status;
    status = bb_sources_find(c->arguments, (size_t)c->count, NULL, &sources, err);
    if (status != BB_OK) return status;
    source_warn_unread(sources, c->common.quiet);
    options->progress = tell;
    options->remark = teller_say;
    options->context = &t;
    t.line = progress_begin("reading", &c->common);
    status = bb_probe(sources, options, &results, err);
    progress_end(&t.line);
    bb_sources_destroy(sources);
    if (status == BB_OK && ranks_speaks()) status = deliver(d, c, results, err);
    free(results);
    return status;
}
