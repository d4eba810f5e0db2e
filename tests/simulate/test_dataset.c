#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "brainbert/recording.h"
#include "brainbert/simulate.h"
#include "support.h"

static const char *const subject_files[] = {"sub-01/ieeg/sub-01_task-words_run-01_ieeg.edf",
                                            "sub-01/ieeg/sub-01_task-words_run-01_ieeg.json",
                                            "sub-01/ieeg/sub-01_task-words_run-01_events.tsv",
                                            "sub-01/ieeg/sub-01_task-words_run-01_channels.tsv",
                                            "sub-01/ieeg/sub-01_electrodes.tsv",
                                            "sub-01/ieeg/sub-01_coordsystem.json",
                                            "derivatives/truth/sub-01_truth.json",
                                            "dataset_description.json",
                                            "participants.tsv",
                                            "README",
                                            "task-words_events.json"};
enum { FILES = sizeof subject_files / sizeof *subject_files };

static bb_simulation small(uint64_t seed) {
    bb_simulation s = bb_simulation_default();
    s.seconds = 12.5;
    s.rate_hz = 512;
    s.seed = seed;
    return s;
}

/* A file of the dataset as text; free() it. */
static char *file_text(const char *folder, const char *file, size_t *size) {
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    char *text = (char *)bb_slurp(path, size);
    text[*size] = '\0';
    return text;
}

static int same_file(const char *a, const char *b, const char *file) {
    size_t n, m;
    char *x = file_text(a, file, &n), *y = file_text(b, file, &m);
    const int same = n == m && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

/* Entries of the test's own folder whose names begin with `prefix`. */
static int entries(const char *prefix) {
    DIR *folder = opendir(bb_temp_path(""));
    assert_non_null(folder);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(folder);
    return count;
}

static void same_seed_same_bytes(void **state) {
    (void)state;
    const bb_simulation s = small(4), other = small(5);
    const char *a = bb_temp_path("same_a"), *b = bb_temp_path("same_b/"), *c = bb_temp_path("same_c");
    assert_int_equal(mkdir(b, 0777), 0); /* an empty folder is as good as none */
    assert_ok(bb_simulate(&s, a, NULL, NULL, e));
    assert_ok(bb_simulate(&s, b, NULL, NULL, e));
    assert_ok(bb_simulate(&other, c, NULL, NULL, e));
    for (int i = 0; i < FILES; ++i) assert_true(same_file(a, b, subject_files[i]));
    assert_false(same_file(a, c, subject_files[0]));
    assert_false(same_file(a, c, "derivatives/truth/sub-01_truth.json"));
    assert_int_equal(entries("same_"), 3); /* and no OUT_DIR.tmp.PID */
}

static void recording_opens_with_its_channels_and_events(void **state) {
    (void)state;
    bb_simulation s = small(0);
    s.subjects = 2;
    s.channels = 9;
    const char *folder = bb_temp_path("opens");
    assert_ok(bb_simulate(&s, folder, NULL, NULL, e));
    char path[4400];
    snprintf(path, sizeof path, "%s/sub-02/ieeg/sub-02_task-words_run-01_ieeg.edf", folder);
    bb_recording *recording;
    assert_ok(bb_recording_open(path, NULL, &recording, e));
    const bb_recording_info *info = bb_recording_get_info(recording);
    assert_true(info->rate_hz > 511.999 && info->rate_hz < 512.001);
    size_t contacts = 0, words = 0;
    for (size_t i = 0; i < info->channel_count; ++i) contacts += bb_channel_is_brain(info->channels[i].type);
    assert_int_equal(contacts, 9);
    assert_string_equal(info->channels[0].name, "LA1");
    assert_string_equal(info->channels[8].name, "RA1");
    for (size_t i = 0; i < info->event_count; ++i) words += strncmp(info->events[i].label, "word/", 5) == 0;
    assert_int_equal(words, 6);
    bb_recording_close(recording);
}

static void truth_agrees_with_channels_and_events(void **state) {
    (void)state;
    bb_simulation s = small(9);
    s.channels = 48;
    const char *folder = bb_temp_path("truth");
    assert_ok(bb_simulate(&s, folder, NULL, NULL, e));
    size_t size;
    char *text = file_text(folder, "derivatives/truth/sub-01_truth.json", &size);
    char *channels = file_text(folder, "sub-01/ieeg/sub-01_task-words_run-01_channels.tsv", &size);
    char *events = file_text(folder, "sub-01/ieeg/sub-01_task-words_run-01_events.tsv", &size);
    cJSON *truth = cJSON_Parse(text);
    assert_non_null(truth);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(truth, "bad")), 3);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(truth, "responding")), 11);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(truth, "contacts")) {
        char row[64];
        const int bad = cJSON_IsTrue(cJSON_GetObjectItem(item, "bad"));
        snprintf(row, sizeof row, "\n%s\tSEEG\t\xC2\xB5V\tn/a\tn/a\t512\t",
                 cJSON_GetObjectItem(item, "name")->valuestring);
        const char *line = strstr(channels, row);
        assert_non_null(line);
        const char *status = strstr(line, bad ? "\tbad\t" : "\tgood\t");
        assert_true(status && status < strchr(line + 1, '\n'));
        assert_false(bad && cJSON_IsTrue(cJSON_GetObjectItem(item, "responds")));
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(truth, "events")) {
        char row[64];
        const char *class_name = cJSON_GetObjectItem(item, "class")->valuestring;
        snprintf(row, sizeof row, "\n%.6f\t%.3f\tword/%s\t%s\n",
                 cJSON_GetObjectItem(item, "onset_s")->valuedouble,
                 cJSON_GetObjectItem(item, "duration_s")->valuedouble, class_name, class_name);
        assert_non_null(strstr(events, row));
    }
    cJSON_Delete(truth);
    free(text);
    free(channels);
    free(events);
}

static void sessions_have_folders_of_their_own(void **state) {
    (void)state;
    bb_simulation s = small(2);
    s.sessions = 2;
    s.extras = true;
    s.unsound = 2;
    const char *folder = bb_temp_path("sessions");
    assert_ok(bb_simulate(&s, folder, NULL, NULL, e));
    size_t size;
    char *one = file_text(folder, "sub-01/ses-01/ieeg/sub-01_ses-01_electrodes.tsv", &size);
    char *two = file_text(folder, "sub-01/ses-02/ieeg/sub-01_ses-02_electrodes.tsv", &size);
    assert_string_equal(one, two); /* the same contacts */
    assert_ptr_equal(strstr(one, "name\tx\ty\tz\tsize\tgroup\themisphere\tregion\nLA1\t-"), one);
    free(one);
    free(two);
    one = file_text(folder, "sub-01/ses-01/ieeg/sub-01_ses-01_task-words_run-01_events.tsv", &size);
    two = file_text(folder, "sub-01/ses-02/ieeg/sub-01_ses-02_task-words_run-01_events.tsv", &size);
    assert_string_not_equal(one, two); /* at other times */
    free(one);
    free(two);
    one = file_text(folder, "sub-01/ses-02/ieeg/sub-01_ses-02_task-words_run-01_channels.tsv", &size);
    assert_non_null(strstr(one, "\nEKG\tECG\t"));
    assert_non_null(strstr(one, "\nTRIG\tTRIG\t"));
    free(one);
    one = file_text(folder, "derivatives/truth/sub-01_ses-02_truth.json", &size);
    cJSON *truth = cJSON_Parse(one);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(truth, "unsound")), 2);
    assert_int_equal(cJSON_GetObjectItem(truth, "session")->valueint, 2);
    cJSON_Delete(truth);
    free(one);
    char path[4400];
    snprintf(path, sizeof path, "%s/sub-01/ses-02/ieeg/sub-01_ses-02_task-words_run-01_ieeg.edf", folder);
    bb_recording *recording;
    assert_ok(bb_recording_open(path, NULL, &recording, e));
    const bb_recording_info *info = bb_recording_get_info(recording);
    assert_string_equal(info->dataset, "brainbert simulation, seed 2");
    assert_int_equal(info->channel_count, 18);
    assert_int_equal(info->channels[16].type, BB_CHANNEL_ECG);
    assert_int_equal(info->channels[17].type, BB_CHANNEL_TRIG);
    bb_recording_close(recording);
}

static void used_folders_are_refused(void **state) {
    (void)state;
    const bb_simulation s = small(0);
    const char *folder = bb_temp_path("used");
    assert_int_equal(mkdir(folder, 0777), 0);
    bb_temp_file("used/mine", "x", 1);
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "empty folder");
    assert_fails(bb_simulate(&s, bb_temp_path("used/mine"), NULL, NULL, e), BB_ERR_ARGUMENT, "found a file");
    assert_fails(bb_simulate(&s, bb_temp_path("nowhere/x"), NULL, NULL, e), BB_ERR_IO, "nowhere/x");
    assert_fails(bb_simulate(&s, "", NULL, NULL, e), BB_ERR_ARGUMENT, "empty name");
    assert_int_equal(entries("used"), 1);
}

typedef struct calls {
    int64_t count, last, total, stop_at;
} calls;

static int count_calls(void *context, int64_t done, int64_t total) {
    calls *c = context;
    ++c->count;
    assert_int_equal(done, c->last + 1);
    c->last = done;
    c->total = total;
    return done == c->stop_at;
}

static void progress_counts_seconds_and_can_stop(void **state) {
    (void)state;
    bb_simulation s = small(0);
    s.subjects = 2;
    calls c = {0};
    assert_ok(bb_simulate(&s, bb_temp_path("counted"), count_calls, &c, e));
    assert_int_equal(c.count, 26); /* 13 for the 12.5 s of each subject */
    assert_int_equal(c.total, 26);
    c = (calls){.stop_at = 15};
    assert_fails(bb_simulate(&s, bb_temp_path("stopped"), count_calls, &c, e), BB_ERR_CANCELLED, "sub-02");
    assert_int_equal(c.count, 15);
    assert_int_equal(entries("stopped"), 0);
}

static void wrong_options_are_named(void **state) {
    (void)state;
    const char *folder = bb_temp_path("wrong");
    bb_simulation s = small(0);
    s.subjects = 0;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT,
                 "subjects: expected 1 to 999, found 0");
    s = small(0);
    s.channels = 5000;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "channels");
    s = small(0);
    s.rate_hz = 100;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "rate_hz");
    s = small(0);
    s.seconds = 0.5;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "seconds");
    s = small(0);
    s.mains_hz = 256;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "mains_hz");
    s = small(0);
    s.events = 13;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "events: expected 0 to 12");
    s = small(0);
    s.sessions = 100;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "sessions");
    s = small(0);
    s.snr_db = INFINITY;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "snr_db: expected -60 to 60");
    s = small(0);
    s.responding = 16;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "responding: expected 0 to 15");
    s = small(0);
    s.unsound = 3;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "unsound: expected 0 to 2");
    s = small(0);
    s.events = -2;
    assert_fails(bb_simulate(&s, folder, NULL, NULL, e), BB_ERR_ARGUMENT, "events");
    assert_int_equal(entries("wrong"), 0);
}

static void the_smallest_dataset_is_one(void **state) {
    (void)state;
    bb_simulation s = small(0);
    s.channels = 1;
    s.seconds = 1;
    s.rate_hz = 128;
    s.mains_hz = 0;
    s.unsound = 1;
    assert_ok(bb_simulate(&s, bb_temp_path("smallest"), NULL, NULL, e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(recording_opens_with_its_channels_and_events),
        cmocka_unit_test(truth_agrees_with_channels_and_events),
        cmocka_unit_test(sessions_have_folders_of_their_own),
        cmocka_unit_test(used_folders_are_refused),
        cmocka_unit_test(progress_counts_seconds_and_can_stop),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(the_smallest_dataset_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
