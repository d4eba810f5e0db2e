/* Supervised training: the encoder and a linear unit on its pooled output (fine-tuning), or perceptrons on
 * features that stand already. (Wang et al., "BrainBERT", ICLR 2023, section 3 and appendix)
 *
 * Both learn on the training windows by AdamW, look at the validation windows now and then, and answer for
 * the test windows with the weights that had the least validation loss (docs/finetune.md).
 *
 * Shapes: n windows, T frames, F bins, D hidden, P pooled numbers, K classes. */
#ifndef BRAINBERT_FINETUNE_H
#define BRAINBERT_FINETUNE_H

#include "brainbert/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is to be told of each of n windows, and which windows serve for what; all of it the caller's. A window
 * may stand in one list alone, there also several times; windows in no list are not looked at. */
typedef struct bb_targets {
    int64_t count;         /* n */
    int classes;           /* K of 2 or more; 0: numbers */
    const int *labels;     /* [n], 0 .. K - 1; NULL for numbers */
    const double *numbers; /* [n], of any unit; NULL for classes */
    const int64_t *train, *validation, *test;
    int64_t train_count, validation_count, test_count; /* 1 or more each */
} bb_targets;

/* One look at the validation windows. */
typedef struct bb_check {
    int64_t step; /* steps done */
    double loss;  /* mean over the validation windows, without dropout */
} bb_check;

/* What came of it. bb_fit_result_free. */
typedef struct bb_fit_result {
    int64_t outputs;  /* of a window: 1, with more than two classes K */
    double *scores;   /* [test_count, outputs], in the order of targets->test. Two classes: the logit of
                         label 1; K: one logit a class; numbers: the prediction, in the numbers' unit */
    bb_check *checks; /* the validation curve */
    size_t check_count;
    int64_t best_step;      /* whose weights gave the scores */
    double best_validation; /* their validation loss */
} bb_fit_result;

BB_API void bb_fit_result_free(bb_fit_result *result);

/* After each step. */
typedef struct bb_fit_step {
    int64_t step, steps;            /* done, of all */
    double loss;                    /* of the step's batch */
    double gradient_norm;           /* before clipping, of all that is trained together */
    double head_rate, encoder_rate; /* the latter 0 where no encoder is trained */
    double validation;              /* loss; NaN: not looked at in this step */
    double windows_per_s;
    int batch, part; /* windows of a step, and how many are worked off at a time */
} bb_fit_step;

/* Anything but 0 ends the training; in a run folder with a checkpoint. */
typedef int (*bb_fit_listener)(void *context, const bb_fit_step *step);

/* ---- fine-tuning */

typedef struct bb_finetune_options {
    bb_pooling pooling;             /* center, mean, segments:K; center */
    int64_t steps;                  /* 1,000 */
    int batch;                      /* windows a step; 64 */
    double head_rate, encoder_rate; /* learning rates; 1e-3, 1e-4 */
    double weight_decay;            /* AdamW's; 0.01 */
    double clip;                    /* longest gradient; 0: any; 1 */
    double dropout;                 /* in the encoder while it is trained; 0.1 */
    int64_t check_every;            /* steps from validation to validation; 0: a twentieth of all */
    int64_t patience; /* steps without a better validation loss before the rates fall; 0: never; 300 */
    double factor;    /* by which they fall; 0.1 */
    bool freeze;      /* the head alone is trained, on features without dropout */
    uint64_t seed;    /* of the head's first weights, the order of windows, and dropout */
    int threads;      /* 0: one per processor */
    double memory;    /* bytes that activations may take; the batch is worked off in parts that fit; 4e9 */
    const char *run;  /* folder for checkpoints and metrics (docs/finetune.md); NULL: none */
    bool resume;      /* where `run` holds a run of the same call, go on with it; else begin */
    const bb_recipe
        *recipe; /* how the spectrograms were made, to be kept with the model; NULL: the model's */
} bb_finetune_options;

BB_API bb_finetune_options bb_finetune_options_default(void);

/* BB_ERR_ARGUMENT for numbers that no training can follow, before anything is made. */
BB_API bb_status bb_finetune_check(const bb_finetune_options *options, bb_error *err);

/* Spectrograms of the caller's, normalised as the model wants them; every number finite. */
typedef struct bb_finetune_input {
    const float *spectrograms;     /* [n, T, F] */
    int64_t windows, frames, bins; /* n, T of up to 5,000, F */
} bb_finetune_input;

/* Encoder -> pooling -> linear unit [P -> 1 or K], both trained. `model` stays as it is, and needs no
 * prediction head; if it has one, that is kept as it is. Binary cross-entropy for two classes, softmax's for
 * more, mean square for numbers (in units of the training numbers' standard deviation).
 *
 * An interrupted and resumed run ends with the bytes of an uninterrupted one on the same threads; a run that
 * is done gives its result again. *out is valid after BB_OK alone.
 *
 * BB_ERR_ARGUMENT: shapes that do not fit the model, empty lists, windows outside or in two lists, labels
 * outside 0 .. K - 1, one class alone (or one number) in the training part, numbers that are not finite, a
 * training that comes apart, a run folder of another call. BB_ERR_CANCELLED when the listener ended it. */
BB_API bb_status bb_finetune(const bb_model *model, const bb_finetune_input *input, const bb_targets *targets,
                             const bb_finetune_options *options, bb_fit_listener listener, void *context,
                             bb_fit_result *out, bb_error *err);

/* ---- perceptrons */

enum { BB_PERCEPTRON_HIDDEN = 8 };

typedef struct bb_perceptron_options {
    int hidden[BB_PERCEPTRON_HIDDEN]; /* units of the hidden layers, ReLU behind each */
    int hidden_count;                 /* 0: one linear unit (per class) */
    int64_t steps;                    /* 1,000 */
    int batch;                        /* windows a step; 64 */
    double rate;                      /* 1e-3 */
    double weight_decay;              /* AdamW's; 0.01 */
    double clip;                      /* longest gradient; 0: any; 1 */
    int64_t check_every, patience;    /* as above: a twentieth of the steps, 300 */
    double factor;                    /* 0.1 */
    uint64_t seed;
    int threads; /* 0: one per processor */
} bb_perceptron_options;

/* A linear unit. The published baseline on voltage has hidden layers of 1024, 512, 256, 128. */
BB_API bb_perceptron_options bb_perceptron_options_default(void);

/* features [n, width], rows `stride` floats apart, every number of a listed window finite; each column is
 * standardised by the training windows (a constant one becomes 0). The same seed gives the same bytes on the
 * same threads. *out is valid after BB_OK alone. Memory: three times the weights beside them, a batch of
 * rows. Errors as of bb_finetune. */
BB_API bb_status bb_perceptron_fit_predict(const float *features, int64_t stride, int64_t width,
                                           const bb_targets *targets, const bb_perceptron_options *options,
                                           bb_fit_listener listener, void *context, bb_fit_result *out,
                                           bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
