#include "bench.h"

#include <stdlib.h>

#include "brainbert/cpu.h"
#include "commands.h"
#include "options.h"
#include "progress.h"

static const command bench_command = {
    "bench", "[--model M] [--corpus CORPUS.h5]",
    "What this machine reaches, stage by stage, beside its measured peaks. Medians of interleaved runs.", 0,
    0};

typedef struct bench_options {
    const char *model, *corpus, *level;
    int64_t rounds;
} bench_options;

/* --level: -1, or the exit status to leave with. */
static int limit_level(const char *name) {
    bb_cpu_level level = bb_cpu_best();
    if (name && !bb_cpu_level_from_name(name, &level))
        return complain(EXIT_USAGE,
                        "--level: expected portable, avx2, avx512, avx512-vnni or avx512-bf16, found '%s'",
                        name);
    if (level > bb_cpu_best())
        return complain(EXIT_FAILED, "--level: this processor has %s, not %s",
                        bb_cpu_level_name(bb_cpu_best()), name);
    bb_cpu_limit(level);
    return -1;
}

/* A folder for what is needed while measuring. */
static const char *temporary_folder(void) {
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static bb_status measure(const bench_options *o, const common_options *common, bb_model *model,
                         const bb_corpus *corpus, bb_error *err) {
    const bb_bench_options options = {.model = model,
                                      .corpus = corpus,
                                      .folder = temporary_folder(),
                                      .threads = (int)common->threads,
                                      .rounds = (int)o->rounds};
    bb_bench bench;
    progress_line line = progress_begin("measuring", common);
    const bb_status status = bb_bench_measure(&options, progress_update, &line, &bench, err);
    progress_end(&line);
    if (status == BB_OK) (common->json ? bench_print_json : bench_print_table)(&bench);
    return status;
}

int run_bench(int argc, char **argv) {
    bench_options o = {.model = "untrained:large", .rounds = 5};
    const option options[] = {
        {"--model", "M", OPTION_WORD, &o.model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--corpus", "FILE", OPTION_WORD, &o.corpus, 0, 0, "a prepared corpus, to be read at random"},
        {"--rounds", "N", OPTION_INTEGER, &o.rounds, 1, BB_BENCH_ROUNDS,
         "runs of each stage; medians are shown"},
        {"--level", "NAME", OPTION_WORD, &o.level, 0, 0,
         "no more than portable, avx2, avx512, avx512-vnni or avx512-bf16 of the processor; default: all of "
         "it"},
    };
    call c;
    int status = parse_call(&bench_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status < 0) status = limit_level(o.level);
    if (status >= 0) return status;
    bb_error err = {.message = "no memory"};
    bb_model *model = NULL;
    bb_corpus *corpus = NULL;
    bb_status done = bb_model_open(o.model, 0, &model, &err);
    if (done == BB_OK && o.corpus) done = bb_corpus_open(o.corpus, &corpus, &err);
    if (done == BB_OK) done = measure(&o, &c.common, model, corpus, &err);
    bb_corpus_close(corpus);
    bb_model_close(model);
    return done == BB_OK ? EXIT_DONE : complain(EXIT_FAILED, "%s", err.message);
}
