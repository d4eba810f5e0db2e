#include "json.h"

#include <stdio.h>
#include <stdlib.h>

void print_json(cJSON *json) {
    char *text = cJSON_Print(json);
    if (text) puts(text);
    free(text);
    cJSON_Delete(json);
}

void print_written(const char *out, const int64_t *shape, size_t dims) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "out", out);
    cJSON *list = dims ? cJSON_AddArrayToObject(json, "shape") : NULL;
    for (size_t d = 0; d < dims; ++d) cJSON_AddItemToArray(list, cJSON_CreateNumber((double)shape[d]));
    print_json(json);
}

void json_add_text(cJSON *object, const char *key, const char *text) {
    if (text) cJSON_AddStringToObject(object, key, text);
}
