#include "report/markup.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

static const char replacement[] = "\xEF\xBF\xBD", minus[] = "\xE2\x88\x92", ellipsis[] = "\xE2\x80\xA6",
                  en_dash[] = "\xE2\x80\x93";

static void add(bb_markup *m, const char *bytes, size_t count) {
    void *text = m->text;
    if (m->failed || bb_grow(&text, &m->room, m->length + count + 1, 1) != 0) {
        m->failed = true;
        return;
    }
    m->text = text;
    memcpy(m->text + m->length, bytes, count);
    m->length += count;
    m->text[m->length] = '\0';
}

void bb_markup_raw(bb_markup *m, const char *markup) { add(m, markup, strlen(markup)); }

void bb_markup_printf(bb_markup *m, const char *format, ...) {
    char line[1024];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || n >= (int)sizeof line)
        m->failed = true;
    else
        add(m, line, (size_t)n);
}

static uint32_t code_of(const unsigned char *at, size_t length) {
    if (length == 1) return at[0];
    uint32_t code = at[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; ++i) code = code << 6 | (at[i] & 0x3fu);
    return code;
}

/* Characters that show nothing or turn what stands around them: C0 and C1, marks of direction, overrides and
 * isolates (UAX 9), and the byte order mark. */
static bool is_unshowable(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069) || code == 0x061c ||
           code == 0xfeff || (code & 0xfffe) == 0xfffe;
}

static const char *escape_of(uint32_t code) {
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return " ";
    default:
        return is_unshowable(code) ? replacement : NULL;
    }
}

void bb_markup_text(bb_markup *m, const char *text, size_t most) {
    if (!text) return;
    const unsigned char *at = (const unsigned char *)text;
    /* At most four bytes a character: a text of megabytes is not measured to its end. */
    for (size_t left = strnlen(text, 4 * most + 4), shown = 0; left > 0; ++shown) {
        if (shown == most) {
            bb_markup_raw(m, ellipsis);
            return;
        }
        const size_t n = bb_utf8_length(at, left);
        const char *escape = n == 0 ? replacement : escape_of(code_of(at, n));
        if (escape)
            bb_markup_raw(m, escape);
        else
            add(m, (const char *)at, n);
        at += n ? n : 1;
        left -= n ? n : 1;
    }
}

void bb_markup_element(bb_markup *m, const char *tag, const char *text) {
    if (!text || !*text) return;
    bb_markup_printf(m, "<%s>", tag);
    bb_markup_text(m, text, BB_SHOWN_WORDS);
    bb_markup_printf(m, "</%s>", tag);
}

void bb_markup_number(bb_markup *m, double value, int decimals) {
    char digits[400];
    if (!isfinite(value)) {
        bb_markup_raw(m, en_dash);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    const bool is_zero = strspn(digits, "0.") == strlen(digits); /* -0.0004 is shown as 0.000 */
    if (value < 0 && !is_zero) bb_markup_raw(m, minus);
    bb_markup_raw(m, digits);
}

void bb_markup_quantity(bb_markup *m, double value) {
    if (!isfinite(value)) {
        bb_markup_raw(m, en_dash);
        return;
    }
    if (value < 0) bb_markup_raw(m, minus);
    bb_markup_printf(m, "%.10g", fabs(value));
}

void bb_markup_free(bb_markup *m) {
    bb_free(m->text);
    *m = (bb_markup){0};
}
