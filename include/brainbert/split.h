/* Honest splits: which windows a decoder learns from and which it is tested on. */
#ifndef BRAINBERT_SPLIT_H
#define BRAINBERT_SPLIT_H

#include <stdint.h>

#include "brainbert/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The windows to be split. Arrays are the caller's. */
typedef struct bb_split_items {
    int64_t count;
    const double *start_s; /* [count] s; of each window in its recording */
    double window_s;       /* s; length of all of them */
    const int *recording;  /* [count] ids; NULL: all of one */
    const int64_t *group;  /* [count] ids: trials, sessions, subjects; NULL: each window its own */
    const int *label;      /* [count] class ids, for stratifying and for notes; NULL: none */
} bb_split_items;

typedef enum bb_split_kind {
    BB_SPLIT_BLOCKED, /* windows in order of recording and time, cut into `folds` blocks: each is tested once
                       */
    BB_SPLIT_GROUPED, /* whole groups dealt to folds, each with about the same share of every class */
    BB_SPLIT_LEAVE_GROUP_OUT, /* one fold for each group, in order of ids: it is tested, the others train */
    BB_SPLIT_PUBLISHED        /* one fold: 80 / 10 / 10 per cent of the windows at random, as published, for
                                 comparison:        neighbours of test windows are trained on */
} bb_split_kind;

typedef struct bb_split_options {
    bb_split_kind kind;
    int folds;    /* 5; blocked and grouped */
    double gap_s; /* s from start to start: nearer than this to a test window of its recording a window is not
                     trained on. NaN: blocked: one window, so that nothing overlaps; other kinds: 0, none is
                     left out. Not of the published kind */
    uint64_t seed; /* grouped: of the order of groups of one size. The published kind has seed 42 */
} bb_split_options;

/* Blocked, 5 folds. */
BB_API bb_split_options bb_split_options_default(void);

/* "blocked", "grouped", "leave-group-out", "published"; 0 and *out unchanged for another word. */
BB_API const char *bb_split_kind_name(bb_split_kind kind);
BB_API int bb_split_kind_from_name(const char *name, bb_split_kind *out);

/* Indices of items. All ascend, but for the published kind's, which are in its own order. */
typedef struct bb_fold {
    const int64_t *train, *validation, *test;
    int64_t train_count, validation_count, test_count; /* no validation but in the published kind */
    int64_t left_out;                                  /* items in none of them, for the gap */
    int64_t group; /* the id that is tested, with BB_SPLIT_LEAVE_GROUP_OUT; 0 otherwise */
} bb_fold;

enum { BB_SPLIT_FOLDS_MOST = 1000 };

typedef struct bb_split bb_split;

/* Splits the items. Blocked: block k of K holds the windows [k n / K, (k + 1) n / K) of that order. Grouped:
 * groups, the largest first, each to the fold in which the squares of all classes' shares grow least, after
 * the stratified group k-fold of scikit-learn. Published: sklearn.model_selection.train_test_split with
 * random_state 42, once for 20 % and again to halve these, over NumPy's legacy generator: the same indices in
 * the same order. Errors: BB_ERR_ARGUMENT for fewer windows or groups than folds, times that are not finite,
 * and a fold with nothing to train on. */
BB_API bb_status bb_split_create(const bb_split_items *items, const bb_split_options *options, bb_split **out,
                                 bb_error *err);

/* The same of a part of the items, subset [count], indices without repetition, e.g. a fold's training part,
 * of which a decoder's settings are to be chosen; the folds' indices are those of the items. */
BB_API bb_status bb_split_create_subset(const bb_split_items *items, const int64_t *subset, int64_t count,
                                        const bb_split_options *options, bb_split **out, bb_error *err);
BB_API void bb_split_destroy(bb_split *split);

BB_API int bb_split_folds(const bb_split *split);
/* Owned by the split. */
BB_API const bb_fold *bb_split_fold(const bb_split *split, int fold);

/* What the user should be told: folds whose training or test part lacks a class that the items have. NULL
 * where there is nothing to tell; owned by the split. */
BB_API const char *bb_split_note(const bb_split *split);

/* How many test windows of a fold overlap in time with a window of the same recording that is trained or
 * validated on. */
BB_API bb_status bb_split_overlaps(const bb_split_items *items, const bb_fold *fold, int64_t *overlaps,
                                   bb_error *err);

#ifdef __cplusplus
}
#endif
#endif
