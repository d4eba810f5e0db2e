/* One table per command: it parses the call and prints the help. */
#ifndef BB_CLI_OPTIONS_H
#define BB_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "brainbert/status.h"

/* Exit statuses. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef enum option_kind { OPTION_FLAG, OPTION_WORD, OPTION_NUMBER, OPTION_INTEGER } option_kind;

typedef struct option {
    const char *name;  /* "--window" */
    const char *value; /* what the help calls its value: "SECONDS"; NULL for a flag */
    option_kind kind;
    void *target;    /* bool, const char *, double, int64_t; holds the default */
    double min, max; /* of numbers */
    const char *help;
} option;

/* Options of every command. */
typedef struct common_options {
    int64_t threads, seed;
    bool json, quiet;
} common_options;

typedef struct command {
    const char *name, *arguments, *summary;
    int min_arguments, max_arguments; /* max < 0: any number */
} command;

enum { MAX_ARGUMENTS = 4096 };

typedef struct call {
    common_options common;
    int count; /* of arguments */
    const char **arguments;
} call;

/* Fills the options' targets and `out` from argv (behind the command's name). Returns -1 to go on, or the
 * exit status to leave with: after --help, or after saying what is wrong with the call. */
int parse_call(const command *cmd, const option *options, size_t count, int argc, char **argv, call *out);

/* "70-250": two numbers of 0 or more. */
bool parse_range(const char *text, double *low, double *high);

/* Writes the message into the error record and returns `status`. */
bb_status fail(bb_error *err, bb_status status, const char *format, ...) BB_PRINTF(3, 4);

/* "brainbert: message" to stderr; returns `status`. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
