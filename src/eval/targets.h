/* Checks of what rows stand for. */
#ifndef BB_EVAL_TARGETS_H
#define BB_EVAL_TARGETS_H

#include "brainbert/decoder.h"

/* Whether the rows `which` can be fitted to: labels among the classes and two of these, finite numbers. */
bb_status bb_check_targets(const bb_decoder_targets *targets, const int64_t *which, int64_t count,
                           bb_error *err);

#endif
