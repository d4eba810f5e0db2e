#include "tasks/times.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/table.h"
#include "brainbert/array.h"
#include "brainbert/task.h"

/* ---------------------------------------------------------------- which files */

void bb_times_free(bb_times *times) {
    for (size_t i = 0; i < times->count; ++i) {
        bb_free(times->files[i].name);
        bb_free(times->files[i].path);
    }
    bb_free(times->files);
    *times = (bb_times){0};
}

static size_t trimmed(const char *text, size_t length) {
    while (length > 0 && text[length - 1] == ' ') --length;
    return length;
}

/* "NAME=PATH", `length` bytes. */
static bb_status take_file(bb_times *t, const char *text, size_t length, bb_error *err) {
    const char *joint = memchr(text, '=', length), *path = joint ? joint + 1 : NULL;
    const size_t name_length = joint ? trimmed(text, (size_t)(joint - text)) : 0;
    while (path && path < text + length && *path == ' ') ++path;
    if (!name_length || path == text + length)
        return bb_fail(err, BB_ERR_ARGUMENT, "times: expected CLASS=FILE, found '%.*s'",
                       (int)(length < 64 ? length : 64), text);
    if (t->count == BB_TASK_MAX_CLASSES)
        return bb_fail(err, BB_ERR_ARGUMENT, "times: expected at most %d files", BB_TASK_MAX_CLASSES);
    for (size_t i = 0; i < t->count; ++i)
        if (bb_names_same(t->files[i].name, text, name_length))
            return bb_fail(err, BB_ERR_ARGUMENT, "times: expected each class once, found '%s' again",
                           t->files[i].name);
    if (bb_grow((void **)&t->files, &t->room, t->count + 1, sizeof *t->files))
        return bb_fail(err, BB_ERR_MEMORY, "times: no memory");
    bb_times_file *f = &t->files[t->count++];
    f->name = bb_strndup(text, name_length);
    f->path = bb_strndup(path, (size_t)(text + length - path));
    return f->name && f->path ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "times: no memory");
}

bb_status bb_times_parse(const char *text, bb_times *out, bb_error *err) {
    bb_status status = BB_OK;
    size_t length;
    *out = (bb_times){0};
    for (const char *file; status == BB_OK && (file = bb_names_next(&text, &length));)
        status = take_file(out, file, length, err);
    if (status == BB_OK && out->count == 0)
        status = bb_fail(err, BB_ERR_ARGUMENT, "times: expected CLASS=FILE, found nothing");
    if (status != BB_OK) bb_times_free(out);
    return status;
}

/* ---------------------------------------------------------------- what they hold */

void bb_onsets_free(bb_onsets *onsets) {
    bb_free(onsets->items);
    *onsets = (bb_onsets){0};
}

static bb_status put_onset(bb_onsets *o, double onset_s, const char *name, bb_error *err) {
    if (!isfinite(onset_s)) {
        ++o->left_out;
        return BB_OK;
    }
    if (o->count == BB_TIMES_MAX)
        return bb_fail(err, BB_ERR_FORMAT, "%s: expected at most %d onsets", name, BB_TIMES_MAX);
    if (bb_grow((void **)&o->items, &o->room, o->count + 1, sizeof *o->items))
        return bb_fail(err, BB_ERR_MEMORY, "%s: no memory for %zu onsets", name, o->count + 1);
    o->items[o->count++] = onset_s;
    return BB_OK;
}

/* The first of the `length` bytes' columns; blank lines and comments hold none. */
static bb_status take_line(bb_onsets *o, const char *text, size_t length, size_t line, const char *name,
                           bb_error *err) {
    char cell[64];
    const char *comment = memchr(text, '#', length);
    if (comment) length = (size_t)(comment - text);
    while (length > 0 && strchr(" \t\r", *text)) ++text, --length;
    size_t end = 0;
    while (end < length && !strchr(" \t\r,;", text[end])) ++end;
    if (length == 0) return BB_OK;
    const size_t kept = end < sizeof cell - 1 ? end : sizeof cell - 1;
    memcpy(cell, text, kept);
    cell[kept] = '\0';
    double onset_s = NAN;
    const bool nothing = strcasecmp(cell, "nan") == 0 || strcasecmp(cell, "n/a") == 0;
    if (!nothing && (kept < end || !bb_table_number(cell, &onset_s)))
        return bb_fail(err, BB_ERR_FORMAT, "%s: line %zu: expected an onset in seconds, found '%.32s'", name,
                       line, cell);
    return put_onset(o, onset_s, name, err);
}

bb_status bb_onsets_parse(const char *text, const char *name, bb_onsets *out, bb_error *err) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    bb_status status = BB_OK;
    *out = (bb_onsets){0};
    if (strncmp(text, byte_order_mark, 3) == 0) text += 3;
    for (size_t line = 1; *text && status == BB_OK; ++line) {
        const size_t length = strcspn(text, "\n");
        status = take_line(out, text, length, line, name, err);
        text += length + (text[length] == '\n');
    }
    if (status != BB_OK) bb_onsets_free(out);
    return status;
}

static bb_status read_array(const char *path, bb_onsets *out, bb_error *err) {
    bb_array_f64 array;
    BB_TRY(bb_array_f64_read(path, &array, err));
    bb_status status = BB_OK;
    const int64_t columns = array.dims == 2 ? array.shape[1] : 1;
    if (array.dims < 1 || array.dims > 2 || columns < 1)
        status =
            bb_fail(err, BB_ERR_FORMAT, "%s: expected onsets as an array [n] or [n, k], found %zu dimensions",
                    path, array.dims);
    for (int64_t i = 0; status == BB_OK && i < array.shape[0]; ++i)
        status = put_onset(out, array.data[i * columns], path, err);
    bb_array_f64_free(&array);
    if (status != BB_OK) bb_onsets_free(out);
    return status;
}

bb_status bb_onsets_read(const char *path, bb_onsets *out, bb_error *err) {
    char *text = NULL;
    size_t size = 0;
    *out = (bb_onsets){0};
    if (bb_has_suffix(path, ".npy")) return read_array(path, out, err);
    BB_TRY(bb_file_read(path, BB_TIMES_BYTES, &text, &size, err));
    const bb_status status = strlen(text) == size
                                 ? bb_onsets_parse(text, path, out, err)
                                 : bb_fail(err, BB_ERR_FORMAT, "%s: expected text, found a byte 0", path);
    bb_free(text);
    return status;
}
