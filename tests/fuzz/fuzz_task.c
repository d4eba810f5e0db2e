/* Tasks over a table: the first line of the input says which options ("lvmskbretn": label, value, median, sd,
 * classes, baseline, rest, every, trials, balance), the second holds classes; behind the byte 0x1e comes the
 * table. */
#include <math.h>

#include "brainbert/task.h"
#include "tables_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bb_task_options options_of(const char *letters, const char *classes) {
    bb_task_options o = bb_task_options_default();
    o.window_s = 0.5;
    o.events = target_file("events.tsv");
    if (strchr(letters, 'l')) o.label = "kind";
    if (strchr(letters, 'v')) o.value = "number";
    if (strchr(letters, 'm')) o.cut = "median";
    if (strchr(letters, 's')) o.cut = "sd";
    if (strchr(letters, 'k')) o.classes = classes;
    if (strchr(letters, 'b')) o.baseline_s = -1;
    if (strchr(letters, 'r')) o.rest_s = 1;
    if (strchr(letters, 'e')) o.every_s = 0.5;
    o.channels_are_trials = strchr(letters, 't') != NULL;
    o.balance = strchr(letters, 'n') != NULL;
    return o;
}

/* What every finished task promises. */
static void check_task(const bb_task *task, double seconds) {
    const bb_task_info *info = bb_task_get_info(task);
    size_t counts[BB_TASK_MAX_CLASSES + 1] = {0};
    if (info->trial_count == 0) abort();
    for (size_t i = 0; i < info->trial_count; ++i) {
        const bb_trial *t = &info->trials[i];
        if (!(t->start_s > -1e-3 && t->start_s + info->window_s < seconds + 1e-3)) abort();
        if (i > 0 && t->start_s < t[-1].start_s) abort();
        if (info->kind == BB_TASK_CLASSES && (t->label < 0 || (size_t)t->label >= info->class_count)) abort();
        if (info->kind == BB_TASK_NUMBER && (t->label != -1 || !isfinite(t->value))) abort();
        if (info->kind == BB_TASK_CLASSES) ++counts[t->label];
    }
    for (size_t c = 0; c < info->class_count; ++c)
        if (counts[c] != info->class_trials[c] || counts[c] == 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const bb_channel channels[] = {{.name = "t1"}, {.name = "t2"}, {.name = "t10"}};
    static const bb_recording_info info = {
        .path = "made", .duration_s = 20, .rate_hz = 100, .channel_count = 3, .channels = channels};
    char head[256] = "";
    target_names[0] = "options";
    target_names[1] = "events.tsv";
    write_pieces(data, size);
    const uint8_t *end = size ? memchr(data, 0x1e, size) : NULL;
    const size_t length = end ? (size_t)(end - data) : size;
    memcpy(head, data, length < sizeof head ? length : sizeof head - 1);
    char *classes = strchr(head, '\n');
    if (classes) *classes++ = '\0';
    const bb_task_options o = options_of(head, classes ? classes : "");
    bb_task *task = NULL;
    bb_error err = {0};
    bb_status status = bb_task_create(&o, &task, &err);
    if (status == BB_OK) status = bb_task_add(task, &info, &err);
    if (status == BB_OK) status = bb_task_finish(task, &err);
    if (status != BB_OK && !err.message[0]) abort();
    if (status == BB_OK) check_task(task, info.duration_s);
    bb_task_destroy(task);
    return 0;
}
