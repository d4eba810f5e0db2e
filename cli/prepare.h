/* Recordings to a corpus, for `prepare` and for `pretrain`. */
#ifndef BB_CLI_PREPARE_H
#define BB_CLI_PREPARE_H

#include "brainbert/corpus.h"
#include "method.h"
#include "source.h"

typedef struct prepare_options {
    source_options source;
    method_options method;
    bb_spectrogram_recipe spectrogram; /* of the session statistics, and of what is trained on the corpus */
    const char *out, *subjects, *selection, *normalize;
    double window, stride; /* NaN: not said */
    bool float32, compress, append, skip;
} prepare_options;

prepare_options prepare_defaults(void);

/* Rows of the command's table: --window and --stride. */
enum { WINDOW_OPTIONS = 2 };
void prepare_window_rows(prepare_options *o, option out[WINDOW_OPTIONS]);

/* -1 with the spectrogram's recipe filled in, or EXIT_USAGE after saying what is wrong. */
int prepare_check(prepare_options *o);

/* The recordings that are the call's arguments to the corpus o->out, with progress and remarks on stderr. */
bb_status prepare_corpus(const prepare_options *o, const call *c, bb_prepare_report *report, bb_error *err);

/* One line to stderr that says what was prepared, in how many seconds. */
void prepare_tell(const char *out, const bb_prepare_report *report, double elapsed);

#endif
