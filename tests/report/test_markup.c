#include "report/markup.h"

#include <math.h>

#include "support.h"

/* What `write` leaves, in a buffer of its own. */
static const char *text_of(const char *text, size_t most) {
    static bb_markup m;
    bb_markup_free(&m);
    bb_markup_raw(&m, "|");
    bb_markup_text(&m, text, most);
    return m.text;
}

static const char *number_of(double value, int decimals) {
    static bb_markup m;
    bb_markup_free(&m);
    if (decimals < 0)
        bb_markup_quantity(&m, value);
    else
        bb_markup_number(&m, value, decimals);
    return m.text;
}

static void markup_is_escaped(void **state) {
    (void)state;
    assert_string_equal(text_of("<a href=\"x\">'&", 100), "|&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    assert_string_equal(text_of("a\nb\tc", 100), "|a b c");
    assert_string_equal(text_of("\xC3\xA9\xE8\x84\xB3\xF0\x9F\xA7\xA0", 100),
                        "|\xC3\xA9\xE8\x84\xB3\xF0\x9F\xA7\xA0");
    assert_string_equal(text_of(NULL, 100), "|");
}

static void what_is_no_text_is_replaced(void **state) {
    (void)state;
    assert_string_equal(text_of("a\xFF"
                                "b",
                                100),
                        "|a\xEF\xBF\xBD"
                        "b");
    assert_string_equal(text_of("\xC3", 100), "|\xEF\xBF\xBD");
    assert_string_equal(text_of("\x01\x7F\xC2\x85", 100), "|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    /* U+202E, U+2066, U+FEFF */
    assert_string_equal(text_of("\xE2\x80\xAE\xE2\x81\xA6\xEF\xBB\xBF", 100),
                        "|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void long_text_ends_in_an_ellipsis(void **state) {
    (void)state;
    assert_string_equal(text_of("abcde", 5), "|abcde");
    assert_string_equal(text_of("abcdef", 5), "|abcde\xE2\x80\xA6");
    assert_string_equal(text_of("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "|\xC3\xA9\xC3\xA9\xE2\x80\xA6");
}

static void numbers_are_written_for_readers(void **state) {
    (void)state;
    assert_string_equal(number_of(0.12345, 3), "0.123");
    assert_string_equal(number_of(-0.5, 2), "\xE2\x88\x92"
                                            "0.50");
    assert_string_equal(number_of(-0.0001, 3), "0.000");
    assert_string_equal(number_of(NAN, 3), "\xE2\x80\x93");
    assert_string_equal(number_of(INFINITY, -1), "\xE2\x80\x93");
    assert_string_equal(number_of(0.25, -1), "0.25");
    assert_string_equal(number_of(-126, -1), "\xE2\x88\x92"
                                             "126");
}

static void what_does_not_fit_is_remembered(void **state) {
    (void)state;
    bb_markup m = {0};
    bb_markup_printf(&m, "%2000d", 1); /* longer than a line may be */
    assert_true(m.failed);
    bb_markup_raw(&m, "more");
    assert_int_equal(m.length, 0);
    bb_markup_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(what_is_no_text_is_replaced),
        cmocka_unit_test(long_text_ends_in_an_ellipsis),
        cmocka_unit_test(numbers_are_written_for_readers),
        cmocka_unit_test(what_does_not_fit_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
