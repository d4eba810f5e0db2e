/* The options that say what is to be decoded, the same in every command that learns from labels. */
#ifndef BB_CLI_TASK_H
#define BB_CLI_TASK_H

#include "brainbert/task.h"
#include "options.h"

typedef struct task_options {
    const char *task, *events, *times, *label, *classes, *value, *cut;
    double window, offset, baseline, rest, every; /* NaN: not said */
    bool balance, trials;
} task_options;

task_options task_defaults(void);

/* Their rows of the command's table. */
enum { TASK_OPTIONS = 14 };
void task_rows(task_options *t, option out[TASK_OPTIONS]);

/* Whether any of them says what is to be decoded, and not only how. */
bool task_said(const task_options *t);

/* What the library is asked for; windows of `window_s` where --window says nothing. */
bb_task_options task_fill(const task_options *t, double window_s, uint64_t seed);

/* -1, or EXIT_USAGE after saying what is wrong. */
int task_check(const task_options *t);

/* EXIT_USAGE after saying so when a table or times are given for `recordings` of them; -1 otherwise. */
int task_check_recordings(const task_options *t, size_t recordings);

#endif
