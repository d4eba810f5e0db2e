#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "features/spec.h"

enum { WORD = 32 };

static bb_pooling_kind usual_pooling(bb_feature_spec_kind kind) {
    switch (kind) {
    case BB_FEATURE_ENCODER:
    case BB_FEATURE_SPECTROGRAM:
        return BB_POOL_CENTER;
    case BB_FEATURE_BAND_POWER:
        return BB_POOL_MEAN;
    case BB_FEATURE_VOLTAGE:
        break;
    }
    return BB_POOL_NONE;
}

/* "0.25" of "voltage:0.25". */
static bb_status read_seconds(const char *text, const char *name, double *out, bb_error *err) {
    const size_t used = bb_decimal_parse(text, strlen(text), out);
    if (used > 0 && text[used] == '\0' && *out > 0 && *out <= 3600) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT,
                   "feature '%.60s': expected seconds behind the colon, as in voltage:0.25", name);
}

static bb_status read_kind(const char *word, const char *name, bb_feature_spec *s, bb_error *err) {
    static const char voltage[] = "voltage";
    bb_spectrogram_method method;
    const size_t length = sizeof voltage - 1;
    if (strcmp(word, "encoder") == 0) return s->kind = BB_FEATURE_ENCODER, BB_OK;
    if (strcmp(word, "bandpower") == 0) return s->kind = BB_FEATURE_BAND_POWER, BB_OK;
    if (strncmp(word, voltage, length) == 0 && (word[length] == '\0' || word[length] == ':')) {
        s->kind = BB_FEATURE_VOLTAGE;
        return word[length] ? read_seconds(word + length + 1, name, &s->seconds, err) : BB_OK;
    }
    if (!bb_spectrogram_method_from_name(word, &method))
        return bb_fail(
            err, BB_ERR_ARGUMENT,
            "feature '%.60s': expected encoder, stft, superlet, morlet, voltage, voltage:SECONDS or "
            "bandpower",
            name);
    s->kind = BB_FEATURE_SPECTROGRAM;
    s->recipe = bb_spectrogram_recipe_for(method);
    return BB_OK;
}

bb_status bb_feature_spec_check(const bb_feature_spec *s, bb_error *err) {
    const bb_pooling_kind p = s->pooling.kind;
    char name[2 * WORD];
    bb_feature_spec_name(s, name, sizeof name);
    if (s->kind == BB_FEATURE_VOLTAGE && p == BB_POOL_CENTER)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "feature '%s': expected @mean, @segments:K or none (voltage:SECONDS takes the centre)",
                       name);
    if (s->kind == BB_FEATURE_BAND_POWER && p != BB_POOL_MEAN && p != BB_POOL_SEGMENTS)
        return bb_fail(err, BB_ERR_ARGUMENT, "feature '%s': expected @mean or @segments:K", name);
    if (s->precision == BB_PRECISION_AUTO)
        return bb_fail(err, BB_ERR_ARGUMENT, "feature '%s': expected precision f32, bf16 or int8, found auto",
                       name);
    if (p == BB_POOL_SEGMENTS && s->pooling.segments < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "feature '%s': expected 1 segment or more", name);
    return BB_OK;
}

bb_status bb_feature_spec_from_name(const char *name, bb_feature_spec *out, bb_error *err) {
    const char *at = strchr(name, '@');
    char word[WORD];
    *out = (bb_feature_spec){0};
    snprintf(word, sizeof word, "%.*s", at ? (int)(at - name < WORD ? at - name : WORD) : WORD, name);
    BB_TRY(read_kind(word, name, out, err));
    out->pooling = (bb_pooling){.kind = usual_pooling(out->kind), .segments = 1};
    if (at && !bb_pooling_from_name(at + 1, &out->pooling))
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "feature '%.60s': expected center, mean, none or segments:K behind the @", name);
    return bb_feature_spec_check(out, err);
}

static void pooling_name(const bb_pooling *p, char out[WORD]) {
    static const char *const names[] = {
        [BB_POOL_CENTER] = "center", [BB_POOL_MEAN] = "mean", [BB_POOL_NONE] = "none"};
    if (p->kind == BB_POOL_SEGMENTS)
        snprintf(out, WORD, "segments:%d", p->segments);
    else
        snprintf(out, WORD, "%s", names[p->kind]);
}

void bb_feature_spec_name(const bb_feature_spec *s, char *out, size_t room) {
    char word[WORD] = "encoder", pooling[WORD];
    pooling_name(&s->pooling, pooling);
    if (s->kind == BB_FEATURE_SPECTROGRAM)
        snprintf(word, sizeof word, "%s", bb_spectrogram_method_name(s->recipe.method));
    if (s->kind == BB_FEATURE_BAND_POWER) snprintf(word, sizeof word, "bandpower");
    if (s->kind == BB_FEATURE_VOLTAGE)
        snprintf(word, sizeof word, s->seconds > 0 ? "voltage:%.10g" : "voltage", s->seconds);
    const bool usual = s->pooling.kind == usual_pooling(s->kind);
    snprintf(out, room, "%s%s%s", word, usual ? "" : "@", usual ? "" : pooling);
}
