#include "task.h"

#include <math.h>
#include <string.h>

task_options task_defaults(void) {
    return (task_options){.window = NAN, .offset = NAN, .baseline = NAN, .rest = NAN, .every = NAN};
}

/* What is decoded. */
static void label_rows(task_options *t, option *out) {
    const option rows[] = {
        {"--task", "NAME", OPTION_WORD, &t->task, 0, 0,
         "of a movie's words: pitch, volume, brightness, sentence_onset, speech, word_position or "
         "part_of_speech"},
        {"--events", "FILE", OPTION_WORD, &t->events, 0, 0,
         "events.tsv; default: 'annotations', the recording's own"},
        {"--times", "LIST", OPTION_WORD, &t->times, 0, 0,
         "instead of events a file of onsets a class, such as loud=loud.txt,soft=soft.npy"},
        {"--label", "COLUMN", OPTION_WORD, &t->label, 0, 0,
         "of the events' table; default: trial_type, or what stands for it"},
        {"--classes", "LIST", OPTION_WORD, &t->classes, 0, 0,
         "of its values, such as audio,visual or a+b,c or go=1,*; default: every value there is"},
        {"--value", "COLUMN", OPTION_WORD, &t->value, 0, 0, "of a number to decode"},
        {"--cut", "NAME", OPTION_WORD, &t->cut, 0, 0,
         "classes of that number: median, sd, a share such as 0.25, or none; default: none"},
    };
    memcpy(out, rows, sizeof rows);
}

/* Where windows lie. */
static void window_rows(task_options *t, option *out) {
    const option rows[] = {
        {"--window", "S", OPTION_NUMBER, &t->window, 1e-3, 1e5, "length; default: the recipe's 5"},
        {"--offset", "S", OPTION_NUMBER, &t->offset, -1e6, 1e6,
         "from an event to its window's start; default: half a window before it, with --every 0"},
        {"--baseline", "S", OPTION_NUMBER, &t->baseline, -1e6, 1e6,
         "a second class: windows that start so long after the same events (before: negative)"},
        {"--rest", "S", OPTION_NUMBER, &t->rest, 1e-3, 1e6,
         "a second class: windows between events, where none goes on for at least so long"},
        {"--every", "S", OPTION_NUMBER, &t->every, 1e-3, 1e6,
         "windows so far apart for as long as an event lasts; default: one an event"},
        {"--balance", NULL, OPTION_FLAG, &t->balance, 0, 0,
         "as many of each class in every recording, drawn by --seed"},
        {"--trials", NULL, OPTION_FLAG, &t->trials, 0, 0,
         "channels are trials of one electrode: arrays [trials, samples]"},
    };
    memcpy(out, rows, sizeof rows);
}

void task_rows(task_options *t, option out[TASK_OPTIONS]) {
    label_rows(t, out);
    window_rows(t, out + TASK_OPTIONS / 2);
}

bool task_said(const task_options *t) {
    return t->task || t->events || t->times || t->label || t->classes || t->value || !isnan(t->baseline) ||
           !isnan(t->rest);
}

bb_task_options task_fill(const task_options *t, double window_s, uint64_t seed) {
    return (bb_task_options){.name = t->task,
                             .events = t->events,
                             .times = t->times,
                             .label = t->label,
                             .classes = t->classes,
                             .value = t->value,
                             .cut = t->cut,
                             .window_s = isnan(t->window) ? window_s : t->window,
                             .offset_s = t->offset,
                             .baseline_s = t->baseline,
                             .rest_s = t->rest,
                             .every_s = t->every,
                             .balance = t->balance,
                             .channels_are_trials = t->trials,
                             .seed = seed};
}

int task_check(const task_options *t) {
    bb_error err = {.message = ""};
    const bb_task_options o = task_fill(t, bb_task_options_default().window_s, 0);
    if (bb_task_check(&o, &err) == BB_OK) return -1;
    /* Its messages begin with the option's word. */
    return complain(EXIT_USAGE, "--%s", err.message);
}

int task_check_recordings(const task_options *t, size_t recordings) {
    const bool table = t->events && strcmp(t->events, "annotations") != 0;
    if (recordings < 2 || t->trials || (!table && !t->times)) return -1;
    return complain(EXIT_USAGE, "%s: belong%s to one recording, found %zu", table ? "--events" : "--times",
                    table ? "s" : "", recordings);
}
