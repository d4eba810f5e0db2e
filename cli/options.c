#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ranks.h"

enum { COMMON = 5 };

int complain(int status, const char *format, ...) {
    char text[8192];
    va_list args;
    /* What all ranks meet, rank 0 says, and its end is theirs; what one of them met alone it says itself. */
    if (!ranks_speaks() && status != EXIT_FAILED) return status;
    ranks_give_way();
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (ranks_speaks())
        fprintf(stderr, "brainbert: %s\n", text);
    else
        fprintf(stderr, "brainbert: rank %d of %d: %s\n", bb_ranks_me(ranks_get()),
                bb_ranks_count(ranks_get()), text);
    return status;
}

bb_status fail(bb_error *err, bb_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return err->status = status;
}

bool parse_range(const char *text, double *low, double *high) {
    char *middle, *end;
    *low = strtod(text, &middle);
    if (middle == text || *middle != '-') return false;
    *high = strtod(middle + 1, &end);
    return end != middle + 1 && !*end && *low >= 0 && *high >= 0;
}

static void fill_common(common_options *c, bool *help, option out[COMMON]) {
    const option options[COMMON] = {
        {"--threads", "N", OPTION_INTEGER, &c->threads, 0, 4096,
         "threads to compute with; 0: one per processor"},
        {"--seed", "N", OPTION_INTEGER, &c->seed, 0, 9e15,
         "of what is random: simulated data, initial weights, shuffles, masks"},
        {"--json", NULL, OPTION_FLAG, &c->json, 0, 0, "machine-readable output"},
        {"--quiet", NULL, OPTION_FLAG, &c->quiet, 0, 0, "no progress and no remarks"},
        {"--help", NULL, OPTION_FLAG, help, 0, 0, "this text"},
    };
    memcpy(out, options, sizeof options);
}

static void print_default(const option *o) {
    if (o->kind == OPTION_WORD && *(const char **)o->target) printf(" (%s)", *(const char **)o->target);
    if (o->kind == OPTION_NUMBER && !isnan(*(double *)o->target)) printf(" (%g)", *(double *)o->target);
    if (o->kind == OPTION_INTEGER) printf(" (%lld)", (long long)*(int64_t *)o->target);
}

static void print_options(const option *options, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", options[i].name, options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        printf("  %-26s %s", left, options[i].help);
        print_default(&options[i]);
        putchar('\n');
    }
}

static void print_help(const command *cmd, const option *options, size_t count, const option *common) {
    printf("brainbert %s %s\n%s\n\n", cmd->name, cmd->arguments, cmd->summary);
    if (count) puts("options:");
    print_options(options, count);
    puts("common options:");
    print_options(common, COMMON);
}

static const option *find_option(const option *options, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; ++i)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static int set_option(const command *cmd, const option *o, const char *text) {
    char *end;
    errno = 0;
    const double number = o->kind == OPTION_NUMBER || o->kind == OPTION_INTEGER ? strtod(text, &end) : 0;
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)o->target = true;
        return -1;
    case OPTION_WORD:
        *(const char **)o->target = text;
        return -1;
    case OPTION_NUMBER:
    case OPTION_INTEGER:
        break;
    }
    if (end == text || *end || !(number >= o->min && number <= o->max) ||
        (o->kind == OPTION_INTEGER && number != floor(number)))
        return complain(EXIT_USAGE, "%s: %s: expected a %s from %g to %g, found '%s'", cmd->name, o->name,
                        o->kind == OPTION_INTEGER ? "whole number" : "number", o->min, o->max, text);
    if (o->kind == OPTION_INTEGER)
        *(int64_t *)o->target = (int64_t)number;
    else
        *(double *)o->target = number;
    return -1;
}

/* argv[*i] is "--name" or "--name=value"; moves *i to the value where that is the next word. */
static int take_option(const command *cmd, const option *options, size_t count, const option *common,
                       int argc, char **argv, int *i) {
    const char *word = argv[*i], *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const option *o = find_option(options, count, word, length);
    if (!o) o = find_option(common, COMMON, word, length);
    if (!o)
        return complain(EXIT_USAGE, "%s: unknown option %.*s; 'brainbert %s --help' lists them", cmd->name,
                        (int)length, word, cmd->name);
    if (o->kind == OPTION_FLAG && equals)
        return complain(EXIT_USAGE, "%s: %s takes no value", cmd->name, o->name);
    if (o->kind == OPTION_FLAG) return set_option(cmd, o, "");
    if (equals) return set_option(cmd, o, equals + 1);
    if (*i + 1 >= argc) return complain(EXIT_USAGE, "%s: %s wants a value, %s", cmd->name, o->name, o->value);
    return set_option(cmd, o, argv[++*i]);
}

int parse_call(const command *cmd, const option *options, size_t count, int argc, char **argv, call *out) {
    static const char *arguments[MAX_ARGUMENTS];
    bool help = false, only_arguments = false;
    option common[COMMON];
    *out = (call){.arguments = arguments};
    fill_common(&out->common, &help, common);
    /* Help shows the defaults, so it is looked for before anything is set. */
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; ++i)
        help = help || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    if (help) {
        print_help(cmd, options, count, common);
        return EXIT_DONE;
    }
    for (int i = 0; i < argc; ++i) {
        if (!only_arguments && strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && argv[i][0] == '-' && argv[i][1]) {
            const int status = take_option(cmd, options, count, common, argc, argv, &i);
            if (status >= 0) return status;
        } else if (out->count == MAX_ARGUMENTS) {
            return complain(EXIT_USAGE, "%s: expected at most %d arguments: name their folder", cmd->name,
                            MAX_ARGUMENTS);
        } else {
            arguments[out->count++] = argv[i];
        }
    }
    if (out->count < cmd->min_arguments || (cmd->max_arguments >= 0 && out->count > cmd->max_arguments))
        return complain(EXIT_USAGE, "%s: expected %s, found %d argument%s; 'brainbert %s --help' tells more",
                        cmd->name, cmd->arguments, out->count, out->count == 1 ? "" : "s", cmd->name);
    return ranks_settle(&out->common);
}
