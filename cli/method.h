/* The options that choose how a spectrogram is computed, the same in every command that has a say in it. */
#ifndef BB_CLI_METHOD_H
#define BB_CLI_METHOD_H

#include "brainbert/spectrogram.h"
#include "options.h"

typedef struct method_options {
    const char *method, *frequencies, *orders;
    double cycles;           /* NaN: not said */
    int64_t bins, hop, trim; /* -1: not said */
    bool multiplicative;
} method_options;

method_options method_defaults(void);

/* Their rows of the command's table; `help` is that of --method. */
enum { METHOD_OPTIONS = 8 };
void method_rows(method_options *m, const char *help, option out[METHOD_OPTIONS]);

/* That of --method alone. */
option method_row(method_options *m, const char *help);

/* Whether any of them was given. */
bool method_said(const method_options *m);

/* The recipe at `rate_hz`: the method's published one, changed as far as the options say. -1, or EXIT_USAGE
 * after saying what is wrong. */
int method_recipe(const method_options *m, double rate_hz, bb_spectrogram_recipe *out);

#endif
