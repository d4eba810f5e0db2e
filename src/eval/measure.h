/* The score of windows that different folds' decoders were tested on: windows are compared within folds
 * alone. */
#ifndef BB_EVAL_MEASURE_H
#define BB_EVAL_MEASURE_H

#include "eval/plan.h"

/* Scores in a form that many weightings of the same windows can be measured on. */
typedef struct bb_measure {
    const bb_decoding_plan *plan;
    int version;       /* of the targets */
    int folds, curves; /* curves: 1, or the number of classes */
    int64_t *first;    /* [folds + 1] into rows */
    int64_t *rows;     /* windows that were tested, by fold, each once in every repeat */
    int64_t *cells;    /* their places among the scores */
    double *scores;    /* [curves, tested] in that order; of several classes probabilities */
    int64_t *orders;   /* [curves, tested] by descending score within the fold */
    int *labels;       /* [curves, tested] */
    double *values;    /* [tested] of numbers: the true ones */
    double *weights;   /* [tested] scratch */
} bb_measure;

/* scores [repeats, count, outputs], NaN where a window was not tested; windows of `part` alone (-1: all). */
bb_status bb_measure_begin(const bb_decoding_plan *plan, int version, const double *scores, int part,
                           bb_measure *out, bb_error *err);
void bb_measure_end(bb_measure *measure);

/* `weights` [plan->trials] of the task's trials; NULL: 1 each. NaN where nothing can be compared. */
double bb_measure_score(bb_measure *measure, const double *weights);

/* The same of plain rows that one decoder scored: f [count, outputs] of `rows`; *weight: how much there was
 * to compare. For numbers the score is minus the mean squared error, by which a strength is chosen. */
bb_status bb_measure_once(const bb_decoder_targets *targets, const int64_t *rows, int64_t count,
                          const double *f, double *score, double *weight, bb_error *err);

/* f [classes] -> probabilities in place. */
void bb_softmax(double *f, int classes);

#endif
