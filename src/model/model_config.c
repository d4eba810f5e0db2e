#include "model/model_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "model/recipe.h"

/* A number under either of two names; __metadata__ of a .safetensors holds words, which are read as numbers.
 */
static bb_status read_int(const cJSON *json, const char *published, const char *braindecode, int *out,
                          const char *name, bb_error *err) {
    const char *const keys[] = {published, braindecode};
    for (int i = 0; i < 2; ++i) {
        const char *word = bb_json_string(json, keys[i]);
        if (word) {
            char *end;
            const long value = strtol(word, &end, 10);
            if (end == word || *end || value < 1 || value > 1 << 20)
                return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a number, found '%.24s'", name,
                               keys[i], word);
            *out = (int)value;
        } else {
            BB_TRY(bb_json_int(json, keys[i], 1, 1 << 20, out, name, err));
        }
    }
    return BB_OK;
}

static bb_status check_activation(const cJSON *json, const char *name, bb_error *err) {
    const char *activation = bb_json_string(json, "layer_activation");
    if (!activation || strcasecmp(activation, "gelu") == 0) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: \"layer_activation\": expected gelu, found '%.24s'", name,
                   activation);
}

/* braindecode keeps the spectrogram's recipe among the model's arguments. */
static bb_status read_braindecode_recipe(const cJSON *json, const char *name, bb_model_settings *s,
                                         bb_error *err) {
    bb_spectrogram_recipe *r = &s->recipe.spectrogram;
    int overlap = -1;
    BB_TRY(bb_json_int(json, "nperseg", 2, 1 << 16, &r->segment, name, err));
    BB_TRY(bb_json_int(json, "noverlap", 0, 1 << 16, &overlap, name, err));
    BB_TRY(bb_json_int(json, "stft_clip", 0, 1 << 12, &r->trim, name, err));
    if (overlap >= r->segment)
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"noverlap\": expected less than nperseg %d, found %d", name,
                       r->segment, overlap);
    if (overlap >= 0) r->hop = r->segment - overlap;
    if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "stft_zscore_before_clip")))
        r->normalization = BB_NORMALIZE_WINDOW_TRIM_FIRST;
    return BB_OK;
}

bb_status bb_model_settings_read(const cJSON *json, const char *name, bb_model_settings *out, bb_error *err) {
    if (!cJSON_IsObject(json)) return bb_fail(err, BB_ERR_FORMAT, "%s: expected a JSON object", name);
    static const char *const inner[] = {"model", "model_cfg"};
    for (size_t i = 0; i < 2; ++i) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, inner[i]);
        if (cJSON_IsObject(item)) json = item;
    }
    bb_model_config *c = &out->config;
    BB_TRY(read_int(json, "hidden_dim", "hidden_dim", &c->hidden_dim, name, err));
    BB_TRY(read_int(json, "layer_dim_feedforward", "ffn_dim", &c->feed_forward_dim, name, err));
    BB_TRY(read_int(json, "nhead", "n_heads", &c->heads, name, err));
    BB_TRY(read_int(json, "encoder_num_layers", "n_layers", &c->layers, name, err));
    BB_TRY(read_int(json, "input_dim", "idx_freq_cutoff", &c->input_dim, name, err));
    BB_TRY(check_activation(json, name, err));
    BB_TRY(read_braindecode_recipe(json, name, out, err));
    const cJSON *recipe = cJSON_GetObjectItemCaseSensitive(json, "recipe");
    out->recipe_stated = cJSON_IsObject(recipe);
    if (out->recipe_stated) BB_TRY(bb_recipe_from_cjson(recipe, name, &out->recipe, err));
    const cJSON *provenance = cJSON_GetObjectItemCaseSensitive(json, "provenance");
    if (cJSON_IsObject(provenance)) out->provenance = cJSON_PrintUnformatted(provenance);
    out->trained = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "trained"));
    return BB_OK;
}

bb_status bb_model_settings_agree(const bb_model_settings *s, const bb_model_config *shapes, const char *name,
                                  bb_error *err) {
    const struct {
        const char *what;
        int stated, found;
    } pairs[] = {{"hidden_dim", s->config.hidden_dim, shapes->hidden_dim},
                 {"layer_dim_feedforward", s->config.feed_forward_dim, shapes->feed_forward_dim},
                 {"encoder_num_layers", s->config.layers, shapes->layers},
                 {"input_dim", s->config.input_dim, shapes->input_dim}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i)
        if (pairs[i].stated && pairs[i].stated != pairs[i].found)
            return bb_fail(err, BB_ERR_FORMAT,
                           "%s: the configuration says %s is %d, the tensors' shapes say %d", name,
                           pairs[i].what, pairs[i].stated, pairs[i].found);
    return BB_OK;
}

static bool add_provenance(cJSON *json, const bb_model_info *info) {
    cJSON *provenance = info->provenance ? cJSON_Parse(info->provenance) : cJSON_CreateObject();
    /* A model that is saved again keeps the account of where it first came from. */
    const bool known = cJSON_GetObjectItemCaseSensitive(provenance, "source") != NULL;
    const bool ok = known || (cJSON_AddStringToObject(provenance, "source", bb_path_name(info->path)) &&
                              cJSON_AddStringToObject(provenance, "container", info->container));
    cJSON_DeleteItemFromObjectCaseSensitive(provenance, "written_by");
    char program[64] = "brainbert ";
    strncat(program, bb_version(), sizeof program - strlen(program) - 1);
    return ok && cJSON_AddStringToObject(provenance, "written_by", program) &&
           cJSON_AddItemToObject(json, "provenance", provenance);
}

char *bb_model_settings_write(const bb_model_info *info) {
    const bb_model_config *c = &info->config;
    cJSON *json = cJSON_CreateObject(), *recipe = bb_recipe_to_cjson(&info->recipe);
    const bool ok = json && recipe && cJSON_AddStringToObject(json, "name", "masked_tf_model") &&
                    cJSON_AddNumberToObject(json, "hidden_dim", c->hidden_dim) &&
                    cJSON_AddNumberToObject(json, "layer_dim_feedforward", c->feed_forward_dim) &&
                    cJSON_AddStringToObject(json, "layer_activation", "gelu") &&
                    cJSON_AddNumberToObject(json, "nhead", c->heads) &&
                    cJSON_AddNumberToObject(json, "encoder_num_layers", c->layers) &&
                    cJSON_AddNumberToObject(json, "input_dim", c->input_dim) &&
                    cJSON_AddBoolToObject(json, "trained", info->trained) &&
                    cJSON_AddItemToObject(json, "recipe", recipe) && add_provenance(json, info);
    char *text = ok ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    return text;
}
