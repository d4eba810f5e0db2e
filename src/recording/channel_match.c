#include "recording/channel_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/signal.h"

enum { KEY_ROOM = BB_SHAFT_LENGTH + 16 };

typedef struct item {
    const char *name;
    char key[KEY_ROOM]; /* of the contact; "" if the name stands for none */
    size_t index;
    bool taken;
} item;

static int by_name(const void *a, const void *b) {
    const item *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static int by_key(const void *a, const void *b) {
    const item *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static size_t fill(item *items, const char *const *names, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
        if (!names[i]) continue;
        item *x = &items[kept++];
        bb_contact contact;
        *x = (item){.name = names[i], .index = i};
        if (bb_contact_parse(names[i], &contact))
            snprintf(x->key, sizeof x->key, "%s\n%d", contact.shaft, contact.number);
    }
    return kept;
}

/* Walks both sorted lists side by side and pairs what is equal and still free. */
static size_t pair(item *a, size_t n, item *b, size_t m, int (*compare)(const void *, const void *),
                   size_t *row_of) {
    size_t pairs = 0;
    const bool keys = compare == by_key;
    if (n > 1) qsort(a, n, sizeof *a, compare);
    if (m > 1) qsort(b, m, sizeof *b, compare);
    for (size_t i = 0, k = 0; i < n && k < m;) {
        const int order = keys ? strcmp(a[i].key, b[k].key) : strcmp(a[i].name, b[k].name);
        if (a[i].taken || (keys && !a[i].key[0]) || order < 0) {
            ++i;
        } else if (b[k].taken || order > 0) {
            ++k;
        } else {
            a[i].taken = b[k].taken = true;
            row_of[a[i++].index] = b[k++].index;
            ++pairs;
        }
    }
    return pairs;
}

bb_status bb_match_names(const char *const *names, size_t name_count, const char *const *rows,
                         size_t row_count, size_t *row_of, size_t *matched, bb_error *err) {
    item *a = bb_calloc(name_count, sizeof *a), *b = bb_calloc(row_count, sizeof *b);
    bb_status status = BB_OK;
    *matched = 0;
    for (size_t i = 0; i < name_count; ++i) row_of[i] = BB_NO_ROW;
    if (!a || !b) {
        status = bb_fail(err, BB_ERR_MEMORY, "no memory for the names of %zu channels", name_count);
    } else {
        const size_t n = fill(a, names, name_count), m = fill(b, rows, row_count);
        *matched = pair(a, n, b, m, by_name, row_of);
        *matched += pair(a, n, b, m, by_key, row_of);
    }
    bb_free(a);
    bb_free(b);
    return status;
}
