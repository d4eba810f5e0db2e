#include "base/names.h"

#include <string.h>

const char *bb_names_next(const char **list, size_t *length) {
    const char *at = *list;
    while (at && *at) {
        at += strspn(at, ", \t");
        const char *end = at + strcspn(at, ",");
        *list = end;
        *length = (size_t)(end - at);
        while (*length > 0 && (at[*length - 1] == ' ' || at[*length - 1] == '\t')) --*length;
        if (*length > 0) return at;
        at = end;
    }
    return NULL;
}

bool bb_names_same(const char *name, const char *text, size_t length) {
    return strlen(name) == length && strncmp(text, name, length) == 0;
}

bool bb_names_hold(const char *list, const char *name) {
    size_t length;
    for (const char *at; (at = bb_names_next(&list, &length));)
        if (bb_names_same(name, at, length)) return true;
    return false;
}
