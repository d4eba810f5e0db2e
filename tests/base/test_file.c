#include "base/file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "support.h"

/* How many entries the folder holds. */
static int entries(const char *folder) {
    DIR *d = opendir(folder);
    assert_non_null(d);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(d));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(d);
    return count;
}

static void assert_holds(const char *path, const char *text) {
    size_t size;
    unsigned char *data = bb_slurp(path, &size);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(data, text, size);
    free(data);
}

static const char *make_folder(const char *name) {
    const char *folder = bb_temp_path(name);
    assert_ok(bb_make_directories(folder, e));
    return folder;
}

static void an_output_appears_when_it_is_committed(void **state) {
    (void)state;
    const char *folder = make_folder("commit"), *path = bb_temp_path("commit/a");
    bb_output out;
    assert_ok(bb_output_open(path, &out, e));
    assert_ok(bb_output_write(&out, "0123456789", 10, e));
    assert_ok(bb_output_write_at(&out, 3, "abc", 3, e));
    assert_ok(bb_output_printf(&out, e, "%d\n", 42));
    assert_false(bb_file_exists(path));
    assert_int_equal(entries(folder), 1);
    assert_ok(bb_output_commit(&out, e));
    assert_holds(path, "012abc678942\n");
    bb_output_discard(&out);
    assert_holds(path, "012abc678942\n");
    assert_int_equal(entries(folder), 1);
}

static void a_discarded_output_leaves_nothing(void **state) {
    (void)state;
    const char *folder = make_folder("discard"), *path = bb_temp_path("discard/a");
    bb_output out;
    assert_ok(bb_output_open(path, &out, e));
    assert_ok(bb_output_write(&out, "x", 1, e));
    bb_output_discard(&out);
    assert_int_equal(entries(folder), 0);
    bb_output_discard(&out); /* once more does no harm */
    assert_ok(bb_file_write(path, "old", 3, e));
    assert_ok(bb_output_open(path, &out, e));
    assert_ok(bb_output_write(&out, "newer", 5, e));
    bb_output_discard(&out);
    assert_holds(path, "old");
    assert_int_equal(entries(folder), 1);
}

static void a_commit_replaces_what_was_there(void **state) {
    (void)state;
    const char *folder = make_folder("replace"), *path = bb_temp_path("replace/a");
    assert_ok(bb_file_write(path, "a longer text", 13, e));
    assert_ok(bb_file_write(path, "short", 5, e));
    assert_holds(path, "short");
    assert_ok(bb_file_write(path, "", 0, e));
    assert_holds(path, "");
    assert_int_equal(entries(folder), 1);
}

/* A library that writes by name may put another file in the place of the one that was opened. */
static void a_file_replaced_by_name_is_what_gets_committed(void **state) {
    (void)state;
    const char *path = bb_temp_path("by_name");
    bb_output out;
    assert_ok(bb_output_open(path, &out, e));
    assert_int_equal(unlink(out.temp_path), 0);
    FILE *file = fopen(out.temp_path, "w");
    assert_non_null(file);
    fputs("other", file);
    fclose(file);
    assert_ok(bb_output_commit(&out, e));
    bb_output_discard(&out);
    assert_holds(path, "other");
}

static void an_output_that_cannot_be_is_refused(void **state) {
    (void)state;
    bb_output out;
    assert_fails(bb_output_open(bb_temp_path("no/such/folder"), &out, e), BB_ERR_IO,
                 "no/such/folder: cannot create: no such folder");
    bb_output_discard(&out);
    const char *folder = make_folder("closed");
    if (geteuid() != 0) { /* nothing is closed to root */
        assert_int_equal(chmod(folder, 0555), 0);
        assert_fails(bb_file_write(bb_temp_path("closed/a"), "x", 1, e), BB_ERR_IO, "closed/a");
        assert_int_equal(chmod(folder, 0777), 0);
    }
    /* A folder in the output's place, told before any work is done. */
    make_folder("place/taken");
    assert_fails(bb_file_write(bb_temp_path("place/taken"), "x", 1, e), BB_ERR_IO, "found a directory");
    assert_int_equal(entries(bb_temp_path("place")), 1);
}

/* A number that no process has: that of a child which has ended and been waited for. */
static long gone_process(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return child;
}

/* That of one which has ended and was not waited for, as a launcher's may be for a moment. */
static void what_zombies_left_is_removed(void **state) {
    (void)state;
    char torn[64];
    siginfo_t ending;
    const pid_t child = fork();
    if (child == 0) _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)child, &ending, WEXITED | WNOWAIT), 0);
    make_folder("zombie");
    snprintf(torn, sizeof torn, "zombie/a.tmp.%ld", (long)child);
    bb_temp_file(torn, "x", 1);
    bb_remove_torn(bb_temp_path("zombie/a"));
    assert_int_equal(entries(bb_temp_path("zombie")), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_killed_processes_left_is_removed(void **state) {
    (void)state;
    make_folder("torn");
    const long gone = gone_process();
    char torn_file[64], torn_folder[64], running[64];
    snprintf(torn_file, sizeof torn_file, "torn/a.tmp.%ld", gone);
    snprintf(torn_folder, sizeof torn_folder, "torn/d.tmp.%ld", gone);
    snprintf(running, sizeof running, "torn/a.tmp.%ld", (long)getppid());
    const char *const kept[] = {running,        "torn/a.tmp.1x", "torn/a.tmp.",
                                "torn/a.tmp.0", "torn/b.tmp.1",  "torn/a"};
    const size_t count = sizeof kept / sizeof *kept;
    for (size_t i = 0; i < count; ++i) bb_temp_file(kept[i], "x", 1);
    bb_temp_file(torn_file, "x", 1);
    char inner[80];
    snprintf(inner, sizeof inner, "%s/deep", torn_folder);
    make_folder(inner);
    assert_int_equal(symlink(bb_temp_path("torn/a"), bb_temp_path("torn/link")), 0);
    assert_int_equal(rename(bb_temp_path("torn/link"), bb_temp_path(strcat(inner, "/link"))), 0);
    assert_ok(bb_file_write(bb_temp_path("torn/a"), "new", 3, e));
    assert_false(bb_file_exists(bb_temp_path(torn_file)));
    assert_int_equal(entries(bb_temp_path("torn")), (int)count + 1); /* d's is not a's */
    bb_remove_torn(bb_temp_path("torn/d"));
    assert_int_equal(entries(bb_temp_path("torn")), (int)count);
    for (size_t i = 0; i < count; ++i) assert_true(bb_file_exists(bb_temp_path(kept[i])));
}

static void a_long_line_is_written_whole(void **state) {
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    const char *path = bb_temp_path("line");
    bb_output out;
    assert_ok(bb_output_open(path, &out, e));
    assert_ok(bb_output_printf(&out, e, "%s", text));
    assert_ok(bb_output_commit(&out, e));
    bb_output_discard(&out);
    assert_holds(path, text);
}

static void reading_is_bounded(void **state) {
    (void)state;
    const char *path = bb_temp_file("ten", "0123456789", 10);
    char *text;
    size_t size;
    assert_ok(bb_file_read(path, 10, &text, &size, e));
    assert_int_equal(size, 10);
    assert_string_equal(text, "0123456789");
    bb_free(text);
    assert_fails(bb_file_read(path, 9, &text, &size, e), BB_ERR_FORMAT, "at most 9 bytes, found 10");
    assert_null(text);
    assert_ok(bb_file_read(bb_temp_file("empty", "", 0), 9, &text, NULL, e));
    assert_string_equal(text, "");
    bb_free(text);
    assert_fails(bb_file_read(bb_temp_path("none"), 9, &text, NULL, e), BB_ERR_IO, "none");
    assert_fails(bb_file_read(make_folder("folder"), 9, &text, NULL, e), BB_ERR_IO, "a directory");
}

/* A pipe without a writer would hold an open for ever. */
static void a_pipe_is_refused_at_once(void **state) {
    (void)state;
    const char *path = bb_temp_path("pipe");
    char *text;
    bb_map map;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(bb_file_read(path, 9, &text, NULL, e), BB_ERR_IO, "something else");
    assert_fails(bb_map_open(path, &map, e), BB_ERR_IO, "something else");
}

static void maps_show_the_file_and_survive_a_release(void **state) {
    (void)state;
    enum { SIZE = 3 * 65536 + 5 };
    unsigned char *data = malloc(SIZE);
    for (size_t i = 0; i < SIZE; ++i) data[i] = (unsigned char)(i * 31 >> 3);
    bb_map map;
    assert_ok(bb_map_open(bb_temp_file("mapped", data, SIZE), &map, e));
    assert_int_equal(map.size, SIZE);
    bb_map_release(&map, 100, SIZE - 100);
    bb_map_release(&map, SIZE, SIZE); /* beyond the end: nothing happens */
    assert_memory_equal(map.data, data, SIZE);
    bb_map_close(&map);
    assert_null(map.data);
    assert_ok(bb_map_open(bb_temp_file("unmapped", "", 0), &map, e));
    assert_true(map.data == NULL && map.size == 0);
    bb_map_close(&map);
    free(data);
}

static void directories_are_made_with_their_parents(void **state) {
    (void)state;
    const char *deep = bb_temp_path("deep/er//est/");
    assert_ok(bb_make_directories(deep, e));
    assert_true(bb_is_directory(deep));
    assert_ok(bb_make_directories(deep, e));
    assert_ok(bb_make_directories("/", e));
    const char *file = bb_temp_file("file", "x", 1);
    assert_true(bb_file_exists(file) && !bb_is_directory(file));
    assert_fails(bb_make_directories(file, e), BB_ERR_IO, "found a file");
    assert_fails(bb_make_directories(bb_temp_path("file/below"), e), BB_ERR_IO, "file/below");
    assert_fails(bb_make_directories("", e), BB_ERR_IO, "cannot create");
}

static void assert_text(char *text, const char *expected) {
    assert_string_equal(text, expected);
    bb_free(text);
}

static void paths_come_apart_and_together(void **state) {
    (void)state;
    assert_text(bb_path_join("a", "b"), "a/b");
    assert_text(bb_path_join("a/", "b"), "a/b");
    assert_text(bb_path_join("", "b"), "b");
    assert_text(bb_path_directory("a/b/c"), "a/b");
    assert_text(bb_path_directory("/c"), "/");
    assert_text(bb_path_directory("c"), ".");
    assert_string_equal(bb_path_name("a/b/c.npy"), "c.npy");
    assert_string_equal(bb_path_name("c"), "c");
    assert_true(bb_has_suffix("x.NPY", ".npy") && bb_has_suffix(".npy", ".npy"));
    assert_false(bb_has_suffix("npy", ".npy") || bb_has_suffix("x.npyz", ".npy"));
}

static void an_output_goes_where_a_link_leads(void **state) {
    (void)state;
    const char *target = bb_temp_file("target", "old", 3), *link = bb_temp_path("link");
    assert_int_equal(symlink(target, link), 0);
    assert_ok(bb_file_write(link, "new", 3, e));
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    size_t size;
    unsigned char *data = bb_slurp(target, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(data, "new", 3);
    free(data);
}

static void an_output_replaces_no_device(void **state) {
    (void)state;
    const char *path = bb_temp_path("another pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(bb_file_write(path, "x", 1, e), BB_ERR_IO, "something else");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_goes_where_a_link_leads),
        cmocka_unit_test(an_output_replaces_no_device),
        cmocka_unit_test(an_output_appears_when_it_is_committed),
        cmocka_unit_test(a_discarded_output_leaves_nothing),
        cmocka_unit_test(a_commit_replaces_what_was_there),
        cmocka_unit_test(a_file_replaced_by_name_is_what_gets_committed),
        cmocka_unit_test(an_output_that_cannot_be_is_refused),
        cmocka_unit_test(what_killed_processes_left_is_removed),
        cmocka_unit_test(what_zombies_left_is_removed),
        cmocka_unit_test(a_long_line_is_written_whole),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(a_pipe_is_refused_at_once),
        cmocka_unit_test(maps_show_the_file_and_survive_a_release),
        cmocka_unit_test(directories_are_made_with_their_parents),
        cmocka_unit_test(paths_come_apart_and_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
