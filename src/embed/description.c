#include <cJSON.h>
#include <stdio.h>

#include "embed/feature_file.h"

static void add_text(cJSON *object, const char *key, const char *text) {
    if (text) cJSON_AddStringToObject(object, key, text);
}

static cJSON *channel_json(const char *name, const bb_channel *electrode) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", name);
    if (!electrode) return json;
    cJSON_AddStringToObject(json, "type", bb_channel_type_name(electrode->type));
    if (electrode->bad) cJSON_AddStringToObject(json, "status", "bad");
    add_text(json, "group", electrode->group);
    add_text(json, "region", electrode->region);
    if (electrode->has_position)
        cJSON_AddItemToObject(json, "position", cJSON_CreateDoubleArray(electrode->position, 3));
    return json;
}

char *bb_feature_description(const bb_feature_layout *l) {
    char program[64];
    snprintf(program, sizeof program, "brainbert %s", bb_version());
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "format", "brainbert features");
    cJSON_AddStringToObject(json, "program", program);
    add_text(json, "model", l->model);
    add_text(json, "precision", l->precision);
    add_text(json, "pooling", l->pooling);
    cJSON_AddNumberToObject(json, "window_s", l->window_s);
    cJSON_AddItemToObject(json, "recipe", l->recipe_json ? cJSON_Parse(l->recipe_json) : NULL);
    add_text(json, "coordinate_system", l->coordinate_system);
    add_text(json, "coordinate_unit", l->coordinate_unit);
    cJSON *list = cJSON_AddArrayToObject(json, "channels");
    for (int64_t c = 0; c < l->channels; ++c)
        cJSON_AddItemToArray(list,
                             channel_json(l->channel_names[c], l->electrodes ? l->electrodes[c] : NULL));
    char *text = cJSON_Print(json);
    cJSON_Delete(json);
    return text;
}
