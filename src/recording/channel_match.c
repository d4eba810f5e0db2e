#include "recording/channel_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "brainbert/signal.h"

enum { KEY_ROOM = BB_SHAFT_LENGTH + 16, BARE_ROOM = 64 };

/* What names are compared by, one after the other. */
enum { NAME, CONTACT, BARE, PASSES };

typedef struct item {
    const char *name;
    char contact[KEY_ROOM], bare[BARE_ROOM]; /* "": it matches nothing */
    size_t index;
    int pass;
    bool taken;
} item;

static const char *key(const item *x) {
    return x->pass == NAME ? x->name : x->pass == CONTACT ? x->contact : x->bare;
}

static int by_key(const void *a, const void *b) {
    const item *x = a, *y = b;
    const int order = strcmp(key(x), key(y));
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static size_t fill(item *items, const char *const *names, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
        if (!names[i]) continue;
        item *x = &items[kept++];
        bb_contact contact;
        *x = (item){.name = names[i], .index = i};
        bb_label_bare(names[i], x->bare, sizeof x->bare);
        if (bb_contact_parse(names[i], &contact))
            snprintf(x->contact, sizeof x->contact, "%s\n%d", contact.shaft, contact.number);
    }
    return kept;
}

/* Two of one bare name may be two channels: "a1" and "A1". */
static void forget_repeats(item *items, size_t count) {
    for (size_t i = 0, n; i < count; i += n) {
        for (n = 1; i + n < count && strcmp(items[i].bare, items[i + n].bare) == 0;) ++n;
        for (size_t k = 0; k < n && n > 1; ++k) items[i + k].bare[0] = '\0';
    }
}

static void sort(item *items, size_t count, int pass) {
    for (size_t i = 0; i < count; ++i) items[i].pass = pass;
    if (count > 1) qsort(items, count, sizeof *items, by_key);
    if (pass != BARE) return;
    forget_repeats(items, count);
    if (count > 1) qsort(items, count, sizeof *items, by_key);
}

/* Walks both sorted lists side by side and pairs what is equal and still free. */
static size_t pair(item *a, size_t n, item *b, size_t m, int pass, size_t *row_of) {
    size_t pairs = 0;
    sort(a, n, pass);
    sort(b, m, pass);
    for (size_t i = 0, k = 0; i < n && k < m;) {
        const int order = strcmp(key(&a[i]), key(&b[k]));
        if (a[i].taken || !key(&a[i])[0] || order < 0) {
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
        for (int pass = NAME; pass < PASSES; ++pass) *matched += pair(a, n, b, m, pass, row_of);
    }
    bb_free(a);
    bb_free(b);
    return status;
}
