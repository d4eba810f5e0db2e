/* Keys by content: all that a result depends on as lines of text, and the digest of that. */
#ifndef BB_BASE_KEY_H
#define BB_BASE_KEY_H

#include <stdio.h>

#include "base/checksum.h"

typedef struct bb_key_text {
    FILE *lines; /* to write to */
    char *text;
    size_t size;
} bb_key_text;

bb_status bb_key_begin(bb_key_text *key, bb_error *err);

/* A line of a word of any bytes, or of none (NULL): its length tells where it ends. */
void bb_key_word(bb_key_text *key, const char *what, const char *word);

/* Ends the text, whatever `status` is so far, which comes back unless writing failed. The text becomes the
 * caller's (free()), NULL after a failure. */
bb_status bb_key_take(bb_key_text *key, bb_status status, char **text, bb_error *err);

/* The same -> its digest alone. */
bb_status bb_key_digest(bb_key_text *key, bb_status status, char out[BB_SHA256_TEXT], bb_error *err);

#endif
