/* Pretraining: a model learns to fill in masked parts of spectrograms. (Wang et al., "BrainBERT", ICLR 2023,
 * section 2) */
#ifndef BRAINBERT_PRETRAIN_H
#define BRAINBERT_PRETRAIN_H

#include "brainbert/corpus.h"
#include "brainbert/ranks.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_pretrain_options {
    const char *model; /* to begin with: "untrained:SIZE[:SEED]" or any model with a prediction head */
    int64_t steps;     /* 500,000 */
    int batch;         /* windows a step; 256 */
    double rate;       /* learning rate at its highest; 1e-4 */
    double warm_up;    /* share of the steps in which it rises; 0.025 */
    double clip;       /* longest gradient; 1 */
    double dropout;    /* 0.1 */
    const char
        *normalize;    /* of spectrograms: "window", "session"; NULL: as the model, else the corpus, says */
    const char *mask;  /* "static", "adaptive"; NULL: static for the STFT, adaptive for wavelets */
    double mask_share; /* that an interval starts at a place; 0: the mask's own, 0.05 or 0.10 */
    const char *optimizer; /* "lamb", "adamw" */
    const char *precision; /* of the linear layers' products: "f32", "bf16"; NULL: "f32" */
    const char *held_out;  /* subjects ("07"), sessions ("07/2"), recordings ("night1.edf") that are not
                              looked at, separated by commas; NULL: none */
    double validation;     /* share of each recording's time, at its end, that is not trained on; 0.05 */
    int64_t
        check_every; /* steps from validation to validation, each with a checkpoint; 0: a fiftieth of all */
    bool published;  /* loss mask, initial LayerNorm biases and normalisation as in the published code */
    uint64_t seed;
    int threads;   /* 0: one per processor */
    double memory; /* bytes that activations may take; the batch is worked off in parts that fit; of a rank */
    /* Ranks that each take an equal part of every batch (NULL: this process does it all), with one run
     * folder, which rank 0 writes. The learning curve is that of one process to rounding, as it is for other
     * numbers of threads. Rank 0's words count for start and end: the same options on all. */
    const bb_ranks *ranks;
    bool shard_optimizer; /* each rank keeps the moments of its share alone, and changes that share's weights
                           */
} bb_pretrain_options;

BB_API bb_pretrain_options bb_pretrain_options_default(void);

/* BB_ERR_ARGUMENT for words and numbers that no training can follow, before anything is made. */
BB_API bb_status bb_pretrain_check(const bb_pretrain_options *options, bb_error *err);

/* After each step. */
typedef struct bb_pretrain_step {
    int64_t step, steps; /* done, of all */
    double loss, l1, content, gradient_norm, rate;
    double windows_per_s, gflop_per_s;
    double validation; /* loss on windows that are not trained on; NaN: not looked at in this step */
    int batch, part;   /* windows of a step, and how many are worked off at a time */
    int64_t windows, validation_windows; /* to train on; to validate on: with none RUN/best is RUN/last */
    bool without_units; /* bf16 on a processor that has no units for it: float32 would be faster */
    int ranks;
    /* Of this rank, s: the step; gradients on their way between ranks; of that, what no work was left to
     * hide; waiting for other ranks to begin with it is part of both. */
    double step_s, exchange_s, exposed_s;
} bb_pretrain_step;

/* Anything but 0 ends the training with a checkpoint. */
typedef int (*bb_pretrain_listener)(void *context, const bb_pretrain_step *step);

/* Makes the folder of a new run, and those above it, for what is to lie in it beside the run; bb_pretrain
 * does so itself. BB_ERR_ARGUMENT where it holds a run already. */
BB_API bb_status bb_pretrain_make_folder(const char *run, bb_error *err);

/* Trains on a corpus; everything goes into the folder `run` (docs/pretrain.md), which must not hold a run
 * yet, or with `resume` holds one that was interrupted, and whose options are then followed instead of
 * `options` (but for threads). An interrupted and resumed run ends with the bytes of an
 * uninterrupted one on the same threads. BB_ERR_CANCELLED when the listener ended it.
 *
 * While it runs no signal may be handled by a thread that calls it or computes for it, but for one on a stack
 * of its own (sigaltstack): oneDNN's products keep data below the stack pointer. Block signals, and wait for
 * them in another thread. */
BB_API bb_status bb_pretrain(const bb_corpus *corpus, const bb_pretrain_options *options, const char *run,
                             bool resume, bb_pretrain_listener listener, void *context, bb_error *err);

/* ---- a model beside predictors that learned nothing */

/* What fills in the masked cells. The model sees a spectrogram in which masked intervals were zeroed (8 in
 * 10), replaced (1 in 10) or left as they were (1 in 10), and not which they were. Linear interpolation over
 * frequency (or time): from the nearest unmasked cells of the same frame (bin), and where all of it is
 * masked, from the nearest frames (bins). It knows the mask, and so does not look at what was left; its blind
 * twin knows what the model does: it fills in what is 0 and leaves all else as it is. */
typedef enum bb_predictor {
    BB_PREDICTOR_MODEL,
    BB_PREDICTOR_UNTRAINED, /* a model of the same size with the seed's random weights */
    BB_PREDICTOR_ZEROS,     /* a bin's mean */
    BB_PREDICTOR_FREQUENCY,
    BB_PREDICTOR_TIME,
    BB_PREDICTOR_FREQUENCY_BLIND,
    BB_PREDICTOR_TIME_BLIND,
    BB_PREDICTORS
} bb_predictor;

/* "model", "untrained", "zeros", "frequency", "time", "frequency_blind", "time_blind". */
BB_API const char *bb_predictor_name(bb_predictor predictor);

typedef struct bb_evaluate_options {
    const char *mask;    /* "static", "adaptive"; NULL: static for the STFT, adaptive for wavelets */
    double mask_share;   /* that an interval starts at a place; 0: the mask's own, 0.05 or 0.10 */
    const char *only;    /* these subjects, sessions, recordings alone, as held_out names them; NULL: all */
    double validation;   /* this share of each recording's time, at its end, alone; 0: all of it */
    int64_t windows;     /* at most, one from each of as many equal stretches of all; 0: all; 2,048 */
    uint64_t seed;       /* of windows, masks, and the untrained model's weights */
    int threads;         /* 0: one per processor */
    const char *picture; /* PNG of three of the windows, masked and filled in by the model; NULL: none */
} bb_evaluate_options;

BB_API bb_evaluate_options bb_evaluate_options_default(void);

/* Means over the masked cells of all windows together (Wang et al., ICLR 2023, section 2). */
typedef struct bb_prediction_loss {
    double l1;      /* |Y - Yhat| */
    double content; /* the same over those with |Y| > 1; 0 where there is none */
    double total;   /* l1 + 2 content */
} bb_prediction_loss;

typedef struct bb_evaluation {
    int64_t windows, of_windows;    /* looked at, of those that were asked for */
    int64_t cells, masked, content; /* of the windows looked at; masked ones; those with |Y| > 1 */
    bb_prediction_loss losses[BB_PREDICTORS];
} bb_evaluation;

/* Every predictor on the same windows under the same masks, which follow the paper's (not the published
 * code's) loss mask; spectrograms are normalised as the model's recipe says, or the corpus's where the model
 * states none. Memory holds some dozens of windows. Progress counts windows. BB_ERR_UNSUPPORTED for a model
 * without a prediction head, BB_ERR_ARGUMENT where its bins, or the method that its recipe states, are not
 * the corpus's, or no window is left. */
BB_API bb_status bb_pretrain_evaluate(const bb_corpus *corpus, const bb_model *model,
                                      const bb_evaluate_options *options, bb_progress progress, void *context,
                                      bb_evaluation *out, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
