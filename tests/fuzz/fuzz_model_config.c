/* The text of a config.json: whatever is accepted lies within its bounds and can be written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bb_status read_settings(const char *text, bb_model_settings *s, bb_error *err) {
    *s = (bb_model_settings){.recipe = bb_recipe_default(), .trained = true};
    cJSON *json;
    bb_status status = bb_json_parse(text, "fuzz", &json, err);
    if (status != BB_OK) return status;
    status = bb_model_settings_read(json, "fuzz", s, err);
    cJSON_Delete(json);
    return status;
}

static void check(const bb_model_settings *s) {
    const bb_spectrogram_recipe *r = &s->recipe.spectrogram;
    const int numbers[] = {s->config.hidden_dim, s->config.feed_forward_dim, s->config.heads,
                           s->config.layers, s->config.input_dim};
    for (int i = 0; i < 5; ++i)
        if (numbers[i] < 0 || numbers[i] > 1 << 20) abort();
    if (r->segment < 2 || r->segment > 1 << 16 || r->hop < 1 || r->trim < 0 || r->bins < 1) abort();
    if (!(s->recipe.window_s > 0 && s->recipe.signal.rate_hz >= 1)) abort();
}

static void write_and_read_again(const bb_model_settings *s) {
    const bb_model_info info = {.path = "fuzz",
                                .container = "fuzz",
                                .config = {1, 1, 1, 1, 1},
                                .recipe = s->recipe,
                                .trained = s->trained,
                                .provenance = s->provenance};
    bb_model_settings again;
    char *text = bb_model_settings_write(&info);
    if (!text || read_settings(text, &again, NULL) != BB_OK) abort();
    if (again.recipe.window_s != s->recipe.window_s || again.trained != s->trained) abort();
    free(again.provenance);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    bb_model_settings s;
    bb_error err = {0};
    if (read_settings(text, &s, &err) == BB_OK) {
        check(&s);
        write_and_read_again(&s);
    } else if (!err.message[0]) {
        abort();
    }
    free(s.provenance);
    free(text);
    return 0;
}
