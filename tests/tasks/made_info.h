/* Recordings without samples: what a task looks at of them. */
#ifndef BB_TESTS_MADE_INFO_H
#define BB_TESTS_MADE_INFO_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "brainbert/events.h"
#include "brainbert/task.h"
#include "support.h"

/* `seconds` long, four channels of which the last is no brain's, without events. */
static inline bb_recording_info made_info(double seconds) {
    static const bb_channel channels[4] = {{.name = "t1", .type = BB_CHANNEL_SEEG},
                                           {.name = "t10", .type = BB_CHANNEL_SEEG},
                                           {.name = "t2", .type = BB_CHANNEL_SEEG},
                                           {.name = "EKG", .type = BB_CHANNEL_ECG}};
    return (bb_recording_info){.path = "made.edf",
                               .format = "made",
                               .rate_hz = 1000,
                               .duration_s = seconds,
                               .channel_count = 4,
                               .channels = channels};
}

static inline const char *put_table(const char *name, const char *text) {
    return bb_temp_file(name, text, strlen(text));
}

/* The task of one recording whose events are the table's. */
static inline bb_task *made_task(bb_task_options o, double seconds, const char *table) {
    bb_task *task = NULL;
    const bb_recording_info info = made_info(seconds);
    o.events = put_table("events.tsv", table);
    assert_ok(bb_task_create(&o, &task, e));
    assert_ok(bb_task_add(task, &info, e));
    assert_ok(bb_task_finish(task, e));
    return task;
}

/* The same when it must fail, in whichever call. */
static inline void assert_no_task(bb_task_options o, double seconds, const char *table, bb_status code,
                                  const char *part) {
    bb_task *task = NULL;
    bb_error err = {0};
    const bb_recording_info info = made_info(seconds);
    o.events = put_table("events.tsv", table);
    bb_status status = bb_task_create(&o, &task, &err);
    if (status == BB_OK) status = bb_task_add(task, &info, &err);
    if (status == BB_OK) status = bb_task_finish(task, &err);
    if (status != code || !bb_contains(err.message, part))
        fail_msg("status %s, message '%s', expected %s and '%s'", bb_status_name(status), err.message,
                 bb_status_name(code), part);
    bb_task_destroy(task);
}

/* Windows of 1 s from the onset on. */
static inline bb_task_options from_onset(void) {
    bb_task_options o = bb_task_options_default();
    o.window_s = 1;
    o.offset_s = 0;
    return o;
}

static inline void assert_classes(const bb_task *task, const char *names, const char *counts) {
    char found[512] = "", numbers[512] = "";
    const bb_task_info *info = bb_task_get_info(task);
    for (size_t c = 0; c < info->class_count; ++c) {
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", c ? "," : "", info->classes[c]);
        snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%s%zu", c ? "," : "",
                 info->class_trials[c]);
    }
    assert_string_equal(found, names);
    assert_string_equal(numbers, counts);
}

/* Starts of the trials of a class, in order: "1,2.5". */
static inline void assert_starts(const bb_task *task, int label, const char *starts) {
    char found[1024] = "";
    const bb_task_info *info = bb_task_get_info(task);
    for (size_t i = 0; i < info->trial_count; ++i)
        if (info->trials[i].label == label)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s%.6g", *found ? "," : "",
                     info->trials[i].start_s);
    assert_string_equal(found, starts);
}

#endif
