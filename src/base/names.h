/* Lists of names separated by commas, as options hold them. Blanks around names do not count. */
#ifndef BB_BASE_NAMES_H
#define BB_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The next name of *list, `length` bytes that no zero ends; NULL at its end. *list moves on; NULL is empty.
 */
const char *bb_names_next(const char **list, size_t *length);

/* Whether `name` is the `length` bytes at `text`. */
bool bb_names_same(const char *name, const char *text, size_t length);

/* Whether `name` is in the list. */
bool bb_names_hold(const char *list, const char *name);

#endif
