#include "brainbert/report.h"

#include <locale.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "made_page.h"
#include "report/page.h"

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

static void subjects_are_told_apart(void **state) {
    (void)state;
#define RESULT(subject, electrode)                                                                           \
    "{\"features\": \"a\", \"subject\": \"" subject "\", \"electrode\": \"" electrode "\", \"roc_auc\": "    \
    "0.6}"
    char *page = page_of("{\"tasks\": [{\"results\": [" RESULT("s7", "X") "," RESULT("s7", "Y") "," RESULT(
        "s8", "X") "," RESULT("s8", "Y") "]}]}");
    assert_int_equal(count_of(page, "class=\"name e\""), 4);
    assert_int_equal(count_of(page, "<td>s7</td>"), 2);
    assert_int_equal(count_of(page, "<td>s8</td>"), 2);
    assert_int_equal(count_of(page, ">s8</text>"), 1); /* a heading of the picture */
    free(page);
    page = page_of("{\"tasks\": [{\"results\": [" RESULT("s7", "X") "," RESULT("s7", "Y") "]}]}");
    assert_null(strstr(page, "s7</")); /* one subject: neither column nor heading */
    free(page);
#undef RESULT
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
        cmocka_unit_test(little_is_a_page_too),
        cmocka_unit_test(long_lists_of_recordings_are_counted),
        cmocka_unit_test(electrodes_few_and_many),
        cmocka_unit_test(electrodes_of_one_name_are_kept_apart),
        cmocka_unit_test(subjects_are_told_apart),
        cmocka_unit_test(several_texts_make_one_page),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
