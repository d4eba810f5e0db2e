#include "features/file_digest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "support.h"

static char digest[BB_SHA256_TEXT];

static const char *digest_of(const char *path, const char *folder) {
    assert_ok(bb_file_digest(path, folder, digest, e));
    return digest;
}

static void files_have_their_contents_checksum(void **state) {
    (void)state;
    char expected[BB_SHA256_TEXT];
    for (int i = 0; i < 4; ++i) { /* of the same size, each twice */
        const char *text = i < 2 ? "abc" : "abd";
        assert_true(bb_sha256_of_text(text, expected));
        assert_string_equal(digest_of(bb_temp_file("a", text, 3), NULL), expected);
    }
    assert_fails(bb_file_digest(bb_temp_path("none"), NULL, digest, e), BB_ERR_IO, "none");
}

static void files_are_read_once(void **state) {
    (void)state;
    char first[BB_SHA256_TEXT];
    static char path[512];
    snprintf(path, sizeof path, "%s", bb_temp_file("b", "abc", 3));
    bb_file_digests_forget();
    strcpy(first, digest_of(path, NULL));
    for (int i = 0; i < 3; ++i) assert_string_equal(digest_of(path, NULL), first);
    assert_int_equal(bb_file_digests_read(), 1);
    bb_file_digests_forget();
    assert_string_equal(digest_of(path, NULL), first);
    assert_int_equal(bb_file_digests_read(), 1);
}

/* A large file of zeros. What is kept is told from what is read by a lie in the folder. */
static void large_files_checksums_are_kept_in_the_folder(void **state) {
    (void)state;
    static const char lie[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static char path[512], folder[512], kept[1100];
    bb_folder names;
    snprintf(path, sizeof path, "%s", bb_temp_file("large", "x", 1));
    snprintf(folder, sizeof folder, "%s", bb_temp_path("kept"));
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_int_equal(truncate(path, BB_LARGE_FILE), 0);
    char truth[BB_SHA256_TEXT];
    strcpy(truth, digest_of(path, folder));
    assert_ok(bb_folder_list(folder, &names, e));
    assert_int_equal(names.count, 0); /* it has only just changed */
    bb_folder_free(&names);
    usleep(1200000);
    bb_file_digests_forget();
    assert_string_equal(digest_of(path, folder), truth);
    assert_ok(bb_folder_list(folder, &names, e));
    assert_int_equal(names.count, 1);
    snprintf(kept, sizeof kept, "%s/%s", folder, names.names[0]);
    bb_folder_free(&names);
    assert_ok(bb_file_write(kept, lie, 64, e));
    assert_string_equal(digest_of(path, folder), truth); /* remembered */
    bb_file_digests_forget();
    assert_string_equal(digest_of(path, folder), lie); /* kept */
    bb_file_digests_forget();
    assert_ok(bb_file_write(kept, "0123", 4, e)); /* damaged */
    assert_string_equal(digest_of(path, folder), truth);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_have_their_contents_checksum),
        cmocka_unit_test(files_are_read_once),
        cmocka_unit_test(large_files_checksums_are_kept_in_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
