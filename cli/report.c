#include "brainbert/report.h"

#include <stdlib.h>

#include "commands.h"
#include "options.h"
#include "paths.h"

static const command report_command = {
    "report", "RESULTS.json... --out X.html",
    "Results that probe and finetune wrote with --out, as one page with pictures that needs nothing else.", 1,
    -1};

static bb_status run(const call *c, const char *out, char **texts, bb_error *err) {
    bb_status status = path_has_folder(out, err);
    for (int i = 0; i < c->count && status == BB_OK; ++i)
        status = bb_results_load(c->arguments[i], &texts[i], err);
    return status == BB_OK ? bb_report_write_many((const char *const *)texts, (size_t)c->count, out, err)
                           : status;
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
    return done == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}
