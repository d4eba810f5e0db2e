/* Texts of keys and their digests. */
#include "base/key.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static void write(bb_key_text *key) {
    assert_ok(bb_key_begin(key, e));
    bb_key_word(key, "channel", "A 1\nnone");
    bb_key_word(key, "bads", NULL);
    fprintf(key->lines, "windows %d\n", 3);
}

static void test_text_and_digest(void **state) {
    (void)state;
    static const char expected[] = "channel 8 A 1\nnone\nbads none\nwindows 3\n";
    bb_key_text key;
    char *text, digest[BB_SHA256_TEXT], of_text[BB_SHA256_TEXT];
    write(&key);
    assert_ok(bb_key_take(&key, BB_OK, &text, e));
    assert_string_equal(text, expected);
    free(text);
    write(&key);
    assert_ok(bb_key_digest(&key, BB_OK, digest, e));
    assert_true(bb_sha256_of_text(expected, of_text));
    assert_string_equal(digest, of_text);
}

/* What failed before comes back, and nothing is left over (which the sanitizers see). */
static void test_failure_before(void **state) {
    (void)state;
    bb_key_text key;
    char *text = (char *)"", digest[BB_SHA256_TEXT];
    write(&key);
    assert_int_equal(bb_key_take(&key, BB_ERR_IO, &text, NULL), BB_ERR_IO);
    assert_null(text);
    write(&key);
    assert_int_equal(bb_key_digest(&key, BB_ERR_FORMAT, digest, NULL), BB_ERR_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text_and_digest),
                                       cmocka_unit_test(test_failure_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
