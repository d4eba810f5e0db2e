/* Reading numbers and words out of cJSON objects, with bounds and messages. */
#ifndef BB_BASE_JSON_H
#define BB_BASE_JSON_H

#include <cJSON.h>
#include <stdbool.h>

#include "brainbert/status.h"

/* Parses the file (up to 16 MB) as one JSON value; free with cJSON_Delete. */
bb_status bb_json_read(const char *path, cJSON **out, bb_error *err);
bb_status bb_json_parse(const char *text, const char *name, cJSON **out, bb_error *err);

/* Each leaves *out alone when the key is missing, and fails when it is there with another kind of value or
 * outside [min, max]. `name` is the file, for the message. */
bb_status bb_json_number(const cJSON *object, const char *key, double min, double max, double *out,
                         const char *name, bb_error *err);
bb_status bb_json_int(const cJSON *object, const char *key, int min, int max, int *out, const char *name,
                      bb_error *err);

/* The string under `key`, or NULL. */
const char *bb_json_string(const cJSON *object, const char *key);

#endif
