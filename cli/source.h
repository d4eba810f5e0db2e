/* The options that say what is done to a signal, the same in every command that reads recordings. */
#ifndef BB_CLI_SOURCE_H
#define BB_CLI_SOURCE_H

#include "brainbert/model.h"
#include "brainbert/sources.h"
#include "brainbert/windows.h"
#include "options.h"

typedef struct source_options {
    const char *notch, *harmonics, *reference, *bandpass, *channels, *bads;
    const char *data, *rate_from, *names, *unit, *labels;
    double highpass, rate; /* NaN: not said */
} source_options;

source_options source_defaults(void);

/* Their rows of the command's table: those that say what is done to the signal, how a file is to be read, and
 * both, in this order. */
enum { SIGNAL_OPTIONS = 7, FILE_OPTIONS = 6, SOURCE_OPTIONS = SIGNAL_OPTIONS + FILE_OPTIONS };
void source_signal_rows(source_options *s, option out[SIGNAL_OPTIONS]);
void source_file_rows(source_options *s, option out[FILE_OPTIONS]);
void source_rows(source_options *s, option out[SOURCE_OPTIONS]);

/* Whether any of the signal's was given. */
bool source_signal_said(const source_options *s);

/* -1, or EXIT_USAGE after saying what is wrong. */
int source_check(const source_options *s);

/* Fails for a --notch at or above half the rate of the recipe, which a model may state. */
bb_status source_fits(const source_options *s, const bb_signal_recipe *recipe, bb_error *err);

bb_recording_options source_recording(const source_options *s);
bb_status source_open(const source_options *s, const char *path, bb_recording **out, bb_error *err);

bb_signal_wishes source_wishes(const source_options *s);

/* The recipe for this recording, as bb_signal_recipe_for makes it from the options' wishes. */
bb_signal_recipe source_recipe(const source_options *s, const bb_signal_recipe *recipe,
                               const bb_recording_info *info);

/* Recordings in formats that are not read, to stderr, unless quiet. */
void source_warn_unread(const bb_sources *sources, bool quiet);

/* The file's warnings to stderr, unless quiet. */
void source_warn(const bb_recording_info *info, bool quiet);

/* Once in a call, unless quiet: that the recipe's mains frequency is assumed. */
void source_warn_mains(const source_options *s, const bb_signal_recipe *recipe, const bb_recording_info *info,
                       bool quiet);

#endif
