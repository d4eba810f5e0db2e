/* Results as JSON on standard output. */
#ifndef BB_CLI_JSON_H
#define BB_CLI_JSON_H

#include <cJSON.h>

/* Prints and frees `json`. */
void print_json(cJSON *json);

#endif
