#include <string.h>

#include "brainbert/signal.h"

enum {
    LABEL_LENGTH = 128,   /* a longer label names no contact */
    NUMBER_LIMIT = 99999, /* a larger number is a serial number or damage */
};

/* Decisions are made on bytes, so that the caller's locale has no say. */
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}
static bool is_dropped(char c) { return c == ' ' || c == '\t' || c == '*' || c == '#' || c == '_'; }
static bool is_control(char c) { return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Whether the `n` bytes at `text` are `word` (lower case), letters compared without case. */
static bool same_word(const char *text, size_t n, const char *word) {
    if (n != strlen(word)) return false;
    for (size_t i = 0; i < n; ++i)
        if (lower(text[i]) != word[i]) return false;
    return true;
}

typedef struct span {
    const char *text;
    size_t size;
} span;

static span trimmed(span s) {
    while (s.size > 0 && is_dropped(s.text[0])) ++s.text, --s.size;
    while (s.size > 0 && is_dropped(s.text[s.size - 1])) --s.size;
    return s;
}

/* Whether the word of `n` bytes that `s` begins with ends there: at a blank, at the `$` that one maker puts
 * before its own names, or at a hyphen or colon that a name follows and no number. */
static bool word_ends(span s, size_t n) {
    const char c = n < s.size ? s.text[n] : ' ';
    return c == ' ' || c == '\t' || c == '$' ||
           ((c == '-' || c == ':') && n + 1 < s.size && is_letter(s.text[n + 1]));
}

/* "SEEG LA1" -> "LA1". A prefix is a word of its own: "ECOG_1" keeps it as its shaft. */
static span without_prefix(span s) {
    static const char *const prefixes[] = {"eeg", "seeg", "ecog", "ieeg", "dbs", "pol"};
    size_t word = 0;
    while (word < s.size && is_letter(s.text[word])) ++word;
    if (!word_ends(s, word)) return s;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes && word < s.size; ++i)
        if (same_word(s.text, word, prefixes[i])) {
            if (s.text[word] == '-' || s.text[word] == ':') ++word;
            return without_prefix(trimmed((span){s.text + word, s.size - word}));
        }
    return s;
}

/* "LA1-Ref", "LA1_REF", "LA1 - Avg" -> "LA1": what is recorded against a common reference. "G2" is one
 * maker's name for that input, but "G1-G2" is a pair. */
static span without_suffix(span s) {
    static const char *const words[] = {"ref", "reference", "avg", "average", "car", "g2"};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        const size_t n = strlen(words[i]);
        if (s.size < n || !same_word(s.text + s.size - n, n, words[i])) continue;
        span rest = {s.text, s.size - n};
        bool hyphen = false;
        for (; rest.size > 0 && (rest.text[rest.size - 1] == '-' || is_dropped(rest.text[rest.size - 1]));
             --rest.size)
            hyphen = hyphen || rest.text[rest.size - 1] == '-';
        const bool grid = rest.size > 1 && lower(rest.text[0]) == 'g' && is_digit(rest.text[1]);
        if (rest.size == s.size - n || (!hyphen && i > 1) || (grid && strcmp(words[i], "g2") == 0)) continue;
        return rest;
    }
    return s;
}

static span without_surroundings(const char *label, size_t size) {
    return without_suffix(without_prefix(trimmed((span){label, size})));
}

/* "OFC1OFC" is what the pair OFC1OFC2, written without a hyphen, leaves for a shaft: a name, digits, and the
 * name again. */
static bool is_pair(const char *shaft, size_t size) {
    for (size_t n = 1; 2 * n < size; ++n) {
        if (is_digit(shaft[n - 1]) || memcmp(shaft, shaft + size - n, n) != 0) continue;
        size_t at = n;
        while (at < size - n && is_digit(shaft[at])) ++at;
        if (at == size - n) return true;
    }
    return false;
}

/* Digits at the end of `s`; *s is cut before them. */
static bool take_number(span *s, int *number) {
    size_t start = s->size;
    while (start > 0 && is_digit(s->text[start - 1])) --start;
    if (start == s->size) return false;
    *number = 0;
    for (size_t i = start; i < s->size; ++i) {
        *number = *number * 10 + (s->text[i] - '0');
        if (*number > NUMBER_LIMIT) return false;
    }
    s->size = start;
    return true;
}

/* The shaft's name: what stands before the number, without the characters that are dropped. */
static bool take_shaft(span s, char shaft[BB_SHAFT_LENGTH]) {
    if (s.size > 1 && s.text[s.size - 1] == '-' && !is_digit(s.text[s.size - 2])) --s.size; /* "LA-1" */
    size_t n = 0;
    bool named = false;
    for (size_t i = 0; i < s.size; ++i) {
        const char c = s.text[i];
        if (is_control(c)) return false;
        if (c == '-' && i > 0 && is_digit(s.text[i - 1])) return false; /* "LA1-LA2": a pair */
        if (is_dropped(c)) continue;
        if (n + 1 == BB_SHAFT_LENGTH) return false;
        shaft[n++] = c;
        named = named || is_letter(c);
    }
    shaft[n] = '\0';
    return named && !is_pair(shaft, n);
}

bool bb_contact_parse(const char *label, bb_contact *out) {
    *out = (bb_contact){0};
    const size_t size = strnlen(label, LABEL_LENGTH + 1);
    if (size > LABEL_LENGTH) return false;
    span s = without_surroundings(label, size);
    bb_contact found = {0};
    if (!take_number(&s, &found.number) || !take_shaft(s, found.shaft)) return false;
    *out = found;
    return true;
}

void bb_label_bare(const char *label, char *out, size_t room) {
    const span s = without_surroundings(label, strlen(label));
    size_t n = 0;
    for (size_t i = 0; i < s.size && n + 1 < room; ++i)
        if (!is_dropped(s.text[i])) out[n++] = lower(s.text[i]);
    out[n] = '\0';
}
