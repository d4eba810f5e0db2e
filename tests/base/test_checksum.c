#include "base/checksum.h"

#include "support.h"

/* FIPS 180-2, appendix B.1 and the empty message. */
static const char of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void texts_and_files_have_the_standards_checksums(void **state) {
    (void)state;
    char digest[BB_SHA256_TEXT];
    int64_t size = -1;
    assert_true(bb_sha256_of_text("abc", digest));
    assert_string_equal(digest, of_abc);
    assert_ok(bb_sha256_of_file(bb_temp_file("abc", "abc", 3), NULL, NULL, digest, &size, e));
    assert_string_equal(digest, of_abc);
    assert_int_equal(size, 3);
    assert_ok(bb_sha256_of_file(bb_temp_file("empty", "", 0), NULL, NULL, digest, &size, e));
    assert_string_equal(digest, of_nothing);
    assert_fails(bb_sha256_of_file(bb_temp_path("none"), NULL, NULL, digest, &size, e), BB_ERR_IO, "none");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_and_files_have_the_standards_checksums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
