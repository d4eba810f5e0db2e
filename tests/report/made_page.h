/* Pages made from a text, and a look at their markup. */
#ifndef BB_TESTS_MADE_PAGE_H
#define BB_TESTS_MADE_PAGE_H

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "brainbert/report.h"
#include "support.h"

/* Reads one tag at `at`, behind its '<': whether it closes, whether it stands alone, and its name; returns
 * what is behind it. Attributes must be quoted. */
static inline const char *read_tag(const char *at, char name[32], bool *closes, bool *alone) {
    size_t n = 0;
    *closes = *at == '/';
    for (at += *closes; (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9'); ++at)
        if (n < 31) name[n++] = *at;
    name[n] = '\0';
    for (bool quoted = false; *at && (quoted || *at != '>'); ++at) {
        if (*at == '"') quoted = !quoted;
        if (*at == '<') fail_msg("a '<' inside <%s>: '%.40s'", name, at);
    }
    assert_int_equal(*at, '>');
    *alone = at[-1] == '/' || strcmp(name, "meta") == 0 || strcmp(name, "br") == 0;
    return at + 1;
}

/* Every tag is closed, in turn. */
static inline void assert_nested(const char *page) {
    static char open[32][32];
    size_t depth = 0;
    const char *at = strstr(page, "<html");
    while (at && (at = strchr(at, '<'))) {
        char name[32];
        bool closes, alone;
        at = read_tag(at + 1, name, &closes, &alone);
        if (name[0] == '\0') fail_msg("a '<' that begins no tag: '%.40s'", at);
        if (!closes && !alone) {
            assert_true(depth < 32);
            memcpy(open[depth++], name, sizeof name);
            /* what is inside is no markup */
            if (strcmp(name, "style") == 0) at = strstr(at, "</style>");
            if (strcmp(name, "script") == 0) at = strstr(at, "</script>");
        } else if (closes) {
            if (depth == 0 || strcmp(open[depth - 1], name) != 0)
                fail_msg("</%s> closes <%s>: '%.80s'", name, depth ? open[depth - 1] : "", at);
            --depth;
        }
    }
    assert_int_equal(depth, 0);
}

/* The page of a text, checked for sound markup; free() it. */
static inline char *page_of(const char *text) {
    const char *path = bb_temp_path("page.html");
    assert_ok(bb_report_write(text, path, e));
    size_t size;
    unsigned char *bytes = bb_slurp(path, &size);
    char *page = malloc(size + 1);
    assert_non_null(page);
    memcpy(page, bytes, size);
    page[size] = '\0';
    free(bytes);
    assert_int_equal(strlen(page), size);
    assert_true(bb_utf8_valid(page, size));
    assert_nested(page);
    return page;
}

static inline size_t count_of(const char *page, const char *part) {
    size_t count = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part)) ++count;
    return count;
}

/* Each part must be in the page of `text`. */
static inline void assert_shows(const char *text, const char *const *parts) {
    char *page = page_of(text);
    for (; *parts; ++parts)
        if (!strstr(page, *parts)) fail_msg("the page lacks '%s'", *parts);
    free(page);
}

#endif
