#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "brainbert/array.h"
#include "brainbert/model.h"
#include "brainbert/recording.h"
#include "commands.h"
#include "json.h"
#include "paths.h"
#include "progress.h"
#include "source.h"

static const command convert_command = {
    "convert", "SRC DST",
    "A model (.pth, .safetensors, braindecode's files) to DST/config.json + DST/model.safetensors,\n"
    "or a recording to an EDF+ file DST.edf of its brain channels.",
    2, 2};

/* Says why SRC is no model; of a recording, what it can be converted to. */
static int refuse_source(const call *c, const source_options *source, const bb_error *err) {
    bb_recording *recording;
    bb_error none;
    if (source_open(source, c->arguments[0], &recording, &none) != BB_OK)
        return complain(EXIT_FAILED, "%s", err->message);
    bb_recording_close(recording);
    return complain(EXIT_FAILED,
                    "%s: is a recording, which is written as EDF+: expected a name that ends in .edf, "
                    "found '%s'",
                    c->arguments[0], c->arguments[1]);
}

static int convert_model(const call *c, int heads, bool float16, const source_options *source) {
    bb_model *model;
    bb_error err;
    if (bb_model_open(c->arguments[0], heads, &model, &err) != BB_OK) return refuse_source(c, source, &err);
    const bb_model_info *info = bb_model_get_info(model);
    if (info->heads_assumed && !c->common.quiet)
        complain(0, "%s: warning: the number of heads is not in the file: %d assumed (--heads says another)",
                 info->path, info->config.heads);
    const bb_status status = bb_model_save(model, c->arguments[1], float16 ? BB_F16 : BB_F32, &err);
    if (status == BB_OK && c->common.json) print_written(c->arguments[1], NULL, 0);
    if (status == BB_OK && !c->common.quiet)
        fprintf(stderr, "%s: %lld parameters from %s (%s)\n", c->arguments[1], (long long)info->parameters,
                info->path, info->container);
    bb_model_close(model);
    return status == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}

/* ---------------------------------------------------------------- recordings */

typedef struct conversion {
    bb_recording *recording;
    const bb_recording_info *info;
    size_t *indices, count;
    int64_t rate, samples;
    bb_edf_channel *channels;
    double *block;    /* [count, rate]: one second */
    bb_event *events; /* those inside the recording */
    size_t event_count;
} conversion;

/* EDF+ as we write it has whole rates. */
static bb_status select_channels(conversion *v, bb_error *err) {
    v->rate = llround(v->info->rate_hz);
    for (size_t i = 0; i < v->info->channel_count; ++i) {
        const bb_channel *c = &v->info->channels[i];
        if (!bb_channel_is_brain(c->type) || fabs(c->rate_hz - v->info->rate_hz) > 1e-9) continue;
        v->indices[v->count++] = i;
        if (v->samples == 0 || c->samples < v->samples) v->samples = c->samples;
    }
    if (v->count > 0 && fabs(v->info->rate_hz - (double)v->rate) < 1e-9) return BB_OK;
    return fail(err, BB_ERR_UNSUPPORTED,
                "%s: expected brain channels at a whole number of samples per second, found %zu at %.10g Hz",
                v->info->path, v->count, v->info->rate_hz);
}

/* Each channel's range, so that 16 bits go as far as they can. */
static bb_status find_ranges(conversion *v, bb_error *err) {
    for (int64_t first = 0; first < v->samples; first += v->rate) {
        const int64_t n = v->samples - first < v->rate ? v->samples - first : v->rate;
        const bb_status status =
            bb_recording_read(v->recording, v->indices, v->count, first, n, v->block, err);
        if (status != BB_OK) return status;
        for (size_t c = 0; c < v->count; ++c)
            for (int64_t t = 0; t < n; ++t) {
                const double x = v->block[(int64_t)c * n + t];
                if (x < v->channels[c].physical_min_uv) v->channels[c].physical_min_uv = x;
                if (x > v->channels[c].physical_max_uv) v->channels[c].physical_max_uv = x;
            }
    }
    return BB_OK;
}

/* EDF+ keeps an event in the record it falls into: what lies outside the recording has no place. */
static void select_events(conversion *v) {
    for (size_t i = 0; i < v->info->event_count; ++i) {
        const double onset = v->info->events[i].onset_s;
        if (onset >= 0 && onset < (double)v->samples / (double)v->rate)
            v->events[v->event_count++] = v->info->events[i];
    }
}

static bb_status write_edf(conversion *v, const char *path, progress_line *line, bb_error *err) {
    bb_edf_writer *writer;
    bb_status status = bb_edf_writer_open(path, v->channels, v->count, v->rate, v->samples, v->events,
                                          v->event_count, &writer, err);
    if (status != BB_OK) return status;
    for (int64_t first = 0; first < v->samples && status == BB_OK; first += v->rate) {
        const int64_t n = v->samples - first < v->rate ? v->samples - first : v->rate;
        status = bb_recording_read(v->recording, v->indices, v->count, first, n, v->block, err);
        if (status == BB_OK) status = bb_edf_writer_append(writer, v->block, n, err);
        if (status == BB_OK && progress_update(line, first + n, v->samples))
            status = fail(err, BB_ERR_CANCELLED, "stopped");
    }
    if (status == BB_OK) return bb_edf_writer_close(writer, err);
    bb_edf_writer_abandon(writer);
    return status;
}

static bb_status convert_recording(conversion *v, const char *path, progress_line *line, bb_error *err) {
    v->indices = calloc(v->info->channel_count + 1, sizeof *v->indices);
    v->channels = calloc(v->info->channel_count + 1, sizeof *v->channels);
    v->events = calloc(v->info->event_count + 1, sizeof *v->events);
    if (!v->indices || !v->channels || !v->events) return BB_ERR_MEMORY;
    bb_status status = select_channels(v, err);
    if (status != BB_OK) return status;
    v->block = calloc(v->count * (size_t)v->rate, sizeof *v->block);
    if (!v->block) return BB_ERR_MEMORY;
    for (size_t c = 0; c < v->count; ++c)
        v->channels[c] = (bb_edf_channel){
            .name = v->info->channels[v->indices[c]].name, .physical_min_uv = -1, .physical_max_uv = 1};
    select_events(v);
    status = find_ranges(v, err);
    return status == BB_OK ? write_edf(v, path, line, err) : status;
}

/* EDF+ has labels, and the type only as a word before a label, by which names would no longer be those of the
 * tables: names stay, and what else is known of the channels is told. */
static void tell_left_behind(const conversion *v, const char *path) {
    size_t bad = 0, types = 0, places = 0;
    for (size_t i = 0; i < v->count; ++i) {
        const bb_channel *c = &v->info->channels[v->indices[i]];
        bad += c->bad;
        types += c->type != bb_channel_type_of(c->name);
        places += c->has_position || c->region || c->group;
    }
    if (bad + types + places > 0)
        complain(0,
                 "%s: warning: EDF+ has no place for bad marks (%zu), types (%zu), positions and regions "
                 "(%zu channels): "
                 "they stay behind",
                 path, bad, types, places);
}

static void report(const conversion *v, const char *path) {
    tell_left_behind(v, path);
    if (bb_edf_record_samples(v->count, v->rate, v->samples) == 0)
        complain(0, "%s: warning: EDF has no records that %lld samples fill: the last second ends in zeros",
                 path, (long long)v->samples);
    fprintf(stderr, "%s: %zu channels, %.6g s at %lld Hz\n", path, v->count,
            (double)v->samples / (double)v->rate, (long long)v->rate);
}

static int convert_to_edf(const call *c, const source_options *source) {
    conversion v = {0};
    bb_error err = {.message = "no memory"};
    if (path_spare(c->arguments[0], c->arguments[1], false, &err) != BB_OK ||
        source_open(source, c->arguments[0], &v.recording, &err) != BB_OK)
        return complain(EXIT_FAILED, "%s", err.message);
    v.info = bb_recording_get_info(v.recording);
    source_warn(v.info, c->common.quiet);
    progress_line line = progress_begin("converting", &c->common);
    const bb_status status = convert_recording(&v, c->arguments[1], &line, &err);
    progress_end(&line);
    if (status == BB_OK && c->common.json)
        print_written(c->arguments[1], (const int64_t[]){(int64_t)v.count, v.samples}, 2);
    if (status == BB_OK && !c->common.quiet) report(&v, c->arguments[1]);
    free(v.indices);
    free(v.channels);
    free(v.block);
    free(v.events);
    bb_recording_close(v.recording);
    return status == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}

int run_convert(int argc, char **argv) {
    source_options source = source_defaults();
    int64_t heads = 0;
    bool float16 = false;
    enum { OWN = 2 };
    option options[OWN + FILE_OPTIONS] = {
        {"--heads", "N", OPTION_INTEGER, &heads, 0, 4096,
         "attention heads of a model file that does not say; 0: 12"},
        {"--float16", NULL, OPTION_FLAG, &float16, 0, 0,
         "a model's weights in 16 bits each; default: 32-bit floats"},
    };
    source_file_rows(&source, options + OWN);
    call c;
    const int status =
        parse_call(&convert_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    if (float16 && path_ends_in(c.arguments[1], ".edf"))
        return complain(EXIT_USAGE, "--float16: is for models, found '%s'", c.arguments[1]);
    return path_ends_in(c.arguments[1], ".edf") ? convert_to_edf(&c, &source)
                                                : convert_model(&c, (int)heads, float16, &source);
}
