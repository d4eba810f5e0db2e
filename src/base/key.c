#include "base/key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static bb_status fail_memory(bb_error *err) { return bb_fail(err, BB_ERR_MEMORY, "no memory for a key"); }

bb_status bb_key_begin(bb_key_text *k, bb_error *err) {
    *k = (bb_key_text){0};
    k->lines = open_memstream(&k->text, &k->size);
    return k->lines ? BB_OK : fail_memory(err);
}

void bb_key_word(bb_key_text *k, const char *what, const char *word) {
    if (word)
        fprintf(k->lines, "%s %zu %s\n", what, strlen(word), word);
    else
        fprintf(k->lines, "%s none\n", what);
}

bb_status bb_key_take(bb_key_text *k, bb_status status, char **text, bb_error *err) {
    const bool written = !ferror(k->lines), closed = fclose(k->lines) == 0;
    *text = NULL;
    if (status == BB_OK && !(written && closed && k->text)) status = fail_memory(err);
    if (status == BB_OK)
        *text = k->text;
    else
        free(k->text);
    return status;
}

bb_status bb_key_digest(bb_key_text *k, bb_status status, char out[BB_SHA256_TEXT], bb_error *err) {
    char *text;
    BB_TRY(bb_key_take(k, status, &text, err));
    const bool digested = bb_sha256_of_text(text, out);
    free(text);
    return digested ? BB_OK : fail_memory(err);
}
