#include "report/fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

bb_place bb_place_inside(const bb_place *parent, const char *key, size_t index) {
    bb_place place;
    const char *joint = strchr(parent->path, ':') ? "." : ": ";
    snprintf(place.path, sizeof place.path, "%.60s%s%.30s[%zu]", parent->path, joint, key, index);
    return place;
}

static const char *kind_of(const cJSON *item) {
    return cJSON_IsString(item)   ? "text"
           : cJSON_IsNumber(item) ? "a number"
           : cJSON_IsArray(item)  ? "a list"
           : cJSON_IsObject(item) ? "an object"
           : cJSON_IsNull(item)   ? "null"
                                  : "true or false";
}

static bb_status wrong_kind(const cJSON *item, const char *key, const char *expected, const bb_place *place,
                            bb_error *err) {
    return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected %s, found %s", place->path, key, expected,
                   kind_of(item));
}

/* The value under `key`, NULL for null too. */
static const cJSON *find(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNull(item) ? NULL : item;
}

bb_status bb_field_text(const cJSON *object, const char *key, const char **out, const bb_place *place,
                        bb_error *err) {
    const cJSON *item = find(object, key);
    *out = cJSON_GetStringValue(item);
    return item && !*out ? wrong_kind(item, key, "text", place, err) : BB_OK;
}

bb_status bb_field_array(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                         bb_error *err) {
    *out = find(object, key);
    return *out && !cJSON_IsArray(*out) ? wrong_kind(*out, key, "a list", place, err) : BB_OK;
}

bb_status bb_field_object(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                          bb_error *err) {
    *out = find(object, key);
    return *out && !cJSON_IsObject(*out) ? wrong_kind(*out, key, "an object", place, err) : BB_OK;
}

bb_status bb_field_texts(const cJSON *object, const char *key, const cJSON **out, const bb_place *place,
                         bb_error *err) {
    const cJSON *item;
    BB_TRY(bb_field_array(object, key, out, place, err));
    cJSON_ArrayForEach(item, *out) if (!cJSON_IsString(item)) return wrong_kind(item, key, "a list of texts",
                                                                                place, err);
    return BB_OK;
}

static bb_status number_of(const cJSON *item, const char *key, double least, double most, double *out,
                           const bb_place *place, bb_error *err) {
    *out = NAN;
    if (!item || cJSON_IsNull(item)) return BB_OK;
    if (!cJSON_IsNumber(item)) return wrong_kind(item, key, "a number", place, err);
    if (!(item->valuedouble >= least && item->valuedouble <= most))
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected %g to %g, found %g", place->path, key, least,
                       most, item->valuedouble);
    *out = item->valuedouble;
    return BB_OK;
}

bb_status bb_field_number(const cJSON *object, const char *key, double least, double most, double *out,
                          const bb_place *place, bb_error *err) {
    return number_of(find(object, key), key, least, most, out, place, err);
}

bb_status bb_field_numbers(const cJSON *object, const bb_number_field *fields, size_t count, void *record,
                           const bb_place *place, bb_error *err) {
    for (size_t i = 0; i < count; ++i) {
        double *out = (double *)(void *)((char *)record + fields[i].offset);
        BB_TRY(bb_field_number(object, fields[i].key, fields[i].least, fields[i].most, out, place, err));
    }
    return BB_OK;
}

bb_status bb_field_list(const cJSON *object, const char *key, double least, double most, double **out,
                        size_t *count, const bb_place *place, bb_error *err) {
    const cJSON *list, *item;
    *out = NULL;
    *count = 0;
    BB_TRY(bb_field_array(object, key, &list, place, err));
    if (!list) return BB_OK;
    *out = bb_calloc((size_t)cJSON_GetArraySize(list), sizeof **out);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "%s: \"%s\": no memory", place->path, key);
    cJSON_ArrayForEach(item, list) BB_TRY(number_of(item, key, least, most, &(*out)[(*count)++], place, err));
    return BB_OK;
}

bb_status bb_field_records(const cJSON *object, const char *key, size_t size, const cJSON **first, void **out,
                           size_t *count, const bb_place *place, bb_error *err) {
    const cJSON *list, *item;
    *first = NULL;
    *out = NULL;
    *count = 0;
    BB_TRY(bb_field_array(object, key, &list, place, err));
    if (!list) return BB_OK;
    const size_t n = (size_t)cJSON_GetArraySize(list);
    size_t index = 0;
    cJSON_ArrayForEach(item, list) {
        const bb_place at = bb_place_inside(place, key, index++);
        if (!cJSON_IsObject(item))
            return bb_fail(err, BB_ERR_FORMAT, "%s: expected an object, found %s", at.path, kind_of(item));
    }
    *out = bb_calloc(n, size);
    if (!*out) return bb_fail(err, BB_ERR_MEMORY, "%s: \"%s\": no memory", place->path, key);
    *first = list->child;
    *count = n;
    return BB_OK;
}
