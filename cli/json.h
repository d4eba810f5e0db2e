/* Results as JSON on standard output. */
#ifndef BB_CLI_JSON_H
#define BB_CLI_JSON_H

#include <cJSON.h>
#include <stddef.h>
#include <stdint.h>

/* Prints and frees `json`. */
void print_json(cJSON *json);

/* {"out": ..., "shape": [...]} of an array that was written; dims == 0: no shape. */
void print_written(const char *out, const int64_t *shape, size_t dims);

/* Adds the text under the key; nothing where it is NULL. */
void json_add_text(cJSON *object, const char *key, const char *text);

#endif
