/* json_get KEY...: reads JSON from standard input and prints the value at each key, one a line; a key is a
 * path such as channels.0.name, and "channels#" the number of items. Exit 1 where the text is no JSON or a
 * key is missing. */
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cJSON *find(const cJSON *item, char *path) {
    for (char *part = strtok(path, "."); part && item; part = strtok(NULL, "."))
        item = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(part))
                                   : cJSON_GetObjectItemCaseSensitive(item, part);
    return item;
}

static int print(const cJSON *root, const char *key) {
    char path[256];
    snprintf(path, sizeof path, "%s", key);
    const size_t n = strlen(path);
    const int count = n > 0 && path[n - 1] == '#';
    if (count) path[n - 1] = '\0';
    const cJSON *item = find(root, path);
    if (!item) return fprintf(stderr, "json_get: no '%s'\n", key), 1;
    char *text = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
    if (count)
        printf("%d\n", cJSON_GetArraySize(item));
    else
        puts(text ? text : item->valuestring);
    free(text);
    return 0;
}

int main(int argc, char **argv) {
    static char text[1 << 22];
    text[fread(text, 1, sizeof text - 1, stdin)] = '\0';
    const char *end;
    cJSON *root = cJSON_ParseWithOpts(text, &end, 1);
    if (!root) return fprintf(stderr, "json_get: no JSON: %.200s\n", text), 1;
    int status = 0;
    for (int i = 1; i < argc; ++i) status |= print(root, argv[i]);
    cJSON_Delete(root);
    return status;
}
