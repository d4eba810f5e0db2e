#include "tasks/classes.h"

#include <stdio.h>
#include <string.h>

#include "brainbert/task.h"
#include "support.h"

/* "name=value+value,...": the parsed classes spelled out. */
static void assert_parsed(const char *text, const char *expected) {
    char found[256] = "";
    bb_classes classes;
    assert_ok(bb_classes_parse(text, &classes, e));
    for (size_t i = 0; i < classes.count; ++i) {
        const bb_class *c = &classes.items[i];
        if (i > 0) strcat(found, ",");
        strcat(strcat(found, c->name), "=");
        if (c->others) strcat(found, "*");
        for (size_t k = 0; k < c->count; ++k) strcat(strcat(found, k ? "+" : ""), c->values[k]);
    }
    assert_string_equal(found, expected);
    bb_classes_free(&classes);
    assert_true(classes.items == NULL && classes.count == 0);
}

static void classes_are_lists_of_values(void **state) {
    (void)state;
    assert_parsed("audio,visual", "audio=audio,visual=visual");
    assert_parsed("a+b,c", "a+b=a+b,c=c");
    assert_parsed("audio,*", "audio=audio,other=*");
    assert_parsed(" go signal = 1 + 2 , rest of it=*", "go signal=1+2,rest of it=*");
    assert_parsed("word/loud,word/soft", "word/loud=word/loud,word/soft=word/soft");
    assert_parsed("one", "one=one");
    assert_parsed("*", "other=*");
}

static void quoted_values_stand_as_they_are(void **state) {
    (void)state;
    assert_parsed("\"a,b\",c", "a,b=a,b,c=c");
    assert_parsed("x=\"a+b\"+\"*\",\" \"", "x=a+b+*, = ");
    assert_parsed("\"a=b\",*", "a=b=a=b,other=*");
    assert_parsed("\"n,m\"=1,*", "n,m=1,other=*");
}

static void what_is_wrong_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "expected a value, found 'nothing'"},
        {"a,", "expected a value"},
        {",a", "expected a value, found ',a'"},
        {"a++b", "expected a value"},
        {"x=", "expected a value"},
        {"=a", "expected a value"},
        {"\"\"", "expected a value"},
        {"\"a", "closing quote"},
        {"\"a\" b", "expected a comma or + behind 'a', found 'b'"},
        {"a\"b\"", "expected a comma or + behind 'a'"},
        {"x=y=z", "one name before values, found '=z'"},
        {"a+*", "* is every other value"},
        {"*+a", "* is every other value"},
        {"*,*", "each name once"},
        {"x=*,y=*", "* once"},
        {"a,a", "each name once"},
        {"a,x=a", "each value once, found 'a' again"},
        {"a+a,b", "each value once"},
        {"x=1,y=1.0", "each value once, found '1.0' again"},
        {"x=1,x=2", "each name once, found 'x' again"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        bb_classes classes;
        assert_fails(bb_classes_parse(cases[i].text, &classes, e), BB_ERR_ARGUMENT, cases[i].part);
        assert_true(classes.items == NULL && classes.count == 0);
    }
}

static void there_are_bounds(void **state) {
    (void)state;
    static char text[4 * BB_CLASSES_VALUES + 64];
    bb_classes classes;
    for (int i = 0; i <= BB_TASK_MAX_CLASSES; ++i) sprintf(text + strlen(text), "%s%d", i ? "," : "", i);
    assert_fails(bb_classes_parse(text, &classes, e), BB_ERR_ARGUMENT, "at most 256");
    *strrchr(text, ',') = '\0';
    assert_ok(bb_classes_parse(text, &classes, e));
    assert_int_equal(classes.count, BB_TASK_MAX_CLASSES);
    bb_classes_free(&classes);
    memset(text, 0, sizeof text);
    memset(text, 'a', 2 * BB_CLASSES_VALUES + 3);
    for (int i = 1; i < 2 * BB_CLASSES_VALUES + 2; i += 2) text[i] = '+';
    assert_fails(bb_classes_parse(text, &classes, e), BB_ERR_ARGUMENT, "at most 4096 values");
}

static void values_are_ordered_as_people_order_them(void **state) {
    (void)state;
    assert_int_equal(bb_value_compare("1", "1.0"), 0);
    assert_int_equal(bb_value_compare("1e0", "1"), 0);
    assert_true(bb_value_compare("2", "10") < 0 && bb_value_compare("10", "2") > 0);
    assert_true(bb_value_compare("-1", "0") < 0);
    assert_true(bb_value_compare("99", "a") < 0 && bb_value_compare("a", "99") > 0);
    assert_true(bb_value_compare("s2", "s10") < 0);
    assert_true(bb_value_compare("VERB", "verb") != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_lists_of_values),
        cmocka_unit_test(quoted_values_stand_as_they_are),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(there_are_bounds),
        cmocka_unit_test(values_are_ordered_as_people_order_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
