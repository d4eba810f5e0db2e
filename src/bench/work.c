#include "bench/work.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

enum { CHANNELS = BB_WORK_CHANNELS };

static int64_t more(int64_t a, int64_t b) { return a > b ? a : b; }

static bb_status prepare_chain(bb_work *w, bb_error *err) {
    bb_chain_channel channels[CHANNELS];
    char names[CHANNELS][8];
    for (int c = 0; c < CHANNELS; ++c) {
        snprintf(names[c], sizeof names[c], "A%d", c + 1);
        channels[c] = (bb_chain_channel){.name = names[c]};
    }
    const bb_signal_recipe recipe = bb_signal_recipe_default();
    BB_TRY(bb_chain_create(&recipe, recipe.rate_hz, channels, CHANNELS, w->threads, &w->chain, err));
    w->capacity = bb_chain_capacity(w->chain, w->public_samples);
    return BB_OK;
}

static bb_status prepare_plans(bb_work *w, bb_error *err) {
    const bb_spectrogram_recipe stft = bb_spectrogram_recipe_for(BB_SPECTROGRAM_STFT),
                                superlet = bb_spectrogram_recipe_for(BB_SPECTROGRAM_SUPERLET);
    bb_spectrogram_recipe own = w->model->recipe.spectrogram;
    /* There is no session here, and its normalisation costs what a window's does. */
    if (own.normalization == BB_NORMALIZE_SESSION) own.normalization = BB_NORMALIZE_WINDOW;
    BB_TRY(bb_spectrogram_plan_create(&own, &w->plan, err));
    BB_TRY(bb_spectrogram_plan_create(&stft, &w->stft, err));
    BB_TRY(bb_spectrogram_plan_create(&superlet, &w->superlet, err));
    w->frames = bb_spectrogram_frames(w->plan, w->samples);
    if (w->frames >= 1) return BB_OK;
    return bb_fail(err, BB_ERR_UNSUPPORTED, "%s: its recipe leaves no frame of %lld samples", w->model->path,
                   (long long)w->samples);
}

static bb_status allocate(bb_work *w, bb_error *err) {
    const int64_t samples = more(w->samples, w->public_samples);
    const int64_t public_frames = more(bb_spectrogram_frames(w->stft, w->public_samples),
                                       bb_spectrogram_frames(w->superlet, w->public_samples)),
                  public_bins = more(bb_spectrogram_plan_recipe(w->stft)->bins,
                                     bb_spectrogram_plan_recipe(w->superlet)->bins);
    const int64_t scratch = more((int64_t)bb_spectrogram_scratch(w->plan, w->samples),
                                 more((int64_t)bb_spectrogram_scratch(w->stft, w->public_samples),
                                      (int64_t)bb_spectrogram_scratch(w->superlet, w->public_samples)));
    const bb_model_config *m = &w->model->config;
    w->signal = bb_calloc((size_t)(CHANNELS * samples), sizeof *w->signal);
    w->filtered = bb_calloc((size_t)(CHANNELS * w->capacity), sizeof *w->filtered);
    w->scratch = bb_calloc((size_t)w->threads, (size_t)scratch);
    w->spectrograms = bb_calloc((size_t)(CHANNELS * w->frames * m->input_dim), sizeof *w->spectrograms);
    w->measured = bb_calloc((size_t)(CHANNELS * public_frames * public_bins), sizeof *w->measured);
    w->out = bb_calloc((size_t)(CHANNELS * w->frames * m->hidden_dim), sizeof *w->out);
    if (!w->signal || !w->filtered || !w->scratch || !w->spectrograms || !w->measured || !w->out)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for a benchmark's windows");
    for (int64_t i = 0; i < CHANNELS * samples; ++i)
        w->signal[i] = 2 * bb_random_uniform(0, 0, (uint64_t)i) - 1;
    return BB_OK;
}

static bb_status prepare_encoder(const bb_model *model, bb_precision precision, int threads, bb_encoder **out,
                                 bb_error *err) {
    const bb_status status = bb_encoder_create(model, precision, threads, out, err);
    return status == BB_ERR_UNSUPPORTED && precision != BB_PRECISION_F32 ? BB_OK : status;
}

static bb_status prepare_encoders(bb_work *w, const bb_model *model, bb_error *err) {
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) {
        BB_TRY(prepare_encoder(model, (bb_precision)p, w->threads, &w->encoders[p], err));
        if (w->threads > 1 && w->encoders[p])
            BB_TRY(prepare_encoder(model, (bb_precision)p, 1, &w->one_thread[p], err));
    }
    return BB_OK;
}

static bb_status prepare_corpus(bb_work *w, bb_error *err) {
    if (!w->corpus) return BB_OK;
    const bb_corpus_info *info = bb_corpus_get_info(w->corpus);
    if (info->windows == 0)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: expected windows, found none", info->path);
    w->read = bb_calloc((size_t)info->samples * BB_WORK_CORPUS_BATCH, sizeof *w->read);
    return w->read ? BB_OK : bb_fail(err, BB_ERR_MEMORY, "%s: no memory for its windows", info->path);
}

bb_status bb_work_prepare(const bb_bench_options *options, bb_work *w, bb_error *err) {
    const bb_model_info *model = bb_model_get_info(options->model);
    const bb_recipe published = bb_recipe_default();
    *w = (bb_work){.threads = options->threads > 0 ? options->threads : omp_get_num_procs(),
                   .model = model,
                   .samples = llround(model->recipe.window_s * model->recipe.spectrogram.rate_hz),
                   .public_samples = llround(published.window_s * published.spectrogram.rate_hz),
                   .corpus = options->corpus};
    BB_TRY(prepare_chain(w, err));
    BB_TRY(prepare_plans(w, err));
    BB_TRY(allocate(w, err));
    BB_TRY(prepare_encoders(w, options->model, err));
    BB_TRY(prepare_corpus(w, err));
    return bb_spectrogram_compute_many(w->plan, w->signal, w->samples, CHANNELS, w->samples, NULL, w->threads,
                                       w->scratch, w->spectrograms, err);
}

void bb_work_free(bb_work *w) {
    for (int p = 0; p < BB_BENCH_PRECISIONS; ++p) {
        bb_encoder_destroy(w->encoders[p]);
        bb_encoder_destroy(w->one_thread[p]);
    }
    bb_spectrogram_plan_destroy(w->plan);
    bb_spectrogram_plan_destroy(w->stft);
    bb_spectrogram_plan_destroy(w->superlet);
    bb_chain_destroy(w->chain);
    bb_free(w->signal);
    bb_free(w->filtered);
    bb_free(w->scratch);
    bb_free(w->spectrograms);
    bb_free(w->measured);
    bb_free(w->out);
    bb_free(w->read);
}
