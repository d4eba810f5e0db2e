#include "prepare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "paths.h"
#include "progress.h"
#include "ranks.h"

static const command prepare_command = {"prepare", "SRC... --out CORPUS.h5",
                                        "Recordings, folders of them, whole BIDS or Brain Treebank trees to "
                                        "one preprocessed corpus. Interrupted, the\n"
                                        "same call goes on where it ended.",
                                        1, -1};

prepare_options prepare_defaults(void) {
    return (prepare_options){.source = source_defaults(),
                             .method = method_defaults(),
                             .normalize = "window",
                             .window = NAN,
                             .stride = NAN};
}

void prepare_window_rows(prepare_options *o, option out[WINDOW_OPTIONS]) {
    const option rows[WINDOW_OPTIONS] = {
        {"--window", "S", OPTION_NUMBER, &o->window, 0.1, 3600, "length of the windows; default: 5"},
        {"--stride", "S", OPTION_NUMBER, &o->stride, 1e-3, 1e6,
         "from window to window; default: back to back"},
    };
    memcpy(out, rows, sizeof rows);
}

int prepare_check(prepare_options *o) {
    int status = source_check(&o->source);
    if (status < 0) status = method_recipe(&o->method, bb_signal_recipe_default().rate_hz, &o->spectrogram);
    if (status >= 0) return status;
    if (strcmp(o->normalize, "window") != 0 && strcmp(o->normalize, "session") != 0)
        return complain(EXIT_USAGE, "--normalize: expected window or session, found '%s'", o->normalize);
    bb_spectrogram_normalize(&o->spectrogram, o->normalize);
    return -1;
}

typedef struct listener {
    progress_line *line;
    bool quiet;
} listener;

static void tell(void *context, const char *path, const char *text) {
    const listener *l = context;
    if (l->quiet) return;
    progress_end(l->line); /* the next update draws it again */
    complain(0, "%s: %s", path, text);
}

static bb_status spare_inputs(const bb_sources *sources, const char *out, bb_error *err) {
    bb_status status = BB_OK;
    for (size_t i = 0; i < bb_sources_count(sources) && status == BB_OK; ++i)
        status = path_spare(bb_sources_get(sources, i)->path, out, false, err);
    return status;
}

static double times_real_time(const bb_prepare_report *r) {
    return r->prepare_s > 0 ? r->channel_hours * 3600 / (r->prepare_s + r->join_s) : 0;
}

void prepare_tell(const char *out, const bb_prepare_report *r, double elapsed) {
    const double times = times_real_time(r);
    fprintf(stderr, "%s: %lld windows; %zu recordings prepared", out, (long long)r->windows, r->sessions);
    if (r->reused) fprintf(stderr, ", %zu found finished", r->reused);
    if (r->skipped) fprintf(stderr, ", %zu left out", r->skipped);
    fprintf(stderr, " in %.2f s", elapsed);
    if (times > 0) fprintf(stderr, ", %.0f times as fast as one electrode records", times);
    fputc('\n', stderr);
}

static void report_json(const char *out, const bb_prepare_report *r, double elapsed) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "out", out);
    cJSON_AddNumberToObject(json, "windows", (double)r->windows);
    cJSON_AddNumberToObject(json, "sessions", (double)r->sessions);
    cJSON_AddNumberToObject(json, "reused", (double)r->reused);
    cJSON_AddNumberToObject(json, "skipped", (double)r->skipped);
    cJSON_AddNumberToObject(json, "windows_left_out", (double)r->left_out);
    cJSON_AddNumberToObject(json, "channel_hours", r->channel_hours);
    cJSON_AddNumberToObject(json, "prepare_s", r->prepare_s);
    cJSON_AddNumberToObject(json, "join_s", r->join_s);
    cJSON_AddNumberToObject(json, "elapsed_s", elapsed);
    cJSON_AddNumberToObject(json, "times_real_time", times_real_time(r));
    print_json(json);
}

bb_status prepare_corpus(const prepare_options *o, const call *c, bb_prepare_report *r, bb_error *err) {
    const bb_source_options choice = {.subjects = o->subjects, .selection = o->selection, .except = o->out};
    bb_sources *sources;
    bb_status status = path_has_folder(o->out, err);
    if (status != BB_OK) return status;
    status = bb_sources_find(c->arguments, (size_t)c->count, &choice, &sources, err);
    if (status != BB_OK) return status;
    source_warn_unread(sources, c->common.quiet);
    progress_line line = progress_begin("preparing", &c->common);
    listener l = {&line, c->common.quiet};
    bb_prepare_options p = bb_prepare_options_default();
    if (!isnan(o->window)) p.recipe.window_s = o->window;
    p.recipe.spectrogram = o->spectrogram;
    p.stride_s = isnan(o->stride) ? 0 : o->stride;
    p.wishes = source_wishes(&o->source);
    p.recording = source_recording(&o->source);
    p.channels = o->source.channels;
    p.bads = o->source.bads;
    p.encoding = o->float32 ? BB_SAMPLES_FLOAT32 : BB_SAMPLES_INT16;
    p.compress = o->compress;
    p.append = o->append;
    p.skip = o->skip;
    p.threads = (int)c->common.threads;
    p.ranks = ranks_get();
    p.remark = tell;
    p.remark_context = &l;
    status = spare_inputs(sources, o->out, err);
    if (status == BB_OK) status = bb_prepare(sources, &p, o->out, progress_update, &line, r, err);
    progress_end(&line);
    if (status != BB_OK && !c->common.quiet) path_tell_parts(o->out, "the recordings");
    bb_sources_destroy(sources);
    return status;
}

int run_prepare(int argc, char **argv) {
    prepare_options o = prepare_defaults();
    enum { OWN = 8 };
    option options[OWN + WINDOW_OPTIONS + METHOD_OPTIONS + SOURCE_OPTIONS] = {
        {"--out", "FILE", OPTION_WORD, &o.out, 0, 0, "the corpus, CORPUS.h5"},
        {"--append", NULL, OPTION_FLAG, &o.append, 0, 0, "add to a corpus that is there already"},
        {"--subjects", "LIST", OPTION_WORD, &o.subjects, 0, 0, "of trees: these alone, separated by commas"},
        {"--selection", "FILE", OPTION_WORD, &o.selection, 0, 0,
         "of trees: JSON that lists trials (sessions, runs) by subject: these alone"},
        {"--skip", NULL, OPTION_FLAG, &o.skip, 0, 0,
         "leave out recordings that cannot be used; default: say which, and stop"},
        {"--float32", NULL, OPTION_FLAG, &o.float32, 0, 0,
         "keep 32-bit floats; default: 16-bit integers with a scale for each window"},
        {"--compress", NULL, OPTION_FLAG, &o.compress, 0, 0, "deflate the windows"},
        {"--normalize", "NAME", OPTION_WORD, &o.normalize, 0, 0,
         "of the spectrograms that will be trained on, window or session; the corpus serves both"},
    };
    prepare_window_rows(&o, options + OWN);
    method_rows(&o.method,
                "of the spectrograms that session statistics are of: stft, superlet or morlet; default: stft",
                options + OWN + WINDOW_OPTIONS);
    source_rows(&o.source, options + OWN + WINDOW_OPTIONS + METHOD_OPTIONS);
    call c;
    int status = parse_call(&prepare_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    if ((status = prepare_check(&o)) >= 0) return status;
    if (!o.out) return complain(EXIT_USAGE, "prepare: --out is needed");
    if (!path_ends_in(o.out, ".h5"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .h5, found '%s'", o.out);
    bb_error err = {.message = "no memory"};
    bb_prepare_report r;
    const double begun = seconds_now();
    if (prepare_corpus(&o, &c, &r, &err) != BB_OK) return complain(EXIT_FAILED, "%s", err.message);
    if (c.common.json && ranks_speaks())
        report_json(o.out, &r, seconds_now() - begun);
    else if (!c.common.quiet)
        prepare_tell(o.out, &r, seconds_now() - begun);
    return EXIT_DONE;
}
