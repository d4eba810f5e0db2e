#include <stdio.h>

#include "info.h"

cJSON *info_model_json(const bb_model_info *m) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "path", m->path);
    cJSON_AddStringToObject(json, "format", m->container);
    cJSON_AddNumberToObject(json, "parameters", (double)m->parameters);
    cJSON_AddNumberToObject(json, "hidden_dim", m->config.hidden_dim);
    cJSON_AddNumberToObject(json, "feed_forward_dim", m->config.feed_forward_dim);
    cJSON_AddNumberToObject(json, "layers", m->config.layers);
    cJSON_AddNumberToObject(json, "heads", m->config.heads);
    cJSON_AddNumberToObject(json, "input_dim", m->config.input_dim);
    cJSON_AddBoolToObject(json, "prediction_head", m->has_prediction_head);
    cJSON_AddBoolToObject(json, "trained", m->trained);
    char *recipe = bb_recipe_to_json(&m->recipe);
    cJSON_AddItemToObject(json, "recipe", recipe ? cJSON_Parse(recipe) : NULL);
    cJSON_free(recipe);
    cJSON_AddBoolToObject(json, "recipe_stated", m->recipe_stated);
    if (m->provenance) cJSON_AddItemToObject(json, "provenance", cJSON_Parse(m->provenance));
    return json;
}

void info_spectrogram_print(const bb_spectrogram_recipe *s) {
    if (s->method == BB_SPECTROGRAM_STFT)
        printf("stft of %d samples", s->segment);
    else
        printf("%s of %g to %g Hz, %g cycles", bb_spectrogram_method_name(s->method), s->low_hz, s->high_hz,
               s->cycles);
    if (s->method == BB_SPECTROGRAM_SUPERLET)
        printf(", %sorders %g to %g", s->adaptive ? "" : "all ", s->order_min, s->order_max);
    printf(" every %d, %d bins, trim %d", s->hop, s->bins, s->trim);
}

void info_model_print(const bb_model_info *m) {
    const bb_signal_recipe *g = &m->recipe.signal;
    printf("%s\n  format      %s\n  parameters  %lld\n  hidden      %d\n  heads       %d%s\n  feed-forward "
           "%d\n  layers      %d\n",
           m->path, m->container, (long long)m->parameters, m->config.hidden_dim, m->config.heads,
           m->heads_assumed ? " (assumed: the file does not say)" : "", m->config.feed_forward_dim,
           m->config.layers);
    printf("  prediction  %s\n", m->has_prediction_head ? "yes" : "no head in the file");
    printf("  weights     %s\n", m->trained ? "as found in the file" : "untrained");
    printf("  recipe      %g Hz, notch %g Hz, %s reference; ", g->rate_hz, g->notch_hz,
           bb_reference_name(g->reference));
    info_spectrogram_print(&m->recipe.spectrogram);
    printf("; windows of %g s%s\n", m->recipe.window_s,
           m->recipe_stated ? "" : " (assumed: the file holds none)");
    if (m->provenance) printf("  provenance  %s\n", m->provenance);
}
