#include "features/file_digest.h"

#include "support.h"

static void files_are_read_once_as_long_as_they_stay_the_same(void **state) {
    (void)state;
    char first[BB_SHA256_TEXT], again[BB_SHA256_TEXT], expected[BB_SHA256_TEXT];
    const char *path = bb_temp_file("a", "abc", 3);
    assert_ok(bb_file_digest(path, first, e));
    assert_true(bb_sha256_of_text("abc", expected));
    assert_string_equal(first, expected);
    const size_t read = bb_file_digests_read();
    assert_ok(bb_file_digest(path, again, e));
    assert_string_equal(again, expected);
    assert_int_equal(bb_file_digests_read(), read);
    path = bb_temp_file("a", "abd", 3); /* of the same size */
    assert_ok(bb_file_digest(path, again, e));
    assert_true(bb_sha256_of_text("abd", expected));
    assert_string_equal(again, expected);
    assert_fails(bb_file_digest(bb_temp_path("none"), again, e), BB_ERR_IO, "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_are_read_once_as_long_as_they_stay_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
