#include "base/json.h"

#include <math.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { MAX_FILE = 16 << 20 };

bb_status bb_json_parse(const char *text, const char *name, cJSON **out, bb_error *err) {
    const char *end = text;
    *out = cJSON_ParseWithOpts(text, &end, 1);
    if (!*out)
        return bb_fail(err, BB_ERR_FORMAT, "%s: byte %td: expected JSON, found '%.24s'", name, end - text,
                       end);
    return BB_OK;
}

bb_status bb_json_read(const char *path, cJSON **out, bb_error *err) {
    char *text;
    BB_TRY(bb_file_read(path, MAX_FILE, &text, NULL, err));
    const bb_status status = bb_json_parse(text, path, out, err);
    bb_free(text);
    return status;
}

bb_status bb_json_number(const cJSON *object, const char *key, double min, double max, double *out,
                         const char *name, bb_error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!item) return BB_OK;
    if (!cJSON_IsNumber(item)) return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a number", name, key);
    if (!(item->valuedouble >= min && item->valuedouble <= max))
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected %g to %g, found %g", name, key, min, max,
                       item->valuedouble);
    *out = item->valuedouble;
    return BB_OK;
}

bb_status bb_json_int(const cJSON *object, const char *key, int min, int max, int *out, const char *name,
                      bb_error *err) {
    double value = *out;
    BB_TRY(bb_json_number(object, key, min, max, &value, name, err));
    if (value != floor(value))
        return bb_fail(err, BB_ERR_FORMAT, "%s: \"%s\": expected a whole number, found %g", name, key, value);
    *out = (int)value;
    return BB_OK;
}

const char *bb_json_string(const cJSON *object, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}
