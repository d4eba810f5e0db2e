#include "tasks/times.h"

#include <math.h>
#include <string.h>

#include "brainbert/array.h"
#include "support.h"

static void files_are_named_by_class(void **state) {
    (void)state;
    bb_times t;
    assert_ok(bb_times_parse("loud=a/loud.txt, soft = b=c.npy", &t, e));
    assert_int_equal(t.count, 2);
    assert_string_equal(t.files[0].name, "loud");
    assert_string_equal(t.files[0].path, "a/loud.txt");
    assert_string_equal(t.files[1].name, "soft");
    assert_string_equal(t.files[1].path, "b=c.npy");
    bb_times_free(&t);
    assert_fails(bb_times_parse("", &t, e), BB_ERR_ARGUMENT, "times: expected CLASS=FILE, found nothing");
    assert_fails(bb_times_parse("loud.txt", &t, e), BB_ERR_ARGUMENT, "found 'loud.txt'");
    assert_fails(bb_times_parse("a=x,=b", &t, e), BB_ERR_ARGUMENT, "found '=b'");
    assert_fails(bb_times_parse("a=", &t, e), BB_ERR_ARGUMENT, "found 'a='");
    assert_fails(bb_times_parse("a=x,a=y", &t, e), BB_ERR_ARGUMENT, "'a' again");
    assert_true(t.files == NULL && t.count == 0);
}

static void text_is_a_number_a_line(void **state) {
    (void)state;
    static const double expected[] = {1.5, -2, 300, 4, 5, 6, 7};
    bb_onsets o;
    assert_ok(bb_onsets_parse(
        "\xEF\xBB\xBF# onsets, s\n1.5\r\n\n  -2 # first\n3e2\t9\n4,5\n5;x\n6 x\nn/a\nNaN\n7", "t", &o, e));
    assert_int_equal(o.count, 7);
    assert_int_equal(o.left_out, 2);
    for (size_t i = 0; i < 7; ++i) assert_true(o.items[i] == expected[i]);
    bb_onsets_free(&o);
    assert_ok(bb_onsets_parse("", "t", &o, e));
    assert_int_equal(o.count, 0);
    bb_onsets_free(&o);
}

static void what_is_wrong_is_told_with_its_line(void **state) {
    (void)state;
    bb_onsets o;
    assert_fails(bb_onsets_parse("1\n\nsoon\n", "t.txt", &o, e), BB_ERR_FORMAT,
                 "t.txt: line 3: expected an onset in seconds, found 'soon'");
    assert_fails(bb_onsets_parse("1x", "t", &o, e), BB_ERR_FORMAT, "line 1");
    assert_fails(bb_onsets_parse(",1", "t", &o, e), BB_ERR_FORMAT, "found ''");
    assert_fails(bb_onsets_parse("inf", "t", &o, e), BB_ERR_FORMAT, "found 'inf'");
    assert_fails(bb_onsets_parse("1e999", "t", &o, e), BB_ERR_FORMAT, "found '1e999'");
    char text[100];
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_fails(bb_onsets_parse(text, "t", &o, e), BB_ERR_FORMAT, "line 1"); /* longer than any number */
    assert_true(o.items == NULL && o.count == 0);
    assert_fails(bb_onsets_read(bb_temp_file("zero.txt", "1\n\0", 3), &o, e), BB_ERR_FORMAT, "a byte 0");
    assert_fails(bb_onsets_read(bb_temp_path("none.txt"), &o, e), BB_ERR_IO, "none.txt");
}

static void arrays_give_their_first_column(void **state) {
    (void)state;
    static const float data[] = {1, 2, NAN, 4, 5, 6};
    static const int64_t flat[] = {6}, table[] = {3, 2}, deep[] = {1, 2, 3};
    bb_onsets o;
    const char *path = bb_temp_path("o.npy");
    assert_ok(bb_array_write(path, data, flat, 1, e));
    assert_ok(bb_onsets_read(path, &o, e));
    assert_int_equal(o.count, 5);
    assert_int_equal(o.left_out, 1);
    assert_true(o.items[2] == 4);
    bb_onsets_free(&o);
    assert_ok(bb_array_write(path, data, table, 2, e));
    assert_ok(bb_onsets_read(path, &o, e));
    assert_int_equal(o.count, 2);
    assert_true(o.items[0] == 1 && o.items[1] == 5);
    bb_onsets_free(&o);
    assert_ok(bb_array_write(path, data, deep, 3, e));
    assert_fails(bb_onsets_read(path, &o, e), BB_ERR_FORMAT, "found 3 dimensions");
    assert_fails(bb_onsets_read(bb_temp_file("bad.npy", "x", 1), &o, e), BB_ERR_FORMAT, "bad.npy");
    assert_true(o.items == NULL && o.count == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_named_by_class),
        cmocka_unit_test(text_is_a_number_a_line),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(arrays_give_their_first_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
