/* What the stages of a benchmark work on: signals, plans, encoders, and room for what comes out. */
#ifndef BB_BENCH_WORK_H
#define BB_BENCH_WORK_H

#include "brainbert/bench.h"

enum { BB_WORK_CHANNELS = 16, BB_WORK_CORPUS_BATCH = 256 };

typedef struct bb_work {
    int threads;
    const bb_model_info *model;
    int64_t samples;        /* of the model's windows */
    int64_t frames;         /* T of their spectrograms */
    int64_t public_samples; /* of the published recipes' 5 s */
    double *signal;         /* [BB_WORK_CHANNELS, the more of both] */
    double *filtered;
    int64_t capacity;
    bb_chain *chain;
    bb_spectrogram_plan *plan;            /* the model's, whose spectrograms are encoded */
    bb_spectrogram_plan *stft, *superlet; /* the published ones, which are measured */
    void *scratch;                        /* of all threads, for any of the three */
    float *spectrograms;                  /* [BB_WORK_CHANNELS, T, F] */
    float *measured;                      /* the same of the published methods */
    /* By bb_precision; NULL: this processor or this build refuses it. */
    bb_encoder *encoders[BB_BENCH_PRECISIONS], *one_thread[BB_BENCH_PRECISIONS];
    float *out; /* [BB_WORK_CHANNELS, T, D] */
    const bb_corpus *corpus;
    double *read; /* [BB_WORK_CORPUS_BATCH, samples] */
    uint64_t dice;
} bb_work;

/* Fills *work, which wants freeing also after a failure. */
bb_status bb_work_prepare(const bb_bench_options *options, bb_work *work, bb_error *err);
void bb_work_free(bb_work *work);

#endif
