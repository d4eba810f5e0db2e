#include "json.h"

#include <stdio.h>
#include <stdlib.h>

void print_json(cJSON *json) {
    char *text = cJSON_Print(json);
    if (text) puts(text);
    free(text);
    cJSON_Delete(json);
}
