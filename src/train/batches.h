/* A corpus as batches of spectrograms: which windows are trained on and which are kept for validation, in
 * which order they come, and their spectrograms. */
#ifndef BB_TRAIN_BATCHES_H
#define BB_TRAIN_BATCHES_H

#include "brainbert/corpus.h"

typedef struct bb_batches {
    const bb_corpus *corpus;
    bb_spectrogram_plan *plan;
    int64_t frames, bins;
    int64_t *train, *validation; /* windows */
    int64_t train_count, validation_count;
    int64_t *order, epoch; /* the training windows of an epoch, shuffled; -1: none yet */
    uint64_t seed;
    int threads;
    int64_t capacity;
    double *samples;            /* [capacity, S] */
    bb_session_scale *channels; /* [C] of the corpus */
    bb_session_scale *sessions; /* [capacity]: of the windows at hand */
    void *scratch;
} bb_batches;

/* `normalize`: "window" or "session"; NULL: as the corpus's recipe says. `validation`: the share of each
 * session's time at its end; `held_out`: sessions left out (listed.h), or NULL. */
bb_status bb_batches_create(const bb_corpus *corpus, const char *normalize, double validation,
                            const char *held_out, uint64_t seed, int64_t capacity, int threads,
                            bb_batches *out, bb_error *err);
void bb_batches_free(bb_batches *batches);

/* The windows of places first .. first + count - 1 in the endless sequence of epochs, each a shuffle of its
 * own. */
void bb_batches_draw(bb_batches *batches, int64_t first, int64_t count, int64_t *windows);

/* Their spectrograms [count,T,F]; count up to the capacity. */
bb_status bb_batches_load(const bb_batches *batches, const int64_t *windows, int64_t count, float *out,
                          bb_error *err);

#endif
