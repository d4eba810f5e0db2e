/* Pretraining: a model learns to fill in masked parts of spectrograms. (Wang et al., "BrainBERT", ICLR 2023,
 * section 2) */
#ifndef BRAINBERT_PRETRAIN_H
#define BRAINBERT_PRETRAIN_H

#include "brainbert/corpus.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bb_pretrain_options {
    const char *model;     /* to begin with: "untrained:SIZE[:SEED]" or any model with a prediction head */
    int64_t steps;         /* 500,000 */
    int batch;             /* windows a step; 256 */
    double rate;           /* learning rate at its highest; 1e-4 */
    double warm_up;        /* share of the steps in which it rises; 0.025 */
    double clip;           /* longest gradient; 1 */
    double dropout;        /* 0.1 */
    const char *mask;      /* "static", "adaptive"; NULL: static for the STFT, adaptive for wavelets */
    double mask_share;     /* that an interval starts at a place; 0: the mask's own, 0.05 or 0.10 */
    const char *optimizer; /* "lamb", "adamw" */
    const char *precision; /* of the linear layers' products: "f32", "bf16"; NULL: "f32" */
    const char *held_out;  /* subjects that are not looked at, separated by commas; NULL: none */
    double validation;     /* share of each recording's time, at its end, that is not trained on; 0.05 */
    int64_t
        check_every; /* steps from validation to validation, each with a checkpoint; 0: a fiftieth of all */
    bool published;  /* loss mask and initial LayerNorm biases as in the published code */
    uint64_t seed;
    int threads;   /* 0: one per processor */
    double memory; /* bytes that activations may take; the batch is worked off in parts that fit */
} bb_pretrain_options;

BB_API bb_pretrain_options bb_pretrain_options_default(void);

/* After each step. */
typedef struct bb_pretrain_step {
    int64_t step, steps; /* done, of all */
    double loss, l1, content, gradient_norm, rate;
    double windows_per_s, gflop_per_s;
    double validation;  /* loss on windows that are not trained on; NaN: not looked at in this step */
    bool without_units; /* bf16 on a processor that has no units for it: float32 would be faster */
} bb_pretrain_step;

/* Anything but 0 ends the training with a checkpoint. */
typedef int (*bb_pretrain_listener)(void *context, const bb_pretrain_step *step);

/* Trains on a corpus; everything goes into the folder `run` (docs/pretrain.md), which must not be there yet,
 * or with `resume` holds a run that was interrupted, and whose options are then followed instead of `options`
 * (but for threads and memory). An interrupted and resumed run ends with the bytes of an uninterrupted one on
 * the same threads. BB_ERR_CANCELLED when the listener ended it. */
BB_API bb_status bb_pretrain(const bb_corpus *corpus, const bb_pretrain_options *options, const char *run,
                             bool resume, bb_pretrain_listener listener, void *context, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
