#include "brainbert/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "brainbert/corpus.h"
#include "brainbert/cpu.h"
#include "brainbert/model.h"
#include "brainbert/pretrain.h"
#include "brainbert/signal.h"
#include "brainbert/spectrogram.h"
#include "commands.h"
#include "json.h"
#include "options.h"
#include "progress.h"

static const command bench_command = {
    "bench", "[--model M] [--corpus CORPUS.h5]",
    "What this machine reaches, stage by stage, beside its measured peak. Medians of interleaved runs.", 0,
    0};

enum { SAMPLES = 10240, CHANNELS = 16, STAGES = 8, MAX_ROUNDS = 99, CORPUS_BATCH = 256 };

/* What all stages work on. */
typedef struct bench {
    int threads;
    double *signal; /* [CHANNELS, SAMPLES] */
    double *filtered;
    int64_t capacity;
    bb_chain *chain;
    bb_spectrogram_plan *plan;            /* the model's, whose spectrograms are encoded */
    bb_spectrogram_plan *stft, *superlet; /* the published ones, which are measured */
    void *scratch;                        /* of all threads, for any of the three */
    int64_t frames;
    float *spectrograms; /* [CHANNELS, T, F] */
    float *measured;     /* the same of the published methods */
    bb_encoder *encoder;
    const bb_model_info *model;
    float *out;        /* [CHANNELS, T, D] */
    bb_corpus *corpus; /* NULL: none was named */
    double *read;      /* [CORPUS_BATCH, samples] */
    uint64_t dice;
    bb_error err;
} bench;

/* Each returns the number of windows it worked off, or -1 with b->err set. */
typedef int stage_run(bench *b);

static int run_chain(bench *b) {
    int64_t produced;
    return bb_chain_push(b->chain, b->signal, SAMPLES, b->filtered, b->capacity, &produced, &b->err) == BB_OK
               ? CHANNELS
               : -1;
}

static int run_spectrograms(bench *b, const bb_spectrogram_plan *plan, float *out) {
    return bb_spectrogram_compute_many(plan, b->signal, SAMPLES, CHANNELS, SAMPLES, NULL, b->threads,
                                       b->scratch, out, &b->err) == BB_OK
               ? CHANNELS
               : -1;
}

static int run_stft(bench *b) { return run_spectrograms(b, b->stft, b->measured); }
static int run_superlet(bench *b) { return run_spectrograms(b, b->superlet, b->measured); }

static int run_encoder(bench *b, int windows, bb_pooling_kind kind) {
    const bb_batch batch = {.spectrograms = b->spectrograms, .windows = windows, .frames = b->frames};
    const bb_pooling pooling = {.kind = kind, .segments = 1};
    return bb_encoder_pool(b->encoder, &batch, &pooling, b->out, &b->err) == BB_OK ? windows : -1;
}

static int run_encode_1(bench *b) { return run_encoder(b, 1, BB_POOL_NONE); }
static int run_encode_16(bench *b) { return run_encoder(b, CHANNELS, BB_POOL_NONE); }
static int run_pool_1(bench *b) { return run_encoder(b, 1, BB_POOL_CENTER); }
static int run_pool_16(bench *b) { return run_encoder(b, CHANNELS, BB_POOL_CENTER); }

/* Windows from all over the corpus, other ones each time. */
static int run_corpus(bench *b) {
    int64_t windows[CORPUS_BATCH];
    const uint64_t all = (uint64_t)bb_corpus_get_info(b->corpus)->windows;
    for (int i = 0; i < CORPUS_BATCH; ++i) {
        b->dice = b->dice * 6364136223846793005u + 1442695040888963407u;
        windows[i] = (int64_t)((b->dice >> 16) % all);
    }
    return bb_corpus_read(b->corpus, windows, CORPUS_BATCH, b->read, &b->err) == BB_OK ? CORPUS_BATCH : -1;
}

typedef struct stage {
    const char *name, *what;
    stage_run *run;
    double gflop;   /* a window; 0: not counted */
    bool in_double; /* of which the vector units do half as many as of float32, whose peak is measured */
    double ms[MAX_ROUNDS];
    double median;
} stage;

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_of(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return values[count / 2];
}

/* Reading a corpus is the last stage, if there is one. */
static int stage_count(const bench *b) { return b->corpus ? STAGES : STAGES - 1; }

/* Rounds over all stages, so that a slow moment of the machine does not fall on one of them alone. */
static int measure(bench *b, stage *stages, int rounds, progress_line *line) {
    const int count = stage_count(b);
    for (int r = -1; r < rounds; ++r) /* the first round warms up */
        for (int s = 0; s < count; ++s) {
            int windows = 0;
            const double begun = seconds_now();
            double elapsed;
            do {
                const int done = stages[s].run(b);
                if (done < 0) return complain(EXIT_FAILED, "%s", b->err.message);
                windows += done;
                elapsed = seconds_now() - begun;
            } while (elapsed < 0.05);
            if (r >= 0) stages[s].ms[r] = 1e3 * elapsed / windows;
            if (progress_update(line, (int64_t)(r + 1) * count + s + 1, (int64_t)(rounds + 1) * count))
                return complain(EXIT_FAILED, "stopped");
        }
    for (int s = 0; s < count; ++s) stages[s].median = median_of(stages[s].ms, rounds);
    return EXIT_DONE;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static bb_status prepare_spectrograms(bench *b) {
    const bb_spectrogram_recipe stft = bb_spectrogram_recipe_for(BB_SPECTROGRAM_STFT),
                                superlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    bb_status status = bb_spectrogram_plan_create(&b->model->recipe.spectrogram, &b->plan, &b->err);
    if (status == BB_OK) status = bb_spectrogram_plan_create(&stft, &b->stft, &b->err);
    if (status == BB_OK) status = bb_spectrogram_plan_create(&superlet, &b->superlet, &b->err);
    if (status != BB_OK) return status;
    const size_t scratch = larger(
        bb_spectrogram_scratch(b->plan, SAMPLES),
        larger(bb_spectrogram_scratch(b->stft, SAMPLES), bb_spectrogram_scratch(b->superlet, SAMPLES)));
    const int64_t most = bb_spectrogram_frames(b->superlet, SAMPLES) * superlet.bins;
    b->scratch = aligned_alloc(64, (size_t)b->threads * scratch);
    b->measured = calloc((size_t)(CHANNELS * most), sizeof *b->measured);
    return b->scratch && b->measured ? BB_OK : BB_ERR_MEMORY;
}

static bb_status prepare(bench *b, const bb_model *model) {
    bb_chain_channel channels[CHANNELS];
    char names[CHANNELS][8];
    for (int c = 0; c < CHANNELS; ++c) {
        snprintf(names[c], sizeof names[c], "A%d", c + 1);
        channels[c] = (bb_chain_channel){.name = names[c]};
    }
    const bb_signal_recipe recipe = bb_signal_recipe_default();
    bb_status status =
        bb_chain_create(&recipe, recipe.rate_hz, channels, CHANNELS, b->threads, &b->chain, &b->err);
    if (status == BB_OK) status = prepare_spectrograms(b);
    if (status == BB_OK)
        status = bb_encoder_create(model, BB_PRECISION_F32, b->threads, &b->encoder, &b->err);
    if (status != BB_OK) return status;
    b->capacity = bb_chain_capacity(b->chain, SAMPLES);
    b->frames = bb_spectrogram_frames(b->plan, SAMPLES);
    if (b->frames < 1)
        return fail(&b->err, BB_ERR_UNSUPPORTED, "%s: its recipe leaves no frame of %d samples",
                    b->model->path, SAMPLES);
    b->signal = calloc(CHANNELS * SAMPLES, sizeof *b->signal);
    b->filtered = calloc((size_t)(CHANNELS * b->capacity), sizeof *b->filtered);
    b->spectrograms =
        calloc((size_t)(CHANNELS * b->frames * b->model->config.input_dim), sizeof *b->spectrograms);
    b->out = calloc((size_t)(CHANNELS * b->frames * b->model->config.hidden_dim), sizeof *b->out);
    if (!b->signal || !b->filtered || !b->spectrograms || !b->out) return BB_ERR_MEMORY;
    if (b->corpus && bb_corpus_get_info(b->corpus)->windows == 0)
        return fail(&b->err, BB_ERR_ARGUMENT, "%s: expected windows, found none",
                    bb_corpus_get_info(b->corpus)->path);
    if (b->corpus)
        b->read = calloc((size_t)bb_corpus_get_info(b->corpus)->samples * CORPUS_BATCH, sizeof *b->read);
    if (b->corpus && !b->read) return BB_ERR_MEMORY;
    uint32_t bits = 1;
    for (int64_t i = 0; i < CHANNELS * SAMPLES; ++i)
        b->signal[i] = (double)((bits = bits * 1664525u + 1013904223u) >> 8) / 8388608.0 - 1;
    return run_spectrograms(b, b->plan, b->spectrograms) < 0 ? b->err.status : BB_OK;
}

static double share_of(const stage *s, double rate, double peak) {
    return rate / (s->in_double ? peak / 2 : peak);
}

static void print_table(const bench *b, const stage *stages, double peak) {
    printf("threads %d, our kernels %s, oneDNN %s, FMA peak %.0f GFLOP/s float32\n", b->threads,
           bb_cpu_level_name(bb_cpu_current()), bb_training_backend(), peak);
    printf("%-34s %12s %12s %10s %8s\n", "stage, one 5 s window", "ms/window", "GFLOP", "GFLOP/s", "of peak");
    for (int s = 0; s < stage_count(b); ++s) {
        const double rate = stages[s].gflop / stages[s].median * 1e3;
        printf("%-34s %12.4f", stages[s].what, stages[s].median);
        if (rate > 0) printf(" %12.4f %10.1f", stages[s].gflop, rate);
        if (rate > 0) printf(" %7.1f%%", 100 * share_of(&stages[s], rate, peak));
        putchar('\n');
    }
}

static void print_stages_json(const bench *b, const stage *stages, double peak) {
    cJSON *json = cJSON_CreateObject(), *list;
    cJSON_AddNumberToObject(json, "threads", b->threads);
    cJSON_AddStringToObject(json, "cpu_level", bb_cpu_level_name(bb_cpu_current()));
    cJSON_AddStringToObject(json, "onednn", bb_training_backend());
    cJSON_AddNumberToObject(json, "peak_gflop_per_s", peak);
    list = cJSON_AddArrayToObject(json, "stages");
    for (int s = 0; s < stage_count(b); ++s) {
        const double rate = stages[s].gflop / stages[s].median * 1e3;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "stage", stages[s].name);
        cJSON_AddNumberToObject(item, "ms_per_window", stages[s].median);
        if (rate > 0) {
            cJSON_AddNumberToObject(item, "gflop", stages[s].gflop);
            cJSON_AddNumberToObject(item, "gflop_per_s", rate);
            cJSON_AddNumberToObject(item, "share_of_peak", share_of(&stages[s], rate, peak));
        }
        cJSON_AddItemToArray(list, item);
    }
    print_json(json);
}

static int run(bench *b, const bb_model *model, int rounds, const common_options *common) {
    if (prepare(b, model) != BB_OK) return complain(EXIT_FAILED, "%s", b->err.message);
    const double stft = bb_spectrogram_flop(b->stft, SAMPLES) * 1e-9,
                 superlet = bb_spectrogram_flop(b->superlet, SAMPLES) * 1e-9;
    const double all = bb_encoder_flop(&b->model->config, b->frames) * 1e-9,
                 pooled = bb_encoder_pooled_flop(&b->model->config, b->frames, 10) * 1e-9;
    static stage stages[STAGES];
    const stage list[STAGES] = {
        {.name = "signal", .what = "signal chain (one thread a group)", .run = run_chain},
        {.name = "stft", .what = "STFT, 16 windows", .run = run_stft, .gflop = stft, .in_double = true},
        {.name = "superlet", .what = "superlet, 16 windows", .run = run_superlet, .gflop = superlet},
        {.name = "encode_batch_1", .what = "encode, batch 1, all frames", .run = run_encode_1, .gflop = all},
        {.name = "encode_batch_16",
         .what = "encode, batch 16, all frames",
         .run = run_encode_16,
         .gflop = all},
        {.name = "pooled_batch_1",
         .what = "encode, batch 1, pooled center",
         .run = run_pool_1,
         .gflop = pooled},
        {.name = "pooled_batch_16",
         .what = "encode, batch 16, pooled center",
         .run = run_pool_16,
         .gflop = pooled},
        {.name = "corpus_read", .what = "corpus, 256 random windows", .run = run_corpus},
    };
    memcpy(stages, list, sizeof list);
    double peaks[3];
    for (int i = 0; i < 2; ++i) peaks[i] = bb_measure_fma_peak(b->threads, 0.3);
    progress_line line = progress_begin("measuring", common);
    const int status = measure(b, stages, rounds, &line);
    progress_end(&line);
    peaks[2] = bb_measure_fma_peak(b->threads, 0.3);
    if (status == EXIT_DONE)
        (common->json ? print_stages_json : print_table)(b, stages, median_of(peaks, 3) * 1e-9);
    return status;
}

int run_bench(int argc, char **argv) {
    const char *name = "untrained:large", *corpus = NULL;
    int64_t rounds = 9;
    const option options[] = {
        {"--model", "M", OPTION_WORD, &name, 0, 0,
         "directory, .safetensors, .pth, or untrained:small|base|large"},
        {"--corpus", "FILE", OPTION_WORD, &corpus, 0, 0, "a prepared corpus, to be read at random"},
        {"--rounds", "N", OPTION_INTEGER, &rounds, 1, MAX_ROUNDS, "runs of each stage; medians are shown"},
    };
    call c;
    int status = parse_call(&bench_command, options, sizeof options / sizeof *options, argc, argv, &c);
    if (status >= 0) return status;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    bench b = {.threads = c.common.threads > 0 ? (int)c.common.threads : (int)processors,
               .err = {.message = "no memory"}};
    bb_model *model;
    if (bb_model_open(name, 0, &model, &b.err) != BB_OK) return complain(EXIT_FAILED, "%s", b.err.message);
    b.model = bb_model_get_info(model);
    status = !corpus || bb_corpus_open(corpus, &b.corpus, &b.err) == BB_OK
                 ? run(&b, model, (int)rounds, &c.common)
                 : complain(EXIT_FAILED, "%s", b.err.message);
    bb_encoder_destroy(b.encoder);
    bb_spectrogram_plan_destroy(b.plan);
    bb_spectrogram_plan_destroy(b.stft);
    bb_spectrogram_plan_destroy(b.superlet);
    bb_chain_destroy(b.chain);
    bb_model_close(model);
    free(b.signal);
    free(b.filtered);
    free(b.scratch);
    free(b.spectrograms);
    free(b.measured);
    free(b.out);
    free(b.read);
    bb_corpus_close(b.corpus);
    return status;
}
