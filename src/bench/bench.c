#include "brainbert/bench.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "bench/bandwidth.h"
#include "bench/peak.h"
#include "bench/pipeline.h"
#include "bench/stages.h"
#include "bench/statistics.h"

static const double run_s = 0.05; /* of one stage in a round */

typedef struct rounds {
    const bb_bench_options *options;
    bb_work work;
    bb_bandwidth *bandwidth;
    int count;
    bb_stage stages[BB_BENCH_STAGES];
    double peaks[BB_PEAKS][BB_BENCH_ROUNDS], one_thread[BB_PEAKS][BB_BENCH_ROUNDS]; /* per second */
    double had[BB_BENCH_ROUNDS];
    bb_progress progress;
    void *progress_context;
} rounds;

/* Steps of the call: a round's stages and its peaks, and the pipelines, which take as long as half a round.
 */
static int64_t steps_of_round(const rounds *b) { return b->count + 1; }
static int64_t steps_of_pipeline(const rounds *b) { return steps_of_round(b) / 2; }

static int64_t pipelines_to_run(const rounds *b) {
    int64_t encoders = 0;
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) encoders += b->work.encoders[p] != NULL;
    return encoders * (b->options->rounds < BB_PIPELINE_RUNS ? b->options->rounds : BB_PIPELINE_RUNS);
}

static bb_status tell(const rounds *b, int64_t steps, bb_error *err) {
    const int64_t all =
        (b->options->rounds + 1) * steps_of_round(b) + pipelines_to_run(b) * steps_of_pipeline(b);
    if (b->progress && b->progress(b->progress_context, steps, all) != 0)
        return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    return BB_OK;
}

static int tell_pipeline(void *context, int64_t done, int64_t total) {
    const rounds *b = context;
    (void)total;
    return tell(b, (b->options->rounds + 1) * steps_of_round(b) + done * steps_of_pipeline(b), NULL) != BB_OK;
}

static void measure_peaks(rounds *b, int round) {
    const int threads = b->work.threads;
    for (int p = BB_PEAK_F32; p <= BB_PEAK_INT8; ++p) {
        b->peaks[p][round] =
            bb_burst_measure((bb_peak)p, threads, run_s, p == BB_PEAK_F32 ? &b->had[round] : NULL);
        b->one_thread[p][round] = threads > 1 ? bb_burst_measure((bb_peak)p, 1, run_s, NULL) : 0;
    }
    for (int p = BB_PEAK_READ; p <= BB_PEAK_TRIAD; ++p)
        b->peaks[p][round] = bb_bandwidth_measure(b->bandwidth, (bb_peak)p, run_s);
}

/* The first round warms up: what it measures is written over by the next. */
static bb_status measure_rounds(rounds *b, bb_error *err) {
    for (int r = -1; r < b->options->rounds; ++r) {
        const int round = r < 0 ? 0 : r;
        const int64_t before = (r + 1) * steps_of_round(b);
        measure_peaks(b, round);
        BB_TRY(tell(b, before + 1, err));
        for (int s = 0; s < b->count; ++s) {
            BB_TRY(bb_stage_time(&b->work, &b->stages[s], run_s, &b->stages[s].ms[round], err));
            BB_TRY(tell(b, before + 2 + s, err));
        }
    }
    return BB_OK;
}

static void summarize_peaks(rounds *b, bb_bench *out) {
    out->processors_had = bb_median(b->had, b->options->rounds);
    for (int p = 0; p < BB_PEAKS; ++p)
        out->peaks[p] = (bb_bench_peak){bb_median(b->peaks[p], b->options->rounds),
                                        bb_median(b->one_thread[p], b->options->rounds)};
}

static bb_bench_stage summary(const rounds *b, bb_stage *s, const bb_bench *out) {
    const bool one_thread = s->one_thread || out->threads == 1;
    const double median = bb_median(s->ms, b->options->rounds); /* sorts them */
    const bb_bench_peak *peak = &out->peaks[s->peak];
    return (bb_bench_stage){.name = s->name,
                            .what = s->what,
                            .precision = s->precision,
                            .threads = one_thread ? 1 : out->threads,
                            .window_s = s->window_s,
                            .ms = median,
                            .ms_least = s->ms[0],
                            .ms_most = s->ms[b->options->rounds - 1],
                            .flop = s->flop,
                            .peak = s->peak_share * (s->one_thread ? peak->one_thread_per_s : peak->per_s)};
}

static bb_status measure_pipelines(rounds *b, bb_bench *out, bb_error *err) {
    bb_pipelines p = {.work = &b->work,
                      .options = b->options,
                      .runs = b->options->rounds < BB_PIPELINE_RUNS ? b->options->rounds : BB_PIPELINE_RUNS,
                      .progress = tell_pipeline,
                      .progress_context = b};
    for (int s = 0; s < out->stage_count; ++s)
        if (out->stages[s].precision == BB_PRECISION_F32 &&
            strcmp(out->stages[s].name, "pooled_batch_16") == 0)
            p.ms = out->stages[s].ms;
    return bb_pipelines_measure(&p, out->pipelines, &out->pipeline_count, err);
}

static bb_status measure(rounds *b, bb_bench *out, bb_error *err) {
    BB_TRY(bb_work_prepare(b->options, &b->work, err));
    BB_TRY(bb_bandwidth_create(b->work.threads, &b->bandwidth, err));
    b->count = bb_stages_list(&b->work, b->stages);
    BB_TRY(measure_rounds(b, err));
    out->threads = b->work.threads;
    out->rounds = b->options->rounds;
    out->array_bytes = bb_bandwidth_array_bytes(b->bandwidth);
    bb_bandwidth_destroy(b->bandwidth);
    b->bandwidth = NULL;
    summarize_peaks(b, out);
    for (int s = 0; s < b->count; ++s) out->stages[s] = summary(b, &b->stages[s], out);
    out->stage_count = b->count;
    return measure_pipelines(b, out, err);
}

bb_status bb_bench_measure(const bb_bench_options *options, bb_progress progress, void *progress_context,
                           bb_bench *out, bb_error *err) {
    if (options->rounds < 1 || options->rounds > BB_BENCH_ROUNDS)
        return bb_fail(err, BB_ERR_ARGUMENT, "bench: expected 1 to %d rounds, found %d", BB_BENCH_ROUNDS,
                       options->rounds);
    rounds *b = bb_calloc(1, sizeof *b);
    if (!b) return bb_fail(err, BB_ERR_MEMORY, "no memory for a benchmark");
    b->options = options;
    b->progress = progress;
    b->progress_context = progress_context;
    *out = (bb_bench){0};
    const bb_status status = measure(b, out, err);
    bb_bandwidth_destroy(b->bandwidth);
    bb_work_free(&b->work);
    bb_free(b);
    return status;
}

double bb_bench_speedup(const bb_bench *bench, const char *stage, bb_precision precision) {
    double all = 0, one = 0;
    for (int s = 0; s < bench->stage_count; ++s) {
        const bb_bench_stage *found = &bench->stages[s];
        if (strcmp(found->name, stage) != 0 || found->precision != (int)precision) continue;
        *(found->threads > 1 ? &all : &one) = found->ms;
    }
    return all > 0 && one > 0 ? one / all : 0;
}
