#include "model/recipe.h"

#include <string.h>

#include "base/error.h"

static const char *const normalization_names[] = {[BB_NORMALIZE_NONE] = "none",
                                                  [BB_NORMALIZE_WINDOW] = "window",
                                                  [BB_NORMALIZE_WINDOW_TRIM_FIRST] = "window_trim_first",
                                                  [BB_NORMALIZE_SESSION] = "session"};

bb_recipe bb_recipe_default(void) {
    return (bb_recipe){
        .signal = bb_signal_recipe_default(), .spectrogram = bb_spectrogram_recipe_default(), .window_s = 5};
}

static bool write_signal(cJSON *o, const bb_signal_recipe *s) {
    return cJSON_AddNumberToObject(o, "rate_hz", s->rate_hz) &&
           cJSON_AddNumberToObject(o, "notch_hz", s->notch_hz) &&
           cJSON_AddNumberToObject(o, "notch_harmonics", s->notch_harmonics) &&
           cJSON_AddNumberToObject(o, "notch_q", s->notch_q) &&
           cJSON_AddNumberToObject(o, "highpass_hz", s->highpass_hz) &&
           cJSON_AddNumberToObject(o, "bandpass_low_hz", s->bandpass_low_hz) &&
           cJSON_AddNumberToObject(o, "bandpass_high_hz", s->bandpass_high_hz) &&
           cJSON_AddStringToObject(o, "reference", bb_reference_name(s->reference));
}

/* What the method does not look at is not written. */
static bool write_spectrogram(cJSON *o, const bb_spectrogram_recipe *s) {
    bool ok = cJSON_AddStringToObject(o, "method", bb_spectrogram_method_name(s->method)) &&
              cJSON_AddNumberToObject(o, "hop", s->hop) && cJSON_AddNumberToObject(o, "bins", s->bins) &&
              cJSON_AddNumberToObject(o, "trim", s->trim) &&
              cJSON_AddStringToObject(o, "normalize", normalization_names[s->normalization]);
    if (s->method == BB_SPECTROGRAM_STFT) return ok && cJSON_AddNumberToObject(o, "segment", s->segment);
    ok = ok && cJSON_AddNumberToObject(o, "low_hz", s->low_hz) &&
         cJSON_AddNumberToObject(o, "high_hz", s->high_hz) && cJSON_AddNumberToObject(o, "cycles", s->cycles);
    if (s->method == BB_SPECTROGRAM_MORLET) return ok;
    return ok && cJSON_AddNumberToObject(o, "order_min", s->order_min) &&
           cJSON_AddNumberToObject(o, "order_max", s->order_max) &&
           cJSON_AddBoolToObject(o, "adaptive", s->adaptive);
}

cJSON *bb_recipe_to_cjson(const bb_recipe *r) {
    cJSON *all = cJSON_CreateObject();
    cJSON *signal = cJSON_AddObjectToObject(all, "signal"),
          *spectrogram = cJSON_AddObjectToObject(all, "spectrogram");
    if (write_signal(signal, &r->signal) && write_spectrogram(spectrogram, &r->spectrogram) &&
        cJSON_AddNumberToObject(all, "window_s", r->window_s))
        return all;
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

/* A stated method brings its published recipe, from which the other keys then differ. */
static bb_status read_method(const cJSON *o, const char *name, bb_spectrogram_recipe *s, bb_error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, "method");
    const char *word = cJSON_IsString(item) ? item->valuestring : "no word";
    bb_spectrogram_method method = s->method;
    if (item && !bb_spectrogram_method_from_name(word, &method))
        return bb_fail(err, BB_ERR_UNSUPPORTED,
                       "%s: recipe: \"method\": expected 'stft', 'superlet' or 'morlet', found '%.40s'", name,
                       word);
    if (method != s->method) *s = bb_spectrogram_recipe_for(method);
    return BB_OK;
}

static bb_status read_spectrogram(const cJSON *o, const char *name, bb_spectrogram_recipe *s, bb_error *err) {
    BB_TRY(read_method(o, name, s, err));
    int normalization = (int)s->normalization;
    BB_TRY(read_choice(o, "normalize", normalization_names, 4, &normalization, name, err));
    s->normalization = (bb_normalization)normalization;
    BB_TRY(bb_json_int(o, "segment", 2, 1 << 16, &s->segment, name, err));
    BB_TRY(bb_json_int(o, "hop", 1, 1 << 16, &s->hop, name, err));
    BB_TRY(bb_json_int(o, "bins", 1, 1 << 12, &s->bins, name, err));
    BB_TRY(bb_json_int(o, "trim", 0, 1 << 12, &s->trim, name, err));
    BB_TRY(bb_json_number(o, "low_hz", 1e-3, 1e6, &s->low_hz, name, err));
    BB_TRY(bb_json_number(o, "high_hz", 1e-3, 1e6, &s->high_hz, name, err));
    BB_TRY(bb_json_number(o, "cycles", 1e-3, 1e4, &s->cycles, name, err));
    BB_TRY(bb_json_number(o, "order_min", 1, 1000, &s->order_min, name, err));
    BB_TRY(bb_json_number(o, "order_max", 1, 1000, &s->order_max, name, err));
    const cJSON *adaptive = cJSON_GetObjectItemCaseSensitive(o, "adaptive");
    if (adaptive && !cJSON_IsBool(adaptive))
        return bb_fail(err, BB_ERR_FORMAT, "%s: recipe: \"adaptive\": expected true or false", name);
    if (adaptive) s->adaptive = cJSON_IsTrue(adaptive);
    return BB_OK;
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
