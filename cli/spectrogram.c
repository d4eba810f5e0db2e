#include "brainbert/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/array.h"
#include "brainbert/plot.h"
#include "commands.h"
#include "json.h"
#include "method.h"
#include "paths.h"
#include "progress.h"
#include "source.h"

static const command spectrogram_command = {
    "spectrogram", "REC --out X.npy|X.png",
    "The spectrogram of one window of one channel: an array [frames, bins] or a picture; --method all draws "
    "STFT,\nsuperlet and Morlet side by side.",
    1, 1};

typedef struct spectrogram_options {
    source_options source;
    method_options method;
    const char *out, *channel, *normalize;
    double start, window;
} spectrogram_options;

enum { METHODS = 3 };

/* What is drawn or written: one spectrogram, or one of each method. */
typedef struct result {
    bb_window_stream *stream;
    const double *trace;
    bb_session_scales *scales[METHODS]; /* where normalised by session */
    int count;
    bb_spectrogram_recipe recipes[METHODS];
    bb_spectrogram_plan *plans[METHODS];
    float *values[METHODS];
    int64_t frames[METHODS];
} result;

static bool is_all(const spectrogram_options *o) {
    return o->method.method && strcmp(o->method.method, "all") == 0;
}

/* -1, or EXIT_USAGE after saying what is wrong. */
static int choose_recipe(const spectrogram_options *o, const method_options *method,
                         bb_spectrogram_recipe *out) {
    const int status = method_recipe(method, bb_signal_recipe_default().rate_hz, out);
    if (status >= 0) return status;
    if (strcmp(o->normalize, "demo") == 0 && out->method == BB_SPECTROGRAM_STFT)
        *out = bb_spectrogram_recipe_demo();
    else if (!bb_spectrogram_normalize(out, o->normalize))
        return complain(EXIT_USAGE,
                        "--normalize: expected window, session, none or, of the stft, demo, found '%s'",
                        o->normalize);
    return -1;
}

static int choose_recipes(const spectrogram_options *o, result *r) {
    if (!is_all(o)) {
        r->count = 1;
        return choose_recipe(o, &o->method, r->recipes);
    }
    method_options method = o->method;
    method.method = NULL;
    if (method_said(&method))
        return complain(EXIT_USAGE,
                        "--method all: shows the published recipes, found an option that changes one");
    if (!path_ends_in(o->out, ".png"))
        return complain(EXIT_USAGE, "--method all: expected a picture, found '%s'", o->out);
    for (r->count = 0; r->count < METHODS; ++r->count) {
        method.method = bb_spectrogram_method_name((bb_spectrogram_method)r->count);
        const int status = choose_recipe(o, &method, &r->recipes[r->count]);
        if (status >= 0) return status;
    }
    return -1;
}

static bb_status measure_sessions(const call *c, bb_recording *recording, const bb_window_options *w,
                                  result *r, bb_error *err) {
    progress_line line = progress_begin("measuring the session", &c->common);
    bb_status status = BB_OK;
    for (int i = 0; i < r->count && status == BB_OK; ++i)
        if (r->recipes[i].normalization == BB_NORMALIZE_SESSION)
            status =
                bb_session_measure(recording, w, &r->recipes[i], progress_update, &line, &r->scales[i], err);
    progress_end(&line);
    return status;
}

static bb_status find_trace(const spectrogram_options *o, const call *c, bb_recording *recording, result *r,
                            bb_error *err) {
    const bb_signal_recipe published = bb_signal_recipe_default();
    bb_window_options w = bb_window_options_default();
    w.signal = source_recipe(&o->source, &published, bb_recording_get_info(recording));
    source_warn_mains(&o->source, &published, bb_recording_get_info(recording), c->common.quiet);
    w.window_s = isnan(o->window) ? 0 : o->window;
    w.channels = o->channel;
    w.bads = o->source.bads;
    w.threads = (int)c->common.threads;
    if (o->start > 0) {
        w.onsets_s = &o->start;
        w.onset_count = 1;
    }
    bb_status status = measure_sessions(c, recording, &w, r, err);
    if (status == BB_OK) status = bb_window_stream_create(recording, &w, &r->stream, err);
    int64_t stride;
    if (status == BB_OK) status = bb_window_stream_next(r->stream, &r->trace, &stride, err);
    if (status == BB_OK && !r->trace)
        return fail(err, BB_ERR_ARGUMENT,
                    "%s: expected a window inside the recording, found one from %g s on", c->arguments[0],
                    o->start);
    return status;
}

static bb_status compute(const char *path, result *r, int i, bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(r->stream);
    bb_status status = bb_spectrogram_plan_create(&r->recipes[i], &r->plans[i], err);
    if (status != BB_OK) return status;
    r->frames[i] = bb_spectrogram_frames(r->plans[i], w->samples);
    if (r->frames[i] < 1)
        return fail(err, BB_ERR_ARGUMENT, "%s: a window of %g s leaves no %s frame", path, w->window_s,
                    bb_spectrogram_method_name(r->recipes[i].method));
    void *scratch = aligned_alloc(64, bb_spectrogram_scratch(r->plans[i], w->samples));
    r->values[i] = calloc((size_t)(r->frames[i] * r->recipes[i].bins), sizeof *r->values[i]);
    if (!scratch || !r->values[i])
        status = fail(err, BB_ERR_MEMORY, "%s: no memory for a spectrogram", path);
    else
        status = bb_spectrogram_compute(r->plans[i], r->trace, w->samples,
                                        r->scales[i] ? bb_session_scales_get(r->scales[i]) : NULL, scratch,
                                        r->values[i], err);
    free(scratch);
    return status;
}

static bb_spectrogram_figure figure_of(const result *r, int i, const char *title) {
    const bb_window_info *w = bb_window_stream_info(r->stream);
    const bb_spectrogram_plan *plan = r->plans[i];
    const double first = bb_spectrogram_frame_time(plan, 0), low = bb_spectrogram_bin_frequency(plan, 0);
    const bool magnitude = r->recipes[i].normalization == BB_NORMALIZE_NONE,
               by_session = r->recipes[i].normalization == BB_NORMALIZE_SESSION;
    return (bb_spectrogram_figure){
        .title = title,
        .value_label = magnitude    ? "magnitude (uV)"
                       : by_session ? "log magnitude, sd of the session"
                                    : "z-score",
        .values = r->values[i],
        .frames = r->frames[i],
        .bins = r->recipes[i].bins,
        .first_frame_s = w->start_s[0] + first,
        .frame_step_s = bb_spectrogram_frame_time(plan, 1) - first,
        .first_bin_hz = low,
        .bin_step_hz = r->recipes[i].bins > 1 ? bb_spectrogram_bin_frequency(plan, 1) - low : 1,
        .diverging = !magnitude,
        .trace = r->trace,
        .trace_samples = w->samples,
        .trace_start_s = w->start_s[0],
        .trace_rate_hz = w->rate_hz,
    };
}

static bb_status draw(const spectrogram_options *o, const char *path, const result *r, bb_error *err) {
    static const char *const headings[METHODS] = {"STFT", "superlet", "Morlet"};
    const bb_window_info *w = bb_window_stream_info(r->stream);
    const char *slash = strrchr(path, '/');
    char title[256];
    snprintf(title, sizeof title, "%s, %s, %.1f to %.1f s", w->channels[0], slash ? slash + 1 : path,
             w->start_s[0], w->start_s[0] + w->window_s);
    bb_spectrogram_figure figures[METHODS];
    for (int i = 0; i < r->count; ++i) figures[i] = figure_of(r, i, r->count > 1 ? headings[i] : title);
    return bb_plot_spectrograms(title, figures, r->count, METHODS, o->out, err);
}

static bb_status work(const spectrogram_options *o, const call *c, bb_recording *recording, result *r,
                      bb_error *err) {
    bb_status status = find_trace(o, c, recording, r, err);
    for (int i = 0; i < r->count && status == BB_OK; ++i) status = compute(c->arguments[0], r, i, err);
    if (status != BB_OK) return status;
    const int64_t shape[] = {r->frames[0], r->recipes[0].bins};
    status = path_ends_in(o->out, ".png") ? draw(o, c->arguments[0], r, err)
                                          : bb_array_write(o->out, r->values[0], shape, 2, err);
    if (status == BB_OK && c->common.json) print_written(o->out, shape, 2);
    return status;
}

static bb_status run(const spectrogram_options *o, const call *c, result *r, bb_error *err) {
    bb_recording *recording;
    if (path_spare(c->arguments[0], o->out, false, err) != BB_OK) return err->status;
    bb_status status = source_open(&o->source, c->arguments[0], &recording, err);
    if (status != BB_OK) return status;
    source_warn(bb_recording_get_info(recording), c->common.quiet);
    status = work(o, c, recording, r, err);
    for (int i = 0; i < METHODS; ++i) {
        bb_spectrogram_plan_destroy(r->plans[i]);
        bb_session_scales_destroy(r->scales[i]);
        free(r->values[i]);
    }
    bb_window_stream_destroy(r->stream);
    bb_recording_close(recording);
    return status;
}

int run_spectrogram(int argc, char **argv) {
    spectrogram_options o = {
        .source = source_defaults(), .method = method_defaults(), .normalize = "window", .window = NAN};
    enum { OWN = 5 };
    option options[OWN + METHOD_OPTIONS + SOURCE_OPTIONS] = {
        {"--out", "FILE", OPTION_WORD, &o.out, 0, 0, "X.npy or X.png"},
        {"--channel", "NAME", OPTION_WORD, &o.channel, 0, 0, "default: the first that records the brain"},
        {"--start", "S", OPTION_NUMBER, &o.start, 0, 1e7, "first second of the window"},
        {"--window", "S", OPTION_NUMBER, &o.window, 1e-3, 3600,
         "its length; default: 5, or the whole recording where that is shorter"},
        {"--normalize", "NAME", OPTION_WORD, &o.normalize, 0, 0,
         "window: z-score and trim as the method's published recipe does; session: logarithms by their "
         "spread "
         "over the recording; demo: of the stft, trim 5, then z-score; none: magnitudes"},
    };
    method_rows(&o.method, "stft, superlet, morlet or, to a picture, all; default: stft", options + OWN);
    source_rows(&o.source, options + OWN + METHOD_OPTIONS);
    call c;
    const int status =
        parse_call(&spectrogram_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    const int checked = source_check(&o.source);
    if (checked >= 0) return checked;
    if (!path_ends_in(o.out, ".npy") && !path_ends_in(o.out, ".png"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .npy or .png, found '%s'",
                        o.out ? o.out : "none");
    result r = {0};
    const int chosen = choose_recipes(&o, &r);
    if (chosen >= 0) return chosen;
    if (!o.channel) o.channel = o.source.channels;
    bb_error err = {.message = "no memory"};
    return run(&o, &c, &r, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}
