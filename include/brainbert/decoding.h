/* Decoding: how well a linear decoder tells, on windows it was not fitted to, what each window stands for;
 * how sure that is; and how well it does when there is nothing to tell. */
#ifndef BRAINBERT_DECODING_H
#define BRAINBERT_DECODING_H

#include "brainbert/bootstrap.h"
#include "brainbert/decoder.h"
#include "brainbert/finetune.h"
#include "brainbert/progress.h"
#include "brainbert/ranks.h"
#include "brainbert/split.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BB_CLASSES_MOST = 64 };

/* The windows of a task, the same for every electrode and all features. Arrays are the caller's. */
typedef struct bb_decoding_task {
    bb_split_items items; /* group: what must not be torn apart; label: as in targets, for stratifying */
    const int64_t *trial; /* [count] ids of windows that belong together: they are resampled and relabelled as
                             one; NULL: each by itself */
    bb_decoder_targets targets;
    const int *part; /* [count] below `parts`: which electrode a window is of, where one decoder serves
                        several, as when it is tested on subjects that it never saw; NULL: all of one */
    int parts;       /* 0: 1 */
} bb_decoding_task;

typedef enum bb_decoder_kind {
    BB_DECODER_CONVEX,   /* bb_decoder_fit: logistic regression, softmax, ridge; as the targets are */
    BB_DECODER_UNIT,     /* the published linear unit, trained by AdamW */
    BB_DECODER_MLP,      /* the published baseline: 1024, 512, 256, 128 hidden units */
    BB_DECODER_FINETUNED /* a model under a linear unit, both trained; features are spectrograms [T F] */
} bb_decoder_kind;

/* "convex", "unit", "mlp", "finetuned"; 0 for another word. */
BB_API const char *bb_decoder_kind_name(bb_decoder_kind kind);
BB_API int bb_decoder_kind_from_name(const char *name, bb_decoder_kind *out);

typedef struct bb_decoding_options {
    bb_split_options split;
    bb_decoder_kind decoder;
    int repeats;      /* of grouped splits, each with folds dealt anew; scores are means over them. 1 */
    int inner_folds;  /* of each training part, in which the strength is chosen; 4. Trained decoders keep one
                         of them  for validation */
    double tolerance; /* of the fits; 1e-4 */
    int controls;     /* times that all of it is done over with shuffled labels; 20 */
    int draws;        /* of the bootstrap; 1000 */
    int64_t shots;    /* windows to learn from, drawn from each training part by whole trials; 0: all */
    int shot_run;     /* which draw of them; 0 */
    int steps;        /* of trained decoders; 1000 */
    const bb_model *model;               /* of BB_DECODER_FINETUNED */
    const bb_finetune_options *finetune; /* its; with a run folder a fold's run lies in RUN/NAME/fold-K */
    uint64_t seed;
    int threads;           /* 0: one per processor */
    const bb_ranks *ranks; /* that share bb_decode's folds; NULL: alone */
} bb_decoding_options;

BB_API bb_decoding_options bb_decoding_options_default(void);

/* Folds, inner folds, shuffled labels and resampled trials, made once for all electrodes: what is compared is
 * compared on the same ones. */
typedef struct bb_decoding_plan bb_decoding_plan;

/* Errors: those of bb_split_create. */
BB_API bb_status bb_decoding_plan_create(const bb_decoding_task *task, const bb_decoding_options *options,
                                         bb_decoding_plan **out, bb_error *err);
BB_API void bb_decoding_plan_destroy(bb_decoding_plan *plan);
/* The first repeat's. */
BB_API const bb_split *bb_decoding_plan_split(const bb_decoding_plan *plan);
/* Folds of all repeats: what bb_decode's progress counts for each matrix of features. */
BB_API int bb_decoding_plan_folds(const bb_decoding_plan *plan);

/* How alike windows are that follow each other in time and are of two trials: classes: the share of such
 * pairs of one class; numbers: their correlation. `shuffled`: the mean over the plan's controls; `range`:
 * where another control's would lie, with 99 %; NaN with fewer than two of them. Likeness above it: the
 * controls' scores are no fair comparison for features that change slowly. (Harris, bioRxiv 2020) */
typedef struct bb_label_order {
    double likeness, shuffled;
    bb_interval range;
} bb_label_order;

BB_API bb_status bb_decoding_plan_order(const bb_decoding_plan *plan, bb_label_order *out, bb_error *err);

/* Features of the task's windows, of one electrode. */
typedef struct bb_decoding_features {
    bb_rows rows;                /* count: the task's */
    const unsigned char *spoilt; /* [count]: windows to pass over; NULL: none */
    const char *name;            /* of the folders of its runs; may be NULL without */
} bb_decoding_features;

/* The score: two classes: the share of pairs of a window of class 0, which counts as the positive one, and
 * one of class 1, both tested in the same fold, that are in the right order (ROC-AUC); several classes: the
 * mean over classes of the same of each against all others, by its probability; numbers: the mean over folds
 * of Pearson's correlation, weighted by their windows. Windows of different folds are never compared:
 * different decoders scored them. */
typedef struct bb_decoding {
    double score;
    bb_interval interval; /* of 95 % of the draws over trials */
    double control_mean;  /* over the controls */
    bb_interval control;  /* where another control would lie, with 95 % */
    double f1;            /* two classes: of class 0; NaN otherwise */
    double accuracy;      /* balanced: the mean over classes; numbers: NaN */
    double r_squared;     /* numbers; NaN otherwise */
    int64_t windows;      /* tested */
    int part;             /* whose windows; -1: all, where the task has no parts */
    double *scores;       /* [repeats, count, outputs] f of each window when it was tested; NaN: it was not.
                             With parts `count` is of the part's own windows, in their order */
    double *draws, *controls; /* [options.draws], [options.controls] scores */
} bb_decoding;

/* All of them, on the plan's threads -> out [count, parts], on every rank. The same bytes for any number of
 * threads and, but for fine-tuning on other threads, of ranks. `progress` counts fits' folds: this rank's
 * own, as a share of all. Collective. */
BB_API bb_status bb_decode(const bb_decoding_plan *plan, const bb_decoding_features *features, int64_t count,
                           bb_progress progress, void *progress_context, bb_decoding *out, bb_error *err);
BB_API void bb_decoding_free(bb_decoding *decoding);

/* The mean over electrodes, its draws and controls those of the same draw and shuffle on each: the interval
 * therefore knows that they share their trials. `sd`: the population standard deviation over electrodes. */
typedef struct bb_decoding_mean {
    int64_t electrodes;
    double score, sd, control_mean;
    bb_interval interval, control;
} bb_decoding_mean;

BB_API bb_status bb_decoding_average(const bb_decoding *decodings, int64_t count, int draws, int controls,
                                     bb_decoding_mean *out, bb_error *err);

/* ROC curve of class 0 against class 1: vertical average of the folds' curves at `points` evenly spaced
 * false-positive rates from 0 to 1 -> true_positive [points]. (Fawcett, Pattern Recognit. Lett. 27, 2006) */
BB_API bb_status bb_decoding_roc(const bb_decoding_plan *plan, const bb_decoding *decoding, int points,
                                 double *true_positive, bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
