#include "bench/stages.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "bench/count.h"

static bb_status run_chain(bb_work *w, const bb_stage *s, int *windows, bb_error *err) {
    (void)s;
    int64_t produced;
    *windows = BB_WORK_CHANNELS;
    return bb_chain_push(w->chain, w->signal, w->public_samples, w->filtered, w->capacity, &produced, err);
}

static bb_status run_plan(bb_work *w, const bb_spectrogram_plan *plan, int *windows, bb_error *err) {
    *windows = BB_WORK_CHANNELS;
    return bb_spectrogram_compute_many(plan, w->signal, w->public_samples, BB_WORK_CHANNELS,
                                       w->public_samples, NULL, w->threads, w->scratch, w->measured, err);
}

static bb_status run_stft(bb_work *w, const bb_stage *s, int *windows, bb_error *err) {
    (void)s;
    return run_plan(w, w->stft, windows, err);
}

static bb_status run_superlet(bb_work *w, const bb_stage *s, int *windows, bb_error *err) {
    (void)s;
    return run_plan(w, w->superlet, windows, err);
}

static bb_status run_encoder(bb_work *w, const bb_stage *s, int *windows, bb_error *err) {
    const bb_batch batch = {.spectrograms = w->spectrograms, .windows = s->batch, .frames = w->frames};
    const bb_pooling pooling = {.kind = s->pooling, .segments = 1};
    *windows = s->batch;
    return bb_encoder_pool((s->one_thread ? w->one_thread : w->encoders)[s->precision], &batch, &pooling,
                           w->out, err);
}

/* Windows from all over the corpus, other ones each time. */
static bb_status run_corpus(bb_work *w, const bb_stage *s, int *windows, bb_error *err) {
    (void)s;
    int64_t chosen[BB_WORK_CORPUS_BATCH];
    const int64_t all = bb_corpus_get_info(w->corpus)->windows;
    for (int i = 0; i < BB_WORK_CORPUS_BATCH; ++i)
        chosen[i] = (int64_t)(bb_random_uniform(0, 1, w->dice++) * (double)all);
    *windows = BB_WORK_CORPUS_BATCH;
    return bb_corpus_read(w->corpus, chosen, BB_WORK_CORPUS_BATCH, w->read, err);
}

static int list_signals(const bb_work *w, bb_stage *out) {
    const double window_s = bb_recipe_default().window_s;
    out[0] = (bb_stage){.name = "signal", .what = "signal chain (one thread a group)", .run = run_chain};
    out[1] = (bb_stage){.name = "stft",
                        .what = "STFT, in double, 16 windows",
                        .run = run_stft,
                        .flop = bb_spectrogram_flop(w->stft, w->public_samples),
                        .peak_share = 0.5}; /* a register holds half as many */
    out[2] = (bb_stage){.name = "superlet",
                        .what = "superlet, 16 windows",
                        .run = run_superlet,
                        .flop = bb_spectrogram_flop(w->superlet, w->public_samples),
                        .peak_share = 1};
    for (int i = 0; i < 3; ++i) {
        out[i].precision = -1;
        out[i].window_s = window_s;
        out[i].peak = BB_PEAK_F32;
    }
    return 3;
}

static int list_encoder(const bb_work *w, int precision, bb_stage *out) {
    static const bb_peak peaks[BB_BENCH_PRECISIONS] = {BB_PEAK_F32, BB_PEAK_BF16, BB_PEAK_INT8};
    static const bb_stage kinds[] = {
        {.name = "encode_batch_1",
         .what = "encode, batch 1, all frames",
         .batch = 1,
         .pooling = BB_POOL_NONE},
        {.name = "encode_batch_16",
         .what = "encode, batch 16, all frames",
         .batch = 16,
         .pooling = BB_POOL_NONE},
        {.name = "encode_batch_16",
         .what = "encode, batch 16, all frames",
         .batch = 16,
         .pooling = BB_POOL_NONE,
         .one_thread = true},
        {.name = "pooled_batch_1", .what = "encode, batch 1, pooled center", .batch = 1},
        {.name = "pooled_batch_16", .what = "encode, batch 16, pooled center", .batch = 16},
    };
    int count = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
        if (!(kinds[k].one_thread ? w->one_thread : w->encoders)[precision]) continue;
        bb_stage *s = &out[count++];
        *s = kinds[k];
        s->run = run_encoder;
        s->precision = precision;
        s->window_s = w->model->recipe.window_s;
        s->peak = peaks[precision];
        s->peak_share = 1;
        s->flop = s->pooling == BB_POOL_NONE ? bb_encoder_flop(&w->model->config, w->frames)
                                             : bb_center_flop(&w->model->config, w->frames);
    }
    return count;
}

int bb_stages_list(const bb_work *w, bb_stage *out) {
    int count = list_signals(w, out);
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) count += list_encoder(w, p, out + count);
    if (!w->corpus) return count;
    const bb_corpus_info *info = bb_corpus_get_info(w->corpus);
    out[count] = (bb_stage){.name = "corpus_read",
                            .what = "corpus, 256 random windows",
                            .run = run_corpus,
                            .precision = -1,
                            .window_s = info->window_s};
    return count + 1;
}

bb_status bb_stage_time(bb_work *w, const bb_stage *s, double seconds, double *ms, bb_error *err) {
    const double begun = bb_seconds();
    double elapsed;
    int64_t windows = 0;
    do {
        int done;
        BB_TRY(s->run(w, s, &done, err));
        windows += done;
        elapsed = bb_seconds() - begun;
    } while (elapsed < seconds);
    *ms = 1e3 * elapsed / (double)windows;
    return BB_OK;
}
