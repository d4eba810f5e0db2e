#include "features/key.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/key.h"
#include "base/memory.h"
#include "brainbert/cpu.h"
#include "features/file_digest.h"
#include "features/spec.h"

/* The layout of the text and the meaning of the features; another number makes every key another one. */
enum { KEY_VERSION = 2 };

static bb_status write_recipe(bb_key_text *text, const bb_recipe *recipe, bb_error *err) {
    char *json = bb_recipe_to_json(recipe);
    if (!json) return bb_fail(err, BB_ERR_MEMORY, "no memory for a recipe");
    bb_key_word(text, "recipe", json);
    free(json);
    return BB_OK;
}

static bb_status write_files(bb_key_text *text, const bb_recording_info *r, const char *folder,
                             bb_error *err) {
    for (size_t i = 0; i < r->file_count; ++i) {
        char digest[BB_SHA256_TEXT];
        BB_TRY(bb_file_digest(r->files[i], folder, digest, err));
        fprintf(text->lines, "file %s\n", digest);
    }
    return BB_OK;
}

/* How the files were read shows in the samples: another variable of the file, unit or rate gives others. */
static bb_status write_samples(bb_key_text *text, bb_recording *recording, const bb_survey *s,
                               bb_error *err) {
    enum { PLACES = 3, SAMPLES = 256 };
    const bb_recording_info *r = bb_recording_get_info(recording);
    const size_t C = (size_t)s->channels;
    int64_t samples = INT64_MAX;
    for (size_t c = 0; c < C; ++c)
        if (r->channels[s->sources[c]].samples < samples) samples = r->channels[s->sources[c]].samples;
    const int64_t count = samples < SAMPLES ? samples : SAMPLES;
    double *x = bb_calloc(C * (size_t)count, sizeof *x);
    bb_status status = x ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "no memory for samples of %zu channels", C);
    fprintf(text->lines, "samples %lld at %.17g Hz\n", (long long)samples, r->rate_hz);
    for (int i = 0; i < PLACES && status == BB_OK; ++i) {
        char digest[BB_SHA256_TEXT];
        status =
            bb_recording_read(recording, s->sources, C, (samples - count) * i / (PLACES - 1), count, x, err);
        if (status == BB_OK && !bb_sha256_of_bytes(x, C * (size_t)count * sizeof *x, digest))
            status = bb_fail(err, BB_ERR_MEMORY, "no memory for a checksum");
        if (status == BB_OK) fprintf(text->lines, "read %s\n", digest);
    }
    bb_free(x);
    return status;
}

static void write_windows(bb_key_text *text, const bb_survey *s) {
    fprintf(text->lines, "channels %lld\n", (long long)s->channels);
    for (int64_t c = 0; c < s->channels; ++c) bb_key_word(text, "channel", s->names[c]);
    fprintf(text->lines, "windows %lld of %lld samples\n", (long long)s->rows, (long long)s->samples);
    for (int64_t row = 0; row < s->rows; ++row)
        if (isnan(s->start_s[row]))
            fputs("none\n", text->lines);
        else
            fprintf(text->lines, "%.17g\n", s->start_s[row]);
}

static bb_status describe_call(bb_key_text *text, bb_recording *recording, const bb_feature_options *options,
                               const bb_survey *s, bb_error *err) {
    const bb_window_options *o = &options->windows;
    bb_recipe recipe = bb_recipe_default();
    recipe.signal = o->signal;
    recipe.window_s = s->window_s;
    fprintf(text->lines, "brainbert features %d of program %s\n", KEY_VERSION, bb_version());
    BB_TRY(write_files(text, bb_recording_get_info(recording), options->cache, err));
    BB_TRY(write_samples(text, recording, s, err));
    BB_TRY(write_recipe(text, &recipe, err));
    bb_key_word(text, "asked", o->channels);
    bb_key_word(text, "bads", o->bads);
    write_windows(text, s);
    return BB_OK;
}

bb_status bb_key_of_call(bb_recording *recording, const bb_feature_options *options, const bb_survey *survey,
                         char **out, bb_error *err) {
    bb_key_text text;
    *out = NULL;
    BB_TRY(bb_key_begin(&text, err));
    return bb_key_take(&text, describe_call(&text, recording, options, survey, err), out, err);
}

static bb_status describe_spec(bb_key_text *text, const char *call, const bb_feature_spec *s,
                               const bb_spectrogram_recipe *recipe, const char *model, bool one_electrode,
                               bb_error *err) {
    bb_recipe whole = bb_recipe_default();
    whole.spectrogram = *recipe;
    fprintf(text->lines, "%skind %d\npooling %d %d\n", call, (int)s->kind, (int)s->pooling.kind,
            bb_pooling_segments(&s->pooling));
    if (s->kind == BB_FEATURE_VOLTAGE) fprintf(text->lines, "seconds %.17g\n", s->seconds);
    if (!bb_feature_spec_has_spectrogram(s)) return BB_OK;
    bb_key_word(text, "model", model);
    if (s->precision != BB_PRECISION_F32) {
        bb_key_word(text, "precision", bb_precision_name(s->precision));
        bb_key_word(text, "level", bb_cpu_level_name(bb_cpu_current())); /* it changes more than last bits */
    }
    fprintf(text->lines, "one electrode %d\n",
            recipe->normalization == BB_NORMALIZE_SESSION && one_electrode);
    return write_recipe(text, &whole, err);
}

bb_status bb_key_of_spec(const char *call, const bb_feature_spec *spec, const bb_spectrogram_recipe *recipe,
                         const char *model, bool one_electrode, char out[BB_SHA256_TEXT], bb_error *err) {
    bb_key_text text;
    BB_TRY(bb_key_begin(&text, err));
    return bb_key_digest(&text, describe_spec(&text, call, spec, recipe, model, one_electrode, err), out,
                         err);
}
