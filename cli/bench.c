#include "bench.h"

#include <stdlib.h>

#include "brainbert/cpu.h"
#include "commands.h"
#include "options.h"
#include "paths.h"
#include "progress.h"
#include "ranks.h"

static const command bench_command = {
    "bench", "[--model M] [--corpus CORPUS.h5] [--growth FILE.png | --scaling FILE.png]",
    "What this machine reaches, stage by stage, beside its measured peaks. Medians of interleaved runs.\n"
    "With --growth: time and memory against hours, channels, window and model instead.\n"
    "With --scaling: pretraining over ranks, as measured here (mpirun -n N brainbert bench ...) and foretold "
    "to 1,024.",
    0, 0};

typedef struct bench_options {
    const char *model, *corpus, *level, *growth, *scaling;
    int64_t rounds, windows;
    double hours, times;
    bool shard_optimizer;
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
                                      .rounds = o->rounds ? (int)o->rounds : 5};
    bb_bench bench;
    progress_line line = progress_begin("measuring", common);
    const bb_status status = bb_bench_measure(&options, progress_update, &line, &bench, err);
    progress_end(&line);
    if (status == BB_OK) (common->json ? bench_print_json : bench_print_table)(&bench);
    return status;
}

static bb_status run_stages(const bench_options *o, const common_options *common, bb_error *err) {
    bb_model *model = NULL;
    bb_corpus *corpus = NULL;
    bb_status status = bb_model_open(o->model ? o->model : "untrained:large", 0, &model, err);
    if (status == BB_OK && o->corpus) status = bb_corpus_open(o->corpus, &corpus, err);
    if (status == BB_OK) status = measure(o, common, model, corpus, err);
    bb_corpus_close(corpus);
    bb_model_close(model);
    return status;
}

static bb_status run_growth(const bench_options *o, const common_options *common, bb_error *err) {
    const bb_growth_options options = {.model = o->model ? o->model : "untrained:small",
                                       .folder = temporary_folder(),
                                       .hours = o->hours,
                                       .threads = (int)common->threads,
                                       .rounds = o->rounds ? (int)o->rounds : 3};
    bb_growth growth;
    bb_status status = path_has_folder(o->growth, err); /* before minutes of work */
    if (status != BB_OK) return status;
    progress_line line = progress_begin("measuring", common);
    status = bb_growth_measure(&options, progress_update, &line, &growth, err);
    progress_end(&line);
    if (status == BB_OK) status = growth_draw(&growth, o->growth, err);
    if (status != BB_OK) return status;
    if (common->json)
        growth_print_json(&growth, o->growth);
    else
        growth_print_table(&growth);
    return BB_OK;
}

static bb_status measure_scaling(const bench_options *o, const common_options *common, const bb_model *model,
                                 bb_scaling *out, bb_error *err) {
    const bb_scaling_options options = {.model = model,
                                        .windows = (int)o->windows,
                                        .threads = (int)common->threads,
                                        .rounds = o->rounds ? (int)o->rounds : 5,
                                        .ranks = ranks_get(),
                                        .sharded = o->shard_optimizer};
    progress_line line = progress_begin("measuring", common);
    const bb_status status = bb_scaling_measure(&options, progress_update, &line, out, err);
    progress_end(&line);
    return status;
}

static bb_status run_scaling(const bench_options *o, const common_options *common, bb_error *err) {
    bb_model *model;
    bb_scaling scaling;
    bb_status status = path_has_folder(o->scaling, err);
    if (status == BB_OK) status = bb_model_open(o->model ? o->model : "untrained:large", 0, &model, err);
    if (status != BB_OK) return status;
    status = measure_scaling(o, common, model, &scaling, err);
    bb_model_close(model);
    if (status != BB_OK || !ranks_speaks()) return status;
    const bb_scaling_work foretold = bb_scaling_faster(&scaling.work, o->times);
    status = scaling_draw(&scaling, &foretold, o->scaling, err);
    if (status != BB_OK) return status;
    if (common->json)
        scaling_print_json(&scaling, &foretold, o->scaling);
    else
        scaling_print_table(&scaling, &foretold);
    return BB_OK;
}

static int check(const bench_options *o) {
    if (ranks_get() && !o->scaling)
        return complain(EXIT_USAGE,
                        "bench: its work is not shared by ranks, but for --scaling's: start it once");
    if (o->scaling && o->growth) return complain(EXIT_USAGE, "bench: --growth or --scaling, found both");
    if (o->scaling && !path_ends_in(o->scaling, ".png"))
        return complain(EXIT_USAGE, "--scaling: expected a name that ends in .png, found '%s'", o->scaling);
    if (o->growth && !path_ends_in(o->growth, ".png"))
        return complain(EXIT_USAGE, "--growth: expected a name that ends in .png, found '%s'", o->growth);
    if ((o->growth || o->scaling) && o->corpus)
        return complain(EXIT_USAGE, "--corpus: is not read with --growth or --scaling");
    return limit_level(o->level);
}

int run_bench(int argc, char **argv) {
    bench_options o = {.hours = 1, .times = 1, .windows = 16};
    const option options[] = {
        {"--model", "M", OPTION_WORD, &o.model, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large; default: untrained:large, with "
         "--growth "
         "untrained:small"},
        {"--corpus", "FILE", OPTION_WORD, &o.corpus, 0, 0, "a prepared corpus, to be read at random"},
        {"--rounds", "N", OPTION_INTEGER, &o.rounds, 0, BB_BENCH_ROUNDS,
         "runs of each stage, of which the median is shown; 0: 5, with --growth 3"},
        {"--level", "NAME", OPTION_WORD, &o.level, 0, 0,
         "no more than portable, avx2, avx512, avx512-vnni or avx512-bf16 of the processor; default: all of "
         "it"},
        {"--growth", "FILE", OPTION_WORD, &o.growth, 0, 0, "F.png: the picture of how time and memory grow"},
        {"--hours", "H", OPTION_NUMBER, &o.hours, 0.02, 24, "the longest recording of --growth"},
        {"--scaling", "FILE", OPTION_WORD, &o.scaling, 0, 0,
         "F.png: the picture of how pretraining scales over ranks"},
        {"--windows", "N", OPTION_INTEGER, &o.windows, 1, 64, "of a rank in a step of --scaling"},
        {"--times", "X", OPTION_NUMBER, &o.times, 0.01, 1e4,
         "as fast as here are the ranks that --scaling foretells of"},
        {"--shard-optimizer", NULL, OPTION_FLAG, &o.shard_optimizer, 0, 0, "as pretrain's, of --scaling"},
    };
    call c;
    int status = parse_call(&bench_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status < 0) status = check(&o);
    if (status >= 0) return status;
    bb_error err = {.message = "no memory"};
    return (o.growth    ? run_growth
            : o.scaling ? run_scaling
                        : run_stages)(&o, &c.common, &err) == BB_OK
               ? EXIT_DONE
               : complain(EXIT_FAILED, "%s", err.message);
}
