#include "tasks/classes.h"

#include <string.h>

#include "base/error.h"
#include "base/folder.h"
#include "base/memory.h"
#include "base/table.h"
#include "brainbert/task.h"

int bb_value_compare(const char *a, const char *b) {
    double x = 0, y = 0;
    const bool a_number = bb_table_number(a, &x), b_number = bb_table_number(b, &y);
    if (a_number != b_number) return a_number ? -1 : 1;
    return a_number ? (x > y) - (x < y) : bb_natural_compare(a, b);
}

static void free_class(bb_class *c) {
    for (size_t i = 0; i < c->count; ++i) bb_free(c->values[i]);
    bb_free(c->values);
    bb_free(c->name);
    *c = (bb_class){0};
}

void bb_classes_free(bb_classes *classes) {
    for (size_t i = 0; i < classes->count; ++i) free_class(&classes->items[i]);
    bb_free(classes->items);
    *classes = (bb_classes){0};
}

static bb_status no_memory(bb_error *err) {
    return bb_fail(err, BB_ERR_MEMORY, "classes: no memory for another one");
}

/* ---------------------------------------------------------------- words */

typedef struct word {
    const char *at;
    size_t length;
    bool quoted;
} word;

/* Takes the word at *text, up to a character that has a meaning, and the blanks around it. */
static bb_status take_word(const char **text, word *out, bb_error *err) {
    const char *at = *text + strspn(*text, " "), *end;
    *out = (word){.at = at, .quoted = *at == '"'};
    if (out->quoted) {
        end = strchr(++out->at, '"');
        if (!end)
            return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected a closing quote, found '%.64s'", at);
        out->length = (size_t)(end++ - out->at);
    } else {
        out->length = strcspn(at, ",+=\"");
        end = at + out->length;
        while (out->length > 0 && at[out->length - 1] == ' ') --out->length;
    }
    *text = end + strspn(end, " ");
    if (out->length == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected a value, found '%.64s'",
                       *at ? at : "nothing");
    if (**text && !strchr(",+=", **text))
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected a comma or + behind '%.*s', found '%.64s'",
                       (int)(out->length < 64 ? out->length : 64), out->at, *text);
    return BB_OK;
}

static bool is_star(const word *w) { return !w->quoted && w->length == 1 && *w->at == '*'; }

static bb_status put_value(bb_classes *all, bb_class *c, const word *w, bb_error *err) {
    if (all->values++ == BB_CLASSES_VALUES)
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected at most %d values", BB_CLASSES_VALUES);
    if (is_star(w)) {
        c->others = true;
        return BB_OK;
    }
    char *value = bb_strndup(w->at, w->length);
    if (!value || bb_grow((void **)&c->values, &c->room, c->count + 1, sizeof *c->values)) {
        bb_free(value);
        return no_memory(err);
    }
    c->values[c->count++] = value;
    return BB_OK;
}

/* The values joined by +, or "other". */
static bb_status name_class(bb_class *c, bb_error *err) {
    size_t room = sizeof "other";
    if (c->name) return BB_OK;
    for (size_t i = 0; i < c->count; ++i) room += strlen(c->values[i]) + 1;
    c->name = bb_calloc(room, 1);
    if (!c->name) return no_memory(err);
    if (c->others) memcpy(c->name, "other", sizeof "other");
    for (size_t i = 0, used = 0; i < c->count; ++i) {
        const size_t length = strlen(c->values[i]);
        if (i > 0) c->name[used++] = '+';
        memcpy(c->name + used, c->values[i], length);
        used += length;
    }
    return BB_OK;
}

/* ---------------------------------------------------------------- classes */

static bb_status take_class(const char **text, bb_classes *all, bb_error *err) {
    bb_class *c = &all->items[all->count - 1];
    word w;
    BB_TRY(take_word(text, &w, err));
    if (**text == '=') {
        ++*text;
        c->name = bb_strndup(w.at, w.length);
        if (!c->name) return no_memory(err);
        BB_TRY(take_word(text, &w, err));
    }
    BB_TRY(put_value(all, c, &w, err));
    while (**text == '+') {
        ++*text;
        BB_TRY(take_word(text, &w, err));
        BB_TRY(put_value(all, c, &w, err));
    }
    if (**text == '=')
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected one name before values, found '%.64s'",
                       *text);
    if (c->others && c->count > 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: * is every other value, expected it alone");
    return name_class(c, err);
}

static bb_status check_value(const bb_classes *classes, size_t index, const char *value, bb_error *err) {
    size_t found = 0;
    for (size_t i = 0; i <= index; ++i)
        for (size_t k = 0; k < classes->items[i].count; ++k)
            found += bb_value_compare(classes->items[i].values[k], value) == 0;
    if (found == 1) return BB_OK;
    return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected each value once, found '%.64s' again", value);
}

/* The last one against those before it. */
static bb_status check_last(const bb_classes *classes, bb_error *err) {
    const size_t last = classes->count - 1;
    const bb_class *c = &classes->items[last];
    for (size_t i = 0; i < last; ++i) {
        if (strcmp(classes->items[i].name, c->name) == 0)
            return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected each name once, found '%.64s' again",
                           c->name);
        if (classes->items[i].others && c->others)
            return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected * once, found it again");
    }
    for (size_t k = 0; k < c->count; ++k) BB_TRY(check_value(classes, last, c->values[k], err));
    return BB_OK;
}

/* A new class is owned by `classes` at once, so that it is freed with them. */
static bb_status add_class(bb_classes *classes, bb_error *err) {
    if (classes->count == BB_TASK_MAX_CLASSES)
        return bb_fail(err, BB_ERR_ARGUMENT, "classes: expected at most %d", BB_TASK_MAX_CLASSES);
    if (bb_grow((void **)&classes->items, &classes->room, classes->count + 1, sizeof *classes->items))
        return no_memory(err);
    ++classes->count;
    return BB_OK;
}

static bb_status parse(const char *text, bb_classes *out, bb_error *err) {
    for (bool more = true; more;) {
        BB_TRY(add_class(out, err));
        BB_TRY(take_class(&text, out, err));
        BB_TRY(check_last(out, err));
        more = *text == ',';
        text += more;
    }
    return BB_OK;
}

bb_status bb_classes_parse(const char *text, bb_classes *out, bb_error *err) {
    *out = (bb_classes){0};
    const bb_status status = parse(text, out, err);
    if (status != BB_OK) bb_classes_free(out);
    return status;
}

bb_status bb_classes_add(bb_classes *classes, const char *name, bb_error *err) {
    const word w = {.at = name, .length = strlen(name), .quoted = true};
    BB_TRY(add_class(classes, err));
    bb_class *c = &classes->items[classes->count - 1];
    BB_TRY(put_value(classes, c, &w, err));
    return name_class(c, err);
}
