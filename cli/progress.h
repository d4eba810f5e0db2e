/* A progress line on the terminal, with the time left; nothing where stderr is no terminal, with --quiet, or
 * in the first two seconds. */
#ifndef BB_CLI_PROGRESS_H
#define BB_CLI_PROGRESS_H

#include "brainbert/progress.h"
#include "options.h"

/* Seconds on a clock that only goes forward. */
double seconds_now(void);

typedef struct progress_line {
    const char *what;
    bool shown, enabled;
    double begun, drawn;
    int64_t before, all; /* units finished by earlier calls, and in all of them; all == 0: this call is all */
} progress_line;

progress_line progress_begin(const char *what, const common_options *common);
int progress_update(void *line, int64_t done, int64_t total); /* a bb_progress */
void progress_end(progress_line *line);

#endif
