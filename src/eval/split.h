/* The kinds of splits behind bb_split_create. */
#ifndef BB_EVAL_SPLIT_H
#define BB_EVAL_SPLIT_H

#include "brainbert/split.h"

/* Each fills test [count]: the fold in which item subset[i] is tested. */
bb_status bb_split_by_blocks(const bb_split_items *items, const int64_t *subset, int64_t count, int folds,
                             int *test, bb_error *err);
bb_status bb_split_by_groups(const bb_split_items *items, const int64_t *subset, int64_t count,
                             const bb_split_options *options, int *test, bb_error *err);
/* And *folds, and the groups' ids [BB_SPLIT_FOLDS_MOST]. */
bb_status bb_split_each_group(const bb_split_items *items, const int64_t *subset, int64_t count, int *test,
                              int *folds, int64_t *ids, bb_error *err);

/* The published split of 0 .. n - 1: out [n] holds the training part, then validation, then test; parts [3]
 * their lengths. */
void bb_split_published(int64_t n, int64_t *out, int64_t parts[3]);

/* subset [count] in order of recording, time and index, to order [count]. */
bb_status bb_split_in_time(const bb_split_items *items, const int64_t *subset, int64_t count, int64_t *order,
                           bb_error *err);

/* near [count]: whether window order[i], in order of time, starts less than `reach` s from a window of its
 * recording of which `marked` [items->count] holds. */
void bb_split_near(const bb_split_items *items, const int64_t *order, int64_t count,
                   const unsigned char *marked, double reach, unsigned char *near);

/* Starts that differ by less are equal but for rounding: a sample lasts longer. */
#define BB_SPLIT_ROUNDING_S 1e-6

#endif
