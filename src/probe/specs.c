#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "probe/probe.h"

/* "untrained@mean" is read as "encoder@mean", of another model. */
static const char untrained[] = "untrained";

static bb_status fill_encoder(bb_probe_run *run, bb_probe_spec *s, bool fresh, bb_error *err) {
    s->spec.model = fresh ? run->o->untrained : run->o->model;
    s->spec.precision = run->o->precision;
    s->spec.recipe = run->o->recipe.spectrogram;
    if (s->spec.model) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "features '%s': expected a model", s->name);
}

/* A spectrogram of the model's method is made as the model's is, others as published, normalised alike. */
static void fill_spectrogram(const bb_probe_run *run, bb_probe_spec *s) {
    const bb_spectrogram_recipe *own = &run->o->recipe.spectrogram;
    if (s->spec.recipe.method == own->method) {
        s->spec.recipe = *own;
        return;
    }
    s->spec.recipe.rate_hz = own->rate_hz;
    if (own->normalization == BB_NORMALIZE_SESSION) s->spec.recipe.normalization = BB_NORMALIZE_SESSION;
}

static bool has_name(const bb_probe_run *run, const char *name) {
    for (size_t i = 0; i < run->spec_count; ++i)
        if (strcmp(run->specs[i].name, name) == 0) return true;
    return false;
}

static bb_status take_name(bb_probe_run *run, const char *name, bool shown, bb_error *err) {
    if (run->spec_count == BB_PROBE_SPECS)
        return bb_fail(err, BB_ERR_ARGUMENT, "features: expected at most %d kinds", BB_PROBE_SPECS);
    bb_probe_spec *s = &run->specs[run->spec_count];
    const bool fresh = strncmp(name, untrained, sizeof untrained - 1) == 0 &&
                       (name[sizeof untrained - 1] == 0 || name[sizeof untrained - 1] == '@');
    const char *rest = fresh ? name + sizeof untrained - 1 : name;
    char full[2 * BB_SPEC_NAME];
    snprintf(full, sizeof full, "%s%s", fresh ? "encoder" : "", rest);
    BB_TRY(bb_feature_spec_from_name(full, &s->spec, err));
    const bool frames = s->spec.kind == BB_FEATURE_ENCODER || s->spec.kind == BB_FEATURE_SPECTROGRAM;
    if (run->o->pooling && frames && !strchr(full, '@') &&
        !bb_pooling_from_name(run->o->pooling, &s->spec.pooling))
        return bb_fail(err, BB_ERR_ARGUMENT, "pooling: expected center, mean or segments:K, found '%s'",
                       run->o->pooling);
    if (s->spec.pooling.kind == BB_POOL_NONE && frames && !run->o->finetune)
        return bb_fail(err, BB_ERR_ARGUMENT, "features '%s': expected a pooling but none", name);
    bb_feature_spec_name(&s->spec, full, sizeof full);
    const char *shown_name = fresh ? full + strlen("encoder") : full;
    snprintf(s->name, sizeof s->name, "%s%.*s", fresh ? untrained : "", BB_SPEC_NAME / 2, shown_name);
    if (shown && has_name(run, s->name))
        return bb_fail(err, BB_ERR_ARGUMENT, "features: expected each kind once, found '%s' again", s->name);
    s->baseline = s->spec.kind != BB_FEATURE_ENCODER;
    s->shown = shown;
    if (s->spec.kind == BB_FEATURE_ENCODER) BB_TRY(fill_encoder(run, s, fresh, err));
    if (s->spec.kind == BB_FEATURE_SPECTROGRAM) fill_spectrogram(run, s);
    ++run->spec_count;
    return BB_OK;
}

/* Fine-tuning wants the spectrograms themselves. */
static void take_spectrograms(bb_probe_run *run) {
    bb_probe_spec *s = &run->specs[run->spec_count++];
    *s = (bb_probe_spec){.spec = {.kind = BB_FEATURE_SPECTROGRAM,
                                  .pooling = {.kind = BB_POOL_NONE},
                                  .recipe = run->o->recipe.spectrogram},
                         .name = "finetuned",
                         .shown = true};
}

bb_status bb_probe_specs(bb_probe_run *run, bb_error *err) {
    const char *at = run->o->features;
    if (run->o->finetune) {
        take_spectrograms(run);
        at = "";
    }
    while (*at) {
        char name[BB_SPEC_NAME];
        const size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof name)
            return bb_fail(err, BB_ERR_ARGUMENT,
                           "features: expected names with commas between them, found '%s'", at);
        memcpy(name, at, length);
        name[length] = 0;
        BB_TRY(take_name(run, name, true, err));
        at += length + (at[length] == ',');
    }
    if (run->o->best > 0) BB_TRY(take_name(run, "voltage", false, err));
    return run->spec_count > 0 ? BB_OK : bb_fail(err, BB_ERR_ARGUMENT, "features: expected some, found none");
}
