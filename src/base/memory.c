#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *bb_calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX - BB_ALIGNMENT) return NULL;
    bytes = (bytes + BB_ALIGNMENT - 1) / BB_ALIGNMENT * BB_ALIGNMENT;
    if (bytes == 0) bytes = BB_ALIGNMENT;
    void *memory = aligned_alloc(BB_ALIGNMENT, bytes);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

void bb_free(void *memory) { free(memory); }

char *bb_strndup(const char *text, size_t length) {
    const size_t n = strnlen(text, length);
    char *copy = bb_calloc(n + 1, 1);
    if (copy) memcpy(copy, text, n);
    return copy;
}

char *bb_strdup(const char *text) { return bb_strndup(text, strlen(text)); }

int bb_grow(void **items, size_t *capacity, size_t wanted, size_t size) {
    if (wanted <= *capacity) return 0;
    size_t larger = *capacity ? *capacity * 2 : 16;
    if (larger < wanted) larger = wanted;
    void *memory = bb_calloc(larger, size);
    if (!memory) return -1;
    if (*items) memcpy(memory, *items, *capacity * size);
    bb_free(*items);
    *items = memory;
    *capacity = larger;
    return 0;
}
