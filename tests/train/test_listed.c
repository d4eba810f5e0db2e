/* Which sessions a list names. */
#include "train/listed.h"

#include "support.h"

static bb_corpus_session night = {.subject = "07", .session = "2", .source = "study/sub-07/night1.edf"},
                         nameless = {.source = "clip.edf"};

static void names_are_of_subjects_sessions_and_files(void **state) {
    (void)state;
    const char *const hits[] = {"07", "sub-07", "07/2", "sub-07/ses-2", "07/ses-2", "night1.edf", "9, 07"};
    const char *const misses[] = {"7",     "sub-7",  "07/1", "sub-07/2/1", "2",
                                  "night", "night1", "07/",  "/2",         ""};
    for (size_t i = 0; i < sizeof hits / sizeof *hits; ++i) assert_true(bb_session_listed(hits[i], &night));
    for (size_t i = 0; i < sizeof misses / sizeof *misses; ++i)
        assert_false(bb_session_listed(misses[i], &night));
    assert_true(bb_session_listed("clip.edf", &nameless));
    assert_false(bb_session_listed("07,sub-,/", &nameless));
}

static void a_name_that_nothing_has_is_told(void **state) {
    (void)state;
    const bb_corpus_session sessions[] = {night, nameless};
    const bb_corpus_info corpus = {.path = "c.h5", .sessions = sessions, .session_count = 2};
    assert_ok(bb_listed_check("sub-07/ses-2,clip.edf", &corpus, e));
    assert_fails(bb_listed_check("07,08", &corpus, e), BB_ERR_ARGUMENT, "found '08'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_of_subjects_sessions_and_files),
        cmocka_unit_test(a_name_that_nothing_has_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
