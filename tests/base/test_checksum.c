#include "base/checksum.h"

#include <string.h>

#include "brainbert/cpu.h"
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

/* RFC 3720, appendix B.4, whose checksums stand there lowest byte first; the nine digits are everybody's. */
static void crc32c_gives_the_standards_checksums(void **state) {
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(bb_crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(bb_crc32c("", 0), 0);
    assert_int_equal(bb_crc32c(bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(bb_crc32c(bytes, sizeof bytes), 0x62A8AB43);
    for (int i = 0; i < 32; ++i) bytes[i] = (uint8_t)i;
    assert_int_equal(bb_crc32c(bytes, sizeof bytes), 0x46DD794E);
}

/* The processor's instruction and the table agree, whatever the length. */
static void crc32c_is_the_same_at_every_level(void **state) {
    (void)state;
    uint8_t bytes[67];
    uint32_t expected[sizeof bytes];
    const bb_cpu_level best = bb_cpu_current();
    for (size_t i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)(37 * i + 11);
    bb_cpu_limit(BB_CPU_PORTABLE);
    for (size_t i = 0; i < sizeof bytes; ++i) expected[i] = bb_crc32c(bytes, i);
    bb_cpu_limit(best);
    for (size_t i = 0; i < sizeof bytes; ++i) assert_int_equal(bb_crc32c(bytes, i), expected[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_and_files_have_the_standards_checksums),
                                       cmocka_unit_test(crc32c_gives_the_standards_checksums),
                                       cmocka_unit_test(crc32c_is_the_same_at_every_level)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
