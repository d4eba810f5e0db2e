/* What this program writes is no recording, though it may lie among them and be called like one. */
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "sources/sources.h"

/* Both write their description, which says so, before anything else. */
static bool begins_with_word(const char *path, const char *word) {
    enum { HEAD = 64 << 10 };
    bb_input in;
    char *head = bb_calloc(HEAD, 1);
    bool found = false;
    if (head && bb_input_open(path, &in, NULL) == BB_OK) {
        const size_t n = in.size < HEAD ? (size_t)in.size : HEAD;
        found = bb_input_read(&in, 0, head, n, NULL) == BB_OK && memmem(head, n, word, strlen(word));
    }
    if (head) bb_input_close(&in);
    bb_free(head);
    return found;
}

/* F.json, that describes F.npy. */
static bool is_described(const char *path, const char *word) {
    char *beside = bb_calloc(strlen(path) + 2, 1);
    if (!beside) return false;
    memcpy(beside, path, strlen(path) - 4);
    strcat(beside, ".json");
    const bool found = begins_with_word(beside, word);
    bb_free(beside);
    return found;
}

bool bb_is_own_output(const char *path) {
    static const char corpus[] = "\"brainbert corpus\"", features[] = "\"brainbert features\"";
    if (bb_has_suffix(path, ".npy")) return is_described(path, features);
    return bb_has_suffix(path, ".h5") && (begins_with_word(path, corpus) || begins_with_word(path, features));
}
