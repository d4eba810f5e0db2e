/* The options that say what is done to a signal, the same in every command that reads recordings. */
#ifndef BB_CLI_SOURCE_H
#define BB_CLI_SOURCE_H

#include "brainbert/model.h"
#include "brainbert/windows.h"
#include "options.h"

typedef struct source_options {
    const char *notch, *reference, *channels, *bads, *labels;
    double highpass, rate; /* NaN: not said */
} source_options;

source_options source_defaults(void);

/* Their rows of the command's table; those that say how a file is to be read alone, the last two of them. */
enum { FILE_OPTIONS = 2, SOURCE_OPTIONS = 7 };
void source_file_rows(source_options *s, option out[FILE_OPTIONS]);
void source_rows(source_options *s, option out[SOURCE_OPTIONS]);

/* -1, or EXIT_USAGE after saying what is wrong. */
int source_check(const source_options *s);

bb_status source_open(const source_options *s, const char *path, bb_recording **out, bb_error *err);

/* The recipe as the options change it for this recording: a bare array counts as filtered and re-referenced
 * already unless an option says otherwise. */
bb_signal_recipe source_recipe(const source_options *s, const bb_signal_recipe *recipe,
                               const bb_recording_info *info);

/* The file's warnings to stderr, unless quiet. */
void source_warn(const bb_recording_info *info, bool quiet);

#endif
