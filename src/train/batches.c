#include "train/batches.h"

#include <omp.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "train/listed.h"

/* ---------------------------------------------------------------- which windows */

/* Windows of a session that begin before its last `share` of time are trained on, but for those that reach
 * into it. */
static void split_session(bb_batches *b, const bb_corpus_session *s, double window_s, double share) {
    const double limit = s->duration_s * (1 - share);
    for (int64_t w = s->first_window; w < s->first_window + s->windows; ++w) {
        const double start = bb_corpus_window_start(b->corpus, w);
        if (start + window_s <= limit || share <= 0)
            b->train[b->train_count++] = w;
        else if (start >= limit)
            b->validation[b->validation_count++] = w;
    }
}

static bb_status split(bb_batches *b, double validation, const char *held_out, bb_error *err) {
    const bb_corpus_info *info = bb_corpus_get_info(b->corpus);
    if (held_out) BB_TRY(bb_listed_check(held_out, info, err));
    b->train = bb_calloc((size_t)info->windows, sizeof *b->train);
    b->validation = bb_calloc((size_t)info->windows, sizeof *b->validation);
    if (!b->train || !b->validation) return bb_fail(err, BB_ERR_MEMORY, "%s: no memory", info->path);
    for (size_t i = 0; i < info->session_count; ++i) {
        const bb_corpus_session *s = &info->sessions[i];
        if (!held_out || !bb_session_listed(held_out, s)) split_session(b, s, info->window_s, validation);
    }
    if (b->train_count == 0)
        return bb_fail(err, BB_ERR_ARGUMENT,
                       "%s: expected windows, found none before the last %g %% of each recording%s",
                       info->path, 100 * validation, held_out ? " that is not held out" : "");
    return BB_OK;
}

/* ---------------------------------------------------------------- their spectrograms */

bb_status bb_batches_load(const bb_batches *b, const int64_t *windows, int64_t count, float *out,
                          bb_error *err) {
    const int64_t samples = bb_corpus_get_info(b->corpus)->samples;
    BB_TRY(bb_corpus_read(b->corpus, windows, (size_t)count, b->samples, err));
    for (int64_t i = 0; i < count; ++i)
        b->sessions[i] = b->channels[bb_corpus_window_channel(b->corpus, windows[i])];
    return bb_spectrogram_compute_many(b->plan, b->samples, samples, count, samples, b->sessions, b->threads,
                                       b->scratch, out, err);
}

/* ---------------------------------------------------------------- all of it */

static void gather_channels(bb_batches *b, const bb_corpus_info *info) {
    for (size_t c = 0; c < info->channel_count; ++c) {
        const bb_corpus_channel *channel = &info->channels[c];
        b->channels[c] = (bb_session_scale){
            .floor_uv = bb_session_floor(channel->sd_uv), .mean = channel->log_mean, .sd = channel->log_sd};
    }
}

bb_status bb_batches_normalization(const char *word, const bb_model_info *model, const bb_corpus_info *corpus,
                                   bb_normalization *out, bb_error *err) {
    bb_spectrogram_recipe recipe = corpus->recipe.spectrogram;
    const bool has_past = model->recipe_stated || model->trained;
    if (!word && has_past) recipe.normalization = model->recipe.spectrogram.normalization;
    if (word && (strcmp(word, "none") == 0 || !bb_spectrogram_normalize(&recipe, word)))
        return bb_fail(err, BB_ERR_ARGUMENT, "normalisation: expected window or session, found '%s'", word);
    *out = recipe.normalization;
    return BB_OK;
}

bb_status bb_batches_fit(const bb_model_info *m, const bb_corpus_info *c, bb_error *err) {
    const bb_spectrogram_recipe *wanted = &m->recipe.spectrogram, *found = &c->recipe.spectrogram;
    if (m->recipe_stated && wanted->method != found->method)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: was trained on spectrograms by %s, the corpus's are by %s",
                       m->path, bb_spectrogram_method_name(wanted->method),
                       bb_spectrogram_method_name(found->method));
    if (m->config.input_dim != found->bins)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: wants spectrograms of %d bins, the corpus's have %d",
                       m->path, m->config.input_dim, found->bins);
    return BB_OK;
}

static bb_status prepare(bb_batches *b, bb_normalization normalization, bb_error *err) {
    const bb_corpus_info *info = bb_corpus_get_info(b->corpus);
    bb_spectrogram_recipe recipe = info->recipe.spectrogram;
    recipe.normalization = normalization;
    BB_TRY(bb_spectrogram_plan_create(&recipe, &b->plan, err));
    b->frames = bb_spectrogram_frames(b->plan, info->samples);
    b->bins = recipe.bins;
    if (b->frames < 1)
        return bb_fail(err, BB_ERR_ARGUMENT, "%s: windows of %g s leave no spectrogram frame", info->path,
                       info->window_s);
    BB_TRY(bb_epochs_create(b->train, b->train_count, b->seed, &b->epochs, err));
    b->samples = bb_calloc((size_t)(b->capacity * info->samples), sizeof *b->samples);
    b->scratch = bb_calloc((size_t)b->threads, bb_spectrogram_scratch(b->plan, info->samples));
    b->channels = bb_calloc(info->channel_count, sizeof *b->channels);
    b->sessions = bb_calloc((size_t)b->capacity, sizeof *b->sessions);
    if (!b->samples || !b->scratch || !b->channels || !b->sessions)
        return bb_fail(err, BB_ERR_MEMORY, "no memory for batches of %lld windows", (long long)b->capacity);
    gather_channels(b, info);
    return BB_OK;
}

bb_status bb_batches_create(const bb_corpus *corpus, bb_normalization normalization, double validation,
                            const char *held_out, uint64_t seed, int64_t capacity, int threads,
                            bb_batches *out, bb_error *err) {
    *out = (bb_batches){.corpus = corpus,
                        .seed = seed,
                        .threads = threads > 0 ? threads : omp_get_num_procs(),
                        .capacity = capacity};
    bb_status status = split(out, validation, held_out, err);
    if (status == BB_OK) status = prepare(out, normalization, err);
    if (status != BB_OK) bb_batches_free(out);
    return status;
}

void bb_batches_free(bb_batches *b) {
    bb_spectrogram_plan_destroy(b->plan);
    bb_free(b->train);
    bb_free(b->validation);
    bb_epochs_free(&b->epochs);
    bb_free(b->samples);
    bb_free(b->scratch);
    bb_free(b->channels);
    bb_free(b->sessions);
    *b = (bb_batches){0};
}
