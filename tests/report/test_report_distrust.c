/* Text that is hostile, damaged or wrong. */
#include <stdio.h>
#include <unistd.h>

#include "made_page.h"

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

static void too_many_kinds_of_features_are_refused(void **state) {
    (void)state;
    char text[8192];
    int n = sprintf(text, "{\"tasks\": [{\"results\": [");
    for (int i = 0; i <= BB_REPORT_FEATURES; ++i)
        n += sprintf(text + n, "%s{\"features\": \"f%d\"}", i ? "," : "", i);
    sprintf(text + n, "]}]}");
    assert_fails(bb_report_write(text, bb_temp_path("never.html"), e), BB_ERR_FORMAT, "at most 64 kinds");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(bytes_that_are_no_text_are_replaced),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(a_page_that_stood_there_survives_a_failure),
        cmocka_unit_test(too_many_kinds_of_features_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
