#include "model/recipe.h"

#include <string.h>

#include "base/error.h"

static const char *const method_names[] = {[BB_SPECTROGRAM_STFT] = "stft"};
static const char *const normalization_names[] = {[BB_NORMALIZE_NONE] = "none",
                                                  [BB_NORMALIZE_WINDOW] = "window",
                                                  [BB_NORMALIZE_WINDOW_TRIM_FIRST] = "window_trim_first"};

bb_recipe bb_recipe_default(void) {
    return (bb_recipe){
        .signal = bb_signal_recipe_default(), .spectrogram = bb_spectrogram_recipe_default(), .window_s = 5};
}

cJSON *bb_recipe_to_cjson(const bb_recipe *r) {
    cJSON *all = cJSON_CreateObject();
    cJSON *signal = cJSON_AddObjectToObject(all, "signal"),
          *spectrogram = cJSON_AddObjectToObject(all, "spectrogram");
    const bool ok = cJSON_AddNumberToObject(signal, "rate_hz", r->signal.rate_hz) &&
                    cJSON_AddNumberToObject(signal, "notch_hz", r->signal.notch_hz) &&
                    cJSON_AddNumberToObject(signal, "notch_harmonics", r->signal.notch_harmonics) &&
                    cJSON_AddNumberToObject(signal, "notch_q", r->signal.notch_q) &&
                    cJSON_AddNumberToObject(signal, "highpass_hz", r->signal.highpass_hz) &&
                    cJSON_AddNumberToObject(signal, "bandpass_low_hz", r->signal.bandpass_low_hz) &&
                    cJSON_AddNumberToObject(signal, "bandpass_high_hz", r->signal.bandpass_high_hz) &&
                    cJSON_AddStringToObject(signal, "reference", bb_reference_name(r->signal.reference)) &&
                    cJSON_AddStringToObject(spectrogram, "method", method_names[r->spectrogram.method]) &&
                    cJSON_AddNumberToObject(spectrogram, "segment", r->spectrogram.segment) &&
                    cJSON_AddNumberToObject(spectrogram, "hop", r->spectrogram.hop) &&
                    cJSON_AddNumberToObject(spectrogram, "bins", r->spectrogram.bins) &&
                    cJSON_AddNumberToObject(spectrogram, "trim", r->spectrogram.trim) &&
                    cJSON_AddStringToObject(spectrogram, "normalize",
                                            normalization_names[r->spectrogram.normalization]) &&
                    cJSON_AddNumberToObject(all, "window_s", r->window_s);
    if (ok) return all;
    cJSON_Delete(all);
    return NULL;
}

char *bb_recipe_to_json(const bb_recipe *recipe) {
    cJSON *object = bb_recipe_to_cjson(recipe);
    char *text = object ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    return text;
}

/* The place of object[key] among `names`; a missing key leaves *out alone. */
static bb_status read_choice(const cJSON *object, const char *key, const char *const *names, int count,
                             int *out, const char *name, bb_error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!item) return BB_OK;
    for (int i = 0; i < count; ++i)
        if (cJSON_IsString(item) && strcmp(item->valuestring, names[i]) == 0) return *out = i, BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: recipe: \"%s\": expected '%s' or its like, found '%.40s'",
                   name, key, names[0], cJSON_IsString(item) ? item->valuestring : "no word");
}

static bb_status read_signal(const cJSON *o, const char *name, bb_signal_recipe *s, bb_error *err) {
    BB_TRY(bb_json_number(o, "rate_hz", 1, 1e6, &s->rate_hz, name, err));
    BB_TRY(bb_json_number(o, "notch_hz", 0, 1e6, &s->notch_hz, name, err));
    BB_TRY(bb_json_int(o, "notch_harmonics", 0, BB_ALL_HARMONICS, &s->notch_harmonics, name, err));
    BB_TRY(bb_json_number(o, "notch_q", 0.1, 1e4, &s->notch_q, name, err));
    BB_TRY(bb_json_number(o, "highpass_hz", 0, 1e6, &s->highpass_hz, name, err));
    BB_TRY(bb_json_number(o, "bandpass_low_hz", 0, 1e6, &s->bandpass_low_hz, name, err));
    BB_TRY(bb_json_number(o, "bandpass_high_hz", 0, 1e6, &s->bandpass_high_hz, name, err));
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, "reference");
    const char *reference = cJSON_IsString(item) ? item->valuestring : "no word";
    if (item && !bb_reference_from_name(reference, &s->reference))
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: recipe: unknown reference '%.40s'", name, reference);
    return BB_OK;
}

static bb_status read_spectrogram(const cJSON *o, const char *name, bb_spectrogram_recipe *s, bb_error *err) {
    int method = (int)s->method, normalization = (int)s->normalization;
    BB_TRY(read_choice(o, "method", method_names, 1, &method, name, err));
    BB_TRY(read_choice(o, "normalize", normalization_names, 3, &normalization, name, err));
    s->method = (bb_spectrogram_method)method;
    s->normalization = (bb_normalization)normalization;
    BB_TRY(bb_json_int(o, "segment", 2, 1 << 16, &s->segment, name, err));
    BB_TRY(bb_json_int(o, "hop", 1, 1 << 16, &s->hop, name, err));
    BB_TRY(bb_json_int(o, "bins", 1, 1 << 12, &s->bins, name, err));
    return bb_json_int(o, "trim", 0, 1 << 12, &s->trim, name, err);
}

bb_status bb_recipe_from_cjson(const cJSON *object, const char *name, bb_recipe *out, bb_error *err) {
    BB_TRY(read_signal(cJSON_GetObjectItemCaseSensitive(object, "signal"), name, &out->signal, err));
    BB_TRY(read_spectrogram(cJSON_GetObjectItemCaseSensitive(object, "spectrogram"), name, &out->spectrogram,
                            err));
    BB_TRY(bb_json_number(object, "window_s", 1e-3, 3600, &out->window_s, name, err));
    out->spectrogram.rate_hz = out->signal.rate_hz;
    return BB_OK;
}

bb_status bb_recipe_from_json(const char *text, const char *name, bb_recipe *out, bb_error *err) {
    cJSON *object;
    BB_TRY(bb_json_parse(text, name, &object, err));
    const bb_status status = bb_recipe_from_cjson(object, name, out, err);
    cJSON_Delete(object);
    return status;
}
