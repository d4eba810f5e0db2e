#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "support.h"

/* Rows as text: cells joined by '|', rows by '/', the heading first; a missing cell is '-'. */
static const char *shown(const char *text, char separator) {
    static char out[1024];
    bb_table t;
    size_t n = 0;
    assert_ok(bb_table_parse(text, separator, "t", &t, e));
    for (size_t i = 0; i < t.column_count; ++i)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", i ? "|" : "", t.headings[i]);
    for (bool more = true; more;) {
        assert_ok(bb_table_next(&t, &more, e));
        for (size_t i = 0; more && i < t.column_count; ++i) {
            const char *cell = bb_table_cell(&t, (int)i);
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", i ? "|" : "/", cell ? cell : "-");
        }
    }
    bb_table_close(&t);
    return out;
}

static void rows_are_cut_into_cells(void **state) {
    (void)state;
    assert_string_equal(shown("a\tb\n1\t2\n3\t4\n", '\t'), "a|b/1|2/3|4");
    assert_string_equal(shown("\xEF\xBB\xBF"
                              "a\tb\r\n1\t2\r\n\r\n3\t4",
                              '\t'),
                        "a|b/1|2/3|4");
    assert_string_equal(shown("a\tb\n1\n1\t\n1\t2\t3\n", '\t'), "a|b/1|-/1|/1|2");
    assert_string_equal(shown("a,b\n1,2\n,\n", ','), "a|b/1|2/|");
    assert_string_equal(shown("", '\t'), "");
    assert_string_equal(shown("a\tb", '\t'), "a|b");
    assert_string_equal(shown("a,b\tc\n1,5\t2\n", '\t'), "a,b|c/1,5|2");
}

static void quoted_cells_hold_separators(void **state) {
    (void)state;
    assert_string_equal(shown("\"a\",b\n\"x, y\",\"say \"\"so\"\"\"\r\n\"\",2\n", ','),
                        "a|b/x, y|say \"so\"/|2");
    assert_string_equal(shown("a,b\n\"two\nlines\",2\n3,4\n", ','), "a|b/two\nlines|2/3|4");
    assert_string_equal(shown("a\tb\n\"x\ty\"\t2\n", '\t'), "a|b/x\ty|2");
    /* a lone quote in a tab-separated table is a character */
    assert_string_equal(shown("a\tb\n\"x\t2\"\n5\" grid\t\"\n", '\t'), "a|b/x\t2|-/5\" grid|\"");
    assert_string_equal(shown("a\tb\n\"x\t2\n\"y\" z\t3\n", '\t'), "a|b/\"x|2/\"y\" z|3");
    assert_string_equal(shown("a,b\n5\" grid,1\n", ','), "a|b/5\" grid|1");
}

static void what_cannot_be_read_is_told_with_its_line(void **state) {
    (void)state;
    bb_table t;
    bool more;
    assert_ok(bb_table_parse("a,b\n1,2\n\n3,\"open\n4,5\n", ',', "t.csv", &t, e));
    assert_ok(bb_table_next(&t, &more, e));
    assert_fails(bb_table_next(&t, &more, e), BB_ERR_FORMAT, "t.csv: line 4: expected a closing quote");
    bb_table_close(&t);
    assert_fails(bb_table_parse("\"a,b", ',', "t.csv", &t, e), BB_ERR_FORMAT, "line 1");
    assert_fails(bb_table_open(bb_temp_file("zero.tsv", "a\tb\n1\0002\n", 8), '\t', &t, e), BB_ERR_FORMAT,
                 "zero.tsv: line 2: expected text, found a byte 0");
    assert_fails(bb_table_open(bb_temp_path("none.tsv"), '\t', &t, e), BB_ERR_IO, "none.tsv");
}

static void lines_are_counted_through_quotes(void **state) {
    (void)state;
    bb_table t;
    bool more;
    assert_ok(bb_table_parse("a,b\n\"1\n1\",2\n\n3,4\n", ',', "t.csv", &t, e));
    assert_ok(bb_table_next(&t, &more, e));
    assert_int_equal(t.line, 2);
    assert_ok(bb_table_next(&t, &more, e));
    assert_true(more);
    assert_int_equal(t.line, 5);
    assert_ok(bb_table_next(&t, &more, e));
    assert_false(more);
    bb_table_close(&t);
}

static void columns_and_values_are_found(void **state) {
    (void)state;
    bb_table t;
    bool more;
    double x = 0;
    assert_ok(bb_table_parse("name\tDesikan-Killiany\tx\ty\nA1\tn/a\t -1.5e1\t 1,5\n\tN/A\t \tinf\n", '\t',
                             "t", &t, e));
    assert_int_equal(bb_table_column(&t, "x"), 2);
    assert_int_equal(bb_table_column(&t, "X"), BB_TABLE_NO_COLUMN);
    assert_int_equal(bb_table_column_like(&t, "desikan_killiany"), 1);
    assert_int_equal(bb_table_column_like(&t, "DesikanKilliany"), 1);
    assert_int_equal(bb_table_column_like(&t, "desikan"), BB_TABLE_NO_COLUMN);
    assert_ok(bb_table_next(&t, &more, e));
    assert_string_equal(bb_table_value(&t, 0), "A1");
    assert_null(bb_table_value(&t, 1));
    assert_true(bb_table_number(bb_table_cell(&t, 2), &x) && x == -15);
    assert_false(bb_table_number(bb_table_cell(&t, 3), &x) || bb_table_number(NULL, &x) ||
                 bb_table_number("", &x) || bb_table_number("1x", &x));
    assert_ok(bb_table_next(&t, &more, e));
    assert_true(more);
    for (int i = 0; i < 3; ++i) assert_null(bb_table_value(&t, i));
    assert_null(bb_table_cell(&t, BB_TABLE_NO_COLUMN));
    assert_null(bb_table_cell(&t, 4));
    bb_table_close(&t);
}

static void digits_count_as_numbers(void **state) {
    (void)state;
    static const char *const order[] = {"",       "run-1",   "sub-1",
                                        "sub-01", "sub-2",   "sub-02a",
                                        "sub-10", "sub-10a", "sub-123456789012345678901",
                                        "sub-a"};
    for (size_t i = 0; i < sizeof order / sizeof *order; ++i)
        for (size_t k = 0; k < sizeof order / sizeof *order; ++k) {
            const int found = bb_natural_compare(order[i], order[k]);
            if ((found > 0) - (found < 0) != (i > k) - (i < k)) fail_msg("'%s' and '%s'", order[i], order[k]);
        }
}

static void folders_are_listed_in_order(void **state) {
    (void)state;
    bb_folder f;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", bb_temp_path("."));
    bb_temp_file("b10", "", 0);
    bb_temp_file("b9", "", 0);
    bb_temp_file(".hidden", "", 0);
    assert_ok(bb_folder_list(folder, &f, e));
    size_t at = 0;
    while (at < f.count && strcmp(f.names[at], "b9") != 0) assert_true(f.names[at++][0] != '.');
    assert_true(at + 1 < f.count);
    assert_string_equal(f.names[at + 1], "b10");
    bb_folder_free(&f);
    assert_fails(bb_folder_list(bb_temp_path("none"), &f, e), BB_ERR_IO, "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_cut_into_cells),
        cmocka_unit_test(quoted_cells_hold_separators),
        cmocka_unit_test(what_cannot_be_read_is_told_with_its_line),
        cmocka_unit_test(lines_are_counted_through_quotes),
        cmocka_unit_test(columns_and_values_are_found),
        cmocka_unit_test(digits_count_as_numbers),
        cmocka_unit_test(folders_are_listed_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
