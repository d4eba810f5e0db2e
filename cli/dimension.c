#include "brainbert/dimension.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "dimension_result.h"
#include "embed_input.h"
#include "embed_model.h"
#include "json.h"
#include "paths.h"
#include "precision.h"
#include "progress.h"

static const command dimension_command = {
    "dimension", "REC... --model M",
    "Intrinsic dimension of each electrode: how many principal components hold most of the variance of its "
    "windows'\n"
    "embeddings and, beside it, of their spectrograms. Recordings of one subject count together.",
    1, -1};

typedef struct dimension_options {
    embed_options embed;
    const char *picture;
    int64_t windows;
    double share;
    bool frames;
} dimension_options;

typedef struct job {
    const dimension_options *options;
    const call *call;
    bb_model *model;
    bb_recipe recipe; /* the one followed */
    bb_spectrogram_plan *plan;
    bb_encoder *encoder;
    bb_sources *sources;
    bb_dimensions *windows; /* electrode i is row i of the result */
    int64_t frames;         /* T */
    int64_t left_out;       /* unsound windows */
    dimension_result result;
} job;

/* ---------------------------------------------------------------- one recording */

static bb_status open_recording(job *j, embed_input *in, const char *path, bb_error *err) {
    const bool by_session = j->recipe.spectrogram.normalization == BB_NORMALIZE_SESSION;
    embed_options o = j->options->embed;
    if (isnan(o.window)) o.window = j->recipe.window_s; /* and not the whole of a short recording */
    bb_status status = embed_input_open(in, &o, &j->call->common, bb_model_get_info(j->model),
                                        by_session ? &j->recipe.spectrogram : NULL, path, err);
    const bb_recording_info *r = in->recording ? bb_recording_get_info(in->recording) : NULL;
    for (size_t f = 0; status == BB_OK && f < r->file_count; ++f) {
        if (o.out) status = path_spare(r->files[f], o.out, false, err);
        if (status == BB_OK && j->options->picture)
            status = path_spare(r->files[f], j->options->picture, false, err);
    }
    return status;
}

/* The first recording says how long windows are. */
static bb_status begin_windows(job *j, const embed_input *in, bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(in->stream);
    if (j->windows) return BB_OK;
    j->frames = bb_spectrogram_frames(j->plan, w->samples);
    if (j->frames < 1)
        return fail(err, BB_ERR_ARGUMENT, "%s: windows of %g s leave no spectrogram frame",
                    bb_recording_get_info(in->recording)->path, w->window_s);
    const bb_dimension_options o = {j->options->windows, j->options->share, j->options->frames,
                                    (int)j->call->common.threads};
    return bb_dimensions_create(j->frames, j->recipe.spectrogram.bins,
                                bb_model_get_info(j->model)->config.hidden_dim, &o, &j->windows, err);
}

/* Whose electrodes these are; freed with free(). NULL: no memory. */
static char *person_of(const bb_recording_info *r) {
    char *person;
    const int length = r->subject ? asprintf(&person, "%s/sub-%s", r->dataset ? r->dataset : "", r->subject)
                                  : asprintf(&person, "%s", r->path);
    return length < 0 ? NULL : person;
}

/* Rows of the result, and so electrodes, for the channels of a recording. */
static bb_status place_channels(job *j, const embed_input *in, const char *person, size_t *electrodes,
                                bb_error *err) {
    const bb_recording_info *r = bb_recording_get_info(in->recording);
    const bb_window_info *w = bb_window_stream_info(in->stream);
    bb_status status = BB_OK;
    for (size_t c = 0; c < w->channel_count && status == BB_OK; ++c) {
        const bb_dimension_place place = {r->subject, r->path, w->channels[c],
                                          r->channels[w->sources[c]].region};
        bool is_new;
        electrodes[c] = dimension_row(&j->result, person, &place, &is_new);
        if (electrodes[c] == (size_t)-1) status = fail(err, BB_ERR_MEMORY, "no memory for %s", r->path);
        if (status == BB_OK && is_new) status = bb_dimensions_add_electrode(j->windows, &electrodes[c], err);
    }
    return status;
}

static bb_status gather(job *j, const embed_input *in, size_t index, const char *person, bb_error *err) {
    const size_t channels = bb_window_stream_info(in->stream)->channel_count;
    size_t *electrodes = calloc(channels, sizeof *electrodes);
    if (!electrodes) return fail(err, BB_ERR_MEMORY, "no memory for %zu channels", channels);
    char what[64] = "embedding";
    if (bb_sources_count(j->sources) > 1)
        snprintf(what, sizeof what, "recording %zu of %zu", index + 1, bb_sources_count(j->sources));
    int64_t left_out = 0;
    bb_status status = place_channels(j, in, person, electrodes, err);
    progress_line line = progress_begin(what, &j->call->common);
    if (status == BB_OK)
        status = bb_dimensions_gather(j->windows, in->stream, electrodes, j->plan, embed_input_sessions(in),
                                      j->encoder, &left_out, progress_update, &line, err);
    progress_end(&line);
    j->left_out += left_out;
    free(electrodes);
    return status;
}

/* Whether a later recording is, or may be, of the same subject. */
static bool comes_again(const job *j, size_t index) {
    const char *subject = bb_sources_get(j->sources, index)->subject;
    for (size_t i = index + 1; i < bb_sources_count(j->sources); ++i) {
        const char *other = bb_sources_get(j->sources, i)->subject;
        if (!subject || !other || strcmp(other, subject) == 0) return true;
    }
    return false;
}

/* Electrodes of this person that have all their windows, or get no more: memory holds no more windows than it
 * must. With NULL, all that are left. */
static bb_status measure(job *j, const char *person, bool last, bb_error *err) {
    bb_status status = BB_OK;
    for (size_t i = 0; i < j->result.count && status == BB_OK; ++i) {
        bb_dimension *found = &j->result.found[i];
        if (found->windows > 0 || (person && strcmp(person, j->result.persons[i]) != 0)) continue;
        if (last || bb_dimensions_wanted(j->windows, i) == 0)
            status = bb_dimensions_measure(j->windows, i, found, err);
    }
    return status;
}

static bb_status work_on(job *j, size_t index, bb_error *err) {
    embed_input in = {0};
    bb_status status = open_recording(j, &in, bb_sources_get(j->sources, index)->path, err);
    char *person = status == BB_OK ? person_of(bb_recording_get_info(in.recording)) : NULL;
    if (status == BB_OK && !person) status = fail(err, BB_ERR_MEMORY, "no memory");
    if (status == BB_OK) status = begin_windows(j, &in, err);
    if (status == BB_OK) status = gather(j, &in, index, person, err);
    if (status == BB_OK) status = measure(j, person, !comes_again(j, index), err);
    free(person);
    embed_input_close(&in);
    return status;
}

/* ---------------------------------------------------------------- the job */

static void remark(const job *j) {
    size_t few = 0;
    int64_t least = j->options->windows;
    const char *which = ""; /* the electrode with the fewest */
    for (size_t i = 0; i < j->result.count; ++i) {
        if (j->result.found[i].windows >= j->options->windows) continue;
        ++few;
        if (j->result.found[i].windows >= least) continue;
        least = j->result.found[i].windows;
        which = j->result.places[i].electrode;
    }
    if (j->left_out)
        complain(0, "warning: %lld windows were left out for missing, flat or clipped stretches",
                 (long long)j->left_out);
    if (few)
        complain(0,
                 "warning: %zu of %zu electrodes have fewer than %lld sound windows (%s has %lld): their "
                 "dimensions are "
                 "at most one less than that",
                 few, j->result.count, (long long)j->options->windows, which, (long long)least);
}

static bb_status open_all(job *j, bb_error *err) {
    const embed_options *o = &j->options->embed;
    bb_status status = o->out ? path_has_folder(o->out, err) : BB_OK;
    if (status == BB_OK && j->options->picture) status = path_has_folder(j->options->picture, err);
    if (status == BB_OK) status = embed_model_open(o, &j->call->common, &j->model, &j->recipe, err);
    if (status == BB_OK) status = bb_spectrogram_plan_create(&j->recipe.spectrogram, &j->plan, err);
    const bb_source_options choice = {.except = o->out};
    if (status == BB_OK)
        status = bb_sources_find(j->call->arguments, (size_t)j->call->count, &choice, &j->sources, err);
    if (status == BB_OK) source_warn_unread(j->sources, j->call->common.quiet);
    if (status == BB_OK)
        status = precision_encoder(j->model, o->precision, &j->call->common, &j->encoder, err);
    if (status == BB_OK) j->result.precision = bb_precision_name(bb_encoder_precision(j->encoder));
    return status;
}

static bb_status run(job *j, bb_error *err) {
    bb_status status = open_all(j, err);
    for (size_t i = 0; status == BB_OK && i < bb_sources_count(j->sources); ++i) status = work_on(j, i, err);
    if (status == BB_OK) status = measure(j, NULL, true, err);
    if (status != BB_OK) return status;
    bool any = false;
    for (size_t i = 0; i < j->result.count; ++i) any = any || j->result.found[i].windows >= 2;
    if (!any)
        return fail(err, BB_ERR_UNSUPPORTED, "%s: no electrode has two sound windows", j->call->arguments[0]);
    if (!j->call->common.quiet) remark(j);
    if (j->options->embed.out)
        status = bb_dimension_table_write(j->options->embed.out, j->result.places, j->result.found,
                                          j->result.count, err);
    if (status == BB_OK && j->options->picture) status = dimension_draw(&j->result, j->options->picture, err);
    return status;
}

static int check(const dimension_options *o) {
    bb_spectrogram_recipe recipe;
    int status = source_check(&o->embed.source);
    if (status < 0) status = method_recipe(&o->embed.method, bb_signal_recipe_default().rate_hz, &recipe);
    if (status < 0) status = embed_model_check(&o->embed);
    if (status < 0) status = precision_check(o->embed.precision, true);
    if (status >= 0) return status;
    if (!o->embed.model) return complain(EXIT_USAGE, "dimension: --model is needed");
    if (o->embed.out && !path_ends_in(o->embed.out, ".tsv"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .tsv, found '%s'", o->embed.out);
    if (o->picture && !path_ends_in(o->picture, ".png"))
        return complain(EXIT_USAGE, "--picture: expected a name that ends in .png, found '%s'", o->picture);
    return -1;
}

static void close_all(job *j) {
    dimension_result_free(&j->result);
    bb_dimensions_destroy(j->windows);
    bb_encoder_destroy(j->encoder);
    bb_spectrogram_plan_destroy(j->plan);
    bb_sources_destroy(j->sources);
    bb_model_close(j->model);
}

int run_dimension(int argc, char **argv) {
    const bb_dimension_options defaults = bb_dimension_options_default();
    dimension_options o = {.embed = {.source = source_defaults(),
                                     .method = method_defaults(),
                                     .precision = "f32",
                                     .window = NAN,
                                     .stride = NAN,
                                     .offset = NAN},
                           .windows = defaults.windows,
                           .share = defaults.share};
    enum { OWN = 10 };
    option options[OWN + METHOD_OPTIONS + SOURCE_OPTIONS] = {
        {"--model", "M", OPTION_WORD, &o.embed.model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--windows", "N", OPTION_INTEGER, &o.windows, 2, BB_DIMENSION_WINDOWS_MOST,
         "of each electrode: its first sound ones, back to back"},
        {"--window", "S", OPTION_NUMBER, &o.embed.window, 1e-3, 3600, "length; default: the recipe's 5"},
        {"--share", "P", OPTION_NUMBER, &o.share, 0.01, 0.9999,
         "of the variance that the components have to exceed"},
        {"--frames", NULL, OPTION_FLAG, &o.frames, 0, 0,
         "also of spectrograms that are not averaged over frames; takes 15 MB of memory an electrode"},
        {"--out", "FILE", OPTION_WORD, &o.embed.out, 0, 0, "X.tsv: the table"},
        {"--picture", "FILE", OPTION_WORD, &o.picture, 0, 0, "X.png: variance by number of components"},
        {"--normalize", "NAME", OPTION_WORD, &o.embed.normalize, 0, 0,
         "of spectrograms: window (the published z-score) or session; default: as the model was trained"},
        precision_row(&o.embed.precision, true),
        {"--heads", "N", OPTION_INTEGER, &o.embed.heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
    };
    method_rows(&o.embed.method,
                "of an untrained model's spectrograms: stft, superlet or morlet; default: the recipe's",
                options + OWN);
    source_rows(&o.embed.source, options + OWN + METHOD_OPTIONS);
    call c;
    int status = parse_call(&dimension_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status < 0) status = check(&o);
    if (status >= 0) return status;
    job j = {
        .options = &o, .call = &c, .result = {.model = o.embed.model, .share = o.share, .frames = o.frames}};
    bb_error err = {.message = "no memory"};
    status = run(&j, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
    if (status == EXIT_DONE) (c.common.json ? dimension_print_json : dimension_print)(&j.result);
    close_all(&j);
    return status;
}
