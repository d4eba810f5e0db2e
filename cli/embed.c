#include "brainbert/embed_ranks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "embed_input.h"
#include "embed_model.h"
#include "embed_unsound.h"
#include "json.h"
#include "paths.h"
#include "precision.h"
#include "progress.h"
#include "ranks.h"

static const command embed_command = {
    "embed", "REC... --model M --out F.npy|F.h5",
    "Recordings to features [windows, channels, D]. F.tsv, or F.h5 itself, says which row is what.", 1, -1};

typedef struct job {
    const embed_options *options;
    const call *call;
    bb_pooling pooling;
    bb_model *model;
    bb_recipe recipe; /* the one followed */
    bb_encoder *encoder;
    bb_spectrogram_plan *plan;
    bb_sources *sources; /* the call's arguments, trees taken apart */
    embed_input first;   /* open as long as the call: what the others have to agree with */
    embed_electrodes electrodes;
    const embed_input *current; /* the one under way */
    int count;
    bb_feature_file *file;
    int64_t windows, written; /* in all recordings */
    bool in_chunks;           /* over ranks, or going on where they ended */
    bb_embed_report spread;
} job;

/* ---------------------------------------------------------------- inputs */

static bb_status open_input(job *j, embed_input *in, int index, bool quiet, bool to_work, bb_error *err) {
    const bool by_session = j->recipe.spectrogram.normalization == BB_NORMALIZE_SESSION;
    common_options common = j->call->common;
    common.quiet = common.quiet || quiet;
    return embed_input_open(in, j->options, &common, bb_model_get_info(j->model),
                            by_session && to_work ? &j->recipe.spectrogram : NULL,
                            bb_sources_get(j->sources, (size_t)index)->path, err);
}

static bb_status spare_input(const job *j, const embed_input *in, bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(in->recording);
    bb_status status = BB_OK;
    for (size_t f = 0; f < r->file_count && status == BB_OK; ++f)
        status = path_spare(r->files[f], j->options->out, true, err);
    return status;
}

/* What an input adds to the whole: its windows, and what it says of electrodes. */
static bb_status take_input(job *j, const embed_input *in, bb_error *err) {
    const bool first = in == &j->first;
    bb_status status =
        first ? embed_electrodes_begin(&j->electrodes, in, err) : embed_inputs_agree(&j->first, in, err);
    if (status == BB_OK && !first) embed_electrodes_keep(&j->electrodes, in);
    j->recipe.signal = in->signal;
    j->windows += bb_window_stream_info(in->stream)->windows;
    return status == BB_OK ? spare_input(j, in, err) : status;
}

/* Looks at every recording before the work; one at a time, as there may be more than a process may have files
 * open. */
static bb_status survey(job *j, bb_error *err) {
    bb_status status = path_spare(j->options->events, j->options->out, true, err);
    j->count = (int)bb_sources_count(j->sources);
    for (int i = 0; i < j->count && status == BB_OK; ++i) {
        embed_input other = {0}, *in = i == 0 ? &j->first : &other;
        status = open_input(j, in, i, false, i == 0 && !j->in_chunks, err);
        if (status == BB_OK) status = take_input(j, in, err);
        embed_input_close(&other);
    }
    if (status == BB_OK && j->windows == 0)
        return fail(err, BB_ERR_ARGUMENT, "%s: no event's window lies inside the recording",
                    j->call->arguments[0]);
    return status;
}

static void close_inputs(job *j) {
    embed_electrodes_free(&j->electrodes);
    embed_input_close(&j->first);
    bb_sources_destroy(j->sources);
}

/* ---------------------------------------------------------------- output */

/* Its recipe_json is the caller's to free. */
static bb_status describe_output(job *j, bb_feature_layout *out, bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(j->first.stream);
    const int D = bb_model_get_info(j->model)->config.hidden_dim;
    const bool every_frame = j->pooling.kind == BB_POOL_NONE;
    const int64_t frames = bb_spectrogram_frames(j->plan, w->samples);
    if (frames < 1)
        return fail(err, BB_ERR_ARGUMENT, "%s: windows of %g s leave no spectrogram frame",
                    j->call->arguments[0], w->window_s);
    j->recipe.window_s = w->window_s;
    *out = (bb_feature_layout){
        .windows = j->windows,
        .channels = (int64_t)w->channel_count,
        .frames = every_frame ? frames : 0,
        .dim = every_frame ? D : bb_pooling_size(&j->pooling, frames, D),
        .channel_names = w->channels,
        .electrodes = j->electrodes.list,
        .coordinate_system = j->electrodes.coordinate_system,
        .coordinate_unit = j->electrodes.coordinate_unit,
        .window_s = w->window_s,
        .recipe_json = bb_recipe_to_json(&j->recipe),
        .model = j->options->model,
        .precision = bb_precision_name(bb_encoder_precision(j->encoder)),
        .pooling = j->options->pool,
    };
    return BB_OK;
}

static bb_status write_window(void *context, int64_t window, const float *features,
                              const unsigned char *unsound, bb_error *err) {
    job *j = context;
    const embed_input *in = j->current;
    const bb_window_info *w = bb_window_stream_info(in->stream);
    const char *event = w->onset_index ? in->items[w->onset_index[window]].label : NULL;
    return bb_feature_file_write(j->file, j->written++, bb_recording_get_info(in->recording)->path,
                                 w->start_s[window], event, features, unsound, err);
}

/* ---------------------------------------------------------------- the job */

static bb_status embed_one(job *j, const embed_input *in, progress_line *line, bb_embed_stats *total,
                           bb_error *err) {
    const int64_t channels = (int64_t)bb_window_stream_info(in->stream)->channel_count;
    bb_embed_stats one = {0};
    j->current = in;
    line->all = j->windows * channels;
    line->before = j->written * channels;
    const bb_status status =
        bb_embed(in->stream, j->plan, embed_input_sessions(in), j->encoder, &j->pooling,
                 (int)j->call->common.threads, write_window, j, progress_update, line, &one, err);
    bb_embed_stats_add(total, &one);
    size_t count;
    const bb_unsound_seconds *unsound = bb_window_stream_unsound_seconds(in->stream, &count);
    if (!j->call->common.quiet)
        embed_tell_unsound(bb_recording_get_info(in->recording)->path, bb_window_stream_repaired(in->stream),
                           unsound, count, j->options->out);
    return status;
}

static bb_status embed_all(job *j, progress_line *line, const bb_feature_layout *layout,
                           bb_embed_stats *total, bb_error *err) {
    const double begun = seconds_now();
    bb_status status = bb_feature_file_create(j->options->out, layout, &j->file, err);
    if (status == BB_OK) status = embed_one(j, &j->first, line, total, err);
    for (int i = 1; i < j->count && status == BB_OK; ++i) {
        embed_input in = {0};
        status = open_input(j, &in, i, true, true, err);
        /* It may have changed since it was looked at, and the output's rows have one length. */
        if (status == BB_OK) status = embed_inputs_agree(&j->first, &in, err);
        if (status == BB_OK) status = embed_one(j, &in, line, total, err);
        embed_input_close(&in);
    }
    progress_end(line);
    total->total_s = seconds_now() - begun; /* what lies between two recordings counts */
    if (status != BB_OK) return status;
    status = bb_feature_file_close(j->file, err);
    j->file = NULL;
    return status;
}

/* ---------------------------------------------------------------- the same in chunks */

static bb_status open_for_chunks(void *context, size_t index, bool to_embed, bb_embed_source *out,
                                 bb_error *err) {
    job *j = context;
    embed_input *in = calloc(1, sizeof *in);
    if (!in) return fail(err, BB_ERR_MEMORY, "no memory for a recording");
    out->own = in;
    bb_status status = open_input(j, in, (int)index, true, to_embed, err);
    if (status == BB_OK) status = embed_inputs_agree(&j->first, in, err);
    if (status == BB_OK)
        *out = (bb_embed_source){in->recording, in->stream, embed_input_sessions(in), in->items, in};
    return status;
}

static void close_for_chunks(void *context, bb_embed_source *source) {
    (void)context;
    if (source->own) embed_input_close(source->own);
    free(source->own);
}

static void tell_of_chunks(void *context, const bb_embed_source *source, int64_t repaired,
                           const bb_unsound_seconds *unsound, size_t count) {
    const job *j = context;
    if (!j->call->common.quiet)
        embed_tell_unsound(bb_recording_get_info(source->recording)->path, repaired, unsound, count,
                           j->options->out);
}

static bb_status embed_in_chunks(job *j, progress_line *line, const bb_feature_layout *layout,
                                 bb_embed_stats *total, bb_error *err) {
    char *asked = embed_input_asked(j->options);
    const bb_embed_job work = {.recordings = (size_t)j->count,
                               .open = open_for_chunks,
                               .close = close_for_chunks,
                               .tell = tell_of_chunks,
                               .context = j,
                               .model = j->model,
                               .encoder = j->encoder,
                               .plan = j->plan,
                               .pooling = j->pooling,
                               .threads = (int)j->call->common.threads,
                               .asked = asked,
                               .ranks = ranks_get()};
    const bb_status status =
        asked ? bb_embed_spread(&work, layout, j->options->out, progress_update, line, &j->spread, err)
              : fail(err, BB_ERR_MEMORY, "no memory for the call's options");
    progress_end(line);
    free(asked);
    *total = j->spread.stats;
    if (status != BB_OK && !j->call->common.quiet) path_tell_parts(j->options->out, "the windows");
    return status;
}

static bb_status run(job *j, bb_embed_stats *stats, bb_error *err) {
    bb_status status = embed_model_open(j->options, &j->call->common, &j->model, &j->recipe, err);
    if (status == BB_OK) status = bb_spectrogram_plan_create(&j->recipe.spectrogram, &j->plan, err);
    const bb_source_options choice = {.except = j->options->out};
    if (status == BB_OK)
        status = bb_sources_find(j->call->arguments, (size_t)j->call->count, &choice, &j->sources, err);
    if (status == BB_OK) source_warn_unread(j->sources, j->call->common.quiet);
    if (status == BB_OK) status = survey(j, err);
    if (status == BB_OK)
        status = precision_encoder(j->model, j->options->precision, &j->call->common, &j->encoder, err);
    if (status != BB_OK) return status;
    /* Before there is anything to remove: from here on Ctrl-C cleans up. */
    progress_line line = progress_begin("embedding", &j->call->common);
    bb_feature_layout layout = {0};
    status = describe_output(j, &layout, err);
    if (status == BB_OK) status = (j->in_chunks ? embed_in_chunks : embed_all)(j, &line, &layout, stats, err);
    free((void *)(uintptr_t)layout.recipe_json);
    return status;
}

static void report(const job *j, const bb_embed_stats *s, double elapsed) {
    const bb_window_info *w = bb_window_stream_info(j->first.stream);
    const double count = (double)(j->windows * (int64_t)w->channel_count), recorded = count * w->window_s,
                 busy = s->encode_s / s->total_s;
    if (!ranks_speaks()) return;
    if (j->call->common.json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "out", j->options->out);
        cJSON_AddStringToObject(json, "precision", bb_precision_name(bb_encoder_precision(j->encoder)));
        cJSON_AddNumberToObject(json, "windows", (double)j->windows);
        cJSON_AddNumberToObject(json, "channels", (double)w->channel_count);
        cJSON_AddNumberToObject(json, "elapsed_s", elapsed);
        cJSON_AddNumberToObject(json, "first_window_s", s->first_window_s);
        cJSON_AddNumberToObject(json, "embed_s", s->total_s);
        cJSON_AddNumberToObject(json, "spectrogram_s", s->spectrogram_s);
        cJSON_AddNumberToObject(json, "encode_s", s->encode_s);
        cJSON_AddNumberToObject(json, "wait_input_s", s->wait_input_s);
        cJSON_AddNumberToObject(json, "wait_output_s", s->wait_output_s);
        cJSON_AddNumberToObject(json, "encoder_busy", busy);
        cJSON_AddNumberToObject(json, "read_s", s->read_s);
        cJSON_AddNumberToObject(json, "write_s", s->write_s);
        cJSON_AddNumberToObject(json, "ms_per_window", 1e3 * elapsed / count);
        cJSON_AddNumberToObject(json, "times_real_time", recorded / elapsed);
        if (j->in_chunks) {
            cJSON_AddNumberToObject(json, "parts", (double)j->spread.chunks);
            cJSON_AddNumberToObject(json, "reused", (double)j->spread.reused);
        }
        print_json(json);
    } else if (!j->call->common.quiet) {
        fprintf(stderr,
                "%s: %lld windows x %zu channels in %.2f s, %.1f ms each, %.0f times as fast as one "
                "electrode records; encoder busy %.1f %%, waited %.2f s for input, %.2f s for output\n",
                j->options->out, (long long)j->windows, w->channel_count, elapsed, 1e3 * elapsed / count,
                recorded / elapsed, 100 * busy, s->wait_input_s, s->wait_output_s);
        if (j->spread.reused)
            fprintf(stderr, "%s: %lld of %lld parts found finished\n", j->options->out,
                    (long long)j->spread.reused, (long long)j->spread.chunks);
    }
}

static int check(const embed_options *o, bb_pooling *pooling) {
    bb_spectrogram_recipe recipe;
    int status = source_check(&o->source);
    if (status < 0) status = method_recipe(&o->method, bb_signal_recipe_default().rate_hz, &recipe);
    if (status >= 0) return status;
    if (!o->model || !o->out) return complain(EXIT_USAGE, "embed: --model and --out are needed");
    if (!path_ends_in(o->out, ".npy") && !path_ends_in(o->out, ".h5"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .npy or .h5, found '%s'", o->out);
    if (o->events && !isnan(o->stride))
        return complain(EXIT_USAGE, "--stride: windows lie either at --events or a stride apart, found both");
    if (!o->events && !isnan(o->offset))
        return complain(EXIT_USAGE, "--offset: counts from events, found no --events");
    if (!bb_pooling_from_name(o->pool, pooling))
        return complain(EXIT_USAGE, "--pool: expected center, mean, none or segments:K, found '%s'", o->pool);
    status = precision_check(o->precision, true);
    return status < 0 ? embed_model_check(o) : status;
}

int run_embed(int argc, char **argv) {
    embed_options o = {.source = source_defaults(),
                       .method = method_defaults(),
                       .pool = "center",
                       .precision = "f32",
                       .window = NAN,
                       .stride = NAN,
                       .offset = NAN};
    enum { OWN = 10 };
    option options[OWN + METHOD_OPTIONS + SOURCE_OPTIONS] = {
        {"--model", "M", OPTION_WORD, &o.model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--out", "FILE", OPTION_WORD, &o.out, 0, 0, "F.npy (with F.tsv beside it) or F.h5"},
        {"--pool", "NAME", OPTION_WORD, &o.pool, 0, 0,
         "center [D], mean [D], segments:K [K D] or none [T,D]"},
        {"--window", "S", OPTION_NUMBER, &o.window, 1e-3, 3600,
         "length; default: the recipe's 5, or the whole recording where that is shorter"},
        {"--stride", "S", OPTION_NUMBER, &o.stride, 1e-3, 1e6,
         "from window to window; default: back to back"},
        {"--events", "FILE", OPTION_WORD, &o.events, 0, 0,
         "events.tsv, or 'annotations' for the recording's own: one window each"},
        {"--offset", "S", OPTION_NUMBER, &o.offset, -1e6, 1e6,
         "from an event to its window's start; default: half a window before it"},
        {"--normalize", "NAME", OPTION_WORD, &o.normalize, 0, 0,
         "of spectrograms: window (the published z-score) or session; default: as the model was trained"},
        precision_row(&o.precision, true),
        {"--heads", "N", OPTION_INTEGER, &o.heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
    };
    method_rows(&o.method,
                "of an untrained model's spectrograms: stft, superlet or morlet; default: the recipe's",
                options + OWN);
    source_rows(&o.source, options + OWN + METHOD_OPTIONS);
    call c;
    const double begun = seconds_now();
    int status = parse_call(&embed_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    job j = {.options = &o, .call = &c};
    if (o.events && c.count > 1 && strcmp(o.events, "annotations") != 0)
        return complain(EXIT_USAGE, "embed: --events FILE belongs to one recording, found %d", c.count);
    status = check(&o, &j.pooling);
    if (status >= 0) return status;
    o.stream_threads = bb_embed_stream_threads((int)c.common.threads);
    j.in_chunks = ranks_get() || path_holds_parts(o.out);
    bb_error err = {.message = "no memory"};
    bb_embed_stats stats = {0};
    status = run(&j, &stats, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
    if (status == EXIT_DONE) report(&j, &stats, seconds_now() - begun);
    bb_feature_file_abandon(j.file);
    bb_encoder_destroy(j.encoder);
    bb_spectrogram_plan_destroy(j.plan);
    close_inputs(&j);
    bb_model_close(j.model);
    return status;
}
