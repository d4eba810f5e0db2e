/* Whether text from a file is UTF-8, as JSON and tensor names have to be. */
#ifndef BB_BASE_UTF8_H
#define BB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character that the `left` > 0 bytes at `at` begin with; 0 if there is none. */
size_t bb_utf8_length(const unsigned char *at, size_t left);

/* Well-formed by table 3-7 of the Unicode Standard: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
bool bb_utf8_valid(const void *text, size_t length);

/* The character `code` at `out`, which has room for four bytes; returns how many it takes. What is no
 * character becomes '?'. */
size_t bb_utf8_put(uint32_t code, char *out);

#endif
