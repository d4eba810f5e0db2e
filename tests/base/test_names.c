#include "base/names.h"

#include "support.h"

static void names_are_told_apart_by_commas_alone(void **state) {
    (void)state;
    const char *list = " LA 1,\t,LA2 ,";
    size_t length;
    assert_true(bb_names_same("LA 1", bb_names_next(&list, &length), 4) && length == 4);
    assert_true(bb_names_same("LA2", bb_names_next(&list, &length), 3) && length == 3);
    assert_null(bb_names_next(&list, &length));
    list = NULL;
    assert_null(bb_names_next(&list, &length));
}

static void lists_hold_whole_names(void **state) {
    (void)state;
    assert_true(bb_names_hold("LA1", "LA1"));
    assert_true(bb_names_hold("LA1,LA10, LA2 ,\tLA3", "LA10"));
    assert_true(bb_names_hold("LA1,LA10, LA2 ,\tLA3", "LA2"));
    assert_true(bb_names_hold("LA1,LA10, LA2 ,\tLA3", "LA3"));
    assert_true(bb_names_hold("A 1, B 2", "B 2")); /* blanks inside a name belong to it */
    assert_true(bb_names_hold(",,LA1,,", "LA1"));
    assert_false(bb_names_hold("LA10", "LA1"));
    assert_false(bb_names_hold("LA1", "LA10"));
    assert_false(bb_names_hold("LA1", "la1"));
    assert_false(bb_names_hold("", "LA1") || bb_names_hold(" , ,", "LA1") || bb_names_hold("LA1,", ""));
    assert_false(bb_names_hold(NULL, "LA1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_told_apart_by_commas_alone),
                                       cmocka_unit_test(lists_hold_whole_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
