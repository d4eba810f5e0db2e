/* Whether targets can be learned. */
#ifndef BB_TRAIN_TARGETS_H
#define BB_TRAIN_TARGETS_H

#include "brainbert/finetune.h"

/* BB_ERR_ARGUMENT for what bb_finetune refuses of targets, which are to be of `windows` windows. */
bb_status bb_targets_check(const bb_targets *targets, int64_t windows, bb_error *err);

/* BB_ERR_ARGUMENT for a listed window with a number that is not finite among its `width` numbers. */
bb_status bb_targets_check_rows(const bb_targets *targets, const float *rows, int64_t stride, int64_t width,
                                bb_error *err);

/* The three lists one after the other. */
typedef struct bb_target_list {
    const char *name;
    const int64_t *items;
    int64_t count;
} bb_target_list;

enum { BB_TARGET_LISTS = 3 };
bb_target_list bb_targets_list(const bb_targets *targets, int list);

#endif
