/* Steps of training, by one rank and by all of them together. */
#include "brainbert/scaling.h"

#include <omp.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "bench/statistics.h"
#include "train/gradients.h"
#include "train/optimizer.h"

enum { ROUNDS = 99 };

/* Times of a step, s. */
typedef enum part { FORWARD, BACKWARD, OPTIMIZER, STEP, EXCHANGE, EXPOSED, PARTS } part;

typedef struct bench {
    const bb_scaling_options *options;
    bb_network *network;
    bb_gradients alone, together;
    const bb_buckets *buckets; /* those of `together`, or as many layers each for one rank */
    bb_buckets own_buckets;
    float *moments, *squares, *input, *d_prediction;
    double backward_begun;
    double own[PARTS][ROUNDS], shared[PARTS][ROUNDS], ready[BB_SCALING_BUCKETS][ROUNDS];
    int round;
} bench;

/* ---------------------------------------------------------------- set up */

static void fill(float *x, int64_t count, float scale, uint64_t stream) {
    for (int64_t i = 0; i < count; ++i)
        x[i] = scale * ((float)bb_random_bits(1, stream, (uint64_t)i) / 0x1p64F - 0.5F);
}

static bb_status make_network(bench *b, bb_error *err) {
    const bb_scaling_options *o = b->options;
    const bb_model_info *info = bb_model_get_info(o->model);
    bb_spectrogram_plan *plan;
    BB_TRY(bb_spectrogram_plan_create(&info->recipe.spectrogram, &plan, err));
    const int64_t frames = bb_spectrogram_frames(
        plan, (int64_t)(info->recipe.window_s * info->recipe.spectrogram.rate_hz + 0.5));
    bb_spectrogram_plan_destroy(plan);
    if (frames < 1 || info->config.layers + 2 > BB_SCALING_BUCKETS)
        return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: expected frames, and fewer than %d layers", info->path,
                       BB_SCALING_BUCKETS - 1);
    BB_TRY(bb_network_create(&info->config, o->windows, frames, o->threads, BB_FLOAT32, &b->network, err));
    return bb_parameters_load(&b->network->parameters, o->model, b->network->weights, err);
}

static bb_status set_up(bench *b, bb_error *err) {
    const bb_scaling_options *o = b->options;
    if (o->windows < 1 || o->windows > 64 || o->rounds < 1 || o->rounds > ROUNDS)
        return bb_fail(err, BB_ERR_ARGUMENT, "expected 1 to 64 windows and 1 to %d rounds, found %d and %d",
                       ROUNDS, o->windows, o->rounds);
    BB_TRY(make_network(b, err));
    BB_TRY(bb_gradients_create(b->network, NULL, false, &b->alone, err));
    BB_TRY(bb_gradients_create(b->network, o->ranks, o->sharded, &b->together, err));
    BB_TRY(bb_buckets_create(&b->network->parameters, 1, &b->own_buckets, err));
    b->buckets = b->together.ranks ? &b->together.buckets : &b->own_buckets;
    const int64_t cells = o->windows * b->network->frames * b->network->parameters.config.input_dim;
    b->moments = bb_gradients_block(&b->alone);
    b->squares = bb_gradients_block(&b->alone);
    b->input = bb_calloc((size_t)cells, sizeof *b->input);
    b->d_prediction = bb_calloc((size_t)cells, sizeof *b->d_prediction);
    if (!b->moments || !b->squares || !b->input || !b->d_prediction)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for %d windows", o->windows);
    fill(b->input, cells, 2, 1);
    fill(b->d_prediction, cells, 1e-3F, 2);
    return BB_OK;
}

static void tear_down(bench *b) {
    bb_gradients_free(&b->alone);
    bb_gradients_free(&b->together);
    bb_buckets_free(&b->own_buckets);
    bb_network_destroy(b->network);
    bb_free(b->moments);
    bb_free(b->squares);
    bb_free(b->input);
    bb_free(b->d_prediction);
}

/* ---------------------------------------------------------------- a step */

static void note_ready(void *context, int64_t at) {
    bench *b = context;
    const double now = bb_seconds() - b->backward_begun;
    for (size_t i = 0; i < b->buckets->count; ++i)
        if (b->buckets->list[i].from >= at && b->ready[i][b->round] == 0) b->ready[i][b->round] = now;
}

static bb_status step(bench *b, bb_gradients *g, double times[PARTS][ROUNDS], bb_error *err) {
    const bb_scaling_options *o = b->options;
    const bb_optimizer_recipe lamb = bb_optimizer_recipe_for(BB_OPTIMIZER_LAMB);
    const bb_dropout dropout = {.rate = 0.1F, .seed = 1, .step = (uint64_t)b->round};
    const int r = b->round;
    const double begun = bb_seconds();
    bb_network_clear_gradients(b->network);
    BB_TRY(bb_network_forward(b->network, b->input, o->windows, 0, &dropout, err));
    bb_gradients_release(g);
    b->backward_begun = bb_seconds();
    const bb_status status = bb_network_backward(b->network, b->d_prediction, err);
    const double computed = bb_seconds();
    const bb_exchange_times exchange = bb_gradients_await(g);
    BB_TRY(status);
    const double summed = bb_seconds(), norm = bb_gradient_norm(&g->stretches, b->network->gradients);
    bb_optimizer_step(&lamb, &g->stretches, r, 1e-6, 1 / (norm + 1), b->network->gradients, b->moments,
                      b->squares, b->network->weights);
    const double changed = bb_seconds();
    bb_gradients_spread_weights(g);
    const double ended = bb_seconds();
    times[FORWARD][r] = b->backward_begun - begun;
    times[BACKWARD][r] = computed - b->backward_begun;
    times[OPTIMIZER][r] = changed - summed;
    times[STEP][r] = ended - begun;
    times[EXCHANGE][r] = exchange.busy_s;
    times[EXPOSED][r] = exchange.waited_s + (ended - changed);
    return BB_OK;
}

static bb_status step_alone(bench *b, bb_error *err) {
    b->network->finished = note_ready;
    b->network->finished_context = b;
    return step(b, &b->alone, b->own, err);
}

/* ---------------------------------------------------------------- the link */

static bb_exchange_times sum(bench *b, int64_t from, int64_t to) {
    bb_ranks_barrier(b->options->ranks);
    bb_exchange_post(b->together.exchange, b->network->gradients + from, to - from);
    return bb_exchange_finish(b->together.exchange);
}

/* From a sum of next to nothing, which goes through the ranks as a tree (of two or three as a ring, which is
 * as long), and one of the largest bucket, around a ring. */
static bb_scaling_link measure_link(bench *b) {
    enum { SMALL = 25, LARGE = 3 };
    const int ranks = bb_ranks_count(b->options->ranks), steps = 2 * (ranks - 1);
    double small[SMALL], large[LARGE], cpu[LARGE];
    int64_t from = 0, to = 0;
    int levels = 0;
    while ((1 << levels) < ranks) ++levels;
    for (size_t i = 0; i < b->buckets->count; ++i)
        if (b->buckets->list[i].to - b->buckets->list[i].from > to - from) {
            from = b->buckets->list[i].from;
            to = b->buckets->list[i].to;
        }
    for (int i = 0; i < SMALL; ++i) small[i] = sum(b, 0, 1).busy_s;
    for (int i = 0; i < LARGE; ++i) {
        const bb_exchange_times times = sum(b, from, to);
        large[i] = times.busy_s;
        cpu[i] = times.cpu_s;
    }
    const double latency = bb_median(small, SMALL) / (2 * levels),
                 bytes = (double)(to - from) * sizeof(float);
    return (bb_scaling_link){.name = "this one",
                             .latency_s = latency,
                             .bytes_per_s =
                                 steps * bytes / (ranks * (bb_median(large, LARGE) - steps * latency)),
                             .cpu_s_per_byte = bb_median(cpu, LARGE) / bytes};
}

/* ---------------------------------------------------------------- all of it */

/* The slowest rank's, as it is the one all wait for. */
static double slowest(const bench *b, double times[ROUNDS]) {
    double all[1] = {bb_median(times, b->options->rounds)};
    bb_ranks_most(b->options->ranks, all, 1);
    return all[0];
}

static void summarize(bench *b, bb_scaling *out) {
    bb_scaling_work *w = &out->work;
    *w = (bb_scaling_work){.windows = b->options->windows,
                           .threads = b->network->threads,
                           .forward_s = slowest(b, b->own[FORWARD]),
                           .backward_s = slowest(b, b->own[BACKWARD]),
                           .optimizer_s = slowest(b, b->own[OPTIMIZER]),
                           .bucket_count = (int)b->buckets->count};
    for (int i = 0; i < w->bucket_count; ++i) {
        w->buckets[i].ready_s = slowest(b, b->ready[i]);
        w->buckets[i].bytes = (double)(b->buckets->list[i].to - b->buckets->list[i].from) * sizeof(float);
    }
    if (out->ranks == 1) return;
    out->measured = (bb_scaling_step){slowest(b, b->shared[STEP]), slowest(b, b->shared[EXCHANGE]),
                                      slowest(b, b->shared[EXPOSED])};
    out->predicted = bb_scaling_predict(w, &out->link, out->ranks, b->options->windows, b->options->sharded);
}

static bb_status measure(bench *b, bb_progress progress, void *context, bb_scaling *out, bb_error *err) {
    const int rounds = b->options->rounds;
    out->ranks = bb_ranks_count(b->options->ranks);
    out->threads = b->network->threads;
    out->sharded = b->options->sharded;
    for (size_t i = 0; i < b->network->parameters.count; ++i)
        out->parameters += b->network->parameters.sizes[i];
    BB_TRY(step_alone(b, err)); /* touches all memory once */
    memset(b->ready, 0, sizeof b->ready);
    if (out->ranks > 1) out->link = measure_link(b);
    for (b->round = 0; b->round < rounds; ++b->round) {
        bb_ranks_barrier(b->options->ranks);
        BB_TRY(step_alone(b, err));
        bb_ranks_barrier(b->options->ranks);
        if (out->ranks > 1) BB_TRY(step(b, &b->together, b->shared, err));
        const bool stop = progress && progress(context, b->round + 1, rounds) != 0;
        if (bb_ranks_any(b->options->ranks, stop)) return bb_fail(err, BB_ERR_CANCELLED, "stopped");
    }
    summarize(b, out);
    return BB_OK;
}

bb_status bb_scaling_measure(const bb_scaling_options *options, bb_progress progress, void *progress_context,
                             bb_scaling *out, bb_error *err) {
    *out = (bb_scaling){0};
    bench *b = bb_calloc(1, sizeof *b);
    if (!b) return bb_fail(err, BB_ERR_MEMORY, "no memory for measurements");
    b->options = options;
    const int before = omp_get_max_threads();
    omp_set_num_threads(options->threads > 0 ? options->threads : omp_get_num_procs());
    bb_status status = set_up(b, err);
    if (status == BB_OK) status = measure(b, progress, progress_context, out, err);
    omp_set_num_threads(before);
    tear_down(b);
    bb_free(b);
    return status;
}
