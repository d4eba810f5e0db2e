/* A corpus as batches of spectrograms: which windows are trained on and which are kept for validation, in
 * which order they come, and their spectrograms. */
#ifndef BB_TRAIN_BATCHES_H
#define BB_TRAIN_BATCHES_H

#include "brainbert/corpus.h"
#include "train/epochs.h"

typedef struct bb_batches {
    const bb_corpus *corpus;
    bb_spectrogram_plan *plan;
    int64_t frames, bins;
    int64_t *train, *validation; /* windows */
    int64_t train_count, validation_count;
    bb_epochs epochs; /* of the training windows */
    uint64_t seed;
    int threads;
    int64_t capacity;
    double *samples;            /* [capacity, S] */
    bb_session_scale *channels; /* [C] of the corpus */
    bb_session_scale *sessions; /* [capacity]: of the windows at hand */
    void *scratch;
} bb_batches;

/* How spectrograms for a model are normalised: by the caller's word ("window", "session"; NULL: none), else
 * as the model was trained, else (a model without a past) as the corpus was prepared. */
bb_status bb_batches_normalization(const char *word, const bb_model_info *model, const bb_corpus_info *corpus,
                                   bb_normalization *out, bb_error *err);

/* BB_ERR_ARGUMENT for a model whose bins, or whose recipe's method, are not the corpus's. */
bb_status bb_batches_fit(const bb_model_info *model, const bb_corpus_info *corpus, bb_error *err);

/* `validation`: the share of each
 * session's time at its end; `held_out`: sessions left out (listed.h), or NULL. */
bb_status bb_batches_create(const bb_corpus *corpus, bb_normalization normalization, double validation,
                            const char *held_out, uint64_t seed, int64_t capacity, int threads,
                            bb_batches *out, bb_error *err);
void bb_batches_free(bb_batches *batches);

/* The spectrograms of these windows [count,T,F]; count up to the capacity. */
bb_status bb_batches_load(const bb_batches *batches, const int64_t *windows, int64_t count, float *out,
                          bb_error *err);

#endif
