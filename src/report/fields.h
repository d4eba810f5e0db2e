/* Values of known kinds out of JSON whose origin is not known, with messages that name the place. */
#ifndef BB_REPORT_FIELDS_H
#define BB_REPORT_FIELDS_H

#include <cJSON.h>
#include <stddef.h>

#include "brainbert/status.h"

/* Where in the text we are: "results 1: tasks[0].results[3]". */
typedef struct bb_place {
    char path[120];
} bb_place;

bb_place bb_place_inside(const bb_place *parent, const char *key, size_t index);

/* Absent and null: NULL. Another kind: BB_ERR_FORMAT. */
bb_status bb_field_text(const cJSON *object, const char *key, const char **out, const bb_place *place,
                        bb_error *err);
bb_status bb_field_array(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                         bb_error *err);
bb_status bb_field_object(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                          bb_error *err);

/* A list of texts alone. */
bb_status bb_field_texts(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                         bb_error *err);

/* Absent and null: NaN. A number outside [least, most]: BB_ERR_FORMAT. */
bb_status bb_field_number(const cJSON *object, const char *key, double least, double most, double *out,
                          const bb_place *place, bb_error *err);

/* Many numbers of one object: each goes to the double `offset` bytes into `record`. */
typedef struct bb_number_field {
    const char *key;
    size_t offset;
    double least, most;
} bb_number_field;

bb_status bb_field_numbers(const cJSON *object, const bb_number_field *fields, size_t count, void *record,
                           const bb_place *place, bb_error *err);

/* A list of numbers, freshly allocated (bb_free); nulls are NaN. Absent: *out is NULL and *count 0. */
bb_status bb_field_list(const cJSON *object, const char *key, double least, double most, double **out,
                        size_t *count, const bb_place *place, bb_error *err);

/* Every element must be an object. Allocates one zeroed record of `size` bytes for each. */
bb_status bb_field_records(const cJSON *object, const char *key, size_t size, const cJSON **first, void **out,
                           size_t *count, const bb_place *place, bb_error *err);

#endif
