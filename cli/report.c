#include "brainbert/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "paths.h"

static const command report_command = {"report", "RESULTS.json... --out X.html",
                                       "Results that probe, finetune and dimension gave as JSON, as one page "
                                       "with pictures that needs nothing else.",
                                       1, -1};

static bb_status run(const call *c, const char *out, char **texts, bb_error *err) {
    bb_status status = path_has_folder(out, err);
    for (int i = 0; i < c->count && status == BB_OK; ++i)
        status = bb_results_load(c->arguments[i], &texts[i], err);
    return status == BB_OK ? bb_report_write_many((const char *const *)texts, (size_t)c->count, out, err)
                           : status;
}

/* The file that a message is of: it begins with "results 2:", or with one file "results:". */
static const char *file_of(const call *c, const char *message) {
    int number = 1;
    if (sscanf(message, "results %d:", &number) != 1 || number < 1 || number > c->count) number = 1;
    return c->arguments[number - 1];
}

int run_report(int argc, char **argv) {
    const char *out = NULL;
    const option options[] = {{"--out", "X.html", OPTION_WORD, &out, 0, 0, "the page"}};
    call c;
    int status = parse_call(&report_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    if (!path_ends_in(out, ".html"))
        return complain(EXIT_USAGE, "report: --out: expected a name that ends in .html");
    bb_error err = {.message = "no memory"};
    char **texts = calloc((size_t)c.count, sizeof *texts);
    const bb_status done = texts ? run(&c, out, texts, &err) : BB_ERR_MEMORY;
    for (int i = 0; i < c.count && texts; ++i) free(texts[i]);
    free(texts);
    if (done == BB_ERR_FORMAT && strncmp(err.message, "results", strlen("results")) == 0)
        complain(EXIT_FAILED, "%s: %s", file_of(&c, err.message), err.message);
    else if (done != BB_OK)
        complain(EXIT_FAILED, "%s", err.message);
    return done == BB_OK ? EXIT_DONE : EXIT_FAILED;
}
