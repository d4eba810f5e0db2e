/* The tasks on a movie's words, in a tree laid out like the Brain Treebank. */
#include <math.h>

#include "../recording/made_tree.h"
#include "brainbert/task.h"
#include "export.h"
#include "support.h"

enum { SECONDS = 60, RATE = 2048 };

/* Twelve words of four sentences, of half a second each; the movie's second 0 is the recording's second 2. A
 * sentence begins at 2, 12, 22 and 32 s of the movie, its words are 0.75 s apart. */
static void put_words(void) {
    static const char *const tags[3] = {"PRON", "VERB", "NOUN"};
    char text[4096] =
        ",text,start,end,pitch,rms,mean_pixel_brightness,idx_in_sentence,is_onset,pos,sentence\n";
    for (int i = 0; i < 12; ++i) {
        const double start = 2 + 10 * (i / 3) + 0.75 * (i % 3);
        char rms[32];
        snprintf(rms, sizeof rms, i == 11 ? "" : "%d.5", i);
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "%d,word,%.2f,%.2f,%d,%s,%g,%d,%s,%s,\"one, two\"\n", i, start, start + 0.5,
                 i == 4 ? 900 : 100 + i, rms,
                 i == 0    ? 0.0
                 : i == 11 ? 1.0
                           : 0.5,
                 i % 3, i % 3 ? "0.0" : "1.0", tags[i % 3]);
    }
    put_text("bt/transcripts/a-movie/features.csv", text);
}

static bb_recording *open_tree(void) {
    static const char *const names[2] = {"LA1", "LA2"};
    double *data = calloc(2 * SECONDS * RATE, sizeof *data);
    const export_signal signal = {
        .rate_hz = RATE, .channel_count = 2, .samples = SECONDS * RATE, .names = names, .data = data};
    char h5[4096], timings[4096] = "type,movie_time,start_time,index\n";
    put_text("bt/electrode_labels/sub_3/electrode_labels.json", "[\"LA1\", \"LA2\"]");
    put_text("bt/subject_metadata/sub_3_trial001_metadata.json", "{\"filename\": \"a-movie\"}");
    for (int s = 0; s <= 40; ++s)
        snprintf(timings + strlen(timings), sizeof timings - strlen(timings), "trigger,%d,x,%d\n", s,
                 (s + 2) * RATE);
    put_text("bt/subject_timings/sub_3_trial001_timings.csv", timings);
    put_words();
    put_text("bt/all_subject_data/sub_3_trial001.h5", "");
    snprintf(h5, sizeof h5, "%s", bb_temp_path("bt/all_subject_data/sub_3_trial001.h5"));
    export_treebank(&signal, h5, NULL);
    free(data);
    bb_recording *r = NULL;
    assert_ok(bb_recording_open(h5, NULL, &r, e));
    return r;
}

static bb_task *named(bb_recording *r, const char *name, double window_s) {
    bb_task_options o = bb_task_options_default();
    bb_task *task;
    o.name = name;
    o.window_s = window_s;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
    assert_ok(bb_task_finish(task, e));
    return task;
}

static void assert_made(const bb_task *task, const char *one, const char *other, size_t each) {
    const bb_task_info *info = bb_task_get_info(task);
    assert_int_equal(info->class_count, 2);
    assert_string_equal(info->classes[0], one);
    assert_string_equal(info->classes[1], other);
    assert_int_equal(info->class_trials[0], each);
    assert_int_equal(info->class_trials[1], each);
}

static void the_words_are_there(void **state) {
    (void)state;
    bb_recording *r = open_tree();
    const bb_recording_info *info = bb_recording_get_info(r);
    assert_int_equal(info->event_count, 12);
    assert_true(bb_contains(info->events_path, "transcripts/a-movie/features.csv"));
    assert_int_equal(info->events[0].line, 2);
    assert_int_equal(info->events[11].line, 13);
    assert_true(info->events[0].onset_s == 4);
    bb_recording_close(r);
}

/* Of pitch, 100 to 111 with one 900, one is above the mean and a standard deviation and none below: the cut
 * is stated otherwise. Loudness is 0.5 to 10.5 without 11.5: mean 5.5, population sd sqrt(10), so 0.5, 1.5
 * and 9.5, 10.5. */
static void numbers_are_cut(void **state) {
    (void)state;
    bb_recording *r = open_tree();
    bb_task *task = named(r, "volume", 1);
    const bb_task_info *info = bb_task_get_info(task);
    assert_made(task, "high", "low", 2);
    assert_string_equal(info->value, "rms");
    assert_string_equal(info->cut, "sd");
    /* rounding of a sum of eleven */
    assert_true(fabs(info->cut_high - 5.5 - sqrt(10)) < 1e-13 && fabs(info->value_mean - 5.5) < 1e-13);
    assert_int_equal(info->left_out.no_value, 1);
    assert_int_equal(info->left_out.ambiguous, 7);
    assert_true(info->trials[0].value == 0.5 && info->trials[0].label == 1 && info->trials[0].start_s == 3.5);
    bb_task_destroy(task);
    task = named(r, "brightness", 1); /* 0, ten times 0.5, 1 */
    assert_made(task, "high", "low", 1);
    assert_string_equal(bb_task_get_info(task)->value, "mean_pixel_brightness");
    bb_task_destroy(task);
    bb_task_options o = bb_task_options_default();
    o.name = "pitch";
    o.window_s = 1;
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
    assert_fails(bb_task_finish(task, e), BB_ERR_ARGUMENT, "expected trials of low, found none");
    bb_task_destroy(task);
    o.cut = "median";
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, bb_recording_get_info(r), e));
    assert_ok(bb_task_finish(task, e));
    assert_made(task, "high", "low", 6);
    bb_task_destroy(task);
    bb_recording_close(r);
}

/* Between the sentences lie three stretches of 8 s; before the first and behind the last word is no rest. */
static void words_stand_against_their_absence(void **state) {
    (void)state;
    bb_recording *r = open_tree();
    bb_task *task = named(r, "sentence_onset", 5);
    const bb_task_info *info = bb_task_get_info(task);
    assert_made(task, "sentence_onset", "rest", 3);
    for (size_t i = 0; i < 6; ++i) {
        const bb_trial *t = &info->trials[i];
        if (t->label == 0)
            assert_true(t->onset_s == 4 + 10 * round((t->onset_s - 4) / 10) &&
                        t->start_s == t->onset_s - 2.5);
        else /* 4 + 0.75 + 0.75 + 0.5 = 6 to 14: the middle is 10 */
            assert_true(t->onset_s == 10 + 10 * round((t->onset_s - 10) / 10));
    }
    assert_int_equal(info->left_out.unwanted, 8);
    assert_int_equal(info->left_out.balancing, 1);
    bb_task_destroy(task);
    task = named(r, "speech", 1); /* 8 windows of 1 s in each stretch, 12 words */
    assert_made(task, "speech", "rest", 12);
    assert_int_equal(bb_task_get_info(task)->left_out.balancing, 12);
    bb_task_destroy(task);
    bb_recording_close(r);
}

static void words_stand_against_each_other(void **state) {
    (void)state;
    bb_recording *r = open_tree();
    bb_task *task = named(r, "word_position", 1);
    assert_made(task, "first", "other", 4);
    const bb_task_info *info = bb_task_get_info(task);
    for (size_t i = 0; i < info->trial_count; ++i)
        assert_true((fmod(info->trials[i].onset_s - 4, 10) == 0) == (info->trials[i].label == 0));
    bb_task_destroy(task);
    task = named(r, "part_of_speech", 1);
    assert_made(task, "verb", "other", 4);
    info = bb_task_get_info(task);
    for (size_t i = 0; i < info->trial_count; ++i)
        assert_true((fmod(info->trials[i].onset_s - 4.75, 10) == 0) == (info->trials[i].label == 0));
    bb_task_destroy(task);
    bb_recording_close(r);
}

static void what_a_transcript_lacks_is_told(void **state) {
    (void)state;
    bb_recording *r = open_tree();
    bb_task_options o = bb_task_options_default();
    bb_task *task;
    o.name = "pitch";
    o.value = "enhanced_pitch";
    assert_ok(bb_task_create(&o, &task, e));
    assert_fails(bb_task_add(task, bb_recording_get_info(r), e), BB_ERR_ARGUMENT,
                 "features.csv: expected a column 'enhanced_pitch', found: text, start, end, pitch, rms, "
                 "mean_pixel_brightness, idx_in_sentence, is_onset, pos, sentence");
    bb_task_destroy(task);
    bb_recording_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_are_there),
        cmocka_unit_test(numbers_are_cut),
        cmocka_unit_test(words_stand_against_their_absence),
        cmocka_unit_test(words_stand_against_each_other),
        cmocka_unit_test(what_a_transcript_lacks_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
