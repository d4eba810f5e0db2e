#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"
#include "recording/brainvision.h"

typedef bb_brainvision_span span;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static span trimmed(const char *at, const char *end) {
    while (at < end && is_blank(end[-1])) --end;
    while (at < end && is_blank(*at)) ++at;
    return (span){at, (size_t)(end - at)};
}

static const char *skip_byte_order_mark(const char *text, size_t size) {
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

/* "Brain Vision Data Exchange Header File Version 1.0", "BrainVision Data Exchange Marker File, Version 2.0",
 * "Brain Vision V-Amp Data Header File Version 1.0" and the like. */
bool bb_brainvision_is_text(const void *head, size_t count, const char *kind) {
    const char *at = skip_byte_order_mark(head, count), *end = (const char *)head + count;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) stop = end;
    const size_t n = strlen(kind);
    if (stop - at < 12 || (memcmp(at, "Brain Vision", 12) != 0 && memcmp(at, "BrainVision", 11) != 0))
        return false;
    for (; (size_t)(stop - at) >= n; ++at)
        if (strncasecmp(at, kind, n) == 0) return true;
    return false;
}

void bb_brainvision_begin(bb_brainvision_lines *lines, const char *text, size_t size) {
    *lines = (bb_brainvision_lines){.at = skip_byte_order_mark(text, size), .end = text + size};
}

bool bb_brainvision_next(bb_brainvision_lines *l) {
    while (l->at < l->end) {
        const char *stop = memchr(l->at, '\n', (size_t)(l->end - l->at));
        const span line = trimmed(l->at, stop ? stop : l->end);
        l->at = stop ? stop + 1 : l->end;
        ++l->number;
        if (line.length == 0 || line.at[0] == ';') continue;
        if (line.at[0] == '[' && line.at[line.length - 1] == ']') {
            l->section = trimmed(line.at + 1, line.at + line.length - 1);
            /* Free text, which may look like anything. */
            if (bb_brainvision_equals(l->section, "Comment")) l->at = l->end;
            continue;
        }
        const char *equals = memchr(line.at, '=', line.length);
        if (!equals) continue;
        l->key = trimmed(line.at, equals);
        l->value = trimmed(equals + 1, line.at + line.length);
        return true;
    }
    return false;
}

span bb_brainvision_field(span value, size_t index) {
    const char *at = value.at, *end = value.at + value.length;
    for (size_t i = 0; at; ++i) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        if (i == index) return trimmed(at, comma ? comma : end);
        at = comma ? comma + 1 : NULL;
    }
    return (span){0};
}

bool bb_brainvision_equals(span s, const char *word) {
    return s.at && s.length == strlen(word) && strncasecmp(s.at, word, s.length) == 0;
}

size_t bb_brainvision_number(span key, const char *stem) {
    const size_t n = strlen(stem);
    size_t number = 0;
    if (key.length <= n || key.length > n + 9 || strncasecmp(key.at, stem, n) != 0) return 0;
    for (size_t i = n; i < key.length; ++i) {
        if (key.at[i] < '0' || key.at[i] > '9') return 0;
        number = number * 10 + (size_t)(key.at[i] - '0');
    }
    return number;
}

bool bb_brainvision_whole(span s, int64_t *out) {
    double value;
    if (!s.at || s.length == 0 || bb_decimal_parse(s.at, s.length, &value) != s.length) return false;
    if (value != floor(value) || fabs(value) > 9007199254740992.0) return false;
    *out = (int64_t)value;
    return true;
}

size_t bb_brainvision_decode(span s, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < s.length; ++i) {
        const bool comma = s.at[i] == '\\' && i + 1 < s.length && s.at[i + 1] == '1';
        out[n++] = comma ? ',' : s.at[i];
        i += comma;
    }
    out[n] = '\0';
    return n;
}
