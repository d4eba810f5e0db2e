/* Allocation with overflow checks. Everything allocated here is released with bb_free. */
#ifndef BB_BASE_MEMORY_H
#define BB_BASE_MEMORY_H

#include <stddef.h>

/* Wide enough for the widest vector unit and a cache line. */
enum { BB_ALIGNMENT = 64 };

/* count * size zeroed bytes, aligned to BB_ALIGNMENT; NULL when the product overflows, is beyond reason, or
 * memory is short. count == 0 gives a pointer that may be freed and not read. */
void *bb_calloc(size_t count, size_t size);
void bb_free(void *memory);

/* A copy of `text` (up to `length` bytes), terminated; NULL when memory is short. */
char *bb_strdup(const char *text);
char *bb_strndup(const char *text, size_t length);

/* Grows *items, an array of *capacity elements of `size` bytes, so that it holds `wanted`; new elements are
 * zero. Returns 0, or -1 with the array unchanged. */
int bb_grow(void **items, size_t *capacity, size_t wanted, size_t size);

#endif
