#include "base/decimal.h"

#include <string.h>

#include "support.h"

static void numbers_are_read_as_far_as_they_go(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t used;
        double value;
    } cases[] = {{"5", 1, 5},
                 {" -8711 ", 6, -8711},
                 {"0.23814", 7, 0.23814},
                 {"0,5", 3, 0.5},
                 {"4.29e+09", 8, 4.29e9},
                 {"1E-3x", 4, 1e-3},
                 {"+.5", 3, 0.5},
                 {"5.", 2, 5},
                 {"3e", 1, 3},
                 {"15654.17", 8, 15654.17},
                 {"12.34.5", 5, 12.34},
                 {"-0", 2, 0},
                 {"10.22874", 8, 10.22874},
                 {"18446744073709551617", 20, 18446744073709551617.0},
                 {"0.0000000000000000000001", 24, 1e-22},
                 {"0e99999", 7, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        double value = -1;
        assert_int_equal(bb_decimal_parse(cases[i].text, strlen(cases[i].text), &value), cases[i].used);
        if (value != cases[i].value) fail_msg("%s: %.17g", cases[i].text, value);
    }
    static const char *const none[] = {"", " ", "-", ".", "e5", "x1", "--1", "1e999", "nan", "inf"};
    double value;
    for (size_t i = 0; i < sizeof none / sizeof *none; ++i)
        assert_int_equal(bb_decimal_parse(none[i], strlen(none[i]), &value), 0);
    assert_int_equal(bb_decimal_parse("123", 2, &value), 2);
    assert_true(value == 12);
}

static void numbers_are_written_without_trailing_zeros(void **state) {
    (void)state;
    char text[BB_DECIMAL_ROOM];
    assert_int_equal(bb_decimal_write(-1250, 2, text), 5);
    assert_string_equal(text, "-12.5");
    bb_decimal_write(3000000, 6, text);
    assert_string_equal(text, "3");
    bb_decimal_write(-5, 3, text);
    assert_string_equal(text, "-0.005");
    bb_decimal_write(0, 6, text);
    assert_string_equal(text, "0");
    bb_decimal_write(INT64_MIN, 18, text);
    assert_string_equal(text, "-9.223372036854775808");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_far_as_they_go),
        cmocka_unit_test(numbers_are_written_without_trailing_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
