/* Which values make which class: the words of bb_task_options.classes. */
#ifndef BB_TASKS_CLASSES_H
#define BB_TASKS_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

#include "brainbert/status.h"

typedef struct bb_class {
    char *name;
    char **values;
    size_t count, room;
    bool others; /* every value that no class names */
} bb_class;

typedef struct bb_classes {
    bb_class *items;
    size_t count, room;
    size_t values; /* of all of them */
} bb_classes;

enum { BB_CLASSES_VALUES = 4096 };

/* "audio,visual", "a+b,c", "audio,*", "go=1,*", "\"a,b\",c". A class without a name is called by its values,
 * "*" alone is "other". Values, of
 * which there are up to BB_CLASSES_VALUES, and names each occur once. Errors: BB_ERR_ARGUMENT, BB_ERR_MEMORY;
 * nothing is left to be freed. */
bb_status bb_classes_parse(const char *text, bb_classes *out, bb_error *err);
void bb_classes_free(bb_classes *classes);

/* A class of one value under the name of it. */
bb_status bb_classes_add(bb_classes *classes, const char *name, bb_error *err);

/* Order of values: numbers by size (1 and 1.0 are the same value), then texts in natural order. */
int bb_value_compare(const char *a, const char *b);

#endif
