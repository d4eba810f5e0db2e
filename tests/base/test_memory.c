#include "base/memory.h"

#include <stdint.h>

#include "support.h"

static void blocks_are_zero_and_aligned(void **state) {
    (void)state;
    for (size_t n = 0; n < 200; n += 13) {
        unsigned char *block = bb_calloc(n, 3);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % BB_ALIGNMENT, 0);
        for (size_t i = 0; i < 3 * n; ++i) assert_int_equal(block[i], 0);
        bb_free(block);
    }
    bb_free(NULL);
}

static void sizes_that_overflow_give_nothing(void **state) {
    (void)state;
    /* Read at run time, or the compiler sees what it may warn about. */
    volatile size_t most = SIZE_MAX, half = SIZE_MAX / 2 + 1;
    assert_null(bb_calloc(most, 1));
    assert_null(bb_calloc(1, most));
    assert_null(bb_calloc(most, most));
    assert_null(bb_calloc(half, 2));
    assert_null(bb_calloc(half, 1));
    assert_null(bb_calloc(PTRDIFF_MAX, 1));
    assert_null(bb_calloc(half / 4 + 1, 8)); /* wraps to 8 bytes */
}

static void copies_end_where_they_should(void **state) {
    (void)state;
    char *text = bb_strdup("abc"), *part = bb_strndup("abc", 2), *whole = bb_strndup("abc", 100);
    assert_string_equal(text, "abc");
    assert_string_equal(part, "ab");
    assert_string_equal(whole, "abc");
    bb_free(text);
    bb_free(part);
    bb_free(whole);
    const char unterminated[2] = {'x', 'y'};
    char *copy = bb_strndup(unterminated, 2);
    assert_string_equal(copy, "xy");
    bb_free(copy);
}

static void growing_keeps_items_and_clears_the_rest(void **state) {
    (void)state;
    int *items = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; ++i) {
        assert_int_equal(bb_grow((void **)&items, &capacity, (size_t)i + 1, sizeof *items), 0);
        assert_true(capacity > (size_t)i);
        assert_int_equal(items[i], 0);
        items[i] = i + 1;
    }
    for (int i = 0; i < 1000; ++i) assert_int_equal(items[i], i + 1);
    const int *before = items;
    const size_t had = capacity;
    volatile size_t most = SIZE_MAX;
    assert_int_equal(bb_grow((void **)&items, &capacity, most, sizeof *items), -1);
    assert_true(items == before && capacity == had);
    bb_free(items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zero_and_aligned),
        cmocka_unit_test(sizes_that_overflow_give_nothing),
        cmocka_unit_test(copies_end_where_they_should),
        cmocka_unit_test(growing_keeps_items_and_clears_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
