/* What bb_decode does with every electrode: the folds, the folds within them, the labels, true and shuffled,
 * and the trials of each draw of the bootstrap. */
#ifndef BB_EVAL_PLAN_H
#define BB_EVAL_PLAN_H

#include <stddef.h>

#include "brainbert/decoding.h"

/* One outer fold: its own rows, and how its training rows are split to choose the strength. */
typedef struct bb_plan_fold {
    int repeat;
    int64_t *train, *test;
    int64_t train_count, test_count;
    bb_split *inner; /* NULL: too few rows or trials to split again */
} bb_plan_fold;

struct bb_decoding_plan {
    bb_decoding_task task; /* arrays are the caller's */
    bb_decoding_options options;
    int repeats;
    bb_split **splits;  /* [repeats] */
    int folds;          /* of all repeats */
    bb_plan_fold *fold; /* [folds] */
    int versions;       /* of the targets: the true ones, then the controls' */
    int *labels;        /* [versions, count], of two classes 1 for class 0; or */
    double *values;     /* [versions, count] */
    int64_t trials;
    int64_t *trial_of; /* [count] below `trials`: which one a window is of */
    double *draws;     /* [options.draws, trials] how often a trial was drawn */
    int outputs;
};

/* Version `version` of the targets, as decoders want them. */
bb_decoder_targets bb_plan_targets(const bb_decoding_plan *plan, int version);

/* Whether window `i` is of the part (-1: of any), and how many are. */
bool bb_plan_is_of_part(const bb_decoding_plan *plan, int64_t i, int part);
int64_t bb_plan_part_windows(const bb_decoding_plan *plan, int part);

/* ---- its parts */

/* labels or values [count] -> shuffled over trials (shuffle.c): a trial whose windows all stand for the same
 * is exchanged with others such of the same recording (of all, if each recording has trials of one kind
 * alone); in a trial whose windows do not, these are exchanged. */
bb_status bb_shuffle(const bb_decoding_task *task, uint64_t seed, int shuffle, const void *from, size_t size,
                     void *to, bb_error *err);

/* Cuts a fold's training rows down to `shots` (few.c): whole trials in random order, as long as their class
 * has not had its share. */
bb_status bb_few_shots(const bb_decoding_task *task, uint64_t seed, int64_t shots, int64_t *rows,
                       int64_t *count, bb_error *err);

#endif
