#include "brainbert/spectrogram.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "brainbert/array.h"
#include "brainbert/plot.h"
#include "commands.h"
#include "json.h"
#include "paths.h"
#include "source.h"

static const command spectrogram_command = {
    "spectrogram", "REC --out X.npy|X.png",
    "The spectrogram of one window of one channel: an array [frames, bins] or a picture.", 1, 1};

typedef struct spectrogram_options {
    source_options source;
    const char *out, *method, *channel, *normalize;
    double start, window;
} spectrogram_options;

/* What is drawn or written. */
typedef struct result {
    bb_spectrogram_plan *plan;
    bb_window_stream *stream;
    const double *trace;
    float *values;
    int64_t frames;
} result;

static bool recipe_of(const char *name, bb_spectrogram_recipe *out) {
    *out = bb_spectrogram_recipe_default();
    if (strcmp(name, "window") == 0) return true;
    if (strcmp(name, "demo") == 0) return *out = bb_spectrogram_recipe_demo(), true;
    if (strcmp(name, "none") == 0) return out->normalization = BB_NORMALIZE_NONE, true;
    return false;
}

static bb_status find_trace(const spectrogram_options *o, const call *c, bb_recording *recording, result *r,
                            bb_error *err) {
    const bb_signal_recipe published = bb_signal_recipe_default();
    bb_window_options w = bb_window_options_default();
    w.signal = source_recipe(&o->source, &published, bb_recording_get_info(recording));
    w.window_s = isnan(o->window) ? 0 : o->window;
    w.channels = o->channel;
    w.bads = o->source.bads;
    w.threads = (int)c->common.threads;
    if (o->start > 0) {
        w.onsets_s = &o->start;
        w.onset_count = 1;
    }
    bb_status status = bb_window_stream_create(recording, &w, &r->stream, err);
    int64_t stride;
    if (status == BB_OK) status = bb_window_stream_next(r->stream, &r->trace, &stride, err);
    if (status == BB_OK && !r->trace)
        return fail(err, BB_ERR_ARGUMENT,
                    "%s: expected a window inside the recording, found one from %g s on", c->arguments[0],
                    o->start);
    return status;
}

static bb_status compute(const bb_spectrogram_recipe *recipe, const char *path, result *r, bb_error *err) {
    bb_status status = bb_spectrogram_plan_create(recipe, &r->plan, err);
    if (status != BB_OK) return status;
    const int64_t samples = bb_window_stream_info(r->stream)->samples;
    r->frames = bb_spectrogram_frames(r->plan, samples);
    if (r->frames < 1)
        return fail(err, BB_ERR_ARGUMENT, "%s: a window of %g s leaves no spectrogram frame", path,
                    bb_window_stream_info(r->stream)->window_s);
    const size_t scratch_size = (bb_spectrogram_scratch(r->plan, samples) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, scratch_size);
    r->values = calloc((size_t)(r->frames * recipe->bins), sizeof *r->values);
    if (!scratch || !r->values)
        status = BB_ERR_MEMORY;
    else
        status = bb_spectrogram_compute(r->plan, r->trace, samples, scratch, r->values, err);
    free(scratch);
    return status;
}

static bb_status draw(const spectrogram_options *o, const char *path, const result *r, bb_error *err) {
    const bb_window_info *w = bb_window_stream_info(r->stream);
    const bb_spectrogram_recipe *recipe = bb_spectrogram_plan_recipe(r->plan);
    const char *slash = strrchr(path, '/');
    char title[256];
    snprintf(title, sizeof title, "%s, %s, %.1f to %.1f s", w->channels[0], slash ? slash + 1 : path,
             w->start_s[0], w->start_s[0] + w->window_s);
    const double first = bb_spectrogram_frame_time(r->plan, 0);
    const bool magnitude = recipe->normalization == BB_NORMALIZE_NONE;
    const bb_spectrogram_figure figure = {
        .title = title,
        .value_label = magnitude ? "magnitude (uV)" : "z-score",
        .values = r->values,
        .frames = r->frames,
        .bins = recipe->bins,
        .first_frame_s = w->start_s[0] + first,
        .frame_step_s = bb_spectrogram_frame_time(r->plan, 1) - first,
        .first_bin_hz = 0,
        .bin_step_hz = bb_spectrogram_bin_frequency(r->plan, 1),
        .diverging = !magnitude,
        .trace = r->trace,
        .trace_samples = w->samples,
        .trace_start_s = w->start_s[0],
        .trace_rate_hz = w->rate_hz,
    };
    return bb_plot_spectrogram(&figure, o->out, err);
}

static bb_status run(const spectrogram_options *o, const call *c, const bb_spectrogram_recipe *recipe,
                     bb_error *err) {
    result r = {0};
    bb_recording *recording;
    if (path_spare(c->arguments[0], o->out, false, err) != BB_OK) return err->status;
    bb_status status = source_open(&o->source, c->arguments[0], &recording, err);
    if (status != BB_OK) return status;
    source_warn(bb_recording_get_info(recording), c->common.quiet);
    status = find_trace(o, c, recording, &r, err);
    if (status == BB_OK) status = compute(recipe, c->arguments[0], &r, err);
    const int64_t shape[] = {r.frames, recipe->bins};
    if (status == BB_OK && path_ends_in(o->out, ".png"))
        status = draw(o, c->arguments[0], &r, err);
    else if (status == BB_OK)
        status = bb_array_write(o->out, r.values, shape, 2, err);
    if (status == BB_OK && c->common.json) print_written(o->out, shape, 2);
    bb_spectrogram_plan_destroy(r.plan);
    bb_window_stream_destroy(r.stream);
    free(r.values);
    bb_recording_close(recording);
    return status;
}

int run_spectrogram(int argc, char **argv) {
    spectrogram_options o = {
        .source = source_defaults(), .method = "stft", .normalize = "window", .window = NAN};
    option options[SOURCE_OPTIONS + 6] = {
        {"--out", "FILE", OPTION_WORD, &o.out, 0, 0, "X.npy or X.png"},
        {"--method", "NAME", OPTION_WORD, &o.method, 0, 0, "stft"},
        {"--channel", "NAME", OPTION_WORD, &o.channel, 0, 0, "default: the first that records the brain"},
        {"--start", "S", OPTION_NUMBER, &o.start, 0, 1e7, "first second of the window"},
        {"--window", "S", OPTION_NUMBER, &o.window, 1e-3, 3600,
         "its length; default: 5, or the whole recording where that is shorter"},
        {"--normalize", "NAME", OPTION_WORD, &o.normalize, 0, 0,
         "window: z-score, then trim; demo: trim 5, then z-score; none: magnitudes"},
    };
    source_rows(&o.source, options + 6);
    call c;
    const int status =
        parse_call(&spectrogram_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    const int checked = source_check(&o.source);
    if (checked >= 0) return checked;
    bb_spectrogram_recipe recipe;
    if (!recipe_of(o.normalize, &recipe))
        return complain(EXIT_USAGE, "--normalize: expected window, demo or none, found '%s'", o.normalize);
    if (strcmp(o.method, "stft") != 0)
        return complain(EXIT_USAGE, "--method: expected stft, found '%s'", o.method);
    if (!path_ends_in(o.out, ".npy") && !path_ends_in(o.out, ".png"))
        return complain(EXIT_USAGE, "--out: expected a name that ends in .npy or .png, found '%s'",
                        o.out ? o.out : "none");
    if (!o.channel) o.channel = o.source.channels;
    bb_error err = {.message = "no memory"};
    return run(&o, &c, &recipe, &err) == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}
