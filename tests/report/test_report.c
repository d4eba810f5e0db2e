#include "brainbert/report.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/utf8.h"
#include "report/page.h"
#include "support.h"

/* Reads one tag at `at`, behind its '<': whether it closes, whether it stands alone, and its name; returns
 * what is behind it. Attributes must be quoted. */
static const char *read_tag(const char *at, char name[32], bool *closes, bool *alone) {
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
static void assert_nested(const char *page) {
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
static char *page_of(const char *text) {
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

static size_t count_of(const char *page, const char *part) {
    size_t count = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part)) ++count;
    return count;
}

/* Each part must be in the page of `text`. */
static void assert_shows(const char *text, const char *const *parts) {
    char *page = page_of(text);
    for (; *parts; ++parts)
        if (!strstr(page, *parts)) fail_msg("the page lacks '%s'", *parts);
    free(page);
}

static char *full_text(void) {
    size_t size;
    unsigned char *bytes = bb_slurp(bb_test_path("fuzz/corpus/report/full.seed"), &size);
    char *text = calloc(size + 1, 1);
    assert_non_null(text);
    memcpy(text, bytes, size);
    free(bytes);
    return text;
}

static void everything_known_is_shown(void **state) {
    (void)state;
    static const char *const parts[] = {"<title>Decoding: speech</title>",
                                        "a.edf",
                                        "126 of 2 s, beginning 0.6 s before their event",
                                        "<b>word</b> (63)",
                                        "logistic, one for each",
                                        "blocked, 5 folds, a gap of 2 s",
                                        "ROC-AUC; chance is 0.5",
                                        "labels shuffled over trials, 20 times",
                                        "At a glance",
                                        "Score by electrode",
                                        "Scores in space",
                                        "x (mm)",
                                        "Coordinates: MNI152",
                                        "ROC curves",
                                        "best: 0.900 at",
                                        "With few training windows",
                                        "</b> reaches it with about 75 windows.",
                                        "95 % of the variance",
                                        "Components by region",
                                        "LA1, STG \xC2\xB7 enc: 0.900 (0.800 to 0.950)",
                                        "<td>STG</td>",
                                        ">1.0, 2.0, 3.0</td>",
                                        "<td class=\"n\">\xE2\x80\x93</td>", /* the score that is null */
                                        NULL};
    char *text = full_text();
    assert_shows(text, parts);
    free(text);
}

static void the_page_stands_alone(void **state) {
    (void)state;
    char *text = full_text(), *page = page_of(text);
    static const char *const outside[] = {"http://", "https://", "src=", "url(",
                                          "@import", "<link",    "<img", "<iframe"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; ++i)
        assert_int_equal(count_of(page, outside[i]), 0);
    assert_int_equal(count_of(page, "<script"), 1);
    assert_non_null(strstr(page, "prefers-color-scheme:dark"));
    assert_non_null(strstr(page, "@media print"));
    free(page);
    free(text);
}

/* The browser compares the script with the hash in the policy: a script changed alone would not run. */
static void the_policy_knows_the_script(void **state) {
    (void)state;
    unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char expected[160];
    assert_true(EVP_Digest(bb_page_script, strlen(bb_page_script), digest, &size, EVP_sha256(), NULL));
    EVP_EncodeBlock(base64, digest, (int)size);
    snprintf(expected, sizeof expected, "sha256-%s", (const char *)base64);
    assert_string_equal(bb_page_script_hash, expected);
}

static void hostile_text_stays_text(void **state) {
    (void)state;
    char *page = page_of("{\"model\": \"<script>a()</script>\", \"warnings\": [\"<img src=x onerror=b()>\"],"
                         "\"tasks\": [{\"name\": \"</title><script>c()</script>\", \"measure\": \"<i>\","
                         "\"decoder\": \"'\\\"&\", \"classes\": [{\"name\": \"<b>\", \"windows\": 1}],"
                         "\"results\": [{\"electrode\": \"\\\"><svg onload=d()>\", \"group\": \"</svg>\","
                         "\"region\": \"\\u202Eabc\", \"features\": \"--><script>\", \"<i>\": 0.5}]}]}");
    assert_int_equal(count_of(page, "<script"), 1);
    assert_int_equal(count_of(page, "<svg onload"), 0);
    assert_int_equal(count_of(page, "<img"), 0);
    assert_int_equal(count_of(page, "\xE2\x80\xAE"), 0); /* U+202E turns the direction of what follows */
    assert_int_equal(count_of(page, "<title>"), count_of(page, "</title>"));
    assert_int_equal(count_of(page, "<svg "), count_of(page, "</svg>"));
    assert_non_null(strstr(page, "&lt;script&gt;a()&lt;/script&gt;"));
    assert_non_null(strstr(page, "&#39;&quot;&amp;"));
    assert_non_null(strstr(page, "\xEF\xBF\xBD"
                                 "abc"));
    free(page);
}

static void bytes_that_are_no_text_are_replaced(void **state) {
    (void)state;
    /* page_of checks that the page is UTF-8 */
    char *page = page_of("{\"recordings\": [\"a\xFF\xC0\x80z\", \"\xED\xA0\x80\", \"b\\u0007\"]}");
    assert_non_null(strstr(page, "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"));
    assert_non_null(strstr(page, "b\xEF\xBF\xBD"));
    free(page);
}

static void long_text_is_cut(void **state) {
    (void)state;
    enum { LONG = 1000000 };
    char *text = malloc(2 * LONG + 200);
    assert_non_null(text);
    int n = sprintf(text, "{\"tasks\": [{\"results\": [{\"roc_auc\": 0.7, \"electrode\": \"");
    memset(text + n, 'x', LONG);
    n += LONG;
    n += sprintf(text + n, "\", \"features\": \"");
    memset(text + n, 'y', LONG);
    n += LONG;
    sprintf(text + n, "\"}]}]}");
    char *page = page_of(text);
    assert_at_most((double)strlen(page), 100000); /* some names of at most 2000 characters */
    assert_non_null(strstr(page, "yyy\xE2\x80\xA6"));
    free(page);
    free(text);
}

static void what_is_wrong_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "results: byte 0: expected JSON"},
        {"{\"tasks\": [", "expected JSON"},
        {"[1]", "results: expected an object"},
        {"{\"tasks\": {}}", "results: \"tasks\": expected a list, found an object"},
        {"{\"tasks\": [{}, 3]}", "results: tasks[1]: expected an object, found a number"},
        {"{\"recordings\": [1]}", "\"recordings\": expected a list of texts, found a number"},
        {"{\"model\": 3}", "\"model\": expected text, found a number"},
        {"{\"tasks\": [{\"measure\": 1}]}", "results: tasks[0]: \"measure\": expected text"},
        {"{\"tasks\": [{\"results\": [{}, {\"roc_auc\": \"0.5\"}]}]}",
         "results: tasks[0].results[1]: \"roc_auc\": expected a number, found text"},
        {"{\"tasks\": [{\"results\": [{\"roc_auc\": 1.5}]}]}", "\"roc_auc\": expected 0 to 1, found 1.5"},
        {"{\"tasks\": [{\"results\": [{\"ci_low\": 1e300}]}]}", "\"ci_low\": expected"},
        {"{\"tasks\": [{\"results\": [{\"position\": [1, 2]}]}]}", "expected x, y and z, found 2 numbers"},
        {"{\"tasks\": [{\"results\": [{\"roc_curve\": {\"false_positive\": [0, 1]}}]}]}",
         "two lists of one length"},
        {"{\"tasks\": [{\"results\": [{\"roc_curve\": {\"false_positive\": [0, 1, 0.5], \"true_positive\": "
         "[0, 1, 1]}}]}]}",
         "expected rising rates, found another at 2"},
        {"{\"tasks\": [{\"split\": []}]}", "\"split\": expected an object, found a list"},
        {"{\"tasks\": [{\"few_shot\": [{\"points\": [true]}]}]}",
         "tasks[0].few_shot[0].points[0]: expected an object, found true or false"},
        {"{\"dimension\": {\"rows\": [{\"embedding_curve\": [0.5, 0.4]}]}}", "expected rising shares"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
        const char *path = bb_temp_path("never.html");
        assert_fails(bb_report_write(wrong[i].text, path, e), BB_ERR_FORMAT, wrong[i].message);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    const char *two[] = {"{}", "{\"tasks\": 1}"};
    assert_fails(bb_report_write_many(two, 2, bb_temp_path("never.html"), e), BB_ERR_FORMAT,
                 "results 2: \"tasks\"");
    assert_fails(bb_report_write(NULL, bb_temp_path("never.html"), e), BB_ERR_ARGUMENT, "expected text");
    assert_fails(bb_report_write_many(two, 0, bb_temp_path("never.html"), e), BB_ERR_ARGUMENT,
                 "expected results");
    assert_fails(bb_report_write("{}", NULL, e), BB_ERR_ARGUMENT, "path");
}

static void a_page_that_stood_there_survives_a_failure(void **state) {
    (void)state;
    const char *path = bb_temp_file("old.html", "old", 3);
    assert_fails(bb_report_write("{", path, e), BB_ERR_FORMAT, "JSON");
    size_t size;
    unsigned char *bytes = bb_slurp(path, &size);
    assert_int_equal(size, 3);
    free(bytes);
    assert_fails(bb_report_write("{}", "/nonexistent/page.html", e), BB_ERR_IO, "no such folder");
    assert_ok(bb_report_write("{}", path, e));
    bytes = bb_slurp(path, &size);
    assert_true(size > 3);
    free(bytes);
}

static void little_is_a_page_too(void **state) {
    (void)state;
    assert_shows("{}", (const char *const[]){"There are no results in this file.", "</html>", NULL});
    assert_shows("{\"tasks\": []}", (const char *const[]){"There are no results in this file.", NULL});
    assert_shows("{\"tasks\": [{\"name\": \"t\", \"results\": []}]}",
                 (const char *const[]){"There are no results of this task.", NULL});
    assert_shows("{\"tasks\": [{\"results\": [{\"roc_auc\": null, \"windows\": null}]}]}",
                 (const char *const[]){"Score by electrode", NULL});
    assert_shows("{\"dimension\": {}}", (const char *const[]){"Intrinsic dimension", NULL});
    assert_shows("{\"tasks\": [{\"measure\": \"pearson_r\", \"results\": [{\"electrode\": \"A1\", "
                 "\"pearson_r\": -0.25}]}]}",
                 (const char *const[]){"Pearson r",
                                       "\xE2\x88\x92"
                                       "0.250",
                                       "Where the results hold no means", NULL});
}

static void long_lists_of_recordings_are_counted(void **state) {
    (void)state;
    char text[4096];
    int n = sprintf(text, "{\"recordings\": [");
    for (int i = 0; i < 30; ++i) n += sprintf(text + n, "%s\"r%d.edf\"", i ? "," : "", i);
    sprintf(text + n, "], \"tasks\": [{\"results\": [{\"windows\": 40, \"roc_auc\": 0.5}]}]}");
    char *page = page_of(text);
    assert_non_null(strstr(page, "r11.edf</code> and 18 more"));
    assert_null(strstr(page, "r12.edf"));
    assert_non_null(strstr(page, "<dt>Windows</dt><dd>40</dd>"));
    free(page);
}

/* `shafts` of `contacts` with two kinds of features; free() it. */
static char *many_electrodes(int shafts, int contacts) {
    char *text = malloc((size_t)(shafts * contacts) * 400 + 100);
    assert_non_null(text);
    int n = sprintf(text, "{\"tasks\": [{\"chance\": 0.5, \"results\": [");
    for (int i = 0; i < 2 * shafts * contacts; ++i)
        n += sprintf(
            text + n,
            "%s{\"features\": \"f%d\", \"electrode\": \"S%dx%d\", \"group\": \"S%d\", \"roc_auc\": %.4f}",
            i ? "," : "", i % 2, i / 2 / contacts, i / 2 % contacts + 1, i / 2 / contacts,
            (double)(i % 97) / 97);
    sprintf(text + n, "]}]}");
    return text;
}

static void electrodes_few_and_many(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 5}, {4, 10}, {14, 15}, {1, 256}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        char *text = many_electrodes(sizes[i][0], sizes[i][1]), *page = page_of(text);
        const size_t electrodes = (size_t)sizes[i][0] * (size_t)sizes[i][1];
        /* each has its name once in the chart, and two lines in the table of results */
        assert_int_equal(count_of(page, "class=\"name e\"") >= electrodes, 1);
        assert_int_equal(count_of(page, " \xC2\xB7 f0: "), electrodes);
        assert_int_equal(count_of(page, "<td>f1</td>"), electrodes + 1); /* and one of the means */
        /* no panel is higher than a page: "0 0 352 HEIGHT" */
        for (const char *at = page; (at = strstr(at, "viewBox=\"0 0 352 ")); ++at)
            assert_at_most(atof(at + strlen("viewBox=\"0 0 352 ")), 920);
        free(page);
        free(text);
    }
}

static void electrodes_of_one_name_are_kept_apart(void **state) {
    (void)state;
    char *page = page_of("{\"tasks\": [{\"results\": ["
                         "{\"features\": \"a\", \"electrode\": \"X\", \"roc_auc\": 0.6},"
                         "{\"features\": \"a\", \"electrode\": \"X\", \"roc_auc\": 0.7},"
                         "{\"features\": \"b\", \"electrode\": \"X\", \"roc_auc\": 0.8}]}]}");
    assert_int_equal(count_of(page, "class=\"name e\""), 2);
    free(page);
}

static void too_many_kinds_of_features_are_refused(void **state) {
    (void)state;
    char text[8192];
    int n = sprintf(text, "{\"tasks\": [{\"results\": [");
    for (int i = 0; i <= BB_REPORT_FEATURES; ++i)
        n += sprintf(text + n, "%s{\"features\": \"f%d\"}", i ? "," : "", i);
    sprintf(text + n, "]}]}");
    assert_fails(bb_report_write(text, bb_temp_path("never.html"), e), BB_ERR_FORMAT, "at most 64 kinds");
}

static void several_texts_make_one_page(void **state) {
    (void)state;
    const char *texts[] = {"{\"recordings\": [\"a.edf\"], \"tasks\": [{\"name\": \"first\", \"results\": "
                           "[{\"features\": \"x\"}]}]}",
                           "{\"recordings\": [\"b.edf\"], \"tasks\": [{\"name\": \"second\", \"results\": "
                           "[{\"features\": \"y\"}]}],"
                           "\"dimension\": {\"share\": 0.9}}"};
    const char *path = bb_temp_path("two.html");
    assert_ok(bb_report_write_many(texts, 2, path, e));
    size_t size;
    char *page = (char *)bb_slurp(path, &size);
    page = realloc(page, size + 1);
    assert_non_null(page);
    page[size] = '\0';
    assert_non_null(strstr(page, "id=\"task-1\""));
    assert_non_null(strstr(page, "id=\"task-2\""));
    assert_true(strstr(page, "a.edf") < strstr(page, "b.edf"));
    assert_non_null(strstr(page, "90 % of the variance"));
    free(page);
}

/* In a locale that writes 0,5 a picture with such numbers would be none. */
static void the_locale_changes_nothing(void **state) {
    (void)state;
    char *text = full_text(), *plain = page_of(text);
    const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    bool tried = false;
    for (size_t i = 0; i < sizeof locales / sizeof *locales && !tried; ++i)
        tried = setlocale(LC_ALL, locales[i]) != NULL;
    char *other = page_of(text);
    setlocale(LC_ALL, "C");
    assert_string_equal(plain, other);
    if (!tried) print_message("only the page's sameness was checked: no locale with a comma is installed\n");
    free(other);
    free(plain);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_known_is_shown),
        cmocka_unit_test(the_page_stands_alone),
        cmocka_unit_test(the_policy_knows_the_script),
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(a_page_that_stood_there_survives_a_failure),
        cmocka_unit_test(little_is_a_page_too),
        cmocka_unit_test(long_lists_of_recordings_are_counted),
        cmocka_unit_test(electrodes_few_and_many),
        cmocka_unit_test(electrodes_of_one_name_are_kept_apart),
        cmocka_unit_test(too_many_kinds_of_features_are_refused),
        cmocka_unit_test(several_texts_make_one_page),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
