/* What `probe` and `finetune` share: which windows, how they are split, what is said of the scores. */
#ifndef BB_CLI_DECODE_H
#define BB_CLI_DECODE_H

#include "brainbert/probe.h"
#include "options.h"
#include "source.h"
#include "task.h"

typedef struct decode_options {
    source_options source;
    task_options task;
    const char *model, *normalize, *split, *cache, *out, *report;
    double gap;
    int64_t heads, folds, repeats, controls, draws, best;
} decode_options;

/* `controls`: the default. */
decode_options decode_defaults(int64_t controls);

enum { DECODE_OWN = 13, DECODE_OPTIONS = DECODE_OWN + TASK_OPTIONS + SOURCE_OPTIONS };
void decode_rows(decode_options *d, option out[DECODE_OPTIONS]);

/* -1, or EXIT_USAGE after saying what is wrong. */
int decode_check(const decode_options *d, const call *c);

/* Everything but what the commands have of their own; opens the models, which are the caller's to close.
 * `untrained` NULL: it is not needed. */
bb_status decode_fill(const decode_options *d, const call *c, bb_model **model, bb_model **untrained,
                      bb_probe_options *out, bb_error *err);

/* Runs it, prints tables or JSON, writes the files. */
bb_status decode_run(const decode_options *d, const call *c, bb_probe_options *options, bb_error *err);

#endif
