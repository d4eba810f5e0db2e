#include "recording/electrode_labels.h"

#include <cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "recording/recording.h"

enum { MAX_FILE = 4 << 20 };

void bb_electrode_labels_free(bb_electrode_labels *labels) {
    for (size_t i = 0; i < labels->count; ++i) bb_free(labels->labels[i]);
    bb_free(labels->labels);
    *labels = (bb_electrode_labels){0};
}

/* "12" to 12; -1 for anything that is no such number or too large. */
static int64_t parse_number(const char *text) {
    int64_t number = 0;
    for (const char *c = text; *c; ++c) {
        if (*c < '0' || *c > '9' || number >= BB_MAX_CHANNELS) return -1;
        number = number * 10 + (*c - '0');
    }
    return *text && number < BB_MAX_CHANNELS ? number : -1;
}

static bb_status put_label(bb_electrode_labels *l, int64_t number, const char *label, const char *name,
                           bb_error *err) {
    if (number < 0 || number >= BB_MAX_CHANNELS || !label)
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: label '%s': expected an electrode's number below %d and its name", name,
                       label ? label : "(none)", BB_MAX_CHANNELS);
    size_t capacity = l->count;
    if (bb_grow((void **)&l->labels, &capacity, (size_t)number + 1, sizeof *l->labels))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for labels", name);
    l->count = capacity;
    if (l->labels[number])
        return bb_fail(err, BB_ERR_FORMAT, "%s: electrode %lld: expected one name, found '%s' and '%s'", name,
                       (long long)number, l->labels[number], label);
    l->labels[number] = bb_strdup(label);
    if (!l->labels[number]) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for labels", name);
    ++l->named;
    return BB_OK;
}

static bb_status take_item(bb_electrode_labels *l, const cJSON *list, const cJSON *item, int64_t place,
                           const char *name, bb_error *err) {
    if (cJSON_IsArray(list)) return put_label(l, place, cJSON_GetStringValue(item), name, err);
    if (!cJSON_IsNumber(item))
        return put_label(l, parse_number(item->string), cJSON_GetStringValue(item), name, err);
    const double number = item->valuedouble;
    const bool good = number >= 0 && number < BB_MAX_CHANNELS && number == (double)(int64_t)number;
    return put_label(l, good ? (int64_t)number : -1, item->string, name, err);
}

bb_status bb_electrode_labels_parse(const char *text, size_t size, const char *name, bb_electrode_labels *out,
                                    bb_error *err) {
    *out = (bb_electrode_labels){0};
    cJSON *list = cJSON_ParseWithLength(text, size);
    if (!list || !(cJSON_IsArray(list) || cJSON_IsObject(list))) {
        cJSON_Delete(list);
        return bb_fail(err, BB_ERR_FORMAT,
                       "%s: expected a JSON list of labels, or an object of labels and numbers", name);
    }
    bb_status status = BB_OK;
    int64_t place = 0;
    for (const cJSON *item = list->child; item && status == BB_OK; item = item->next)
        status = take_item(out, list, item, place++, name, err);
    cJSON_Delete(list);
    return status;
}

bb_status bb_electrode_labels_read(const char *path, bb_electrode_labels *out, bb_error *err) {
    char *text;
    size_t size;
    *out = (bb_electrode_labels){0};
    BB_TRY(bb_file_read(path, MAX_FILE, &text, &size, err));
    const bb_status status = bb_electrode_labels_parse(text, size, path, out, err);
    bb_free(text);
    return status;
}

/* DIRECTORY/middle if there is such a file. */
static char *existing(const char *directory, const char *middle) {
    char *path = bb_path_join(directory, middle);
    if (path && bb_file_exists(path)) return path;
    bb_free(path);
    return NULL;
}

char *bb_electrode_labels_find(const char *path) {
    char *directory = bb_path_directory(path);
    if (!directory) return NULL;
    char *found = existing(directory, "electrode_labels.json");
    const char *subject = strstr(bb_path_name(path), "sub_");
    const size_t digits = subject ? strspn(subject + 4, "0123456789") : 0;
    char beside[128], above[136];
    if (!found && digits > 0 && digits < 16) {
        snprintf(beside, sizeof beside, "electrode_labels/sub_%.*s/electrode_labels.json", (int)digits,
                 subject + 4);
        snprintf(above, sizeof above, "../%s", beside);
        found = existing(directory, beside);
        if (!found) found = existing(directory, above);
    }
    bb_free(directory);
    return found;
}
